"""What a person's home tab shows, as frozen values."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.council import dashboards
from bot.council.dashboards import Board
from bot.home import tables
from bot.home.rules import AT_ONCE, Part, page_within, parts_for
from bot.leads import overviews
from bot.leads import views as lead_views
from bot.leads.overviews import DoneView, MemberView, OriginView
from bot.leads.promises import OF_THE_HOLDER
from bot.leads.views import Mine, Reader
from bot.outbox.templates import Json
from bot.people import service as people
from bot.people.rules import Role
from bot.people.tables import Person
from bot.sla import overviews as sla
from bot.sla.subjects import Subjects
from config.policy import Policy

LOOKS_AGAIN = timedelta(minutes=15)  # what others do shows this late at the latest


@dataclass(frozen=True)
class Page:
    """Which of how many are shown: `number` counts from 0."""

    number: int
    size: int
    total: int


@dataclass(frozen=True)
class MineView:
    leads: tuple[Mine, ...]
    page: Page
    done: DoneView


@dataclass(frozen=True)
class GoodView:
    told: OriginView
    page: Page
    of_team: bool


@dataclass(frozen=True)
class TeamView:
    members: tuple[MemberView, ...]
    page: Page
    total: int
    late: int
    next_due: datetime | None


@dataclass(frozen=True)
class OwedView:
    """What somebody owes that is no lead in hand: rows as they read, whether there are more, when the next is due."""

    rows: tuple[tuple[Json, ...], ...]
    more: bool
    next_due: datetime | None


@dataclass(frozen=True)
class Dashboard:
    """How the week that runs goes, for one reader: what is not theirs is empty, or None."""

    week: str | None  # how they keep their own promises
    promises: tuple[str, ...]  # how their people do, and who of them is away
    resonates: tuple[str, ...]
    council: Board | None


@dataclass(frozen=True)
class HomeView:
    """`owed`, `mine`, `good` and `team` are None for whom they are not; `quiet_until` only while they are.

    `reports` is for who hears customers: whoever holds leads.
    """

    reader: Reader
    reports: bool
    quiet_until: datetime | None
    owed: OwedView | None
    mine: MineView | None
    good: GoodView | None
    team: TeamView | None
    dashboard: Dashboard

    def changes_at(self, now: datetime) -> datetime:
        """When it stops being right by time alone: something falls due, can no longer be undone, or a day begins."""
        midnight = _midnight(self.reader.zone, now)
        told = self.dashboard
        looks_at_others = [now + LOOKS_AGAIN] if told.council or told.promises or told.resonates else []
        return min([midnight, *looks_at_others, *(at for at in self._instants() if at is not None and at > now)])

    def _instants(self) -> Iterator[datetime | None]:
        yield _passed(self.team.next_due if self.team else None)
        yield from (self.quiet_until, _passed(self.owed.next_due if self.owed else None))
        for lead in self.mine.leads if self.mine else ():
            yield from (_passed(lead.due), lead.undo_until)


def of(session: Session, subjects: Subjects, person_id: int, policy: Policy, now: datetime) -> HomeView:
    """The home tab of a person from the present state. Raises NoResultFound for an unknown person."""
    person = people.by_id(session, person_id)
    visit = session.scalar(tables.visit_of(person_id))
    pages = {part: int(visit.pages.get(part, 0)) if visit else 0 for part in Part}
    holds_leads = lead_views.holds_any(session, person.id)
    parts = parts_for(person.role_names, person.team, holds_leads=holds_leads)
    return HomeView(
        Reader(person.id, person.zone),
        Part.MINE in parts,
        person.quiet_until if people.is_quiet(person, now) else None,
        _owed(session, subjects, person, policy, now),
        _mine(session, person, policy, now, pages[Part.MINE]) if Part.MINE in parts else None,
        _good(session, person, policy, now, pages[Part.GOOD]) if Part.GOOD in parts else None,
        _team(session, person, now, pages[Part.TEAM]) if Part.TEAM in parts and policy.people_figures else None,
        _dashboard(session, person, policy, now, parts),
    )


def board_of(session: Session, person_id: int, policy: Policy, now: datetime) -> Dashboard:
    """The week that runs as it stands in a home tab, and what is for everybody: goals, scorecard, decisions."""
    person = people.by_id(session, person_id)
    parts = parts_for(person.role_names, person.team, holds_leads=lead_views.holds_any(session, person.id))
    return _dashboard(session, person, policy, now, {*parts, Part.COUNCIL})


def _dashboard(session: Session, person: Person, policy: Policy, now: datetime, parts: Collection[Part]) -> Dashboard:
    return Dashboard(
        dashboards.week_of(session, [person.id], person.zone, now) if policy.people_figures else None,
        tuple(dashboards.team_lines(session, person, policy, now)) if Role.MANAGER in person.role_names else (),
        tuple(dashboards.resonates(session, _emails(session, person), policy, now)) if Part.GOOD in parts else (),
        dashboards.board(session, person, policy, now) if Part.COUNCIL in parts else None,
    )


def _owed(session: Session, subjects: Subjects, person: Person, policy: Policy, now: datetime) -> OwedView | None:
    """Leads in hand stand in a part of their own."""
    most = AT_ONCE["owed"]
    found = sla.owed_rows(session, subjects, person, policy, now, most + 1, but_not=OF_THE_HOLDER)
    if not found:
        return None
    next_due = sla.next_due(session, person.id, now, but_not=OF_THE_HOLDER)
    return OwedView(tuple(tuple(row) for row in found[:most]), len(found) > most, next_due)


def _mine(session: Session, person: Person, policy: Policy, now: datetime, page: int) -> MineView:
    size = AT_ONCE[Part.MINE]
    leads, total = lead_views.mine(session, person.id, size, page * size)
    number = page_within(page, total, size)
    if number != page:
        leads, total = lead_views.mine(session, person.id, size, number * size)
    done = overviews.done_since(session, person.id, _monday(person.zone, now), policy)
    return MineView(tuple(leads), Page(number, size, total), done)


def _good(session: Session, person: Person, policy: Policy, now: datetime, page: int) -> GoodView:
    """Their own leads; a manager's are those of the team as well."""
    emails, size = _emails(session, person), AT_ONCE[Part.GOOD]
    told = overviews.of_origin(session, emails, policy, now, page, size)
    number = page_within(page, told.accepted, size)
    if number != page:
        told = overviews.of_origin(session, emails, policy, now, number, size)
    return GoodView(told, Page(number, size, told.accepted), len(emails) > 1)


