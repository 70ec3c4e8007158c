"""Offer a lead to the right person, and take an offer back that nobody answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from bot.journal.service import SYSTEM, RulesInForce, record, rules_in_force
from bot.leads import announcements, queues, tables
from bot.leads.rules import Answer, Step, Who, stage_after
from bot.leads.scoring import Facts
from bot.leads.tables import Lead, Offer
from bot.leads.turns import next_person
from bot.outbox import service as outbox
from bot.outbox.rules import Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.calls import COMPANY
from bot.sla.rules import Kind
from bot.sla.service import Promise
from bot.store import LOCKED, insert_if_new
from config.policy import Policy

log = structlog.get_logger("tandem.leads")
CARD = "lead_card"


def hold_lead(session: Session, lead: Lead) -> None:
    """Lock a lead and read it anew: always before its offers, and those before anything in the outbox."""
    session.refresh(lead, with_for_update=LOCKED)


def is_barred(session: Session, lead: Lead) -> bool:
    """Whether the contact asked not to be contacted."""
    contact = session.get(tables.Contact, lead.contact_id) if lead.contact_id else None
    return contact is not None and contact.do_not_contact


def offer(session: Session, lead: Lead, facts: Facts, rules: RulesInForce, now: datetime) -> int | None:
    """Find the person, promise an answer, queue the card and the team's line.

    Returns the person's id; None when not even the last resort can be reached, and the lead waits for an administrator.
    """
    everybody = people.everybody(session)
    route = next_person(session, lead, facts, rules, everybody, now)
    move(lead, Step.ROUTED, now)
    if lead.round and route.person_id in session.scalars(tables.undeliverable_to(lead.id, now)).all():
        lead.owner_id = None
        record(session, SYSTEM, "stranded", ("lead", lead.id), now, {"person": route.person_id})
        log.error("lead_stranded", lead_id=lead.id, help="nobody on its way can be reached in Slack")
        return None
    person = next(p for p in everybody if p.id == route.person_id)
    begin_anew(lead)
    bring_to(session, lead, person, [step.as_json() for step in route.steps], rules, now)
    return person.id


def move(lead: Lead, step: Step, now: datetime) -> None:
    """A step that the rules make by themselves. Raises NotPossible where the table does not allow it."""
    stage = stage_after(step, lead.stage, Who.RULES)
    if stage != lead.stage:
        lead.stage, lead.stage_since = stage, now


def begin_anew(lead: Lead) -> None:
    """Another life of a lead: what was tried in the one before does not count."""
    lead.owner_id = lead.returns_at = lead.tried_at = lead.reached_at = None
    lead.attempts, lead.awaits_data = 0, False
    lead.stalls_at = lead.next_step = None


@dataclass(frozen=True)
class Handed:
    """Who hands a lead over, and what they say; `along` with others, which arrive in one message."""

    by_id: int
    sentence: str
    along: bool = False


def bring_to(
    session: Session,
    lead: Lead,
    person: Person,
    route: list[dict[str, Any]],
    rules: RulesInForce,
    now: datetime,
    handed: Handed | None = None,
    *,
    quiet: bool = False,
) -> int:
    """Ask somebody to take a lead, in a round of its own: the promise, the card (or their queue), the team's line.

    Returns the offer's id.

    `quiet`: they bring it themselves, and need no card to tell them.
    """
    policy = rules.policy
    lead.round, lead.owner_id = _next_round(session, lead), person.id
    terms = sla.terms_for(person, Kind.ANSWER, policy, lead.came_at, now, hot=lead.hot)
    answer_by = sla.open_obligation(session, promise_of(lead, Kind.ANSWER), terms, now)
    offer_id = insert_if_new(
        session,
        Offer,
        lead_id=lead.id,
        round=lead.round,
        person_id=person.id,
        points=lead.fit + lead.engagement,
        offered_at=now,
        answer_by=answer_by,
        due_at=answer_by,
        route=route,
        answer=Answer.PENDING,
        handed_by_id=handed.by_id if handed else None,
        handed_with=handed.sentence if handed else None,
    )
    if offer_id is None:
        raise RuntimeError(f"round {lead.round} of lead {lead.id} was offered before")
    told = {"person": person.id, "round": lead.round, "route": route}
    record(session, SYSTEM, "offered", ("lead", lead.id), now, told)
    not_before = people.next_at_work(person, policy, now)
    if not quiet and (handed or not queues.takes(session, lead, person, policy, not_before)):
        priority = Priority.HOT if lead.hot else Priority.NORMAL
        subject, key = Subject("offer", offer_id), card_key(lead.id, lead.round)
        target = outbox.person(person.id)
        gathers_at = None
        if handed and handed.along:
            gathers_at = not_before = outbox.company_at(session, target, not_before, COMPANY)
        draft = Draft(
            target,
            CARD,
            subject,
            key,
            priority=priority,
            not_before=not_before,
            about=about(lead.id),
            gathers_at=gathers_at,
        )
        outbox.enqueue(session, draft, now)
    queues.renew(session, person.id, now)
    announcements.announce(session, lead, policy, not_before, now)
    renew_overviews(session, lead, person.id, policy, now)
    return offer_id


def about(lead_id: int) -> str:
    """What messages about a lead are known by in a conversation: only the newest of them is whole."""
    return f"lead:{lead_id}"


def card_key(lead_id: int, round_: int) -> str:
    """What the card of an offer is known by in the outbox."""
    return f"lead:{lead_id}:offer:{round_}"


def offer_elsewhere(session: Session, made: Offer, why: str, facts: Facts, rules: RulesInForce, now: datetime) -> None:
    """The card of an offer can never be delivered: the lead looks for somebody else."""
    lead = session.get_one(Lead, made.lead_id)
    hold_lead(session, lead)
    if lead.round == made.round and change(
        session, made, Answer.PENDING, Answer.WITHDRAWN, reason="undeliverable", due_at=None
    ):
        sla.cancel(session, promise_of(lead, Kind.ANSWER), now)
        record(session, SYSTEM, "undeliverable", ("lead", lead.id), now, {"person": made.person_id, "why": why})
        renew_overviews(session, lead, made.person_id, rules.policy, now)
        giver = people.by_id(session, made.handed_by_id) if made.handed_by_id else None
        if (
            giver and giver.active and not people.absence_at(giver, now)
        ):  # back to whoever handed it over, as far as it had come
            bring_to(session, lead, giver, [], rules, now)
        else:
            offer(session, lead, facts, rules, now)


def withdraw(session: Session, lead: Lead, why: str, now: datetime) -> None:
    """Take an unanswered offer back, such as from somebody who asked not to be contacted."""
    made = session.scalar(tables.offer_at_hand(lead))
    if made and change(session, made, Answer.PENDING, Answer.WITHDRAWN, reason=why, answered_at=now, due_at=None):
        sla.cancel(session, promise_of(lead, Kind.ANSWER), now)
        lead.owner_id = None
        move(lead, Step.WITHDRAWN, now)
        record(session, SYSTEM, "withdrawn", ("lead", lead.id), now, {"why": why})
        renew(session, made, lead, now)


def change(session: Session, made: Offer, expected: Answer, answer: Answer, **said: Any) -> bool:
    """Compare and set: True for the one who was first."""
    changed = session.execute(
        update(Offer)
        .where(Offer.id == made.id, Offer.answer == expected)
        .values(answer=answer, **said)
        .execution_options(synchronize_session=False)
    )
    session.refresh(made)
    return cast("CursorResult[Any]", changed).rowcount == 1


def renew(session: Session, made: Offer, lead: Lead, now: datetime) -> None:
    """Bring what shows an offer up to date, in answer to somebody's tap."""
    touch_card(session, made, now, Priority.ANSWER_TO_A_TAP)
    announcements.renew(session, lead, now)
    renew_overviews(session, lead, made.person_id, rules_in_force(session).policy, now)


