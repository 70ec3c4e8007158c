"""The templates that leads hand to the outbox: how each is rendered, while it is true, and what follows if it dies."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.journal.service import rules_in_force
from bot.leads import (
    announcements,
    answers,
    blocks,
    daily,
    offers,
    promises,
    questions,
    queues,
    service,
    steps,
    views,
)
from bot.leads.rules import Answer
from bot.leads.tables import Lead, LeadQuestion, Offer
from bot.leads.views import Reader
from bot.outbox.templates import Rendered, RenderRequest, Row, Template
from bot.people import service as people
from bot.sla.bundles import when_at_work
from bot.wording import day_and_time


def templates() -> list[Template]:
    return [
        Template(offers.CARD, _card, _card_still_true, _card_is_dead, _when_card_may_ring, _is_hot, _row),
        Template(announcements.LINE, _line),
        Template(announcements.DAY_LINE, _day_line),
        Template(answers.DATA_NEEDED, _data_needed, _data_still_needed, may_ring_at=_when_decided),
        Template(queues.QUEUE, _queue, _queue_waits, _queue_is_dead, when_at_work, row=_queue_row),
        Template(steps.TRY_AGAIN, _try_again, _again_is_wanted, may_ring_at=when_at_work, row=_row),
        Template(questions.QUESTION, _question, _is_unanswered, _cannot_be_asked, when_at_work),
        Template(daily.DAILY, _daily, may_ring_at=when_at_work),
        Template(questions.ANSWERED, _answered, may_ring_at=when_at_work),
    ]


def _card(session: Session, request: RenderRequest) -> Rendered:
    view = views.card(session, request.subject.id, rules_in_force(session).policy, request.now)
    return blocks.older(view) if request.is_older else blocks.card(view, request.now)


def _row(session: Session, request: RenderRequest) -> Row:
    """A lead in a bundle: its title, what waits, and the buttons; the whole card is a tap away."""
    policy = rules_in_force(session).policy
    view = views.card(session, request.subject.id, policy, request.now)
    return promises.row_of_card(view, request.now)


def _is_hot(session: Session, request: RenderRequest) -> bool:
    offer = session.get(Offer, request.subject.id)
    return offer is not None and session.get_one(Lead, offer.lead_id).hot


def _card_still_true(session: Session, request: RenderRequest) -> bool:
    """A card that was not posted yet is worth it only while its offer waits for an answer."""
    offer = session.get(Offer, request.subject.id)
    if offer is None or offer.answer != Answer.PENDING:
        return False
    return not queues.holds(session, session.get_one(Lead, offer.lead_id), offer, request.now)


def _card_is_dead(session: Session, request: RenderRequest, reason: str) -> None:
    made = session.get(Offer, request.subject.id)
    if made is not None:
        lead = session.get_one(Lead, made.lead_id)
        facts = service.facts_of(session, lead)
        offers.offer_elsewhere(session, made, reason, facts, rules_in_force(session), request.now)


def _queue(session: Session, request: RenderRequest) -> Rendered:
    policy = rules_in_force(session).policy
    return blocks.queue(views.queue(session, request.subject.id, policy, request.now), request.now)


def _queue_row(session: Session, request: RenderRequest) -> Row:
    """A queue within a bundle: whole, for it is short. It is as urgent as its first lead."""
    policy = rules_in_force(session).policy
    view = views.queue(session, request.subject.id, policy, request.now)
    rendered = blocks.queue(view, request.now)
    first = view.next[0].due if view.next else None
    return Row("", rendered.blocks, first, f"queue:{request.target}", fresh_until=rendered.fresh_until)


def _queue_waits(session: Session, request: RenderRequest) -> bool:
    """A queue message that was not posted yet is worth it only while something waits in it, and none came after it."""
    if queues.is_outdated(session, request.subject.id):
        return False
    if queues.first_waiting(session, _person_of(request), 1):
        return True
    queues.forget_newest(session, request.subject.id, request.now)
    return False


def _queue_is_dead(session: Session, request: RenderRequest, reason: str) -> None:
    """Their messages cannot be brought: whatever waits for them looks for somebody else."""
    rules = rules_in_force(session)
    for made in queues.unanswered(session, _person_of(request)):
        facts = service.facts_of(session, session.get_one(Lead, made.lead_id))
        offers.offer_elsewhere(session, made, reason, facts, rules, request.now)


def _try_again(session: Session, request: RenderRequest) -> Rendered:
    policy = rules_in_force(session).policy
    view = views.card(session, request.subject.id, policy, request.now)
    return blocks.older(view) if request.is_older else blocks.try_again(view, request.now)


def _again_is_wanted(session: Session, request: RenderRequest) -> bool:
    """Not when it was undone, somebody else has the lead, or anything was done with it since."""
    made = session.get_one(Offer, request.subject.id)
    barred = offers.is_barred(session, session.get_one(Lead, made.lead_id))
    return made.step_id == request.facts["step"] and not barred


def _question(session: Session, request: RenderRequest) -> Rendered:
    policy, reader = rules_in_force(session).policy, _reader(session, request)
    return blocks.question(views.question(session, request.subject.id, reader, policy), request.now)


def _is_unanswered(session: Session, request: RenderRequest) -> bool:
    return session.get_one(LeadQuestion, request.subject.id).answer is None


def _cannot_be_asked(session: Session, request: RenderRequest, _reason: str) -> None:
    questions.ask_somebody_else(session, request.subject.id, rules_in_force(session), request.now)


def _answered(session: Session, request: RenderRequest) -> Rendered:
    policy, reader = rules_in_force(session).policy, _reader(session, request)
    return blocks.answer_came(views.question(session, request.subject.id, reader, policy))


def _daily(session: Session, request: RenderRequest) -> Rendered:
    person = people.by_id(session, request.subject.id)
    since, until = (datetime.fromisoformat(request.facts[name]) for name in ("since", "until"))
    view = daily.of_day(session, person, rules_in_force(session).policy, since, until)
    return blocks.daily(view, day_and_time(since, person.zone, request.now))


def _person_of(request: RenderRequest) -> int:
    return int(request.target.removeprefix("person:"))


def _when_card_may_ring(session: Session, request: RenderRequest) -> datetime:
    """In working hours; a hot lead, where the policy says so, in the breaks of a day at work as well."""
    person, policy = people.by_id(session, _person_of(request)), rules_in_force(session).policy
    if policy.calm.hot_in_breaks and _is_hot(session, request) and people.is_on_shift(person, policy, request.now):
        return request.now
    return people.next_at_work(person, policy, request.now)


def _when_decided(session: Session, request: RenderRequest) -> datetime:
    """Not before the answer that asks for it can no longer be undone: it may be newer than the message."""
    made = session.get(Offer, request.subject.id)
    decided_at = made.undo_until if made and made.undo_until and made.undo_until > request.now else request.now
    return when_at_work(session, replace(request, now=decided_at))


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
    person = people.by_id(session, _person_of(request))
    return Reader(person.id, person.zone)
