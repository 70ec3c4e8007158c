"""The journal's tables. Rows are written once and never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from bot.store import Base


class PolicyVersion(Base):
    """The rules as they stood from `in_force_from` on; the newest one is in force."""

    __tablename__ = "policy_versions"
    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), index=True)
    canonical: Mapped[str]
    in_force_from: Mapped[datetime] = mapped_column(index=True)


class JournalEntry(Base):
    """One thing that happened: codes and ids only, never personal text."""

    __tablename__ = "journal_entries"
    __table_args__ = (
        Index("ix_journal_entries_subject", "subject_kind", "subject_id", "id"),
        Index("ix_journal_entries_verb", "verb", "occurred_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None]
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    verb: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(String(64))


class Judgement(Base):
    """A decision of the rules, with the inputs they saw: it can be made again from this row alone."""

    __tablename__ = "judgements"
    __table_args__ = (Index("ix_judgements_subject", "subject_kind", "subject_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_versions.id"))
    inputs: Mapped[dict[str, Any]]
    outcome: Mapped[dict[str, Any]]


class SeenRequest(Base):
    """A request that had its effect: Slack may deliver it again, and a person may tap twice."""

    __tablename__ = "seen_requests"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    at: Mapped[datetime] = mapped_column(index=True)


def newest_policy() -> Select[PolicyVersion]:
    return select(PolicyVersion).order_by(PolicyVersion.in_force_from.desc(), PolicyVersion.id.desc()).limit(1)


def first_policy() -> Select[datetime]:
    return select(PolicyVersion.in_force_from).order_by(PolicyVersion.in_force_from, PolicyVersion.id).limit(1)


def entries_of(subject_kind: str, subject_id: int) -> Select[JournalEntry]:
    of_it = (JournalEntry.subject_kind == subject_kind, JournalEntry.subject_id == subject_id)
    return select(JournalEntry).where(*of_it).order_by(JournalEntry.id)
