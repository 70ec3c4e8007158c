"""People come in from a file: each row checked, matched with a Slack member by e-mail, then written as a whole."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pydantic
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.journal.service import OPERATOR
from bot.people import absences, tables
from bot.people.rules import PROMOTING, Role, Team, parse_hours
from bot.people.service import PeopleError
from bot.people.tables import Person, PersonRole, Workspace
from bot.sheets import reading
from bot.sheets.columns import EMAIL, Field, blank, guess, plain
from bot.sheets.reading import Shape, SheetError
from bot.store import insert_if_new
from config.parts import Email
from config.policy import Policy, Zone

FIELDS = (
    Field("name", ("full name", "employee", "mitarbeiter", "person")),
    Field("email", ("e-mail", "mail", "email address", "work email"), EMAIL, by_looks=True),
    Field("team", ("department", "abteilung", "division")),
    Field("roles", ("role", "title", "job title", "function", "position", "rolle")),
    Field("manager", ("reports to", "supervisor", "manager email", "vorgesetzter"), EMAIL),
    Field("zone", ("time zone", "timezone", "tz", "zeitzone"), r"[A-Za-z]+/[A-Za-z_/]+"),
    Field("calendar", ("work calendar",)),
    Field("hours", ("working hours", "arbeitszeit")),
    Field("territories", ("territory", "region", "gebiet")),
    Field("capacity", ("max leads", "limit"), r"\d+"),
    Field("weight", ("share",), r"\d+"),
    Field("away_from", ("absent from", "on leave from"), is_date=True),
    Field("away_until", ("absent until", "on leave until"), is_date=True),
    Field("backup", ("deputy", "substitute", "vertretung"), EMAIL),
)
TEAMS = {"sales": "sales", "vertrieb": "sales", "inside sales": "sales", "marketing": "marketing", "both": "both"}
ROLES = {
    **dict.fromkeys(("sales rep", "sales representative", "account executive", "field rep", "field sales"), Role.REP),
    **dict.fromkeys(("bdr", "inside sales", "business development representative", "sdr"), Role.SDR),
    **dict.fromkeys(("marketing", "marketing manager", "demand generation", "product marketing"), Role.MARKETER),
    **dict.fromkeys(("sales manager", "head of sales", "team lead", "head of marketing"), Role.MANAGER),
    **dict.fromkeys(("key account manager", "strategic account manager"), Role.STRATEGIC_ACCOUNT_MANAGER),
    **dict.fromkeys(("admin", "administrator", "sales operations"), Role.ADMINISTRATOR),
    "product manager": Role.PRODUCT_MANAGER,
}
COLUMNS = (
    "name email team roles manager zone calendar hours territories capacity weight away_from away_until backup".split()
)


class RosterError(PeopleError):
    """The file cannot be used; one sentence for each line that needs a correction."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def _words(value: object) -> object:
    return [w.strip() for w in value.replace("|", ";").split(";") if w.strip()] if isinstance(value, str) else value


class RosterRow(BaseModel):
    """One person as the file gives them. Several roles or territories are separated by `;`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, pydantic.Field(min_length=1, max_length=120)]
    email: Email
    team: Team
    roles: tuple[Role, ...]
    manager: Email | None = None
    zone: Zone | None = None
    calendar: str | None = None
    hours: dict[str, list[str]] | None = None
    territories: tuple[str, ...] = ()
    capacity: Annotated[int | None, pydantic.Field(ge=0)] = None
    weight: Annotated[int, pydantic.Field(ge=0, le=10)] = 1
    away_from: date | None = None
    away_until: date | None = None
    backup: Email | None = None

    @field_validator("roles", "territories", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return _words(value)

    @field_validator("hours", mode="before")
    @classmethod
    def _spoken_hours(cls, value: object) -> object:
        return parse_hours(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _absence_is_whole(self) -> "RosterRow":
        if (self.away_from is None) != (self.away_until is None):
            raise ValueError("away_from and away_until go together")
        if self.away_from and self.away_until and self.away_until < self.away_from:
            raise ValueError("away_until lies before away_from")
        return self


@dataclass(frozen=True)
class Member:
    """What Slack knows of somebody."""

    user_id: str
    team_id: str
    zone: str
    is_guest: bool


Lookup = Callable[[str], Member | None]


@dataclass(frozen=True)
class Columns:
    """Which of the file's columns is which of ours, with what stands there; what is left out."""

    shape: Shape
    named: dict[str, str]
    examples: dict[str, str]

    @property
    def as_ours(self) -> bool:
        """Whether the file names everything as we do: there is nothing to confirm."""
        return all(ours == theirs for ours, theirs in self.named.items()) and not self.left_out

    @property
    def left_out(self) -> list[str]:
        return [header for header in self.shape.headers if header not in self.named.values()]


