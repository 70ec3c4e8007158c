"""What a person answers to an offer: accept it, or send the lead back with a reason."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce
from bot.leads import reviews, service, steps
from bot.leads.offers import Handed, bring_to, change, move, offer, promise_of
from bot.leads.rules import CONTACTED, Answer, Stage, Step
from bot.leads.steps import Held, take_in_hand
from bot.leads.tables import Lead, Offer
from bot.outbox import service as outbox
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.rules import Kind
from config.policy import AfterRejection

DATA_NEEDED = "data_needed"


@dataclass(frozen=True)
class Rejection:
    """Why a lead came back. `sentence` is in the person's own words; `return_on` is for "not now".

    `step` is NOT_A_FIT for a lead that was accepted and looked at first.
    """

    reason: str
    sentence: str | None = None
    return_on: date | None = None
    step: Step = Step.REJECTED


def accept(session: Session, offer_id: int, by: Person, rules: RulesInForce, actor: Actor, now: datetime) -> Offer:
    """The rep takes the lead, and a first contact is promised. Raises LeadsError when it cannot be."""
    held = take_in_hand(session, offer_id, by)
    take(session, held, rules, now)
    steps.keep(session, held, Step.ACCEPTED, rules.policy, actor, now)
    return held.made


def take(session: Session, held: Held, rules: RulesInForce, now: datetime) -> None:
    """The offer is accepted: by itself, or by a step that accepts too. Raises TooLate when somebody was first."""
    made, lead = held.made, held.lead
    steps.check_pending(session, held)
    stage = steps.stage_of(session, held, Step.ACCEPTED)
    if not change(session, made, Answer.PENDING, Answer.ACCEPTED, answered_at=now, answered_by_id=held.by.id):
        raise steps.too_late(session, held)
    sla.settle(session, promise_of(lead, Kind.ANSWER), now)
    if stage != lead.stage:
        lead.stage, lead.stage_since = stage, now
    made.contact_by = _promise_first_contact(session, held, rules, now) if stage == Stage.SAL else None
    made.due_at = made.contact_by


def keep_acceptance(session: Session, held: Held, rules: RulesInForce, actor: Actor, now: datetime) -> int | None:
    """A step that accepts too is two steps, undone together: the id of the first, None where it was accepted before."""
    if held.before["offer"]["answer"] != Answer.PENDING:
        return None
    return steps.keep(session, held, Step.ACCEPTED, rules.policy, actor, now).id


def _promise_first_contact(session: Session, held: Held, rules: RulesInForce, now: datetime) -> datetime | None:
    """By when the new owner is to get in touch; None where somebody was reached before."""
    if held.lead.reached_at:
        return None
    owner = people.by_id(session, held.made.person_id)
    terms = sla.terms_for(owner, Kind.FIRST_CONTACT, rules.policy, held.lead.came_at, now)
    return sla.open_obligation(session, promise_of(held.lead, Kind.FIRST_CONTACT), terms, now)


def reject(
    session: Session,
    offer_id: int,
    rejection: Rejection,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
) -> Offer:
    """The lead comes back with a reason, and goes where the policy says. Raises LeadsError when it cannot."""
    held, step = take_in_hand(session, offer_id, by), rejection.step
    made, lead = held.made, held.lead
    along = None
    if step == Step.NOT_A_FIT and made.answer == Answer.PENDING:
        take(session, held, rules, now)
        along = keep_acceptance(session, held, rules, actor, now)
    expected = Answer.ACCEPTED if step == Step.NOT_A_FIT else Answer.PENDING
    said = {
        "answered_at": now,
        "answered_by_id": by.id,
        "reason": rejection.reason,
        "sentence": rejection.sentence,
        "due_at": None,
    }
    if made.answer != expected:
        raise steps.too_late(session, held)
    stage = steps.stage_of(session, held, step)
    is_theirs = rules.policy.reason(rejection.reason).then == AfterRejection.ROUTE_AGAIN
    back_to = _giver(session, held, now) if is_theirs else None
    if not change(session, made, expected, Answer.REJECTED, **said):
        raise steps.too_late(session, held)
    sla.settle(session, promise_of(lead, Kind.ANSWER), now)
    if step in CONTACTED:
        sla.settle(session, promise_of(lead, Kind.FIRST_CONTACT), now)
    lead.owner_id = None
    if back_to is None:
        lead.stage, lead.stage_since = stage, now
    why = {"reason": rejection.reason, "sentence": rejection.sentence, "along_id": along}
    steps.keep(session, held, step, rules.policy, actor, now, **why)
    if back_to:  # handed over by a colleague: it goes back there, as far as it had come
        handed = Handed(made.person_id, rejection.sentence or rules.policy.reason(rejection.reason).label)
        bring_to(session, lead, back_to, [{"code": "given_back"}], rules, now, handed=handed)
    else:
        _send_on(session, held, rejection, rules, now)
    return made


def _send_on(session: Session, held: Held, rejection: Rejection, rules: RulesInForce, now: datetime) -> None:
    """Where a lead goes that came back."""
    lead, reason = held.lead, rules.policy.reason(rejection.reason)
    match reason.then:
        case AfterRejection.ROUTE_AGAIN:
            offer(session, lead, service.facts_of(session, lead), rules, now)
        case AfterRejection.COMPLETE_DATA:
            lead.awaits_data = True
            reviews.owe(session, lead, Kind.DATA, None, rules, now)
            _ask_for_data(session, held.made, lead, rules, now)
        case AfterRejection.RECYCLE:
            move(lead, Step.RECYCLED, now)
            lead.returns_at = _returns_at(rejection.return_on, reason.default_days, held.by, now)
        case AfterRejection.DISQUALIFY:
            move(lead, Step.DISQUALIFIED, now)
        case AfterRejection.REVIEW:
            reviews.owe(session, lead, Kind.REVIEW, reason.code, rules, now)


def _giver(session: Session, held: Held, now: datetime) -> Person | None:
    """Who handed this lead over, if they can take it back."""
    if held.made.handed_by_id is None:
        return None
    giver = people.by_id(session, held.made.handed_by_id)
    return giver if giver.active and not people.absence_at(giver, now) else None


def _returns_at(day: date | None, default_days: int, by: Person, now: datetime) -> datetime:
    """The morning of the day asked for, in the person's own zone."""
    zone = ZoneInfo(by.zone)
    chosen = day or (now.astimezone(zone) + timedelta(days=default_days)).date()
    return datetime.combine(chosen, time(8), zone)


def _ask_for_data(session: Session, made: Offer, lead: Lead, rules: RulesInForce, now: datetime) -> None:
    """Ask the lead's owner in marketing, once the answer can no longer be undone."""
    owner = reviews.who_answers(session, lead, rules, now)
    if owner is None:
        return
    not_before = people.next_at_work(owner, rules.policy, made.undo_until or now)
    key = f"lead:{lead.id}:data:{made.round}"
    draft = Draft(outbox.person(owner.id), DATA_NEEDED, Subject("offer", made.id), key, not_before=not_before)
    outbox.enqueue(session, draft, now)
