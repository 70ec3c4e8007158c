"""Promises, running and kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from bot.store import Base


class Obligation(Base):
    """One running SLA. The deadline is computed once and stands with the target and calendar it came from."""

    __tablename__ = "obligations"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "kind", "round"),
        Index("ix_obligations_open", "outcome", "deadline_at"),
        Index("ix_obligations_owner", "owner_id", "outcome"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    round: Mapped[int]
    opened_at: Mapped[datetime]
    target_minutes: Mapped[int]
    calendar: Mapped[dict[str, Any]]
    deadline_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(10))
    settled_at: Mapped[datetime | None]


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
