"""The library of answers that work: cards with versions, and how using them went."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, String, Text, UniqueConstraint, case, func, select
from sqlalchemy.orm import Mapped, mapped_column

from bot.store import Base

SHOWN = ("internal", "approved")


class AnswerCard(Base):
    """An answer to what many say; `report_id` is the pattern it answers. Its text is its newest version's."""

    __tablename__ = "answer_cards"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("field_reports.id"), unique=True)
    asks: Mapped[str] = mapped_column(Text)  # what is said, as the library shows it
    kind: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]


class AnswerVersion(Base):
    """One version; approved ones name who approved them, on what ground, and until when they hold."""

    __tablename__ = "answer_versions"
    __table_args__ = (
        UniqueConstraint("card_id", "number"),
        Index("ix_answer_versions_state", "state", "valid_until"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("answer_cards.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reference: Mapped[str | None] = mapped_column(String(300))
    valid_until: Mapped[str | None] = mapped_column(String(10))  # the last day it holds


class AnswerUse(Base):
    """Somebody used an answer, and how that went; one a day for each of them, by `tap`."""

    __tablename__ = "answer_uses"
    __table_args__ = (Index("ix_answer_uses_card", "card_id"), Index("ix_answer_uses_at", "at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("answer_cards.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("answer_versions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    worked: Mapped[bool]
    at: Mapped[datetime]
    tap: Mapped[str] = mapped_column(String(80), unique=True)


class AnswerWord(Base):
    """A word of what an answer is to, or of the answer: by these it is found."""

    __tablename__ = "answer_words"
    __table_args__ = (UniqueConstraint("card_id", "word"), Index("ix_answer_words_word", "word", "card_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("answer_cards.id"))
    word: Mapped[str] = mapped_column(String(40))


def of_report(report_id: int) -> Select[AnswerCard]:
    return select(AnswerCard).where(AnswerCard.report_id == report_id)


def newest(card_ids: Collection[int], *, drafts: bool = False) -> Select[AnswerVersion]:
    """The newest version of each card that is no draft; or, with `drafts`, the newest whatever it is."""
    last = select(AnswerVersion.card_id, func.max(AnswerVersion.number).label("number"))
    if not drafts:
        last = last.where(AnswerVersion.state != "draft")
    last_ = last.where(AnswerVersion.card_id.in_(card_ids)).group_by(AnswerVersion.card_id).subquery()
    same = (AnswerVersion.card_id == last_.c.card_id) & (AnswerVersion.number == last_.c.number)
    return select(AnswerVersion).join(last_, same)


def expired(today: str, limit: int) -> Select[AnswerVersion]:
    """Answers whose last day is over, for customers or for colleagues."""
    over = (AnswerVersion.state.in_(SHOWN), AnswerVersion.valid_until < today)
    return select(AnswerVersion).where(*over).order_by(AnswerVersion.id).limit(limit)


def with_words(words: Collection[str], limit: int) -> Select[int, int]:
    """Cards that share words, those with the most first."""
    shared = func.count()
    found = select(AnswerWord.card_id, shared).where(AnswerWord.word.in_(words)).group_by(AnswerWord.card_id)
    return found.order_by(shared.desc(), AnswerWord.card_id).limit(limit)


def use_of(tap: str) -> Select[AnswerUse]:
    return select(AnswerUse).where(AnswerUse.tap == tap)


def uses(card_ids: Collection[int]) -> Select[int, int, int]:
    """How often each was used, and how often that worked."""
    worked = func.sum(case((AnswerUse.worked, 1), else_=0))
    found = select(AnswerUse.card_id, func.count(), worked).where(AnswerUse.card_id.in_(card_ids))
    return found.group_by(AnswerUse.card_id)
