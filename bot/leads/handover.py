"""Hand a lead to a colleague, with a sentence; whoever got it may give it back.

The new holder is asked as with every lead: their card says who hands it over and why. How far the lead had come stays.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce
from bot.leads import offers, steps, texts
from bot.leads.errors import CannotReceive
from bot.leads.offers import Handed, change
from bot.leads.rules import Answer, Step, Who
from bot.leads.steps import Held, take_in_hand
from bot.leads.tables import Offer
from bot.outbox import notes
from bot.outbox import service as outbox
from bot.people import service as people
from bot.people.rules import SELLING, Role, Team
from bot.people.tables import Person
from bot.sla import service as sla
from config.policy import Policy

OPEN_ANSWERS = (Answer.PENDING, Answer.ACCEPTED)


def hand_over(
    session: Session,
    offer_id: int,
    to_id: int,
    sentence: str,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
    *,
    along: bool = False,
) -> Offer:
    """Pass a lead on. Raises CannotReceive for somebody who is away or does not sell, else LeadsError.

    `along`: with others at once, so that all of them reach the colleague in one message.
    """
    held = _open(session, offer_id, by)
    steps.stage_of(session, held, Step.HANDED_OVER)
    receiver = _receiver(session, to_id, held.made.person_id, now)
    handed = Handed(by.id, sentence, along=along)
    return _pass_on(session, held, Step.HANDED_OVER, receiver, handed, rules, actor, now)


def give_back(
    session: Session, offer_id: int, sentence: str, by: Person, rules: RulesInForce, actor: Actor, now: datetime
) -> Offer:
    """Return a lead to whoever handed it over. Raises LeadsError."""
    held = _open(session, offer_id, by)
    steps.stage_of(session, held, Step.GIVEN_BACK)
    if held.made.handed_by_id is None:
        raise CannotReceive("not_handed")
    giver = people.by_id(session, held.made.handed_by_id)
    if not giver.active:
        raise CannotReceive("gone", giver.name)
    if absence := people.absence_at(giver, now):
        raise CannotReceive("away", giver.name, absence.ends_at)
    return _pass_on(session, held, Step.GIVEN_BACK, giver, Handed(by.id, sentence), rules, actor, now)


def colleagues(session: Session, offer_id: int, now: datetime) -> list[tuple[int, str]]:
    """Everybody who can get this lead now, by name."""
    holder = session.get_one(Offer, offer_id).person_id
    able = [p for p in people.everybody(session) if p.id != holder and works_on_leads(p)]
    return sorted(((p.id, p.name) for p in able if not people.absence_at(p, now)), key=lambda one: one[1])


def could_take(session: Session, holder_id: int, policy: Policy, now: datetime) -> Person | None:
    """A colleague with the same work who is there now and has asked for no quiet: whoever owes least."""
    holder = people.by_id(session, holder_id)
    same = holder.role_names & SELLING
    there = [
        p
        for p in people.everybody(session)
        if p.id != holder.id and p.role_names & same and people.is_on_shift(p, policy, now)
    ]
    free = [p for p in there if not people.absence_at(p, now) and not people.is_quiet(p, now)]
    owed = sla.open_counts(session, [p.id for p in free])
    return min(free, key=lambda p: (owed.get(p.id, 0), p.id), default=None)


def works_on_leads(person: Person) -> bool:
    """Whether somebody may hold a lead: who sells, or leads those who do."""
    leads_sales = Role.MANAGER in person.role_names and person.team in (Team.SALES, Team.BOTH)
    return person.active and (bool(person.role_names & SELLING) or leads_sales)


def _open(session: Session, offer_id: int, by: Person) -> Held:
    held = take_in_hand(session, offer_id, by)
    if held.made.answer not in OPEN_ANSWERS or held.lead.round != held.made.round:
        raise steps.too_late(session, held)
    return held


def _receiver(session: Session, to_id: int, from_id: int, now: datetime) -> Person:
    receiver = people.by_id(session, to_id)
    if receiver.id == from_id:
        raise CannotReceive("has_it", receiver.name)
    if not works_on_leads(receiver):
        raise CannotReceive("does_not_sell", receiver.name)
    if absence := people.absence_at(receiver, now):
        raise CannotReceive("away", receiver.name, absence.ends_at)
    return receiver


def _pass_on(
    session: Session,
    held: Held,
    step: Step,
    receiver: Person,
    handed: Handed,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
) -> Offer:
    made, lead = held.made, held.lead
    expected = Answer(made.answer)
    said = {"sentence": handed.sentence, "due_at": None, "answered_at": now, "answered_by_id": held.by.id}
    if not change(session, made, expected, Answer.HANDED_ON, **said):
        raise steps.too_late(session, held)
    sla.cancel_all(session, "lead", lead.id, now)
    steps.keep(session, held, step, rules.policy, actor, now, sentence=handed.sentence)
    route = [{"code": "given_back"}] if step == Step.GIVEN_BACK else []
    offers.bring_to(session, lead, receiver, route, rules, now, handed=handed)
    if held.who == Who.MANAGER:
        _tell_holder(session, held, receiver, rules, now)
    return made


def _tell_holder(session: Session, held: Held, receiver: Person, rules: RulesInForce, now: datetime) -> None:
    """Whose lead their manager handed on hears of it. Their card says so at once; this is news for the next brief."""
    holder = people.by_id(session, held.made.person_id)
    not_before = people.next_at_work(holder, rules.policy, people.day_after(now, ZoneInfo(holder.zone)))
    text = texts.moved_on(held.by.name, receiver.name)
    notes.tell(session, outbox.person(holder.id), text, f"moved:{held.made.step_id}", not_before, now, in_company=True)
