"""People, their roles and absences, and the workspace they are reached in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Select, String, UniqueConstraint, bindparam, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from bot.store import Base


class Workspace(Base):
    """The Slack workspace; one row."""

    __tablename__ = "workspaces"
    id: Mapped[int] = mapped_column(primary_key=True)
    slack_team_id: Mapped[str] = mapped_column(String(20), unique=True)


class Person(Base):
    """Somebody who works here. The id is ours; the Slack user id is only an address.

    `hours` (weekday names to spans) comes before `calendar`, the name of one in the policy, before its default.
    `quiet_until` is what they asked for; `brief_at` is when their next morning brief is due, not known after a change
    of hours.
    `met_at` is when Tandem asked them about their hours, `hours_said_at` when they said what they are.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("workspace_id", "slack_user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    slack_user_id: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    team: Mapped[str] = mapped_column(String(10))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    zone: Mapped[str] = mapped_column(String(40))
    calendar: Mapped[str | None] = mapped_column(String(40))
    hours: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    territories: Mapped[list[str]]
    capacity: Mapped[int | None]
    weight: Mapped[int]
    active: Mapped[bool]
    met_at: Mapped[datetime | None]
    hours_said_at: Mapped[datetime | None]
    quiet_until: Mapped[datetime | None]
    brief_at: Mapped[datetime | None] = mapped_column(index=True)
    roles: Mapped[list["PersonRole"]] = relationship(cascade="all, delete-orphan", lazy="raise")
    absences: Mapped[list["Absence"]] = relationship(
        cascade="all, delete-orphan", lazy="raise", foreign_keys="Absence.person_id"
    )

    @property
    def role_names(self) -> frozenset[str]:
        return frozenset(role.role for role in self.roles)


class PersonRole(Base):
    __tablename__ = "person_roles"
    __table_args__ = (UniqueConstraint("person_id", "role"), Index("ix_person_roles_role", "role"))
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(30))


class Absence(Base):
    """Away from `starts_at` until `ends_at`; meanwhile the backup is asked.

    `handed_at` is when what they owed went to whoever stands in, as `Handed` tells. `returned_at` is when they were
    told of it on their return.
    """

    __tablename__ = "absences"
    __table_args__ = (
        UniqueConstraint("person_id", "starts_at"),
        Index("ix_absences_ends", "person_id", "ends_at"),
        Index("ix_absences_handed", "handed_at", "starts_at"),
        Index("ix_absences_returned", "returned_at", "ends_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    backup_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    handed_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]


class Handed(Base):
    """How many promises went to somebody when an absence began."""

    __tablename__ = "absences_handed"
    __table_args__ = (UniqueConstraint("absence_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    absence_id: Mapped[int] = mapped_column(ForeignKey("absences.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    promises: Mapped[int]


def whole() -> Select[Person]:
    """People with what belongs to them, in three queries however many they are."""
    return select(Person).options(selectinload(Person.roles), selectinload(Person.absences))


BY_ID = whole().where(Person.id == bindparam("id"))


def at_work() -> Select[Person]:
    return whole().where(Person.active).order_by(Person.id)


# Made once: every tap and command asks it. Without roles and absences, which a tap does not need.
AT_SLACK = (
    select(Person)
    .join(Workspace, Workspace.id == Person.workspace_id)
    .where(Workspace.slack_team_id == bindparam("team"), Person.slack_user_id == bindparam("user"), Person.active)
)


def with_role(role: str) -> Select[Person]:
    return at_work().where(Person.roles.any(PersonRole.role == role))


def workspace_of(team_id: str) -> Select[int]:
    return select(Workspace.id).where(Workspace.slack_team_id == team_id)


def names_of(ids: set[int]) -> Select[int, str]:
    return select(Person.id, Person.name).where(Person.id.in_(ids))


def id_at(email: str) -> Select[int]:
    return select(Person.id).where(Person.email == email, Person.active)


def known_as(name: str) -> Select[int]:
    return select(Person.id).where(or_(Person.email == name.lower(), Person.name == name)).limit(2)


def reporting_to(manager_id: int) -> Select[Person]:
    """Who reports to somebody, by name; those who left too, for their leads have not left with them."""
    return select(Person).where(Person.manager_id == manager_id).order_by(Person.name, Person.id)


def reports_of(manager_ids: list[int]) -> Select[int]:
    return select(Person.id).where(Person.manager_id.in_(manager_ids)).order_by(Person.id)


def any_workspace() -> Select[int]:
    return select(Workspace.id).limit(1)
