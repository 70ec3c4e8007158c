"""What marketing owes of leads that came back: look at them, or complete them.

Leads that came back for one reason are looked at together: recycled until a day, disqualified, or contested, which asks
the manager of who sent it back to look again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce, record
from bot.leads import offers
from bot.leads.errors import NoSuchOffer, NotYours
from bot.leads.offers import Handed, bring_to, hold_lead, promise_of
from bot.leads.rules import Stage, Step, Who, stage_after
from bot.leads.tables import TITLE, Account, Contact, Lead, LeadStep, Offer
from bot.leads.views import titled
from bot.outbox import calm
from bot.outbox import service as outbox
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla import tables as sla_tables
from bot.sla.rules import Kind
from bot.sla.tables import Obligation
from config.policy import Policy

CONTESTED = {"code": "contested"}


@dataclass(frozen=True)
class ToReview:
    """One lead of a group that waits for marketing's look."""

    obligation_id: int
    lead_id: int
    title: str
    deadline_at: datetime


@dataclass(frozen=True)
class Group:
    """What came back to somebody in marketing for one reason, the first due first."""

    owner_id: int
    reason: str
    leads: tuple[ToReview, ...]


def owe(session: Session, lead: Lead, kind: Kind, reason: str | None, rules: RulesInForce, now: datetime) -> None:
    """Marketing owes something of a lead that came back: its owner there, or who stands in for them."""
    owner = who_answers(session, lead, rules, now)
    if owner is None:
        return
    terms = sla.terms_for(owner, kind, rules.policy, now, now, group=reason)
    sla.open_obligation(session, promise_of(lead, kind), terms, now)


def who_answers(session: Session, lead: Lead, rules: RulesInForce, now: datetime) -> Person | None:
    """The lead's owner in marketing; while they are away who stands in for them, else the fallback."""
    owner = people.marketing_owner(session, rules.policy, lead.source, lead.campaign)
    if owner is None:
        return None
    fallback = people.by_email(session, rules.policy.marketing.fallback_owner)
    here = fallback if fallback and not people.absence_at(fallback, now) else None
    return people.stand_in(session, owner, now) or here or owner


def check_may_look(session: Session, owner_id: int, by: Person) -> None:
    """Raises NotYours for somebody who neither owes the look nor leads who does."""
    if by.id != owner_id and not people.manages(session, by.id, owner_id):
        raise NotYours(people.names(session, [owner_id]).get(owner_id, "somebody else"))


def group_of(session: Session, owner_id: int, reason: str) -> Group:
    """What somebody has to look at for one reason."""
    return next(iter(_groups(session, [owner_id], reason)), Group(owner_id, reason, ()))


def groups_of(session: Session, owner_id: int) -> list[Group]:
    """Everything somebody has to look at, by reason, the first due first."""
    return _groups(session, [owner_id], None)


def _groups(session: Session, owner_ids: list[int], reason: str | None) -> list[Group]:
    owed = sla_tables.open_of(owner_ids).where(Obligation.kind == Kind.REVIEW)
    owed = owed.where(Obligation.group_key == reason) if reason else owed
    found = session.scalars(owed).all()
    titles = titles_of(session, [o.subject_id for o in found])
    groups: dict[str, list[ToReview]] = {}
    for o in found:
        one = ToReview(o.id, o.subject_id, titles.get(o.subject_id, ""), o.deadline_at)
        groups.setdefault(o.group_key or "", []).append(one)
    return [Group(owner_ids[0], code, tuple(leads)) for code, leads in groups.items()]


def titles_of(session: Session, lead_ids: Sequence[int]) -> dict[int, str]:
    """What leads are called by."""
    told = select(*TITLE).select_from(Lead).outerjoin(Contact, Contact.id == Lead.contact_id)
    told = told.outerjoin(Account, Account.id == Lead.account_id).where(Lead.id.in_(lead_ids))
    return {
        row.lead_id: titled(row.lead_id, row.contact, row.email, row.account, row.city) for row in session.execute(told)
    }


@dataclass(frozen=True)
class Review:
    """What is done with leads that came back: recycled until a day, disqualified, or contested with a sentence."""

    step: Step
    until: date | None = None
    sentence: str | None = None


def review(
    session: Session,
    lead_ids: Collection[int],
    said: Review,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
) -> int:
    """Do the same with several leads; how many it was done with, for others may have been looked at meanwhile.

    Raises NotYours for leads that somebody else is to look at.
    """
    return sum(_review(session, lead_id, said, by, rules, actor, now) for lead_id in sorted(lead_ids))


def _review(
    session: Session, lead_id: int, said: Review, by: Person, rules: RulesInForce, actor: Actor, now: datetime
) -> bool:
    lead = session.get(Lead, lead_id)
    if lead is None:
        raise NoSuchOffer
    hold_lead(session, lead)
    owed = session.scalar(sla_tables.one("lead", lead.id, Kind.REVIEW, lead.round))
    if owed is None or owed.outcome is not None or lead.stage != Stage.REJECTED:
        return False
    check_may_look(session, owed.owner_id, by)
    calm.acted(session, outbox.person(by.id), f"review:{owed.group_key}", now)
    made = offers.at_hand(session, lead)
    before = lead.stage
    lead.stage, lead.stage_since = stage_after(said.step, before, Who.MARKETING), now
    sla.settle(session, promise_of(lead, Kind.REVIEW), now)
    _keep(session, lead, made, said, by, actor, now)
    if said.step == Step.RECYCLED:
        lead.returns_at = _morning(said.until, by) if said.until else None
    elif said.step == Step.CONTESTED:
        _ask_again(session, lead, made, said, by, rules, now)
        return True
    offers.touch_card(session, made, now)
    offers.renew_overviews(session, lead, made.person_id, rules.policy, now)
    return True


def _keep(session: Session, lead: Lead, made: Offer, said: Review, by: Person, actor: Actor, now: datetime) -> None:
    kept = LeadStep(
        lead_id=lead.id,
        offer_id=made.id,
        step=said.step,
        by_id=by.id,
        at=now,
        kept_at=now,
        before={},
        sentence=said.sentence,
    )
    session.add(kept)
    session.flush()
    record(session, actor, said.step, ("lead", lead.id), now, {"step": kept.id})


def _ask_again(
    session: Session, lead: Lead, made: Offer, said: Review, by: Person, rules: RulesInForce, now: datetime
) -> None:
    """Who leads the one that sent it back decides; without a manager who is there, somebody else is asked as usual."""
    above = (people.by_id(session, other) for other in people.managers_of(session, made.person_id))
    manager = next((m for m in above if m.active and not people.absence_at(m, now)), None)
    receiver = manager or people.by_email(session, rules.policy.routing.fallback)
    if receiver is not None:
        offers.begin_anew(lead)
        bring_to(session, lead, receiver, [CONTESTED], rules, now, handed=Handed(by.id, said.sentence or ""))


def may_contest(session: Session, lead_ids: Collection[int]) -> bool:
    """A lead is contested once: one that came back after that is not sent a third time."""
    routes = session.scalars(select(Offer.route).where(Offer.lead_id.in_(lead_ids))).all()
    return not any(CONTESTED in route for route in routes)


def usual_day(policy: Policy, reason: str, today: date) -> date:
    """Until when leads that came back for this reason rest, if nobody says otherwise."""
    known = next((r for r in policy.rejections if r.code == reason), None)
    return date.fromordinal(today.toordinal() + (known.default_days if known else 90))


def _morning(day: date, by: Person) -> datetime:
    return datetime.combine(day, time(8), ZoneInfo(by.zone))
