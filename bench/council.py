"""`python -m bench.council`: the digest over a year of history, against its own SQL alone on the same database.

A year with 200,000 leads and a million journal entries, made by rows; then the facts of its last week are gathered, the
statements that this took are run again by the driver alone, and a home tab of a manager in the council is made.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from rich.console import Console
from sqlalchemy import Connection, Engine, Table, event, insert, text

from bench.calm.company import TurnedClock
from bench.promises import POLICY
from bench.timing import median_seconds
from bot import store
from bot.council import blocks, details, gather, pictures, views
from bot.council.rules import Week
from bot.feedback.answer_tables import AnswerUse
from bot.feedback.tables import FieldReport
from bot.home import blocks as home_blocks
from bot.home import views as home
from bot.journal.service import rules_in_force
from bot.journal.tables import JournalEntry
from bot.leads.tables import Lead, LeadStep, LeadTouch, Offer
from bot.outbox.tables import Ping
from bot.people import roster
from bot.people.tables import Absence
from bot.services import Services
from bot.sla.tables import Obligation
from bot.store.migrate import upgrade
from config.policy import Policy
from config.settings import Settings

LEADS, ENTRIES, REPORTS = 200_000, 1_000_000, 10_000
NOW = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
BEGAN = NOW - timedelta(days=366)
WEEK = Week(2026, 47)
AT_ONCE = 20_000
ZONE = "Europe/Berlin"
PEOPLE = (
    ("petra", "sales", "manager;council", ""),
    *((f"rep{n}", "sales", "rep" if n % 2 else "sdr", "petra") for n in range(40)),
    ("helena", "marketing", "manager;council", ""),
    *((f"marketer{n}", "marketing", "marketer", "helena") for n in range(8)),
)
SALES = range(2, 42)
MARKETING = range(43, 51)
Row = dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """Seconds for the digest, its SQL alone, and a home tab; how many statements, and those that read a whole table."""

    digest: float
    bare: float
    home: float
    statements: int
    scans: tuple[str, ...]

    @property
    def ratio(self) -> float:
        return self.digest / self.bare


def run(url: str, leads: int = LEADS, entries: int = ENTRIES, reports: int = REPORTS, times: int = 9) -> Measured:
    engine = store.make_engine(url)
    upgrade(engine)
    services = Services.build(Settings(database_url=url), TurnedClock(NOW), engine)
    services.put_policy_in_force(Policy.load(POLICY), BEGAN)
    make_people(services)
    with engine.begin() as connection:
        fill(connection, Random(3), leads, entries, reports)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    statements = asked_by(engine, lambda: digest(services))
    pairs = [  # in turn, so that both meet the same machine
        (median_seconds(lambda: digest(services), 1), median_seconds(lambda: again(engine, statements), 1))
        for _ in range(times)
    ]
    digests, bare = zip(*pairs, strict=True)
    measured = Measured(
        statistics.median(digests),
        statistics.median(bare),
        median_seconds(lambda: home_tab(services), times),
        len(statements),
        tuple(scans(engine, statements)),
    )
    engine.dispose()
    return measured


def digest(services: Services) -> None:
    """The facts, the page, its thread and what its pictures show, from nothing; drawing and sending are not in it."""
    with services.reading() as session:
        rules = rules_in_force(session)
        facts = gather.facts_of(session, WEEK, rules, NOW)
        blocks.digest(views.of(session, facts, rules.policy))
        details.of(session, facts, rules.policy)
        pictures.of(facts, rules.policy)


def home_tab(services: Services) -> None:
    with services.reading() as session:
        view = home.of(session, services.subjects, 1, services.policy(session), NOW)
    home_blocks.home(view, NOW, services.settings.commands)


# -- the SQL alone ----------------------------------------------------------------------------------------------------


def asked_by(engine: Engine, work: Callable[[], None]) -> list[tuple[str, Any]]:
    """The statements that something asks, with their parameters."""
    found: list[tuple[str, Any]] = []

    def note(_c: Connection, _u: object, statement: str, parameters: Any, _x: object, many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and not many:
            found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    work()
    event.remove(engine, "before_cursor_execute", note)
    return found


def again(engine: Engine, statements: Sequence[tuple[str, Any]]) -> None:
    """The driver alone: run each statement and fetch its rows."""
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
            cursor.fetchall()
        cursor.close()


def scans(engine: Engine, statements: Sequence[tuple[str, Any]]) -> Iterator[str]:
    """On SQLite: the big tables that a statement reads from end to end, by its plan, be it along an index."""
    if engine.dialect.name != "sqlite":
        return
    growing = (Lead, Offer, LeadStep, LeadTouch, Obligation, JournalEntry, FieldReport, AnswerUse, Ping, Absence)
    big = [model.__tablename__ for model in growing]
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        for statement, parameters in statements:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            for row in cursor.fetchall():
                if any(str(row[3]).split()[:2] == ["SCAN", name] for name in big):
                    yield f"{row[3]}: {statement[:120]}"
        cursor.close()


# -- a year -----------------------------------------------------------------------------------------------------------


def fill(connection: Connection, dice: Random, leads: int, entries: int, reports: int) -> None:
    """Rows as a year would leave them: every lead offered and answered, most promises kept, some deals won."""
    made = [_lead(dice, number, leads) for number in range(1, leads + 1)]
    _insert(connection, Lead.__table__, (one.lead for one in made))
    _insert(connection, Offer.__table__, (one.offer for one in made))
    _insert(connection, LeadStep.__table__, (step for one in made for step in one.steps))
    _insert(connection, Obligation.__table__, (owed for one in made for owed in one.owed))
    _insert(connection, FieldReport.__table__, (_report(dice, number, reports) for number in range(reports)))
    _insert(connection, JournalEntry.__table__, (_entry(dice, number, entries, leads) for number in range(entries)))


def _insert(connection: Connection, table: Any, rows: Iterator[Row]) -> None:
    held: list[Row] = []
    found: Table = table
    for row in rows:
        held.append(row)
        if len(held) == AT_ONCE:
            connection.execute(insert(found), held)
            held = []
    if held:
        connection.execute(insert(found), held)


@dataclass(frozen=True)
class Made:
    lead: Row
    offer: Row
    steps: list[Row]
    owed: list[Row]


def _lead(dice: Random, number: int, leads: int) -> Made:
    came = BEGAN + (NOW - BEGAN) * (number / leads)
    person, fit = dice.choice(SALES), dice.choice((10, 30, 40, 60))
    source, campaign = dice.choice((("event", "medica-2026"), ("website", "cellscan-launch"), ("webinar", None)))
    answered = came + timedelta(minutes=dice.choice((5, 20, 60, 240, 900)))
    taken = dice.random() < 0.5 + fit / 200
    waits = answered > NOW or number > leads - leads // 400
    stage = "mql" if waits else "sal" if taken else "rejected"
    steps, owed = [], [_owed(dice, "sales", person, number, "answer", came, None if waits else answered)]
    if not waits:
        step = "accepted" if taken else "rejected"
        steps.append(_step(number, step, person, answered, came, "mql"))
        owed.append(
            _owed(dice, "sales", person, number, "first_contact", answered, answered + timedelta(hours=6))
            if taken
            else _owed(dice, "marketing", dice.choice(MARKETING), number, "review", answered, answered + timedelta(1))
        )
        stage = _worked_on(dice, number, person, answered, steps) if taken else stage
    engagement = dice.choice((0, 10, 30))
    lead = {
        "id": number,
        "source": source,
        "campaign": campaign,
        "fields": {},
        "stage": stage,
        "fit": fit,
        "engagement": engagement,
        "reasons": [],
        "hot": False,
        "history": False,
        "owner_id": person,
        "round": 1,
        "received_at": came,
        "came_at": came,
        "stage_since": answered,
        "awaits_data": False,
        "attempts": 0,
        "announced_alone": False,
    }
    offer = {
        "lead_id": number,
        "round": 1,
        "person_id": person,
        "points": fit + engagement,
        "offered_at": came,
        "answer_by": came + timedelta(hours=8),
        "route": [],
        "answer": "pending" if waits else "accepted" if taken else "rejected",
        "answered_at": None if waits else answered,
        "reason": None if waits or taken else dice.choice(("no_budget", "not_our_customer", "not_now")),
    }
    return Made(lead, offer, steps, owed)


def _worked_on(dice: Random, number: int, person: int, since: datetime, steps: list[Row]) -> str:
    """What became of an accepted lead: in three days it is qualified or not a fit, in twenty won or lost."""
    judged, ended = since + timedelta(days=3), since + timedelta(days=20)
    if judged > NOW:
        return "sal"
    if dice.random() < 0.6:
        steps.append(_step(number, "not_a_fit", person, judged, since, "sal"))
        return "rejected"
    steps.append(_step(number, "qualified", person, judged, since, "sal"))
    if ended > NOW:
        return "sql"
    outcome = dice.choice(("won", "lost"))
    steps.append(_step(number, outcome, person, ended, judged, "sql"))
    return outcome


def _step(lead: int, step: str, person: int, at: datetime, since: datetime, stage: str) -> Row:
    before = {"lead": {"stage": stage, "stage_since": {"at": since.isoformat()}}}
    value = {"value": 2_500_000, "currency": "EUR"} if step == "won" else {"value": None, "currency": None}
    return {"lead_id": lead, "step": step, "by_id": person, "at": at, "kept_at": at, "before": before, **value}


def _owed(dice: Random, team: str, owner: int, lead: int, kind: str, since: datetime, done: datetime | None) -> Row:
    deadline = since + timedelta(hours=dice.choice((2, 8, 16)))
    if done is not None and done > NOW:
        done = None
    outcome = None if done is None else "met" if done <= deadline else "missed"
    worked = None if done is None else int((done - since).total_seconds())
    return {
        "owner_id": owner,
        "team": team,
        "subject_kind": "lead",
        "subject_id": lead,
        "kind": kind,
        "round": 1,
        "hot": False,
        "came_at": since,
        "opened_at": since,
        "target_minutes": 480,
        "calendar": {},
        "ladder": [],
        "running_since": since,
        "used_seconds": 0,
        "deadline_at": deadline,
        "outcome": outcome,
        "settled_at": done,
        "worked_seconds": worked,
        "waited_seconds": worked,
        "paused_for_absence": False,
    }


def _report(dice: Random, number: int, reports: int) -> Row:
    at = BEGAN + (NOW - BEGAN) * (number / reports)
    return {
        "form": "objection",
        "kind": dice.choice(("price", "service", "switching", "proof")),
        "said": f"Too expensive, they say, and the switch is hard ({number})",
        "reporter_id": dice.choice(SALES),
        "created_at": at,
        "settles_at": at,
        "told_at": at,
        "view_key": f"v{number}",
        "importance": "matters",
        "sureness": "heard",
        "state": "answered",
    }


def _entry(dice: Random, number: int, entries: int, leads: int) -> Row:
    at = BEGAN + (NOW - BEGAN) * (number / entries)
    return {
        "occurred_at": at,
        "recorded_at": at,
        "actor_kind": "person",
        "actor_id": dice.choice(SALES),
        "subject_kind": "lead",
        "subject_id": dice.randint(1, leads),
        "verb": dice.choice(("received", "offered", "accepted", "reached", "qualified")),
        "facts": {},
    }


def make_people(services: Services) -> None:
    def email(name: str) -> str:
        return f"{name}@helix.example"

    rows = [
        roster.RosterRow.model_validate(
            {
                "name": name,
                "email": email(name),
                "team": team,
                "roles": roles,
                "zone": ZONE,
                **({"manager": email(manager)} if manager else {}),
            }
        )
        for name, team, roles, manager in PEOPLE
    ]
    members = {row.email: roster.Member(f"U{n}", "T1", ZONE, is_guest=False) for n, row in enumerate(rows)}
    with services.begin() as session:
        roster.write(session, roster.match(rows, members.get))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = run(f"sqlite:///{folder}/year.sqlite3")
    out = Console(width=120)
    out.print(f"digest {told.digest:.2f} s, its {told.statements} statements alone {told.bare:.2f} s: {told.ratio:.2f}")
    out.print(f"home tab of a manager in the council: {told.home * 1000:.0f} ms")
    out.print(f"whole big tables read: {list(told.scans) or 'none'}")


if __name__ == "__main__":
    main()
