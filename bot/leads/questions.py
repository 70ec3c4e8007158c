"""One question to marketing about a lead, and the answer back to the card of the one who asked."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce, record
from bot.leads import steps, tables
from bot.leads.errors import AnsweredBefore, LeadsError, NobodyToAsk, StillAsked
from bot.leads.offers import card_key, hold_lead
from bot.leads.rules import Answer
from bot.leads.tables import Lead, LeadQuestion, Offer
from bot.outbox import service as outbox
from bot.outbox.rules import Kind, Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person

QUESTION, ANSWERED = "lead_question", "lead_answered"
OPEN_ANSWERS = (Answer.PENDING, Answer.ACCEPTED)


class NotAsked(LeadsError):
    """The question is somebody else's to answer."""


def ask(
    session: Session, offer_id: int, text: str, by: Person, rules: RulesInForce, actor: Actor, now: datetime
) -> LeadQuestion:
    """Ask the one in marketing who answers for this lead. Raises StillAsked, NobodyToAsk or another LeadsError."""
    held = steps.take_in_hand(session, offer_id, by)
    if held.made.answer not in OPEN_ANSWERS:
        raise steps.too_late(session, held)
    earlier = session.scalar(tables.newest_question(held.lead.id))
    if earlier and earlier.answer is None:
        raise StillAsked(people.names(session, [earlier.asked_of_id])[earlier.asked_of_id])
    owner = _who_answers(session, held.lead, rules, now)
    asked = LeadQuestion(
        lead_id=held.lead.id,
        offer_id=held.made.id,
        asked_by_id=by.id,
        asked_of_id=owner.id,
        asked_at=now,
        question=text,
    )
    session.add(asked)
    session.flush()
    told = {"question": asked.id, "person": owner.id}
    record(session, actor, "asked", ("lead", held.lead.id), now, told)
    not_before = people.next_at_work(owner, rules.policy, now)
    subject, key = Subject("question", asked.id), f"question:{asked.id}"
    outbox.enqueue(session, Draft(outbox.person(owner.id), QUESTION, subject, key, not_before=not_before), now)
    outbox.touch(session, Subject("offer", held.made.id), now, Priority.ANSWER_TO_A_TAP)
    return asked


def answer(session: Session, question_id: int, text: str, by: Person, actor: Actor, now: datetime) -> LeadQuestion:
    """Bring the answer back: the card shows it, and a message tells who asked. Raises AnsweredBefore or NotAsked."""
    asked = session.get_one(LeadQuestion, question_id)
    hold_lead(session, session.get_one(Lead, asked.lead_id))
    session.refresh(asked)
    check_answerable(session, question_id, by)
    asked.answer, asked.answered_by_id, asked.answered_at = text, by.id, now
    record(session, actor, "answered", ("lead", asked.lead_id), now, {"question": asked.id})
    _bring_back(session, asked, now)
    outbox.touch(session, Subject("question", asked.id), now, Priority.ANSWER_TO_A_TAP)
    outbox.touch(session, Subject("offer", asked.offer_id), now)
    return asked


def check_answerable(session: Session, question_id: int, by: Person) -> LeadQuestion:
    """The question, if this person may answer it: who was asked, or their manager. Raises AnsweredBefore, NotAsked."""
    asked = session.get(LeadQuestion, question_id)
    if asked is None or (by.id != asked.asked_of_id and not people.manages(session, by.id, asked.asked_of_id)):
        raise NotAsked
    if asked.answer is not None:
        answered_by = asked.answered_by_id or asked.asked_of_id
        raise AnsweredBefore(people.names(session, [answered_by])[answered_by])
    return asked


def _who_answers(session: Session, lead: Lead, rules: RulesInForce, now: datetime) -> Person:
    """The owner in marketing; while they are away their backup, else the fallback."""
    owner = people.marketing_owner(session, rules.policy, lead.source, lead.campaign)
    if owner is None:
        raise NobodyToAsk
    absence = people.absence_at(owner, now)
    if absence is None:
        return owner
    fallback = people.by_email(session, rules.policy.marketing.fallback_owner)
    backup = people.by_id(session, absence.backup_id) if absence.backup_id else fallback
    return backup if backup and backup.active and not people.absence_at(backup, now) else owner


def _bring_back(session: Session, asked: LeadQuestion, now: datetime) -> None:
    """A letter in the thread of the card, where there is one: so that a phone shows it."""
    asker = people.by_id(session, asked.asked_by_id)
    made = session.get_one(Offer, asked.offer_id)
    parent_id = outbox.standing(session, card_key(made.lead_id, made.round)) if made.person_id == asker.id else None
    draft = Draft(
        outbox.person(asker.id),
        ANSWERED,
        Subject("question", asked.id),
        f"answered:{asked.id}",
        Kind.LETTER,
        {"question": asked.id},
        parent_id=parent_id,
    )
    outbox.enqueue(session, draft, now)