def _emails(session: Session, person: Person) -> set[str]:
    """A person's own, and of those who report to them."""
    return {person.email, *(member.email for member in people.reporting_to(session, person.id))}


def _team(session: Session, person: Person, now: datetime, page: int) -> TeamView:
    reports = people.reporting_to(session, person.id)
    gone = {member.name for member in reports if not member.active}
    found = [m for m in overviews.team(session, reports, now) if m.open or m.name not in gone]
    everybody = sorted(found, key=lambda member: -member.late)  # who needs a hand first, else in their order
    size = AT_ONCE[Part.TEAM]
    number = page_within(page, len(everybody), size)
    shown = tuple(everybody[number * size : (number + 1) * size])
    total, late = sum(member.open for member in everybody), sum(member.late for member in everybody)
    next_due = min((member.next_due for member in everybody if member.next_due), default=None)
    return TeamView(shown, Page(number, size, len(everybody)), total, late, next_due)


def _passed(due: datetime | None) -> datetime | None:
    """When something is late: just after it was due."""
    return due and due + timedelta(seconds=1)


def _monday(zone: str, now: datetime) -> datetime:
    """The beginning of the reader's week."""
    local = now.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() - timedelta(days=local.weekday()), time(), ZoneInfo(zone))


def _midnight(zone: str, now: datetime) -> datetime:
    """When the reader's next day begins, and with it another week or another fortnight."""
    tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(zone))
