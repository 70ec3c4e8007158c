"""When people are away, and when they want to be left in peace: said by themselves, or by who leads them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.journal.service import Actor, record
from bot.outbox import service as outbox
from bot.people.service import PeopleError
from bot.people.tables import Absence, Person
from bot.store import insert_if_new

NOON = time(12)
DAYS = re.compile(
    r"^(?P<first>\d{4}-\d{2}-\d{2})(?:\s*(?:\.\.|–|-|to)\s*(?P<last>\d{4}-\d{2}-\d{2}))?(?:\s+(?P<part>am|pm))?$", re.I
)
FOR = re.compile(r"^(?P<hours>\d{1,2})\s*h(?:ours?)?$|^(?P<minutes>\d{1,3})\s*m(?:in(?:utes)?)?$", re.I)
CLOCK = re.compile(r"^(?:until\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})$", re.I)


class NotUnderstood(PeopleError):
    """A time that cannot be read."""


class QuietTooLong(PeopleError):
    """Longer than agreed: at most so many hours."""

    def __init__(self, hours: int) -> None:
        self.hours = hours
        super().__init__(str(hours))


@dataclass(frozen=True)
class Away:
    """Days of absence, the last one included, in the person's own zone.

    `part` is `whole`, `am` (of a single day only the morning; of several the last one until noon) or `pm` (the
    afternoon; of several the first one from noon on).
    """

    first: date
    last: date
    part: str = "whole"

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """From when until when, as instants."""
        there = ZoneInfo(zone)
        starts = datetime.combine(self.first, NOON if self.part == "pm" else time(), there)
        ends = datetime.combine(self.last + timedelta(days=1), time(), there)
        if self.part == "am":
            ends = datetime.combine(self.last, NOON, there)
        return starts, ends


def parse_away(text: str) -> Away:
    """`2026-12-01..2026-12-05`, `2026-12-24`, `2026-12-24 am`. Raises NotUnderstood."""
    found = DAYS.match(text.strip())
    if found is None:
        raise NotUnderstood
    try:
        first = date.fromisoformat(found["first"])
        last = date.fromisoformat(found["last"]) if found["last"] else first
    except ValueError as error:
        raise NotUnderstood from error
    if last < first or (last - first).days > 730:
        raise NotUnderstood
    return Away(first, last, (found["part"] or "whole").lower())


def parse_quiet(text: str, zone: str, now: datetime, most_hours: int) -> datetime:
    """`2h`, `30m` or `15:30` as an instant. Raises NotUnderstood, or QuietTooLong."""
    for_, clock = FOR.match(text.strip()), CLOCK.match(text.strip())
    if for_:
        until = now + timedelta(hours=int(for_["hours"] or 0), minutes=int(for_["minutes"] or 0))
    elif clock and int(clock["hour"]) < 24 and int(clock["minute"]) < 60:
        local = now.astimezone(ZoneInfo(zone))
        at = datetime.combine(local.date(), time(int(clock["hour"]), int(clock["minute"])), ZoneInfo(zone))
        until = at if at > now else at + timedelta(days=1)
    else:
        raise NotUnderstood
    if until <= now:
        raise NotUnderstood
    if until > now + timedelta(hours=most_hours):
        raise QuietTooLong(most_hours)
    return until


def be_quiet(session: Session, person_id: int, until: datetime | None, actor: Actor, now: datetime) -> bool:
    """No messages until then; None ends it. Whether that changed anything."""
    person = session.get_one(Person, person_id)
    was = person.quiet_until is not None and person.quiet_until > now
    person.quiet_until = until
    if until is None:
        outbox.ask_again(session, outbox.person(person_id), now)
    record(session, actor, "quiet", ("person", person_id), now, {"until": until.isoformat() if until else None})
    return until is not None or was


def go_away(
    session: Session,
    person: Person,
    away: Away,
    backup_id: int | None,
    actor: Actor,
    now: datetime,
) -> Absence:
    """Write an absence down; what it overlaps with of earlier ones gives way. Whole instants of the person's zone."""
    starts_at, ends_at = away.span(person.zone)
    return keep(session, person, starts_at, ends_at, backup_id, actor, now)


def keep(
    session: Session,
    person: Person,
    starts_at: datetime,
    ends_at: datetime,
    backup_id: int | None,
    actor: Actor,
    now: datetime,
    *,
    replaces: bool = False,
) -> Absence:
    """The same for instants.

    One that runs already is made longer, and keeps what was passed on for it. Of one that is over, the new one begins
    where it ended. With those ahead that it overlaps it becomes one, or, for a list that knows better, `replaces` them.
    """
    overlapping = (Absence.person_id == person.id, Absence.starts_at < ends_at, Absence.ends_at > starts_at)
    found = session.scalars(select(Absence).where(*overlapping).order_by(Absence.starts_at)).all()
    over = [one for one in found if one.handed_at and (one.returned_at or one.ends_at <= now)]
    running = next((one for one in found if one.handed_at and one not in over), None)
    ahead = [one for one in found if one.handed_at is None]
    starts_at = max([starts_at, *(min(one.ends_at, now) for one in over)])
    if not replaces:
        starts_at = min([starts_at, *(one.starts_at for one in ahead)])
        ends_at = max([ends_at, *(one.ends_at for one in ahead)])
        backup_id = backup_id or next((one.backup_id for one in ahead if one.backup_id), None)
    if running is not None:
        starts_at, ends_at = running.starts_at, max(ends_at, running.ends_at) if ends_at > now else ends_at
    session.execute(delete(Absence).where(Absence.id.in_([one.id for one in ahead]), Absence.starts_at != starts_at))
    insert_if_new(session, Absence, person_id=person.id, starts_at=starts_at, ends_at=ends_at, backup_id=backup_id)
    known = select(Absence).where(Absence.person_id == person.id, Absence.starts_at == starts_at)
    absence = session.scalars(known).one()
    absence.ends_at, absence.backup_id = ends_at, backup_id
    person.brief_at = None
    told = {"absence": absence.id, "from": starts_at.isoformat(), "until": ends_at.isoformat(), "backup": backup_id}
    record(session, actor, "will_be_away", ("person", person.id), now, told)
    session.flush()
    session.refresh(person, ["absences"])
    return absence


def call_off(session: Session, person: Person, actor: Actor, now: datetime) -> bool:
    """The absence that runs or comes next does not happen, or ends now. Whether there was one."""
    ahead = select(Absence).where(Absence.person_id == person.id, Absence.ends_at > now).order_by(Absence.starts_at)
    absence = session.scalar(ahead.limit(1))
    if absence is None:
        return False
    if absence.starts_at >= now:
        session.delete(absence)
    else:
        absence.ends_at = now
    person.brief_at = None
    outbox.ask_again(session, outbox.person(person.id), now)
    record(session, actor, "not_away", ("person", person.id), now, {"absence": absence.id})
    session.flush()
    return True
