"""A lead that somebody brings in by hand: they met it, so it needs no score to be worked on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce, record
from bot.leads import answers, offers, service
from bot.leads.intake import LeadIn
from bot.leads.rules import Step
from bot.leads.service import Mode
from bot.leads.tables import Lead
from bot.people import service as people
from bot.people.tables import Person


@dataclass(frozen=True)
class ByHand:
    """What somebody says of a lead; `mine` when they will work on it themselves."""

    lead: LeadIn
    source: str
    mine: bool


@dataclass(frozen=True)
class Taken:
    """What became of it: who has it (None when nobody may contact it), by which offer."""

    lead_id: int
    owner_id: int | None
    offer_id: int | None


def take_in(session: Session, said: ByHand, by: Person, rules: RulesInForce, actor: Actor, now: datetime) -> Taken:
    """Take a lead in. One that is with somebody already stays there, and gets what is new."""
    received = service.receive(session, said.lead, said.source, rules, actor, now, Mode.KEEP)
    lead = session.get_one(Lead, received.lead_id)
    offers.hold_lead(session, lead)
    if lead.owner_id is None and not offers.is_barred(session, lead):
        record(session, actor, "taken_in", ("lead", lead.id), now)
        _bring(session, lead, said, by, rules, actor, now)
    made = offers.at_hand(session, lead) if lead.owner_id else None
    return Taken(lead.id, lead.owner_id, made.id if made else None)


def _bring(
    session: Session, lead: Lead, said: ByHand, by: Person, rules: RulesInForce, actor: Actor, now: datetime
) -> None:
    if not said.mine:
        offers.offer(session, lead, service.facts_of(session, lead), rules, now)
        return
    offers.begin_anew(lead)
    offers.move(lead, Step.ROUTED, now)
    offer_id = offers.bring_to(session, lead, people.by_id(session, by.id), [], rules, now, quiet=True)
    answers.accept(session, offer_id, by, rules, actor, now)
