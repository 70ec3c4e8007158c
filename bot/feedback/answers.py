"""Answers that everybody can use: written by marketing, versioned, approved until a day, withdrawn and owed again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import sqrt
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.feedback import answer_tables as tables
from bot.feedback import likeness
from bot.feedback.answer_tables import AnswerCard, AnswerUse, AnswerVersion, AnswerWord
from bot.feedback.errors import NoSuchReport
from bot.feedback.service import REPORT, answers_for_all, answers_for_reports, hold, owe_answer
from bot.journal.service import SYSTEM, Actor, RulesInForce, record
from bot.outbox import service as outbox
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.rules import Kind
from bot.store import LOCKED, insert_if_new

CARD, FOUND = "answer_card", 5


class State(StrEnum):
    """Who may use an answer: nobody yet; colleagues, but not towards customers; everybody."""

    DRAFT = "draft"
    INTERNAL = "internal"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Written:
    """A version as its author wrote it; an approved one has a reference and a last day."""

    text: str
    state: State
    reference: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class AnswerView:
    """An answer as the library shows it, with how often it was used and how often that worked."""

    card_id: int
    version_id: int
    asks: str
    text: str
    state: State
    number: int
    owner: str
    approved_by: str | None
    reference: str | None
    valid_until: str | None
    used: int
    worked: int


def write(
    session: Session, report_id: int, written: Written, by: Person, rules: RulesInForce, actor: Actor, now: datetime
) -> AnswerVersion:
    """A new version of the answer to what a report says; it keeps the promise of one. Raises NoSuchReport."""
    found = hold(session, report_id)
    if not answers_for_reports(people.by_id(session, by.id)) or found.told_at is None:
        raise NoSuchReport
    root_id = found.first_id
    card = _card(session, root_id, found.said, found.kind, by, now)
    before = session.scalar(tables.newest([card.id], drafts=True))
    version = AnswerVersion(
        card_id=card.id,
        number=1 + (before.number if before else 0),
        text=written.text,
        state=written.state,
        by_id=by.id,
        at=now,
        approved_by_id=by.id if written.state == State.APPROVED else None,
        reference=written.reference,
        valid_until=written.valid_until.isoformat() if written.valid_until else None,
    )
    session.add(version)
    session.flush()
    same = rules.policy.field.same_words
    for word in likeness.words_of(f"{card.asks} {written.text}", same):
        insert_if_new(session, AnswerWord, card_id=card.id, word=word)
    if written.state != State.DRAFT:
        sla.settle_kind(session, REPORT, root_id, Kind.ANSWER_CARD, now)
    record(session, actor, "answer_written", (CARD, card.id), now, {"version": version.number, "state": written.state})
    outbox.touch(session, Subject(REPORT, root_id), now)
    return version


def _card(session: Session, root_id: int, asks: str, kind: str, by: Person, now: datetime) -> AnswerCard:
    known = session.scalar(tables.of_report(root_id))
    if known is not None:
        return session.get_one(AnswerCard, known.id, with_for_update=LOCKED)
    made = insert_if_new(session, AnswerCard, report_id=root_id, asks=asks, kind=kind, owner_id=by.id, created_at=now)
    return session.get_one(AnswerCard, made) if made else session.scalars(tables.of_report(root_id)).one()


def of_report(session: Session, report_id: int) -> AnswerView | None:
    """The answer to what a report says, whatever its state."""
    card = session.scalar(tables.of_report(report_id))
    found = _views(session, [card.id], drafts=True) if card else []
    return found[0] if found else None


def search(session: Session, text: str, reader: Person, rules: RulesInForce) -> list[AnswerView]:
    """Answers to something like `text` that the reader may see, by match and by how often they worked."""
    words = likeness.words_of(text, rules.policy.field.same_words)
    shared = dict(session.execute(tables.with_words(words, 50)).all()) if words else {}
    writes = answers_for_reports(people.by_id(session, reader.id))
    visible = [view for view in _views(session, shared) if view.state in tables.SHOWN]
    visible += [view for view in _views(session, shared, drafts=True) if writes and view.state == State.DRAFT]
    ranked = sorted(visible, key=lambda view: (-shared[view.card_id] * (0.5 + surely_works(view)), view.card_id))
    return ranked[:FOUND]


def surely_works(view: AnswerView) -> float:
    """The share that worked, as little as it may be in truth (Wilson's lower bound, 80 %): 9 of 14 before 1 of 1."""
    if not view.used:
        return 0.0
    z, share = 1.28, view.worked / view.used
    spread = z * sqrt((share * (1 - share) + z * z / (4 * view.used)) / view.used)
    return max(0.0, (share + z * z / (2 * view.used) - spread) / (1 + z * z / view.used))


def _views(session: Session, card_ids: Iterable[int], *, drafts: bool = False) -> list[AnswerView]:
    ids = list(card_ids)
    versions = session.scalars(tables.newest(ids, drafts=drafts)).all() if ids else []
    cards = {card_id: session.get_one(AnswerCard, card_id) for card_id in ids}
    known = {v.approved_by_id for v in versions if v.approved_by_id} | {card.owner_id for card in cards.values()}
    names = people.names(session, known)
    used = {card: (number, int(worked or 0)) for card, number, worked in session.execute(tables.uses(ids))}
    return [
        AnswerView(
            v.card_id,
            v.id,
            cards[v.card_id].asks,
            v.text,
            State(v.state),
            v.number,
            names[cards[v.card_id].owner_id],
            names.get(v.approved_by_id or 0),
            v.reference,
            v.valid_until,
            *used.get(v.card_id, (0, 0)),
        )
        for v in versions
    ]


def used(session: Session, version_id: int, by: Person, actor: Actor, now: datetime, *, worked: bool) -> AnswerView:
    """Somebody used it: how that went, once a day for each of them; of two taps the newer counts.

    Raises NoSuchReport for a version they may not see.
    """
    version = session.get(AnswerVersion, version_id)
    if version is None or version.state not in tables.SHOWN:
        raise NoSuchReport
    told = {"card_id": version.card_id, "version_id": version.id, "person_id": by.id, "worked": worked, "at": now}
    tap = f"{version.card_id}:{by.id}:{now.astimezone(ZoneInfo(by.zone)).date().isoformat()}"
    if insert_if_new(session, AnswerUse, tap=tap, **told) is None:
        today = session.scalars(tables.use_of(tap)).one()
        today.worked, today.version_id, today.at = worked, version.id, now
    else:
        record(session, actor, "answer_used", (CARD, version.card_id), now, {"version": version.id, "worked": worked})
    return _views(session, [version.card_id])[0]


def withdraw_expired(session: Session, rules: RulesInForce, now: datetime, limit: int = 50) -> int:
    """Answers whose last day is over are shown to nobody, and owed again; how many."""
    today = now.astimezone(ZoneInfo(rules.policy.zone)).date().isoformat()
    over = tables.expired(today, limit).with_for_update(skip_locked=True, **LOCKED)
    found = session.scalars(over).all()
    for version in found:
        version.state = State.WITHDRAWN
        card = session.get_one(AnswerCard, version.card_id)
        newest = session.scalars(tables.newest([card.id])).one()
        record(session, SYSTEM, "answer_expired", (CARD, card.id), now, {"version": version.number})
        if newest.id == version.id and card.report_id is not None:
            owner = people.by_id(session, card.owner_id)
            successor = owner if owner.active else answers_for_all(session, rules.policy)
            owe_answer(session, hold(session, card.report_id), successor or owner, rules, now)
    return len(found)


def any_expired(session: Session, rules: RulesInForce, now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(rules.policy.zone)).date().isoformat()
    return session.scalar(tables.expired(today, 1).with_only_columns(AnswerVersion.id)) is not None
