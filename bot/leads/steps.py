"""A step with a lead: who may make it, what is kept of it, and how it is undone.

The lead is locked before anything is decided, so of two taps at once one comes first and the other is told who was.
Every step keeps how everything stood before; undoing it puts that back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce, record, rules_in_force
from bot.leads import queues
from bot.leads.errors import AlreadyTaken, FurtherAlready, NoSuchOffer, NotToBeContacted, NotYours, TooLate, UndoOver
from bot.leads.offers import about, change, hold_lead, is_barred, renew, renew_overviews, touch_card
from bot.leads.rules import Answer, NotPossible, Stage, Step, Who, stage_after, undo_until
from bot.leads.tables import Lead, LeadStep, Offer
from bot.outbox import calm
from bot.outbox import service as outbox
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.rules import Kind
from bot.sla.service import Promise
from config.policy import Policy

OF_LEAD = (
    "stage stage_since owner_id round returns_at awaits_data attempts tried_at reached_at stalls_at next_step".split()
)
OF_OFFER = "answer answered_at answered_by_id undo_until contact_by due_at step_id reason sentence".split()
TRY_AGAIN = "lead_try_again"


# What is done with the lead of an offer: by whom, under which rules, when.
Deed = Callable[[Session, int, Person, RulesInForce, Actor, datetime], object]


@dataclass(frozen=True)
class Held:
    """A lead with the offer somebody acts on, locked; who they are to it, and how it stood when they came."""

    made: Offer
    lead: Lead
    by: Person
    who: Who
    before: dict[str, Any]


def take_in_hand(session: Session, offer_id: int, by: Person, *, lock: bool = True) -> Held:
    """The lead behind an offer, locked, for somebody who may act on it: its person or one of their managers.

    Raises NoSuchOffer or NotYours. `lock=False` only looks, and waits for nobody.
    """
    made = session.get(Offer, offer_id)
    if made is None:
        raise NoSuchOffer
    if made.person_id == by.id:
        who = Who.HOLDER
    elif people.manages(session, by.id, made.person_id):
        who = Who.MANAGER
    else:
        raise NotYours(people.names(session, [made.person_id])[made.person_id])
    lead = session.get_one(Lead, made.lead_id)
    if lock:
        hold_lead(session, lead)
        session.refresh(made)
    return Held(made, lead, by, who, _as_it_stands(session, lead, made))


def stage_of(session: Session, held: Held, step: Step) -> Stage:
    """The stage a step leads to from here. Raises FurtherAlready when the lead is not where this step begins."""
    try:
        return stage_after(step, held.lead.stage, held.who)
    except NotPossible as error:
        raise further_already(session, held) from error


def keep(
    session: Session, held: Held, step: Step, policy: Policy, actor: Actor, now: datetime, **said: Any
) -> LeadStep:
    """Write a step down, let everything show it, and offer to undo it for the agreed minutes."""
    made, lead = held.made, held.lead
    made.undo_until = undo_until(now, policy.undo_minutes)
    kept = LeadStep(
        lead_id=lead.id,
        offer_id=made.id,
        step=step,
        by_id=held.by.id,
        at=now,
        kept_at=now,
        undo_until=made.undo_until,
        before=held.before,
        **said,
    )
    session.add(kept)
    session.flush()
    made.step_id = kept.id
    if step != Step.ACCEPTED:  # an acceptance keeps no next step, it begins one
        sla.settle_kind(session, "lead", lead.id, Kind.NEXT_STEP, now)
    lead.stalls_at = _stalls_at(session, held, policy, now)
    _acted(session, held, now)
    told = {"offer": made.id, "round": made.round, "step": kept.id, "stage": lead.stage}
    if made.reason and step in (Step.REJECTED, Step.NOT_A_FIT):
        reason = policy.reason(made.reason)
        told |= {"reason": reason.code, "class": reason.rejection_class}
    record(session, actor, step, ("lead", lead.id), now, told)
    renew(session, made, lead, now)
    return kept


def _acted(session: Session, held: Held, now: datetime) -> None:
    """They did something about it: what told them of it lately was worth its ring."""
    told = outbox.person(held.by.id)
    if held.who == Who.HOLDER:
        queues.look(session, held.by.id, now)
        calm.acted(session, told, about(held.lead.id), now)
        calm.acted(session, told, queues.ABOUT, now)
    else:
        calm.acted(session, told, f"help:{about(held.lead.id)}", now)


def undo(
    session: Session,
    offer_id: int,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
    step_id: int | None = None,
) -> Offer:
    """Take the newest step back within its minutes.

    `step_id` is the step that the button stood for: a second tap, or one on an earlier revision, takes nothing else
    back. Raises UndoOver, AlreadyTaken, TooLate, FurtherAlready or NotToBeContacted.
    """
    held = take_in_hand(session, offer_id, by)
    made, lead = held.made, held.lead
    step = session.get(LeadStep, made.step_id) if made.step_id else None
    if step is None:
        raise too_late(session, held)
    if step_id is not None and step.id != step_id:
        raise further_already(session, held)
    if step.undo_until is None or now >= step.undo_until:  # as the card said, whatever the policy says by now
        raise UndoOver
    if is_barred(session, lead):
        raise NotToBeContacted
    _take_back_later_rounds(session, made, lead, now)
    step.undone_at = now
    if step.along_id:
        session.get_one(LeadStep, step.along_id).undone_at = now
    _put_back(lead, step.before["lead"])
    _put_back(made, step.before["offer"])
    sla.put_back(session, "lead", lead.id, step.before["promises"], now)
    record(session, actor, "undone", ("lead", lead.id), now, {"offer": made.id, "step": step.id, "what": step.step})
    renew(session, made, lead, now)
    again = session.get(LeadStep, made.step_id) if made.step_id else None
    if again and again.again_at:
        remind(session, made, again, rules, now)
    return made


def undoing(step_id: int | None) -> Deed:
    """Undo one step and no other."""

    def deed(session: Session, offer_id: int, by: Person, rules: RulesInForce, actor: Actor, now: datetime) -> Offer:
        return undo(session, offer_id, by, rules, actor, now, step_id)

    return deed


def remind(session: Session, made: Offer, step: LeadStep, rules: RulesInForce, now: datetime) -> None:
    """Bring the card once more when its holder wanted to try again."""
    owner = people.by_id(session, made.person_id)
    draft = Draft(
        outbox.person(made.person_id),
        TRY_AGAIN,
        Subject("offer", made.id),
        f"again:{step.id}",
        facts={"step": step.id},
        about=about(made.lead_id),
        not_before=people.next_at_work(owner, rules.policy, step.again_at or now),
    )
    outbox.enqueue(session, draft, now)


def check_open(session: Session, offer_id: int, by: Person, step: Step) -> None:
    """Raises LeadsError when this person cannot make this step now: asked before a form is opened."""
    held = take_in_hand(session, offer_id, by, lock=False)
    if step == Step.REJECTED or held.made.answer != Answer.ACCEPTED:
        check_pending(session, held)
    else:
        stage_of(session, held, step)


def check_pending(session: Session, held: Held) -> None:
    """Raises TooLate when the offer does not wait for an answer."""
    if held.made.answer != Answer.PENDING:
        raise too_late(session, held)


def too_late(session: Session, held: Held) -> TooLate:
    made = held.made
    names = people.names(session, {i for i in (made.answered_by_id, held.lead.owner_id) if i})
    now_with = names.get(held.lead.owner_id or 0)
    mine = made.answered_by_id == held.by.id
    return TooLate(made.answer, names.get(made.answered_by_id or 0), made.answered_at, now_with, mine)


def further_already(session: Session, held: Held) -> FurtherAlready:
    step = session.get(LeadStep, held.made.step_id) if held.made.step_id else None
    if step is None:
        return FurtherAlready(None, None, None, mine=False)
    by = people.names(session, [step.by_id]).get(step.by_id) if step.by_id else None
    return FurtherAlready(step.step, by, step.at, mine=step.by_id == held.by.id)


def _stalls_at(session: Session, held: Held, policy: Policy, now: datetime) -> datetime | None:
    """When a lead in hand will have been quiet for too long; what was put off until a day counts from there."""
    lead, made = held.lead, held.made
    if lead.stage not in (Stage.SAL, Stage.SQL) or made.answer != Answer.ACCEPTED:
        return None
    holder = people.by_id(session, made.person_id)
    return people.working_days_after(holder, policy, max(now, made.due_at or now), policy.calm.stalled_after_days)


def _as_it_stands(session: Session, lead: Lead, made: Offer) -> dict[str, Any]:
    return {
        "lead": {name: _written(getattr(lead, name)) for name in OF_LEAD},
        "offer": {name: _written(getattr(made, name)) for name in OF_OFFER},
        "promises": sla.states(session, "lead", lead.id),
    }


def _written(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _put_back(row: Lead | Offer, before: dict[str, Any]) -> None:
    for name, value in before.items():
        setattr(row, name, datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value)


def _take_back_later_rounds(session: Session, made: Offer, lead: Lead, now: datetime) -> None:
    """A lead sent on at once is taken back from whoever has it now, unless they took it."""
    later = select(Offer).where(Offer.lead_id == lead.id, Offer.round > made.round).order_by(Offer.round)
    for other in session.scalars(later).all():
        if other.answer == Answer.WITHDRAWN:
            continue
        if not change(session, other, Answer.PENDING, Answer.WITHDRAWN, reason="taken_back", answered_at=now):
            raise AlreadyTaken(people.by_id(session, other.person_id).name)
        sla.cancel(session, Promise(Kind.ANSWER, "lead", lead.id, other.round), now)
        touch_card(session, other, now)
        renew_overviews(session, lead, other.person_id, rules_in_force(session).policy, now)
