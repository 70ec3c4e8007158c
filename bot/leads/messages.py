"""The templates that leads hand to the outbox: how each is rendered, while it is true, and what follows if it dies."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.journal.service import rules_in_force
from bot.leads import announcements, answers, blocks, offers, service, views
from bot.leads.rules import Answer
from bot.leads.tables import Lead, Offer
from bot.leads.views import Reader
from bot.outbox.templates import Rendered, RenderRequest, Template
from bot.people import service as people


def templates() -> list[Template]:
    return [
        Template(offers.CARD, _card, _card_still_true, _card_is_dead, _when_at_work),
        Template(announcements.LINE, _line),
        Template(announcements.DAY_LINE, _day_line),
        Template(answers.DATA_NEEDED, _data_needed, _data_still_needed, may_ring_at=_when_decided),
    ]


def _card(session: Session, request: RenderRequest) -> Rendered:
    policy = rules_in_force(session).policy
    return blocks.card(views.card(session, request.subject.id, policy, request.now), request.now)


def _card_still_true(session: Session, request: RenderRequest) -> bool:
    """A card that was not posted yet is worth it only while its offer waits for an answer."""
    offer = session.get(Offer, request.subject.id)
    return offer is not None and offer.answer == Answer.PENDING


def _card_is_dead(session: Session, request: RenderRequest, reason: str) -> None:
    made = session.get(Offer, request.subject.id)
    if made is not None:
        lead = session.get_one(Lead, made.lead_id)
        facts = service.facts_of(session, lead)
        offers.offer_elsewhere(session, made, reason, facts, rules_in_force(session), request.now)


def _when_at_work(session: Session, request: RenderRequest) -> datetime:
    """The recipient's present or next working time; somebody without any is reached at once."""
    person = people.by_id(session, int(request.target.removeprefix("person:")))
    return people.next_at_work(person, rules_in_force(session).policy, request.now)


def _when_decided(session: Session, request: RenderRequest) -> datetime:
    """Not before the answer that asks for it can no longer be undone: it may be newer than the message."""
    made = session.get(Offer, request.subject.id)
    decided_at = made.undo_until if made and made.undo_until and made.undo_until > request.now else request.now
    return _when_at_work(session, replace(request, now=decided_at))


def _line(session: Session, request: RenderRequest) -> Rendered:
    policy = rules_in_force(session).policy
    return blocks.line(views.line(session, request.subject.id, policy), policy.zone)


def _day_line(session: Session, request: RenderRequest) -> Rendered:
    return blocks.day_line(views.day_line(session, date.fromordinal(request.subject.id)))


def _data_needed(session: Session, request: RenderRequest) -> Rendered:
    policy = rules_in_force(session).policy
    return blocks.data_needed(views.data_needed(session, request.subject.id, _reader(session, request), policy))


def _data_still_needed(session: Session, request: RenderRequest) -> bool:
    offer = session.get(Offer, request.subject.id)
    return offer is not None and session.get_one(Lead, offer.lead_id).awaits_data


def _reader(session: Session, request: RenderRequest) -> Reader:
    person = people.by_id(session, int(request.target.removeprefix("person:")))
    return Reader(person.id, person.zone)
