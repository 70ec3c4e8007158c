"""Who may open a lead: its holder, their managers, and who answers for it in marketing, with their managers."""

from sqlalchemy.orm import Session

from bot.journal.service import rules_in_force
from bot.leads.errors import NoSuchOffer, NotYours
from bot.leads.rules import may_see
from bot.leads.tables import Lead, Offer
from bot.people import service as people
from bot.people.tables import Person


def may_open(session: Session, lead: Lead, person: Person) -> bool:
    holder = lead.owner_id
    if holder == person.id:
        return True
    policy = rules_in_force(session).policy
    owner = people.id_of(session, policy.marketing_owner(lead.source, lead.campaign))
    answers_for = [owner, *people.managers_of(session, owner)] if owner else []
    return may_see(person.id, holder, people.managers_of(session, holder), answers_for)


def check_offer(session: Session, offer_id: int, person: Person) -> Lead:
    """The lead behind an offer, for somebody who may open it. Raises NotYours or NoSuchOffer."""
    made = session.get(Offer, offer_id)
    if made is None:
        raise NoSuchOffer
    lead = session.get_one(Lead, made.lead_id)
    if not may_open(session, lead, person):
        holder = lead.owner_id or made.person_id
        raise NotYours(people.names(session, [holder])[holder])
    return lead
