"""Promises, running and kept; the steps made on their ladders."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, func, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.sla.rules import Rung
from bot.store import LOCKED, Base

STEPS_ONLY: dict[str, Any] = {
    "sqlite_where": text("next_step_at IS NOT NULL"),
    "postgresql_where": text("next_step_at IS NOT NULL"),
}


RUNNING_ONLY: dict[str, Any] = {
    "sqlite_where": text("outcome IS NULL"),
    "postgresql_where": text("outcome IS NULL"),
}
ALONE = (Rung.MOVE, Rung.RESUME)


class Obligation(Base):
    """One running SLA: who owes what, by when, and how it ended.

    The deadline is computed once and stands with the target, calendar and ladder it came from. `came_at` is when its
    subject came (a lead's arrival); `opened_at` when this owner's promise began. A promise that was paused or handed on
    runs since `running_since`, with `used_seconds` of its working time gone before. `group_key` joins what is done and
    reminded of together. What was measured is kept when it is done: `worked_seconds` of working time, `waited_seconds`
    by the wall clock since the subject came; of what moved on undone there is nothing. `late_owner_id` is whose it was
    when its deadline passed.
    """

    __tablename__ = "obligations"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "kind", "round"),
        Index("ix_obligations_open", "outcome", "deadline_at"),
        Index("ix_obligations_owner", "owner_id", "outcome", "deadline_at"),
        Index("ix_obligations_step", "next_step_at", **STEPS_ONLY),  # only what will have a step is in it
        Index("ix_obligations_deadline", "deadline_at"),
        Index("ix_obligations_settled", "settled_at", "team", "kind"),
        Index("ix_obligations_running", "kind", "opened_at", **RUNNING_ONLY),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    team: Mapped[str] = mapped_column(String(10))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    round: Mapped[int]
    hot: Mapped[bool]
    group_key: Mapped[str | None] = mapped_column(String(60))
    came_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    target_minutes: Mapped[int]
    calendar: Mapped[dict[str, Any]]
    ladder: Mapped[list[dict[str, Any]]]
    running_since: Mapped[datetime]
    used_seconds: Mapped[int]
    deadline_at: Mapped[datetime]
    next_rung: Mapped[str | None] = mapped_column(String(10))
    next_step_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(10))
    settled_at: Mapped[datetime | None]
    worked_seconds: Mapped[int | None]
    waited_seconds: Mapped[int | None]
    late_owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    paused_at: Mapped[datetime | None]
    resumes_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(String(300))
    paused_for_absence: Mapped[bool]
    later_until: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    helped_at: Mapped[datetime | None]


class LadderDone(Base):
    """A step of a ladder that was made, once however many workers tick; `rang` says whether it made a message."""

    __tablename__ = "ladder_steps"
    __table_args__ = (UniqueConstraint("obligation_id", "rung"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligations.id"))
    rung: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime]
    made_at: Mapped[datetime]
    rang: Mapped[bool]


def one(subject_kind: str, subject_id: int, kind: str, round_: int) -> Select[Obligation]:
    return select(Obligation).where(
        Obligation.subject_kind == subject_kind,
        Obligation.subject_id == subject_id,
        Obligation.kind == kind,
        Obligation.round == round_,
    )


def of_subject(subject_kind: str, subject_id: int) -> Select[Obligation]:
    of_it = (Obligation.subject_kind == subject_kind, Obligation.subject_id == subject_id)
    return select(Obligation).where(*of_it).order_by(Obligation.id)


def open_of_subject(subject_kind: str, subject_id: int) -> Select[Obligation]:
    return of_subject(subject_kind, subject_id).where(Obligation.outcome.is_(None))


def due_steps(now: datetime, limit: int) -> Select[Obligation]:
    """Promises whose next step is due, the longest due first; what another worker has in hand is left to it."""
    due = select(Obligation).where(Obligation.next_step_at <= now, Obligation.next_rung.not_in(ALONE))
    due = due.order_by(Obligation.next_step_at, Obligation.id).limit(limit)
    return due.with_for_update(skip_locked=True, **LOCKED)


def due_by(now: datetime) -> Select[Obligation]:
    return select(Obligation).where(Obligation.next_step_at <= now).order_by(Obligation.id)


def due_moves(now: datetime, limit: int) -> Select[Obligation]:
    """Promises that are due to move to somebody else, or to run on after a pause: both change their subject."""
    due = select(Obligation).where(Obligation.next_step_at <= now, Obligation.next_rung.in_(ALONE))
    return due.order_by(Obligation.next_step_at, Obligation.id).limit(limit)


def open_counts(person_ids: Sequence[int]) -> Select[int, int]:
    owed = (Obligation.owner_id.in_(person_ids), Obligation.outcome.is_(None))
    return select(Obligation.owner_id, func.count()).where(*owed).group_by(Obligation.owner_id)


def running(subject_kind: str, subject_ids: Collection[int], kind: str) -> Select[Obligation]:
    about = (Obligation.subject_kind == subject_kind, Obligation.subject_id.in_(subject_ids), Obligation.kind == kind)
    return select(Obligation).where(*about, Obligation.outcome.is_(None)).order_by(Obligation.id)


def reminded(subject_kind: str, subject_ids: Collection[int]) -> Select[int]:
    """Subjects of running promises that were silently reminded of."""
    about = (Obligation.subject_kind == subject_kind, Obligation.subject_id.in_(subject_ids))
    runs = (Obligation.outcome.is_(None), Obligation.paused_at.is_(None))
    done = select(Obligation.subject_id).join(LadderDone, LadderDone.obligation_id == Obligation.id)
    return done.where(*about, *runs, LadderDone.rung == Rung.REMIND)


def any_step_due(now: datetime) -> Select[int]:
    return select(Obligation.id).where(Obligation.next_step_at <= now).limit(1)


def open_of(owner_ids: Iterable[int]) -> Select[Obligation]:
    """What these people owe, by what is due first."""
    owed = (Obligation.owner_id.in_(list(owner_ids)), Obligation.outcome.is_(None))
    return select(Obligation).where(*owed).order_by(Obligation.deadline_at, Obligation.id)


def open_in_group(owner_id: int, kind: str, group_key: str) -> Select[Obligation]:
    return open_of([owner_id]).where(Obligation.kind == kind, Obligation.group_key == group_key)


def steps_done(obligation_id: int) -> Select[str]:
    return select(LadderDone.rung).where(LadderDone.obligation_id == obligation_id)


def rung_lately(owner_id: int, kind: str, group_key: str, rung: str, since: datetime) -> Select[int]:
    """Whether somebody was reminded of a group at this rung since an instant."""
    found = select(LadderDone.id).join(Obligation, Obligation.id == LadderDone.obligation_id)
    group = (Obligation.owner_id == owner_id, Obligation.kind == kind, Obligation.group_key == group_key)
    return found.where(*group, LadderDone.rung == rung, LadderDone.rang, LadderDone.made_at >= since).limit(1)


def counted_in(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    """What the scoreboard needs of every promise of a period: those due in it, and those ended in it before."""
    o = Obligation
    in_period = or_(
        (o.deadline_at >= since) & (o.deadline_at < until), (o.settled_at >= since) & (o.settled_at < until)
    )
    told = select(
        o.team,
        o.kind,
        o.owner_id,
        o.late_owner_id,
        o.outcome,
        o.deadline_at,
        o.settled_at,
        o.worked_seconds,
        o.paused_at,
    )
    return told.where(in_period)
