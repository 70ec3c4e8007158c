"""Find people, and know when they work."""

import json
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.outbox.templates import Address, Regard
from bot.people import tables
from bot.people.rules import SELLING, Role, Team
from bot.people.tables import Absence, Person
from bot.store import remembered
from bot.worktime import NeverOpens, WorkCalendar
from config.policy import Policy, WorkingHours

BRIEF_LAID_OUT = timedelta(minutes=5)  # by then some worker has looked, if one runs


class PeopleError(Exception):
    """Something about people cannot be done as asked."""


class Stranger(PeopleError):
    """Tandem does not know who this is; `administrators` are the names to turn to."""

    def __init__(self, administrators: list[str]) -> None:
        self.administrators = administrators
        super().__init__("a stranger")


class Outsider(PeopleError):
    """A guest, or a member of another organisation."""


def by_id(session: Session, person_id: int) -> Person:
    """A person with roles and absences; asked once in a unit of work. Raises NoResultFound for an unknown one."""
    return remembered(session, ("person", person_id), lambda: session.scalars(tables.BY_ID, {"id": person_id}).one())


def by_email(session: Session, email: str) -> Person | None:
    return session.scalar(tables.whole().where(Person.email == email.lower(), Person.active))


def id_of(session: Session, email: str) -> int | None:
    """The person with this e-mail; asked once in a unit of work."""
    return remembered(session, ("person of", email), lambda: session.scalar(tables.id_at(email.lower())))


def known_as(session: Session, name: str) -> int | None:
    """The person with this e-mail or exactly this name; None for nobody, or where several are called so."""
    return remembered(session, ("person known as", name), lambda: _known_as(session, name))


def _known_as(session: Session, name: str) -> int | None:
    found = session.scalars(tables.known_as(name)).all()
    return found[0] if len(found) == 1 else None


def manager_of(session: Session, person_id: int) -> int | None:
    person = session.get(Person, person_id)
    return person.manager_id if person else None


def manages(session: Session, manager_id: int, person_id: int) -> bool:
    """Whether somebody leads a person, directly or through others."""
    return manager_id in managers_of(session, person_id)


def managers_of(session: Session, person_id: int | None) -> list[int]:
    """A person's manager, their manager, and so on; nobody twice, whatever the list of people says."""
    found: list[int] = []
    above = manager_of(session, person_id) if person_id else None
    while above is not None and above not in found and above != person_id:
        found.append(above)
        above = manager_of(session, above)
    return found


def marketing_owner(session: Session, policy: Policy, source: str, campaign: str | None) -> Person | None:
    """Who in marketing answers for a source and campaign; the fallback for somebody who is not among the people."""
    return _known(session, policy.marketing_owner(source, campaign)) or _known(session, policy.marketing.fallback_owner)


def _known(session: Session, email: str) -> Person | None:
    return remembered(session, ("person at", email), lambda: by_email(session, email))


def led_by(session: Session, manager_id: int) -> list[int]:
    """Everybody who reports to somebody, directly or through others."""
    found: list[int] = []
    newest = [manager_id]
    while newest:
        below = session.scalars(tables.reports_of(newest)).all()
        newest = [person for person in below if person not in found and person != manager_id]
        found += newest
    return found


def at_slack(session: Session, team_id: str, slack_user_id: str) -> Person:
    """Who tapped or typed, without roles and absences. Raises Outsider for another organisation's, else Stranger."""
    person = session.scalar(tables.AT_SLACK, {"team": team_id, "user": slack_user_id})
    if person is not None:
        return person
    if session.scalar(tables.workspace_of(team_id)) is None and session.scalar(tables.any_workspace()) is not None:
        raise Outsider
    raise Stranger([p.name for p in session.scalars(tables.with_role(Role.ADMINISTRATOR))])


def reporting_to(session: Session, manager_id: int) -> list[Person]:
    return list(session.scalars(tables.reporting_to(manager_id)))


