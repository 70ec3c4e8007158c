"""The company of the simulation: 50 reps in five zones, their managers, three marketers, and its rules."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot import store
from bot.outbox.rules import Outcome, Sent
from bot.outbox.templates import Json
from bot.people import roster
from bot.services import Services
from bot.store.migrate import upgrade
from config.policy import Policy
from config.settings import Settings

ZONES = {
    "Berlin": ("Europe/Berlin", "Germany"),
    "London": ("Europe/London", "United Kingdom"),
    "New York": ("America/New_York", "United States"),
    "Los Angeles": ("America/Los_Angeles", "Canada"),
    "Singapore": ("Asia/Singapore", "Singapore"),
}
FIELD, SDRS = 6, 4
DAYS = ("mon", "tue", "wed", "thu", "fri")
POLICY = Path(__file__).parents[2] / "config" / "policy.toml"


@dataclass
class TurnedClock:
    at: datetime

    def now(self) -> datetime:
        return self.at

    def turn_to(self, at: datetime) -> None:
        self.at = max(self.at, at)


@dataclass
class FarSide:
    """Slack, as far as the sender calls it: it takes everything."""

    calls: int = 0
    posted: list[str] = field(default_factory=list)

    def post(self, channel: str, message: Json, delivery_id: str, thread_ts: str | None) -> Outcome:
        self.calls += 1
        return Sent(ts=f"{self.calls}.000", channel=channel)

    def update(self, channel: str, ts: str, message: Json, delivery_id: str) -> Outcome:
        return Sent(ts=ts, channel=channel)

    def publish(self, user: str, view: Json) -> Outcome:
        return Sent(ts="", channel="")

    def open(self, user: str) -> Outcome:
        return Sent(ts="", channel=f"D{user}")

    def find_channel(self, name: str) -> Outcome:
        return Sent(ts="", channel=f"C{name}")

    def look_for(self, channel: str, delivery_id: str, since: float, thread_ts: str | None) -> Outcome | None:
        return None


def rules() -> Policy:
    """The rules of the repository, with this company's territories and without its channel and holidays."""
    policy = Policy.load(POLICY)
    told = policy.model_dump(mode="json", by_alias=True)
    day = {name: ["08:00-17:00"] for name in DAYS}
    told["calendars"] = {
        "field": day,
        "inside": {name: ["08:00-12:30", "13:00-18:00" if name != "fri" else "13:00-16:00"] for name in DAYS},
    }
    told["routing"]["territories"] = [{"name": zone, "countries": [country]} for zone, (_, country) in ZONES.items()]
    told["routing"]["fallback"] = "manager-berlin@sim.example"
    for part in ("sources", "campaigns"):
        for number, one in enumerate(told[part]):
            one["owner"] = f"marketer-{number % 3}@sim.example"
    told["marketing"]["fallback_owner"] = "marketer-0@sim.example"
    told["channels"] = {}
    return Policy.from_canonical(Policy.model_validate(told).canonical)


def rows() -> list[roster.RosterRow]:
    """Everybody: reps and SDRs of each zone under its manager, and marketing."""
    found = []
    for zone, (name, _) in ZONES.items():
        manager = f"manager-{_slug(zone)}@sim.example"
        found.append(_row(manager, "sales", "manager", name))
        for number in range(FIELD):
            found.append(
                _row(f"rep-{_slug(zone)}-{number}@sim.example", "sales", "rep", name, manager, territories=(zone,))
            )
        for number in range(SDRS):
            found.append(
                _row(f"sdr-{_slug(zone)}-{number}@sim.example", "sales", "sdr", name, manager, calendar="inside")
            )
    lead = "manager-marketing@sim.example"
    found.append(_row(lead, "marketing", "manager", "Europe/Berlin"))
    found += [_row(f"marketer-{n}@sim.example", "marketing", "marketer", "Europe/Berlin", lead) for n in range(3)]
    return found


def _row(email: str, team: str, role: str, zone: str, manager: str | None = None, **more: object) -> roster.RosterRow:
    told = {"name": email.split("@", maxsplit=1)[0], "email": email, "team": team, "roles": role, "zone": zone}
    return roster.RosterRow.model_validate({**told, **({"manager": manager} if manager else {}), **more})


def _slug(zone: str) -> str:
    return zone.lower().replace(" ", "")


def set_up(folder: Path, clock: TurnedClock) -> Services:
    """A Tandem of this company on a fresh SQLite file, on a clock that is turned."""
    engine = store.make_engine(f"sqlite:///{folder}/calm.sqlite3")

    @event.listens_for(engine, "connect")
    def _in_haste(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")  # tens of thousands of commits, and nothing to lose

    upgrade(engine)
    services = Services.build(Settings(database_url=str(engine.url)), clock, engine)
    services.put_policy_in_force(rules())
    told = rows()
    members = {row.email: roster.Member(f"U{n}", "T1", row.zone or "UTC", is_guest=False) for n, row in enumerate(told)}
    with services.begin() as session:
        roster.write(session, roster.match(told, members.get))
    return services