def touch_card(session: Session, made: Offer, now: datetime, priority: int = Priority.NORMAL) -> None:
    """What an offer's card shows has changed; it may show in a reminder, a bundle or its person's queue instead."""
    outbox.touch(session, Subject("offer", made.id), now, priority)
    outbox.touch_about(session, about(made.lead_id), now, priority)
    queues.renew(session, made.person_id, now, priority)


def renew_overviews(session: Session, lead: Lead, person_id: int, policy: Policy, now: datetime) -> None:
    """Overviews that tell of this lead: of who has or had it, of its owner in marketing, and of their managers."""
    owner = people.marketing_owner(session, policy, lead.source, lead.campaign)
    for involved in (person_id, owner.id if owner else None):
        if involved is not None:
            outbox.touch(session, Subject("person", involved), now)
            if (manager := people.manager_of(session, involved)) is not None:
                outbox.touch(session, Subject("person", manager), now)


def promise_of(lead: Lead, kind: Kind) -> Promise:
    return Promise(kind, "lead", lead.id, lead.round)


def _next_round(session: Session, lead: Lead) -> int:
    # Not round + 1: an undo goes back to an earlier round, and later ones stay as they were.
    return 1 + (session.scalar(tables.newest_round(lead.id)) or 0) if lead.round else 1


def at_hand(session: Session, lead: Lead) -> Offer:
    return session.scalars(tables.offer_at_hand(lead)).one()