def may_export(person: Person) -> bool:
    """Who gets more than what is their own: managers and the council."""
    return bool(person.role_names & {Role.MANAGER, Role.COUNCIL, Role.SPONSOR, Role.ADMINISTRATOR})


def sees(session: Session, person: Person, *, mine: bool, reports: bool) -> frozenset[int] | None:
    """Whose rows an export for somebody holds; None for everybody's.

    The council sees all, marketing's managers every report from the field, other managers what is of their people.
    """
    if mine or not may_export(person):
        return frozenset({person.id})
    if person.role_names & {Role.COUNCIL, Role.SPONSOR}:
        return None
    if reports and person.team in (Team.MARKETING, Team.BOTH):
        return None
    return frozenset({person.id, *led_by(session, person.id)})


def administrators(session: Session) -> list[Person]:
    """Who looks after Tandem here, by name."""
    found = [person for person in everybody(session) if Role.ADMINISTRATOR in person.role_names]
    return sorted(found, key=lambda person: person.name)


def names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    return dict(session.execute(tables.names_of(set(ids))).all())


def everybody(session: Session) -> list[Person]:
    """All active people, with roles and absences; asked once in a unit of work."""
    return remembered(session, "everybody", lambda: list(session.scalars(tables.at_work())))


def calendar_of(person: Person, policy: Policy, around: datetime) -> WorkCalendar:
    """When a person works, as things stand: own hours or their calendar's, public holidays, absences."""
    named = _calendar_named(person, policy)
    return WorkCalendar(
        person.zone,
        hours_of(person, policy).by_weekday,
        named.days_off(around.year),
        tuple((absence.starts_at, absence.ends_at) for absence in person.absences),
    )


def hours_of(person: Person, policy: Policy) -> WorkingHours:
    """A person's own hours, else those of their calendar."""
    return _hours(json.dumps(person.hours)) if person.hours else _calendar_named(person, policy)


def _calendar_named(person: Person, policy: Policy) -> WorkingHours:
    of_team = policy.team_calendars.get(person.team, policy.default_calendar)
    return policy.calendars.get(person.calendar or of_team) or policy.calendars[of_team]


def next_at_work(person: Person, policy: Policy, now: datetime) -> datetime:
    """`now` in a person's working time, else their next opening; `now` for somebody who has no working time."""
    try:
        return calendar_of(person, policy, now).next_open(now)
    except NeverOpens:
        return now


def is_quiet(person: Person, now: datetime) -> bool:
    """Whether they asked for no messages at the moment."""
    return person.quiet_until is not None and person.quiet_until > now


def share_of(person: Person, policy: Policy, now: datetime) -> int:
    """Percent of the usual leads: a gentle start on the day that follows an absence of a day or more."""
    zone = ZoneInfo(person.zone)
    ended = [a for a in person.absences if a.ends_at <= now and a.ends_at - a.starts_at >= timedelta(days=1)]
    last = max((a.ends_at for a in ended), default=None)
    if last is None or now - last > timedelta(days=7):
        return 100
    first_day = next_at_work(person, policy, last).astimezone(zone).date()
    return policy.calm.first_day_percent if now.astimezone(zone).date() == first_day else 100


def is_on_shift(person: Person, policy: Policy, now: datetime) -> bool:
    """Whether somebody is between the first opening and the last closing of a day at work, breaks included."""
    calendar = calendar_of(person, policy, now)
    if calendar.is_open(now):
        return True
    ends = day_after(now, ZoneInfo(person.zone))
    begins = ends.astimezone(ZoneInfo(person.zone)) - timedelta(days=1)
    return calendar.elapsed(begins, now) > timedelta(0) and calendar.elapsed(now, ends) > timedelta(0)


def working_days_after(person: Person, policy: Policy, at: datetime, days: int) -> datetime:
    """The opening of the last of so many working days after the day of `at`; plain days for who has no hours."""
    calendar, zone = calendar_of(person, policy, at), ZoneInfo(person.zone)
    try:
        for _ in range(days):
            at = calendar.next_open(day_after(at, zone))
    except NeverOpens:
        return at + timedelta(days=days)
    return at


