"""Who may open a lead: its holder, their managers, and who answers for it in marketing, with their managers.

What came back is still its last holder's to look at. Somebody in marketing may also open what they were asked about.
"""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from bot.journal.service import rules_in_force
from bot.leads.errors import NoSuchOffer, NotToOpen
from bot.leads.overviews import owned_by
from bot.leads.tables import Lead, LeadQuestion, Offer
from bot.people import service as people
from bot.people.tables import Person


def openable(session: Session, person: Person) -> ColumnElement[bool]:
    """The leads that somebody may open, as a condition."""
    theirs = [person.id, *people.led_by(session, person.id)]
    policy = rules_in_force(session).policy
    emails = {p.email for p in people.everybody(session) if p.id in theirs}
    known = {p.email for p in people.everybody(session)}
    last_held = select(Offer.id).where(Offer.lead_id == Lead.id, Offer.round == Lead.round, Offer.person_id.in_(theirs))
    asked = select(LeadQuestion.id).where(LeadQuestion.lead_id == Lead.id, LeadQuestion.asked_of_id == person.id)
    return or_(
        Lead.owner_id.in_(theirs),
        and_(Lead.owner_id.is_(None), last_held.exists()),
        owned_by(emails, policy, known),
        asked.exists(),
    )


def may_open(session: Session, lead: Lead, person: Person) -> bool:
    return session.scalar(select(Lead.id).where(Lead.id == lead.id, openable(session, person))) is not None


def check_offer(session: Session, offer_id: int, person: Person) -> Lead:
    """The lead behind an offer, for somebody who may open it. Raises NotToOpen or NoSuchOffer."""
    made = session.get(Offer, offer_id)
    if made is None:
        raise NoSuchOffer
    lead = session.get_one(Lead, made.lead_id)
    if not may_open(session, lead, person):
        raise NotToOpen(people.names(session, [lead.owner_id])[lead.owner_id] if lead.owner_id else None)
    return lead
