"""One question to marketing about a lead, and the answer back to the card of the one who asked."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce, record
from bot.leads import offers, steps, tables, texts
from bot.leads.errors import AnsweredBefore, LeadsError, NobodyToAsk, StillAsked
from bot.leads.offers import card_key, hold_lead, touch_card
from bot.leads.rules import Answer
from bot.leads.tables import Lead, LeadQuestion, Offer
from bot.outbox import calm, notes
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
    if earlier and earlier.answer is None and people.by_id(session, earlier.asked_of_id).active:
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
    _bring(session, asked, owner, rules, now)
    touch_card(session, held.made, now, Priority.ANSWER_TO_A_TAP)
    return asked


def answer(session: Session, question_id: int, text: str, by: Person, actor: Actor, now: datetime) -> LeadQuestion:
    """Bring the answer back: the card shows it, and a message tells who asked. Raises AnsweredBefore or NotAsked."""
    asked = session.get_one(LeadQuestion, question_id)
    hold_lead(session, session.get_one(Lead, asked.lead_id))
    session.refresh(asked)
    check_answerable(session, question_id, by)
    asked.answer, asked.answered_by_id, asked.answered_at = text, by.id, now
    calm.acted(session, outbox.person(by.id), f"question:{asked.id}", now)
    record(session, actor, "answered", ("lead", asked.lead_id), now, {"question": asked.id})
    _bring_back(session, asked, now)
    outbox.touch(session, Subject("question", asked.id), now, Priority.ANSWER_TO_A_TAP)
    lead = session.get_one(Lead, asked.lead_id)
    for offer_id in {asked.offer_id, offers.at_hand(session, lead).id}:
        touch_card(session, session.get_one(Offer, offer_id), now)
    return asked


def ask_somebody_else(session: Session, question_id: int, rules: RulesInForce, now: datetime) -> None:
    """Who was asked cannot be reached: the fallback in marketing is; without one, the asker is told."""
    asked = session.get_one(LeadQuestion, question_id)
    fallback = people.by_email(session, rules.policy.marketing.fallback_owner)
    if fallback and fallback.id != asked.asked_of_id:
        asked.asked_of_id = fallback.id
        _bring(session, asked, fallback, rules, now)
        touch_card(session, session.get_one(Offer, asked.offer_id), now)
        return
    name = people.names(session, [asked.asked_of_id])[asked.asked_of_id]
    target, key = outbox.person(asked.asked_by_id), f"unasked:{asked.id}"
    notes.tell(session, target, texts.cannot_be_asked(name), key, now, now)


def _bring(session: Session, asked: LeadQuestion, to: Person, rules: RulesInForce, now: datetime) -> None:
    not_before = people.next_at_work(to, rules.policy, now)
    subject, key = Subject("question", asked.id), f"question:{asked.id}:{to.id}"
    told = f"question:{asked.id}"
    draft = Draft(outbox.person(to.id), QUESTION, subject, key, not_before=not_before, about=told)
    outbox.enqueue(session, draft, now)


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
    made = offers.at_hand(session, session.get_one(Lead, asked.lead_id))
    asked_on = session.get_one(Offer, asked.offer_id)
    # Whoever has the lead by now needs the answer; who asked, as long as nobody else has it.
    to_id = asked.asked_by_id if made.person_id == asked_on.person_id else made.person_id
    of_card = outbox.standing(session, card_key(made.lead_id, made.round))
    parent_id = of_card if made.person_id == to_id else None
    draft = Draft(
        outbox.person(to_id),
        ANSWERED,
        Subject("question", asked.id),
        f"answered:{asked.id}",
        Kind.LETTER,
        {"question": asked.id},
        parent_id=parent_id,
    )
    outbox.enqueue(session, draft, now)
