"""The morning brief: what is due today, at the start of a person's day, and only if there is something.

Its rows are reminders that wait for the opening of the day, and there meet whatever else came overnight in one message.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from bot.journal.service import RulesInForce
from bot.outbox import service as outbox
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import calls, tables
from bot.sla.bundles import BRIEF
from bot.sla.service import OBLIGATION
from bot.sla.subjects import Subjects
from bot.sla.tables import Obligation
from bot.store import LOCKED
from config.policy import Policy

AHEAD = timedelta(minutes=10)  # it is laid out before the day begins, so that it is there when it does
MOST = 30


def any_due(session: Session, now: datetime) -> bool:
    return session.scalar(select(Person.id).where(_due(now)).limit(1)) is not None


def begin_days(session: Session, subjects: Subjects, rules: RulesInForce, now: datetime, limit: int = 50) -> int:
    """Lay out the briefs of everybody whose day begins now; how many days begin."""
    due = select(Person.id).where(_due(now)).order_by(Person.id).limit(limit)
    ids = session.scalars(due.with_for_update(skip_locked=True, **LOCKED)).all()
    for person_id in ids:
        begin_day(session, subjects, people.by_id(session, person_id), rules, now)
    return len(ids)


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(Person.active, or_(Person.brief_at.is_(None), Person.brief_at <= now + AHEAD))


def begin_day(session: Session, subjects: Subjects, person: Person, rules: RulesInForce, now: datetime) -> None:
    """Lay out the brief of the day that begins, and note when the next one does."""
    policy, opens = rules.policy, person.brief_at
    person.brief_at = _next_day(person, policy, max(now, opens)) if opens else _opening_ahead(person, policy, now)
    if opens is None or not policy.calm.morning_brief or opens < now - timedelta(hours=1):
        return  # the first day they are known, or a day long begun
    day = opens.astimezone(ZoneInfo(person.zone)).date()
    ends = people.day_after(opens, ZoneInfo(person.zone))
    groups: set[str] = set()
    for owed in session.scalars(tables.open_of([person.id]).where(Obligation.deadline_at < ends).limit(MOST)).all():
        about = subjects.of(owed).about(owed)
        put_off = owed.stopped_at or (owed.later_until and owed.later_until > ends)
        if owed.paused_at or put_off or about in groups:
            continue
        groups.add(about)
        _lay_out(session, owed, about, person, opens, day.isoformat(), now)


def _lay_out(
    session: Session, owed: Obligation, about: str, person: Person, opens: datetime, day: str, now: datetime
) -> None:
    draft = Draft(
        outbox.person(person.id),
        calls.REMINDER,
        Subject(OBLIGATION, owed.id),
        f"{calls.key_of(owed)}:{BRIEF}:{day}",
        facts={"rung": BRIEF},
        not_before=opens,
        gathers_at=opens,
        about=about,
    )
    outbox.enqueue(session, draft, now)


def _opening_ahead(person: Person, policy: Policy, now: datetime) -> datetime:
    """The next opening of a day that did not begin yet: today's, where that is still to come."""
    zone = ZoneInfo(person.zone)
    today = datetime.combine(now.astimezone(zone).date(), time(), zone)
    opens = people.next_at_work(person, policy, today)
    return opens if opens > now else _next_day(person, policy, now)


def _next_day(person: Person, policy: Policy, after: datetime) -> datetime:
    """When their next working day begins after an instant's day: the first opening of that day."""
    return people.next_at_work(person, policy, people.day_after(after, ZoneInfo(person.zone)))
