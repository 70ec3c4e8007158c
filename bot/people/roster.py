"""People come in from a file: each row checked, matched with a Slack member by e-mail, then written as a whole."""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.people import tables
from bot.people.rules import Role, Team, parse_hours
from bot.people.service import PeopleError
from bot.people.tables import Absence, Person, PersonRole, Workspace
from bot.store import insert_if_new
from config.policy import Email, Policy, Zone

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

    name: Annotated[str, Field(min_length=1, max_length=120)]
    email: Email
    team: Team
    roles: tuple[Role, ...]
    manager: Email | None = None
    zone: Zone | None = None
    calendar: str | None = None
    hours: dict[str, list[str]] | None = None
    territories: tuple[str, ...] = ()
    capacity: Annotated[int | None, Field(ge=0)] = None
    weight: Annotated[int, Field(ge=0, le=10)] = 1
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


def read(path: Path, policy: Policy) -> list[RosterRow]:
    """The rows of a CSV file. Raises RosterError with every problem, by line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        try:
            unknown = sorted(set(lines.fieldnames or ()) - set(COLUMNS))
            if unknown:
                raise RosterError([f"line 1: unknown column {', '.join(unknown)}; there are {', '.join(COLUMNS)}"])
            rows, problems = _validated((lines.line_num, line) for line in lines)
        except UnicodeDecodeError as error:
            raise RosterError([f"{path.name} is not UTF-8; save it as CSV UTF-8"]) from error
    problems += _loose_ends(rows, policy)
    if problems:
        raise RosterError(problems)
    return [row for _, row in rows]


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


def write(session: Session, matched: list[tuple[RosterRow, Member]]) -> tuple[int, int]:
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
                session, person, row.away_from, row.away_until, people[row.backup].id if row.backup else None
            )
    session.flush()
    return new, len(matched) - new


def _fill(person: Person, row: RosterRow, member: Member, workspace_id: int) -> None:
    person.workspace_id, person.slack_user_id = workspace_id, member.user_id
    person.name, person.email, person.team, person.active = row.name, row.email, row.team, True
    person.zone = row.zone or member.zone
    person.calendar, person.hours = row.calendar, row.hours
    person.territories, person.capacity, person.weight = list(row.territories), row.capacity, row.weight


def _write_roles(session: Session, person: Person, row: RosterRow) -> None:
    session.execute(delete(PersonRole).where(PersonRole.person_id == person.id))
    session.add_all(PersonRole(person_id=person.id, role=role) for role in dict.fromkeys(row.roles))


def _write_absence(session: Session, person: Person, first: date, last: date, backup_id: int | None) -> None:
    """Whole days in the person's own zone, the last one included."""
    zone = ZoneInfo(person.zone)
    starts_at = datetime.combine(first, time(), zone)
    ends_at = datetime.combine(last + timedelta(days=1), time(), zone)
    overlapping = (Absence.person_id == person.id, Absence.starts_at < ends_at, Absence.ends_at > starts_at)
    session.execute(delete(Absence).where(*overlapping, Absence.starts_at != starts_at))
    insert_if_new(session, Absence, person_id=person.id, starts_at=starts_at, ends_at=ends_at, backup_id=backup_id)
    known = select(Absence).where(Absence.person_id == person.id, Absence.starts_at == starts_at)
    absence = session.scalars(known).one()
    absence.ends_at, absence.backup_id = ends_at, backup_id


def _workspace_id(session: Session, team_id: str) -> int:
    known = select(Workspace.id).where(Workspace.slack_team_id == team_id)
    return (
        session.scalar(known)
        or insert_if_new(session, Workspace, slack_team_id=team_id)
        or session.scalars(known).one()
    )