def understand(path: Path) -> Columns:
    """Look at a file of people, of any shape. Raises RosterError."""
    try:
        shape = reading.shape_of(path)
        sample = [line for _, line in reading.lines(path, shape)]
    except SheetError as error:
        raise RosterError([str(error)]) from error
    values = {header: [line[header] for line in sample] for header in shape.headers}
    ours = {header: header for header in shape.headers if header in COLUMNS}
    rest = {header: told for header, told in values.items() if header not in ours}
    named = {**ours, **guess([f for f in FIELDS if f.name not in ours], rest)}
    examples = {header: ", ".join(list(dict.fromkeys(filter(None, told)))[:3]) for header, told in values.items()}
    return Columns(shape, named, examples)


def read(path: Path, policy: Policy, columns: Columns | None = None) -> list[RosterRow]:
    """The rows of a file. Raises RosterError with every problem, by line."""
    columns = columns or understand(path)
    if missing := [name for name in ("name", "email") if name not in columns.named]:
        raise RosterError([f"no column is the {name}; name one so: {', '.join(COLUMNS)}" for name in missing])
    told = reading.lines(path, columns.shape)
    rows, problems = _validated((number, _as_ours(line, columns.named)) for number, line in told)
    problems += _loose_ends(rows, policy)
    if problems:
        raise RosterError(problems)
    return [row for _, row in rows]


def _as_ours(line: Mapping[str, str], named: Mapping[str, str]) -> dict[str, str]:
    """A row under our names, with roles and teams as we call them; a team has a usual role, and a role its team."""
    told = {ours: line[theirs].strip() for ours, theirs in named.items() if not blank(line[theirs])}
    words = re.split(r"[;|,/]", told.get("roles", ""))
    roles = [ROLES.get(plain(word), word.strip()) for word in words if word.strip()]
    team = TEAMS.get(plain(told.get("team", "")), told.get("team", ""))
    if not team and roles:
        team = Team.MARKETING if PROMOTING & set(roles) else Team.SALES
    if not roles and team:
        roles = [Role.MARKETER if team == Team.MARKETING else Role.REP]
    return {**told, "roles": ";".join(roles), "team": team}


def _validated(lines: Iterable[tuple[int, Mapping[str, Any]]]) -> tuple[list[tuple[int, RosterRow]], list[str]]:
    rows, problems = [], []
    for number, line in lines:
        given = {key: value for key, value in line.items() if key and value and str(value).strip()}
        try:
            rows.append((number, RosterRow.model_validate(given)))
        except ValidationError as error:
            for problem in error.errors():
                field = ".".join(str(step) for step in problem["loc"]) or "the row"
                problems.append(f"line {number}: {field}: {problem['msg'].removeprefix('Value error, ')}")
    return rows, problems


