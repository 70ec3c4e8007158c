"""Who opened their home tab when, and which page of each part they turned to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from bot.store import Base


class HomeVisit(Base):
    __tablename__ = "home_visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    opened_at: Mapped[datetime]
    pages: Mapped[dict[str, Any]]


def visit_of(person_id: int) -> Select[HomeVisit]:
    return select(HomeVisit).where(HomeVisit.person_id == person_id)
