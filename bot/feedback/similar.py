"""Find what was said before: few candidates by the database, compared by their words."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.feedback import likeness, tables
from bot.feedback.rules import OPEN, Form, Heard, Support, support
from bot.feedback.tables import FieldReport, FieldWord
from config.policy import Policy

CANDIDATES, SHOWN = 150, 3
ALIKE_FROM = 30.0  # of 100; below it, two reports have words in common and no more


@dataclass(frozen=True)
class Similar:
    """An earlier report that may say the same, how alike it is (to 100), and how many heard it."""

    id: int
    said: str
    likeness: float
    support: Support


@dataclass(frozen=True)
class Ranked:
    id: int
    likeness: float


def find(session: Session, text: str, form: Form, policy: Policy) -> list[Similar]:
    """Open reports that may say the same as `text`, the likeliest first, at most three."""
    ranked = [one for one in rank(session, text, form, policy) if one.likeness >= ALIKE_FROM]
    reports = {one.id: one for one in session.scalars(tables.these([r.id for r in ranked]))}
    open_ = [r for r in ranked if reports[r.id].state in OPEN and reports[r.id].told_at is not None][:SHOWN]
    return [
        Similar(
            r.id,
            reports[r.id].said,
            r.likeness,
            support(heard_of(session, r.id)),
        )
        for r in open_
    ]


def rank(session: Session, text: str, form: Form, policy: Policy) -> list[Ranked]:
    """Reports that share words, with how alike they are; the work grows with the candidates, not with what exists."""
    mine = likeness.words_of(text, policy.field.same_words)
    if not mine:
        return []
    total = session.scalar(select(func.count()).select_from(FieldReport)) or 1
    common = dict(session.execute(tables.how_common(mine)).all())
    weights = likeness.rarity(mine, common, total)
    ids = list(session.scalars(tables.with_words(weights, form, CANDIDATES)))
    words: dict[int, set[str]] = {}
    for report_id, word in session.execute(
        select(FieldWord.report_id, FieldWord.word).where(FieldWord.report_id.in_(ids))
    ):
        words.setdefault(report_id, set()).add(word)
    found = [Ranked(report_id, likeness.likeness(mine, words[report_id], weights)) for report_id in ids]
    return sorted(found, key=lambda one: (-one.likeness, one.id))


def heard_of(session: Session, root_id: int) -> list[Heard]:
    """Everybody who said the same, as told so far."""
    return heard_of_all(session, [root_id]).get(root_id, [])


def heard_of_all(session: Session, root_ids: Collection[int]) -> dict[int, list[Heard]]:
    """The same for several, in one query."""
    found: dict[int, list[Heard]] = {}
    for one in session.scalars(tables.saying_the_same(root_ids)):
        if one.told_at:
            heard = Heard(one.reporter_id, one.account_id, one.importance, one.created_at)
            found.setdefault(one.root_id or one.id, []).append(heard)
    return found