def _loose_ends(rows: list[tuple[int, RosterRow]], policy: Policy) -> list[str]:
    """Names that lead nowhere: a manager or backup not in the file, a calendar or territory not in the policy."""
    emails = [row.email for _, row in rows]
    territories = {territory.name for territory in policy.routing.territories}
    problems = []
    for number, row in rows:
        if emails.count(row.email) > 1:
            problems.append(f"line {number}: email: {row.email} stands in the file more than once")
        for field in ("manager", "backup"):
            if getattr(row, field) and getattr(row, field) not in emails:
                problems.append(f"line {number}: {field}: {getattr(row, field)} is not in the file")
        if row.calendar and row.calendar not in policy.calendars:
            problems.append(f"line {number}: calendar: {row.calendar} is not one of {', '.join(policy.calendars)}")
        for territory in sorted(set(row.territories) - territories):
            problems.append(f"line {number}: territories: {territory} is not in the policy")
    return problems


def match(rows: list[RosterRow], lookup: Lookup) -> list[tuple[RosterRow, Member]]:
    """Each row with its Slack member. Raises RosterError for people without one, and for guests."""
    found, problems = [], []
    for row in rows:
        member = lookup(row.email)
        if member is None:
            problems.append(f"{row.email}: no member of the workspace has this e-mail; invite them to Slack first")
        elif member.is_guest:
            problems.append(f"{row.email}: is a guest in Slack; Tandem is for members of the company only")
        else:
            found.append((row, member))
    if problems:
        raise RosterError(problems)
    return found


def write(session: Session, matched: list[tuple[RosterRow, Member]], now: datetime | None = None) -> tuple[int, int]:
    """Bring people up to date; how many are new and how many were known. Who is not in the file stays as they are."""
    people: dict[str, Person] = {}
    new = 0
    for row, member in matched:
        workspace_id = _workspace_id(session, member.team_id)
        person = session.scalar(tables.whole().where(Person.email == row.email)) or session.scalar(
            tables.whole().where(Person.workspace_id == workspace_id, Person.slack_user_id == member.user_id)
        )
        if person is None:
            person, new = Person(email=row.email, roles=[], absences=[]), new + 1
        _fill(person, row, member, workspace_id)
        session.add(person)
        people[row.email] = person
    session.flush()
    for row, _ in matched:
        person = people[row.email]
        person.manager_id = people[row.manager].id if row.manager else None
        _write_roles(session, person, row)
        if row.away_from and row.away_until:
            _write_absence(
                session, person, row.away_from, row.away_until, people[row.backup].id if row.backup else None, now
            )
    session.flush()
    return new, len(matched) - new


def _fill(person: Person, row: RosterRow, member: Member, workspace_id: int) -> None:
    person.workspace_id, person.slack_user_id = workspace_id, member.user_id
    person.name, person.email, person.team, person.active = row.name, row.email, row.team, True
    before = (person.zone, person.hours, person.calendar)
    if not person.hours_said_at or row.zone:  # what somebody said of themselves stays, unless the file knows better
        person.zone = row.zone or member.zone
    if not person.hours_said_at or row.hours:
        person.hours = row.hours
    person.calendar = row.calendar
    if before != (person.zone, person.hours, person.calendar):
        person.brief_at = None  # their day begins at another hour: it is laid out anew
    person.territories, person.capacity, person.weight = list(row.territories), row.capacity, row.weight


def _write_roles(session: Session, person: Person, row: RosterRow) -> None:
    session.execute(delete(PersonRole).where(PersonRole.person_id == person.id))
    session.add_all(PersonRole(person_id=person.id, role=role) for role in dict.fromkeys(row.roles))


def _write_absence(
    session: Session, person: Person, first: date, last: date, backup_id: int | None, now: datetime | None
) -> None:
    """Whole days in the person's own zone, the last one included."""
    zone = ZoneInfo(person.zone)
    starts_at = datetime.combine(first, time(), zone)
    ends_at = datetime.combine(last + timedelta(days=1), time(), zone)
    absences.keep(session, person, starts_at, ends_at, backup_id, OPERATOR, now or starts_at, replaces=True)


def _workspace_id(session: Session, team_id: str) -> int:
    known = select(Workspace.id).where(Workspace.slack_team_id == team_id)
    return (
        session.scalar(known)
        or insert_if_new(session, Workspace, slack_team_id=team_id)
        or session.scalars(known).one()
    )
