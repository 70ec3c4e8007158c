"""`make bench`: each row is a ratio against a baseline measured in the same run."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from bench import council, exports, promises
from bench.timing import median_seconds
from bot import store
from bot.clock import SystemClock
from bot.journal.service import OPERATOR, rules_in_force
from bot.leads import service as leads
from bot.leads.intake import LeadIn
from bot.leads.tables import LeadTouch
from bot.outbox import service as outbox
from bot.outbox import tables
from bot.outbox.rules import Op
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import roster
from bot.services import Services
from bot.store.migrate import upgrade
from config.policy import Policy
from config.settings import Settings

POLICY = Path(__file__).parent / "olist" / "policy.toml"
ADMIN = "admin@olist.example"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def services(folder: str, name: str) -> Services:
    """A Tandem with 32 SDRs on a fresh SQLite file."""
    made = Services.build(Settings(database_url=f"sqlite:///{folder}/{name}.sqlite3"), SystemClock())
    upgrade(made.engine)
    made.put_policy_in_force(Policy.load(POLICY))
    emails = [ADMIN, *(f"sdr-{n}@olist.example" for n in range(32))]
    rows = [
        roster.RosterRow.model_validate(
            {
                "name": e.split("@")[0],
                "email": e,
                "team": "sales",
                "roles": "sdr" if e.startswith("sdr") else "administrator",
            }
        )
        for e in emails
    ]
    members = {e: roster.Member(f"U{n}", "T1", "UTC", is_guest=False) for n, e in enumerate(emails)}
    with made.begin() as session:
        roster.write(session, roster.match(rows, members.get))
    return made


def claim_seconds(folder: str, waiting: int) -> float:
    """Finding the next message among `waiting` ones in 32 conversations."""
    made = services(folder, f"claim-{waiting}")
    with made.begin() as session:
        for n in range(waiting):
            draft = Draft(outbox.person(n % 32 + 1), "lead_card", Subject("offer", n), f"k{n}")
            outbox.enqueue(session, draft, NOW)

    def find() -> None:
        with store.reading(made.engine) as session:
            later = NOW + timedelta(minutes=1)
            ops = [op.value for op in Op]
            conversation = session.scalars(tables.claimable(later, ops)).one()
            session.scalars(tables.next_message(conversation.id, later, Op.POST)).one()
            session.scalars(tables.EARLIEST_DUE, {"conversation": conversation.id}).one()
            session.scalars(tables.best_priority(conversation.id, Op.POST)).one()

    return median_seconds(find, 60)


def receive_seconds(folder: str, leads_before: int) -> float:
    """Taking in a hundred leads in one transaction, when `leads_before` are there."""
    made = services(folder, f"receive-{leads_before}")
    numbers = iter(range(10**9))

    def hundred() -> None:
        with made.begin() as session:
            rules = rules_in_force(session)
            for _ in range(100):
                leads.receive(session, LeadIn(external_id=f"x{next(numbers)}"), "olist", rules, OPERATOR, NOW)

    for _ in range(leads_before // 100):
        hundred()
    return median_seconds(hundred, 9)


def insert_seconds(folder: str) -> float:
    """The floor: as many rows as a hundred leads make, ten each, inserted one by one without any judgement."""
    made = services(folder, "insert")
    with made.begin() as session:
        leads.receive(session, LeadIn(external_id="one"), "olist", rules_in_force(session), OPERATOR, NOW)
    numbers = iter(range(10**9))

    def rows() -> None:
        with made.begin() as session:
            for _ in range(1000):
                row = {"lead_id": 1, "kind": "k", "asset": str(next(numbers)), "at": NOW}
                session.execute(insert(LeadTouch), row)

    return median_seconds(rows, 9)


def main() -> None:
    table = Table("Row", "Baseline", "Ratio", "Goal", "Holds", box=None)
    with tempfile.TemporaryDirectory() as folder, promises.databases() as databases:
        among = claim_seconds(folder, 20_000) / claim_seconds(folder, 200)
        with_many = receive_seconds(folder, 4_000) / receive_seconds(folder, 0)
        bare = receive_seconds(folder, 100) / insert_seconds(folder)
        ticks = {name: promises.tick_ratio(url_of) for name, url_of in databases.items()}
    workbooks = exports.run()
    with tempfile.TemporaryDirectory() as folder:
        told = council.run(f"sqlite:///{folder}/year.sqlite3")
    measured = [
        ("next message, 20,000 waiting", "200 waiting", among, 1.5),
        ("100 leads, 4,000 there", "none there", with_many, 1.5),
        ("100 leads", "1,000 bare inserts", bare, 3.0),
        *(
            (f"a tick with 200 due steps, 1,000,000 open, {name}", "1,000 open", ratio, 1.5)
            for name, ratio in ticks.items()
        ),
        ("memory of a workbook of 100,000 reports", "10,000 reports", workbooks.memory_ratio, 1.2),
        ("a workbook of 100,000 reports", "bare openpyxl, the same cells", workbooks.time_ratio, 1.2),
        ("the digest over a year, 200,000 leads", "its statements alone", told.ratio, 1.3),
    ]
    for row, baseline, ratio, goal in measured:
        table.add_row(row, baseline, f"{ratio:.2f}", f"≤ {goal}", "yes" if ratio <= goal else "no")
    faster = promises.worktime_ratio()
    row = "working time over four weeks with holidays"
    table.add_row(row, "businesstimedelta", f"1/{faster:.0f}", "≤ 1/50", "yes" if faster >= 50 else "no")
    out = Console(width=120)
    out.print(table)
    out.print(
        f"The digest took {told.digest:.2f} s (goal 3), a home tab {1000 * told.home:.0f} ms (goal 300), on SQLite."
    )


if __name__ == "__main__":
    main()