def day_after(at: datetime, zone: ZoneInfo) -> datetime:
    """The midnight that ends the day of an instant, as that zone's calendar has it."""
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=1), time(), zone)


def stand_in(session: Session, person: Person, now: datetime, *, absent: Absence | None = None) -> Person | None:
    """Who acts for a person: they themselves, else their backup, else the next manager who is there; None for nobody.

    `absent` is an absence that counts as begun.
    """
    if person.active and (absent or absence_at(person, now)) is None:
        return person
    return next(iter(stand_ins(session, person, now, absent=absent)), None)


def stand_ins(session: Session, person: Person, now: datetime, *, absent: Absence | None = None) -> list[Person]:
    """Who may act for somebody away: their backup, then their managers from the nearest up; those who are there."""
    absence = absent or absence_at(person, now)
    asked = [absence.backup_id] if absence and absence.backup_id else []
    others = [by_id(session, one) for one in dict.fromkeys([*asked, *managers_of(session, person.id)])]
    return [other for other in others if other.active and not absence_at(other, now)]


@lru_cache(maxsize=512)
def _hours(stored: str) -> WorkingHours:
    return WorkingHours.model_validate(json.loads(stored))


def is_to_be_welcomed(session: Session, person_id: int, now: datetime) -> bool:
    """Whether an absence of theirs is over, and they were not told yet what became of things."""
    return any(a.ends_at <= now and a.handed_at and not a.returned_at for a in by_id(session, person_id).absences)


def absence_at(person: Person, at: datetime) -> Absence | None:
    return next((a for a in person.absences if a.starts_at <= at < a.ends_at), None)


def main_role(person: Person) -> str:
    """The role that decides a person's targets."""
    return Role.SDR if Role.SDR in person.role_names else Role.REP


def regard(session: Session, target: str, policy: Policy, now: datetime) -> Regard | None:
    """What is owed to somebody's attention; None for what is no person's direct messages."""
    kind, _, name = target.partition(":")
    if kind != "person":
        return None
    person = by_id(session, int(name))
    zone, pings = ZoneInfo(person.zone), policy.calm.pings
    roles = person.role_names
    most = pings.sdr if Role.SDR in roles else pings.field if roles & SELLING else pings.others
    tomorrow = day_after(now, zone)
    began = tomorrow.astimezone(zone) - timedelta(days=1)
    quiet = person.quiet_until if person.quiet_until and person.quiet_until > now else None
    ends = _day_ends(calendar_of(person, policy, now), now, tomorrow)
    brief_at = person.brief_at if policy.calm.morning_brief else None
    brief_is_due = brief_at is not None and brief_at <= now <= brief_at + BRIEF_LAID_OUT
    return Regard(most, began, next_at_work(person, policy, tomorrow), ends, brief_is_due, quiet)


def _day_ends(calendar: WorkCalendar, now: datetime, midnight: datetime) -> datetime | None:
    """When somebody's work ends today; None for who works no more today."""
    left = calendar.elapsed(now, midnight)
    return calendar.due(now, left) if left else None


def address(session: Session, target: str, policy: Policy) -> Address:
    """Where `person:ID`, `home:ID` or `channel:NAME` is reached; the outbox asks just before it sends."""
    kind, _, name = target.partition(":")
    if kind == "channel":
        return Address(channel=name, held=bool(policy.pilot))
    if kind == "user":  # somebody we do not know, who wrote to us
        return Address(user=name, held=bool(policy.pilot))
    person = session.get(Person, int(name))  # `person:` and `home:` alike
    if person is None or not person.active:
        return Address(unreachable="person_inactive")
    return Address(user=person.slack_user_id, held=bool(policy.pilot) and person.email not in policy.pilot)
