"""What the field reported, what was done with it, the answers that work, and what had to go to quality instead."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    case,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.feedback.rules import CLOSED, OPEN, State
from bot.store import Base

UNTOLD: dict[str, Any] = {"sqlite_where": text("told_at IS NULL"), "postgresql_where": text("told_at IS NULL")}


class FieldReport(Base):
    """One report of one person, in their words.

    `form` says by which of the two forms; `kind` is a kind of feedback or a category of objection, as the policy names
    them. Nobody but the reporter knows of it before `told_at`, which comes when its undo is over at `settles_at`.
    `root_id` is the report that says the same, was first and is open: this one goes along with it. `echo_of_id` is one
    that says the same and was closed by then: this one is answered for itself, and counts with it. `pattern_at` is when
    enough people had said it.
    `view_key` is the modal, or message, it came from: one record for each, however often Slack delivers it.
    """

    __tablename__ = "field_reports"
    __table_args__ = (
        Index("ix_field_reports_untold", "settles_at", **UNTOLD),
        Index("ix_field_reports_reporter", "reporter_id", "created_at"),
        Index("ix_field_reports_owner", "owner_id", "state"),
        Index("ix_field_reports_created", "created_at"),
        Index("ix_field_reports_kind", "kind", "created_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(40))
    said: Mapped[str] = mapped_column(Text)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    settles_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    view_key: Mapped[str] = mapped_column(String(80), unique=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    account_said: Mapped[str | None] = mapped_column(String(120))
    stage: Mapped[str | None] = mapped_column(String(12))
    product: Mapped[str | None] = mapped_column(String(40))
    competitor: Mapped[str | None] = mapped_column(String(80))
    importance: Mapped[str] = mapped_column(String(12))
    sureness: Mapped[str] = mapped_column(String(12))
    answer_given: Mapped[str | None] = mapped_column(Text)
    went: Mapped[str | None] = mapped_column(String(10))
    link: Mapped[str | None] = mapped_column(String(300))
    author: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    root_id: Mapped[int | None] = mapped_column(ForeignKey("field_reports.id"), index=True)
    echo_of_id: Mapped[int | None] = mapped_column(ForeignKey("field_reports.id"), index=True)
    pattern_at: Mapped[datetime | None] = mapped_column(index=True)
    planned_on: Mapped[str | None] = mapped_column(String(10))  # a day, as the owner named it
    closed_at: Mapped[datetime | None]

    @property
    def first_id(self) -> int:
        """The first report that says the same, which all are counted with."""
        return self.echo_of_id or self.root_id or self.id

    @property
    def where(self) -> str | None:
        """Where it was heard, so that two reports of one place are told to be so; None where nobody said."""
        if self.account_id is not None:
            return f"#{self.account_id}"
        return " ".join(self.account_said.casefold().split()) if self.account_said else None


class FieldWord(Base):
    """A word of a report, without accents and endings: by these similar reports are found."""

    __tablename__ = "field_words"
    __table_args__ = (UniqueConstraint("report_id", "word"), Index("ix_field_words_word", "word", "report_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("field_reports.id"))
    word: Mapped[str] = mapped_column(String(40))


class FieldStep(Base):
    """What was done with a report, by whom, and what they said."""

    __tablename__ = "field_steps"
    __table_args__ = (Index("ix_field_steps_report", "report_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("field_reports.id"))
    step: Mapped[str] = mapped_column(String(12))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    sentence: Mapped[str | None] = mapped_column(Text)
    on_day: Mapped[str | None] = mapped_column(String(10))
    to_id: Mapped[int | None]
    thread_ts: Mapped[str | None] = mapped_column(String(20))  # of the thread it was written in


class DutyReport(Base):
    """A text that may be for quality or medical affairs: passed on only when its contact said *Received*.

    `view_key` is the form it was typed into; `settled` says whether it was passed on or found to be none.
    """

    __tablename__ = "duty_reports"
    __table_args__ = (Index("ix_duty_reports_open", "received_at", "created_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    sign: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(200))
    said: Mapped[str] = mapped_column(Text)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    view_key: Mapped[str] = mapped_column(String(80), unique=True)
    created_at: Mapped[datetime]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    received_at: Mapped[datetime | None]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class FormChecked(Base):
    """A form whose text showed a sign, and what its writer said of it; asked once for each text of each form."""

    __tablename__ = "forms_checked"
    __table_args__ = (UniqueConstraint("view_key", "text_hash"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    view_key: Mapped[str] = mapped_column(String(80))
    text_hash: Mapped[str] = mapped_column(String(64))
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duty_reports.id"))  # none: it is no such report
    at: Mapped[datetime] = mapped_column(index=True)


def of_view(view_key: str) -> Select[FieldReport]:
    return select(FieldReport).where(FieldReport.view_key == view_key)


def untold(now: datetime, limit: int) -> Select[FieldReport]:
    """Reports that cannot be undone any more, and that nobody was told of."""
    due = select(FieldReport).where(FieldReport.told_at.is_(None), FieldReport.settles_at <= now)
    return due.order_by(FieldReport.settles_at, FieldReport.id).limit(limit)


def inbox(owner_ids: Sequence[int], limit: int, skip: int = 0) -> Select[FieldReport]:
    """What waits for these people, the oldest first: not what goes along with another report."""
    mine = (FieldReport.owner_id.in_(owner_ids), FieldReport.state.in_(OPEN), FieldReport.told_at.is_not(None))
    return select(FieldReport).where(*mine).order_by(FieldReport.created_at, FieldReport.id).limit(limit).offset(skip)


def before_in_inbox(owner_ids: Sequence[int], report: FieldReport) -> Select[int]:
    """How many of what waits for these people stand before a report."""
    r = FieldReport
    earlier = or_(r.created_at < report.created_at, and_(r.created_at == report.created_at, r.id < report.id))
    return in_inbox(owner_ids).where(earlier)


def in_inbox(owner_ids: Sequence[int]) -> Select[int]:
    mine = (FieldReport.owner_id.in_(owner_ids), FieldReport.state.in_(OPEN), FieldReport.told_at.is_not(None))
    return select(func.count()).where(*mine)


def saying_the_same(root_ids: Collection[int]) -> Select[FieldReport]:
    """Reports and those that go along with them, none that was taken back."""
    same = or_(FieldReport.id.in_(root_ids), FieldReport.root_id.in_(root_ids))
    return select(FieldReport).where(same, FieldReport.state != State.UNDONE).order_by(FieldReport.id)


def heard_with(first_ids: Collection[int]) -> Select[FieldReport]:
    """Everything that counts with these reports, which are first themselves; nothing that was taken back."""
    r = FieldReport
    same = or_(r.id.in_(first_ids), r.root_id.in_(first_ids), r.echo_of_id.in_(first_ids))
    return select(r).where(same, r.state != State.UNDONE).order_by(r.id)


def newest_open(form: str, limit: int) -> Select[int]:
    """Open reports, the newest first."""
    mine = (FieldReport.form == form, FieldReport.state.in_(OPEN), FieldReport.root_id.is_(None))
    return select(FieldReport.id).where(*mine).order_by(FieldReport.created_at.desc()).limit(limit)


def these(ids: Collection[int]) -> Select[FieldReport]:
    return select(FieldReport).where(FieldReport.id.in_(ids))


def of_reporter(person_id: int, limit: int, skip: int = 0) -> Select[FieldReport]:
    mine = (FieldReport.reporter_id == person_id, FieldReport.state != State.UNDONE)
    found = select(FieldReport).where(*mine).order_by(FieldReport.created_at.desc(), FieldReport.id.desc())
    return found.limit(limit).offset(skip)


def how_many_of_reporter(person_id: int) -> Select[int]:
    return select(func.count()).where(FieldReport.reporter_id == person_id, FieldReport.state != State.UNDONE)


def answered(owner_ids: Sequence[int], thanks_only: Sequence[str], since: datetime) -> tuple[ColumnElement[bool], ...]:
    """What these people answered since then and did not say is done; not what they only said thanks for."""
    r = FieldReport
    return r.owner_id.in_(owner_ids), r.state == State.ANSWERED, r.closed_at >= since, r.kind.not_in(thanks_only)


def steps_of(report_ids: Collection[int]) -> Select[FieldStep]:
    return select(FieldStep).where(FieldStep.report_id.in_(report_ids)).order_by(FieldStep.id)


def how_common(words: Collection[str]) -> Select[str, int]:
    """How many reports have each of these words."""
    found = select(FieldWord.word, func.count()).where(FieldWord.word.in_(words))
    return found.group_by(FieldWord.word)


def with_words(
    weights: dict[str, float], form: str, closed_since: datetime | None, limit: int, *, patterns: bool = False
) -> Select[int]:
    """Reports that share words, those with the rarest and most of them first: told ones, open or closed since then.

    What only counts with another one is left out: that one stands for it. Of those that share as much the open ones
    come first; with `patterns` what many said comes before everything, however long ago it was closed.
    """
    weight = func.sum(case(weights, value=FieldWord.word, else_=0.0))
    found = select(FieldWord.report_id).join(FieldReport, FieldReport.id == FieldWord.report_id)
    r = FieldReport
    alive: ColumnElement[bool] = r.state.in_(OPEN)
    if closed_since is not None:
        lately = r.closed_at > closed_since
        known_still = or_(lately, r.pattern_at.is_not(None)) if patterns else lately
        alive = or_(alive, and_(r.state.in_(CLOSED), known_still, r.echo_of_id.is_(None)))
    known = (r.form == form, alive, r.root_id.is_(None), r.told_at.is_not(None))
    found = found.where(FieldWord.word.in_(weights), *known)
    found = found.group_by(FieldWord.report_id, r.state, r.pattern_at)
    first = [case((r.pattern_at.is_(None), 1), else_=0)] if patterns else []
    opens = case((r.state.in_(OPEN), 0), else_=1)
    return found.order_by(*first, weight.desc(), opens, FieldWord.report_id.desc()).limit(limit)
