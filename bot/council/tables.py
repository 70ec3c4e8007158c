"""Digests, their pictures, the agenda, and what was decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, Text, UniqueConstraint, func, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store import Base

OPEN_ONLY: dict[str, Any] = {"sqlite_where": text("done_at IS NULL"), "postgresql_where": text("done_at IS NULL")}


class CouncilDigest(Base):
    """The digest of one week: there is one, whatever happens to workers and clocks.

    `facts` are as they were counted last, at `counted_at`; `corrections` say what changed since they were first told.
    `workbook_id` is Slack's name of the workbook's file, kept before it is shared; `shared_at` is when it was.
    `tried_at` and `tries` hold the workbook while somebody makes it; `replaced_id` is one before a correction, which
    leaves Slack when the new one stands there.
    """

    __tablename__ = "council_digests"
    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(String(8), unique=True)
    slot_at: Mapped[datetime] = mapped_column(index=True)
    made_at: Mapped[datetime]
    counted_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
    corrections: Mapped[list[dict[str, Any]]]
    message_id: Mapped[int | None]
    workbook_id: Mapped[str | None] = mapped_column(String(20))
    replaced_id: Mapped[str | None] = mapped_column(String(20))
    shared_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    tries: Mapped[int]


class Picture(Base):
    """A picture that stands in Slack, known by `name`; `drawn_from` is the hash of what it shows.

    A file that was replaced is taken out of Slack: `replaced_id`.
    """

    __tablename__ = "council_pictures"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    alt: Mapped[str] = mapped_column(Text)
    drawn_from: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[str] = mapped_column(String(20))
    replaced_id: Mapped[str | None] = mapped_column(String(20))
    drawn_at: Mapped[datetime]


class Decision(Base):
    """What was decided, who does it by when, and by which figure one will see that it worked.

    `then_value` is the measure before it was decided, of `then_of` cases; `later_value` the same of as many days before
    the end of its date (`rules.measured_over`). `view_key` is the form it came from: one decision for each.
    """

    __tablename__ = "council_decisions"
    __table_args__ = (Index("ix_council_decisions_open", "due_on", **OPEN_ONLY),)
    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[str] = mapped_column(String(10))  # a day, of the company
    measure: Mapped[str | None] = mapped_column(String(30))
    about: Mapped[str | None] = mapped_column(String(120))
    target: Mapped[float | None]
    then_value: Mapped[float | None]
    then_of: Mapped[int | None]
    later_value: Mapped[float | None]
    later_of: Mapped[int | None]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    dropped: Mapped[bool]
    view_key: Mapped[str] = mapped_column(String(80), unique=True)


class AgendaItem(Base):
    """What somebody wants the council to talk about, in their words; `week` is whose digest brings it."""

    __tablename__ = "council_agenda"
    __table_args__ = (Index("ix_council_agenda_week", "week"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(String(8))
    said: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    link: Mapped[str | None] = mapped_column(String(300))
    view_key: Mapped[str] = mapped_column(String(80), unique=True)
    dropped_at: Mapped[datetime | None]


class CouncilAsked(Base):
    """Who was asked for agenda items of which week's digest: each member once."""

    __tablename__ = "council_asked"
    __table_args__ = (UniqueConstraint("week", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


class SponsorLetter(Base):
    """The letter of a month to the executive sponsor: there is one."""

    __tablename__ = "council_letters"
    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), unique=True)
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]


def of_week(week: str) -> Select[CouncilDigest]:
    return select(CouncilDigest).where(CouncilDigest.week == week)


def digests_before(week: str, number: int) -> Select[CouncilDigest]:
    return select(CouncilDigest).where(CouncilDigest.week < week).order_by(CouncilDigest.week.desc()).limit(number)


def newest_digest() -> Select[CouncilDigest]:
    return select(CouncilDigest).order_by(CouncilDigest.slot_at.desc()).limit(1)


def picture(name: str) -> Select[Picture]:
    return select(Picture).where(Picture.name == name)


def pictures(names: Sequence[str]) -> Select[Picture]:
    return select(Picture).where(Picture.name.in_(names))


def replaced() -> Select[Picture]:
    return select(Picture).where(Picture.replaced_id.is_not(None)).order_by(Picture.id)


def open_decisions() -> Select[Decision]:
    return select(Decision).where(Decision.done_at.is_(None)).order_by(Decision.due_on, Decision.id)


def decisions_to_tell(since: datetime, until: datetime | None) -> Select[Decision]:
    """What is open, what was done since an instant, and what was to be done then; decided before another, if given."""
    then = or_(Decision.done_at.is_(None), Decision.done_at >= since, Decision.due_on >= since.date().isoformat())
    kept = or_(Decision.dropped.is_(False), Decision.done_at >= until) if until else Decision.dropped.is_(False)
    found = select(Decision).where(then, kept).order_by(Decision.due_on, Decision.id)
    return found.where(Decision.decided_at < until) if until else found


def unmeasured(today: str) -> Select[Decision]:
    """Decisions whose day is over and whose figure was not taken again yet."""
    due = (Decision.due_on < today, Decision.measure.is_not(None), Decision.later_of.is_(None))
    return select(Decision).where(*due, Decision.dropped.is_(False)).order_by(Decision.id)


def agenda(week: str) -> Select[AgendaItem]:
    """What is to be talked about with the digest of a week: also what was put down for weeks that were never told."""
    told = select(func.max(CouncilDigest.week)).where(CouncilDigest.week < week).scalar_subquery()
    wanted = (AgendaItem.week <= week, AgendaItem.week > func.coalesce(told, ""), AgendaItem.dropped_at.is_(None))
    return select(AgendaItem).where(*wanted).order_by(AgendaItem.id)


def letter_of(month: str) -> Select[SponsorLetter]:
    return select(SponsorLetter).where(SponsorLetter.month == month)


def was_asked(week: str) -> Select[int]:
    return select(CouncilAsked.person_id).where(CouncilAsked.week == week)
