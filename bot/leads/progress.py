"""From accepted to won or lost: reached, nobody answered, qualified, won, lost.

Each is one step of `steps.py`, so each can be undone for some minutes. On a lead that waits for an answer the first
three accept it, too.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce
from bot.leads import answers, steps
from bot.leads.offers import promise_of
from bot.leads.rules import Answer, Step
from bot.leads.steps import Held, take_in_hand
from bot.leads.tables import LeadStep, Offer
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.rules import Kind


@dataclass(frozen=True)
class Deal:
    """What was won: hundredths of a currency; no value where nobody said."""

    value: int | None
    currency: str


@dataclass(frozen=True)
class Loss:
    """Why it was lost; `sentence` is in the person's own words."""

    reason: str
    sentence: str | None = None


def reached(session: Session, offer_id: int, by: Person, rules: RulesInForce, actor: Actor, now: datetime) -> Offer:
    """Somebody talked to them. Raises LeadsError when the lead is further already."""
    held = _contacted(session, offer_id, by, Step.REACHED, rules, now)
    if held.lead.reached_at:
        raise steps.further_already(session, held)
    held.lead.reached_at, held.made.due_at = now, None
    return _kept(session, held, Step.REACHED, rules, actor, now)


def no_answer(
    session: Session, offer_id: int, again_at: datetime, by: Person, rules: RulesInForce, actor: Actor, now: datetime
) -> Offer:
    """An attempt; at `again_at` the card comes again, once. Raises LeadsError."""
    held = _contacted(session, offer_id, by, Step.NO_ANSWER, rules, now)
    held.lead.attempts += 1
    held.lead.tried_at, held.made.due_at = now, again_at
    made = _kept(session, held, Step.NO_ANSWER, rules, actor, now, again_at=again_at)
    steps.remind(session, made, session.get_one(LeadStep, made.step_id), rules, now)
    return made


def qualify(session: Session, offer_id: int, by: Person, rules: RulesInForce, actor: Actor, now: datetime) -> Offer:
    """A real chance: SQL. Raises LeadsError."""
    held = _contacted(session, offer_id, by, Step.QUALIFIED, rules, now)
    held.lead.stage, held.lead.stage_since = steps.stage_of(session, held, Step.QUALIFIED), now
    held.lead.reached_at = held.lead.reached_at or now
    held.made.due_at = None
    return _kept(session, held, Step.QUALIFIED, rules, actor, now)


def win(
    session: Session, offer_id: int, deal: Deal, by: Person, rules: RulesInForce, actor: Actor, now: datetime
) -> Offer:
    """They bought. Raises LeadsError."""
    held = _closed(session, offer_id, by, Step.WON, now)
    steps.keep(session, held, Step.WON, rules.policy, actor, now, value=deal.value, currency=deal.currency)
    return held.made


def lose(
    session: Session, offer_id: int, loss: Loss, by: Person, rules: RulesInForce, actor: Actor, now: datetime
) -> Offer:
    """They did not buy. Raises LeadsError."""
    held = _closed(session, offer_id, by, Step.LOST, now)
    steps.keep(session, held, Step.LOST, rules.policy, actor, now, reason=loss.reason, sentence=loss.sentence)
    return held.made


def _contacted(session: Session, offer_id: int, by: Person, step: Step, rules: RulesInForce, now: datetime) -> Held:
    """The lead, taken if it waited for an answer. Whoever got in touch kept the promise, whether somebody answered."""
    held = take_in_hand(session, offer_id, by)
    if held.made.answer == Answer.PENDING:
        answers.take(session, held, rules, now)
    elif held.made.answer != Answer.ACCEPTED:
        raise steps.too_late(session, held)
    steps.stage_of(session, held, step)
    sla.settle(session, promise_of(held.lead, Kind.FIRST_CONTACT), now)
    return held


def _kept(
    session: Session, held: Held, step: Step, rules: RulesInForce, actor: Actor, now: datetime, **said: Any
) -> Offer:
    """The step is written down; before it the acceptance, where it accepted the lead, too."""
    along = answers.keep_acceptance(session, held, rules, actor, now)
    steps.keep(session, held, step, rules.policy, actor, now, along_id=along, **said)
    return held.made


def _closed(session: Session, offer_id: int, by: Person, step: Step, now: datetime) -> Held:
    held = take_in_hand(session, offer_id, by)
    if held.made.answer != Answer.ACCEPTED:
        raise steps.too_late(session, held)
    held.lead.stage, held.lead.stage_since = steps.stage_of(session, held, step), now
    held.made.due_at = None
    return held
