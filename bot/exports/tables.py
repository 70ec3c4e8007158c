"""Exports that were asked for, what became of their files, and those that come by themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store import Base

WAITING_ONLY: dict[str, Any] = {
    "sqlite_where": text("due_at IS NOT NULL"),
    "postgresql_where": text("due_at IS NOT NULL"),
}


class ExportOrder(Base):
    """A workbook for one person, from being asked for until its file has left Slack.

    `due_at` is when something is to be done about it: made and sent, or, once sent, removed. `file_id` is Slack's, kept
    before the file is shared, so that it is shared once.
    """

    __tablename__ = "export_orders"
    __table_args__ = (Index("ix_export_orders_due", "due_at", **WAITING_ONLY),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    what: Mapped[str] = mapped_column(String(20))
    first_day: Mapped[str] = mapped_column(String(10))
    last_day: Mapped[str] = mapped_column(String(10))
    form: Mapped[str] = mapped_column(String(4))
    filters: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]
    rows: Mapped[int | None]
    file_id: Mapped[str | None] = mapped_column(String(20))
    problem: Mapped[str | None] = mapped_column(String(200))


class ExportSchedule(Base):
    """An export that comes by itself, each Monday or each first of the month, in its reader's morning."""

    __tablename__ = "export_schedules"
    __table_args__ = (Index("ix_export_schedules_next", "next_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    what: Mapped[str] = mapped_column(String(20))
    every: Mapped[str] = mapped_column(String(6))
    form: Mapped[str] = mapped_column(String(4))
    filters: Mapped[dict[str, Any]]
    next_at: Mapped[datetime]
