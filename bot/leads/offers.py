"""Offer a lead to the right person, and take the answer: accept, reject with a reason, undo.

Every answer is a compare-and-set on the offer: of two taps at once one wins, and the other is told who was first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from bot.journal.service import SYSTEM, Actor, RulesInForce, judge, record
from bot.leads import announcements, routing, tables
from bot.leads.routing import Asked, Candidate, Route, Seat
from bot.leads.rules import Answer, Stage, may_undo, undo_until
from bot.leads.scoring import Facts
from bot.leads.tables import Lead, Offer, RoutingPool, RoutingSeat
from bot.outbox import service as outbox
from bot.outbox.rules import Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.service import Kind, Promise
from bot.store import at_end, insert_if_new, remembered
from config.policy import AfterRejection, Policy

log = structlog.get_logger("tandem.leads")
CARD, DATA_NEEDED = "lead_card", "data_needed"


class LeadsError(Exception):
    """Something about a lead cannot be done as asked; worded by texts.explain."""


class NoSuchOffer(LeadsError):
    """The offer is gone, or never was."""


class NotYours(LeadsError):
    """The offer is another person's."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        super().__init__(owner)


class TooLate(LeadsError):
    """Somebody was first, or the offer was taken back: what it is now, by whom, since when, and whose the lead is."""

    def __init__(self, answer: str, by: str | None, at: datetime | None, now_with: str | None, mine: bool) -> None:
        self.answer, self.by, self.at, self.now_with, self.mine = answer, by, at, now_with, mine
        super().__init__(answer)


class NotToBeContacted(LeadsError):
    """Meanwhile the contact asked not to be contacted."""


class UndoOver(LeadsError):
    """The time to undo has passed."""


class AlreadyTaken(LeadsError):
    """It cannot be undone: somebody else has the lead by now."""

    def __init__(self, by: str) -> None:
        self.by = by
        super().__init__(by)


@dataclass(frozen=True)
class Rejection:
    """Why a lead came back. `sentence` is in the person's own words; `return_on` is for "not now"."""

    reason: str
    sentence: str | None = None
    return_on: date | None = None


# -- offering ----------------------------------------


def is_barred(session: Session, lead: Lead) -> bool:
    """Whether the contact asked not to be contacted."""
    contact = session.get(tables.Contact, lead.contact_id) if lead.contact_id else None
    return contact is not None and contact.do_not_contact


def offer(session: Session, lead: Lead, facts: Facts, rules: RulesInForce, now: datetime) -> int | None:
    """Find the person, promise an answer, queue the card and the team's line.

    Returns the person's id; None when not even the last resort can be reached, and the lead waits for an administrator.
    """
    everybody = people.everybody(session)
    route = _route(session, lead, facts, rules, everybody, now)
    if lead.round and route.person_id in session.scalars(tables.undeliverable_to(lead.id)).all():
        lead.owner_id, lead.stage = None, Stage.MQL
        record(session, SYSTEM, "stranded", ("lead", lead.id), now, {"person": route.person_id})
        log.error("lead_stranded", lead_id=lead.id, help="nobody on its way can be reached in Slack")
        return None
    person = next(p for p in everybody if p.id == route.person_id)
    calendar = people.calendar_of(person, rules.policy, now)
    lead.round = _next_round(session, lead)
    lead.stage, lead.owner_id = Stage.MQL, person.id
    work = rules.policy.target(Kind.ANSWER, people.main_role(person), lead.hot)
    promise = _promise(lead, Kind.ANSWER)
    answer_by = sla.open_obligation(session, promise, person.id, calendar, work, now)
    steps = [step.as_json() for step in route.steps]
    offer_id = insert_if_new(
        session,
        Offer,
        lead_id=lead.id,
        round=lead.round,
        person_id=person.id,
        offered_at=now,
        answer_by=answer_by,
        route=steps,
        answer=Answer.PENDING,
    )
    if offer_id is None:
        raise RuntimeError(f"round {lead.round} of lead {lead.id} was offered before")
    told = {"person": person.id, "round": lead.round, "route": steps}
    record(session, SYSTEM, "offered", ("lead", lead.id), now, told)
    not_before = people.next_at_work(person, rules.policy, now)
    outbox.enqueue(
        session,
        Draft(
            outbox.person(person.id),
            CARD,
            Subject("offer", offer_id),
            f"lead:{lead.id}:offer:{lead.round}",
            priority=Priority.HOT if lead.hot else Priority.NORMAL,
            not_before=not_before,
        ),
        now,
    )
    announcements.announce(session, lead, rules.policy, not_before, now)
    return person.id


def offer_elsewhere(session: Session, made: Offer, why: str, facts: Facts, rules: RulesInForce, now: datetime) -> None:
    """The card of an offer can never be delivered: the lead looks for somebody else."""
    lead = session.get_one(Lead, made.lead_id)
    if lead.round == made.round and _change(session, made, Answer.PENDING, Answer.WITHDRAWN, reason="undeliverable"):
        sla.cancel(session, _promise(lead, Kind.ANSWER), now)
        record(session, SYSTEM, "undeliverable", ("lead", lead.id), now, {"person": made.person_id, "why": why})
        offer(session, lead, facts, rules, now)


def withdraw(session: Session, lead: Lead, why: str, now: datetime) -> None:
    """Take an unanswered offer back, such as from somebody who asked not to be contacted."""
    made = session.scalar(tables.offer_at_hand(lead))
    if made and _change(session, made, Answer.PENDING, Answer.WITHDRAWN, reason=why, answered_at=now):
        sla.cancel(session, _promise(lead, Kind.ANSWER), now)
        lead.owner_id, lead.stage, lead.stage_since = None, Stage.RAW, now
        record(session, SYSTEM, "withdrawn", ("lead", lead.id), now, {"why": why})
        _renew(session, made, lead, now)


def _next_round(session: Session, lead: Lead) -> int:
    # Not round + 1: an undo goes back to an earlier round, and later ones stay as they were.
    return 1 + (session.scalar(tables.newest_round(lead.id)) or 0) if lead.round else 1


def at_hand(session: Session, lead: Lead) -> Offer:
    return session.scalars(tables.offer_at_hand(lead)).one()


def _route(
    session: Session, lead: Lead, facts: Facts, rules: RulesInForce, everybody: Sequence[Person], now: datetime
) -> Route:
    account = session.get(tables.Account, lead.account_id) if lead.account_id else None
    gave_back = _gave_back(session, lead, rules.policy) if lead.round else frozenset()
    unreached = frozenset(session.scalars(tables.undeliverable_to(lead.id))) if lead.round else frozenset()
    asked = Asked(facts, lead.hot, account.owner_id if account else None, gave_back | unreached, now)
    candidates = _candidates(session, everybody, rules.policy, now)
    wanted = [name for name, *_ in routing.pools_for(rules.policy, asked)]
    pools = {name: _pool(session, name).state for name in wanted}
    found = routing.route(rules.policy, asked, candidates, pools)
    _keep_turn(session, found)
    inputs = {
        "facts": dict(facts),
        "hot": lead.hot,
        "account_owner": asked.account_owner_id,
        "gave_back": sorted(asked.gave_back),
        "candidates": [_as_json(c) for c in candidates],
        "pools": {name: [pool.tag, pool.turns, _seats_json(pool)] for name, pool in pools.items()},
    }
    outcome = {"person": found.person_id, "steps": [s.as_json() for s in found.steps]}
    judge(session, "route", ("lead", lead.id), rules, inputs, outcome, now)
    return found


def _gave_back(session: Session, lead: Lead, policy: Policy) -> frozenset[int]:
    """Who does not want this lead. "Not now, later" is no such word."""
    later = {reason.code for reason in policy.rejections if reason.then == AfterRejection.RECYCLE}
    found = session.execute(tables.who_gave_back(lead.id)).all()
    return frozenset(person for person, reason in found if reason not in later)


def _candidates(session: Session, everybody: Sequence[Person], policy: Policy, now: datetime) -> list[Candidate]:
    """Everybody as routing sees them; only what changes from lead to lead, the load, is asked each time."""
    at_work = remembered(session, ("candidates", now), lambda: [_candidate(p, policy, now) for p in everybody])
    limits = {p.id: p.capacity for p in everybody if p.capacity is not None}
    if not limits:
        return at_work
    load = dict(session.execute(tables.load_of(list(limits))).all())
    return [replace(c, full=load.get(c.id, 0) >= limits[c.id]) if c.id in limits else c for c in at_work]


def _candidate(person: Person, policy: Policy, now: datetime) -> Candidate:
    absence = people.absence_at(person, now)
    return Candidate(
        id=person.id,
        email=person.email,
        roles=person.role_names,
        territories=frozenset(person.territories),
        weight=person.weight,
        away_until=absence.ends_at if absence else None,
        backup_id=absence.backup_id if absence else None,
        on_shift=absence is None and people.calendar_of(person, policy, now).is_open(now),
        manager_id=person.manager_id,
    )


@dataclass
class _HeldPool:
    """A pool as this unit of work sees it. Its row stays locked until the end: two leads at once take two turns."""

    row: RoutingPool
    state: routing.Pool
    seated: set[int]
    moved: set[int]

    def write(self, session: Session) -> None:
        self.row.tag, self.row.turns = self.state.tag, self.state.turns
        for person_id in sorted(self.moved):
            seat, mine = self.state.seats[person_id], {"pool_id": self.row.id, "person_id": person_id}
            place = {"tag": seat.tag, "last_turn": seat.last_turn}
            if person_id in self.seated:
                session.execute(update(RoutingSeat).filter_by(**mine).values(**place))
            else:
                session.add(RoutingSeat(**mine, **place))


def _pool(session: Session, name: str) -> _HeldPool:
    return remembered(session, ("pool", name), lambda: _lock_pool(session, name))


def _lock_pool(session: Session, name: str) -> _HeldPool:
    insert_if_new(session, RoutingPool, name=name, tag=0, turns=0)
    row = session.scalars(select(RoutingPool).where(RoutingPool.name == name).with_for_update()).one()
    rows = session.scalars(select(RoutingSeat).where(RoutingSeat.pool_id == row.id)).all()
    seats = {seat.person_id: Seat(seat.tag, seat.last_turn) for seat in rows}
    return _HeldPool(row, routing.Pool(row.tag, row.turns, seats), set(seats), set())


def _keep_turn(session: Session, found: Route) -> None:
    if found.pool is None or found.pool_state is None:
        return
    held = _pool(session, found.pool)
    held.state = found.pool_state
    held.moved.add(found.person_id)
    at_end(session, ("pool", found.pool), lambda: held.write(session))


def _as_json(candidate: Candidate) -> dict[str, Any]:
    told = {
        "id": candidate.id,
        "email": candidate.email,
        "roles": sorted(candidate.roles),
        "territories": sorted(candidate.territories),
        "weight": candidate.weight,
        "full": candidate.full,
        "away_until": candidate.away_until.isoformat() if candidate.away_until else None,
        "backup_id": candidate.backup_id,
        "on_shift": candidate.on_shift,
        "manager_id": candidate.manager_id,
    }
    return {name: value for name, value in told.items() if value not in (None, [], False)}


def _seats_json(pool: routing.Pool) -> dict[str, list[int]]:
    return {str(person): [seat.tag, seat.last_turn] for person, seat in pool.seats.items()}


# -- answering ----------------------------------------


def accept(session: Session, offer_id: int, by: Person, rules: RulesInForce, actor: Actor, now: datetime) -> Offer:
    """The rep takes the lead: SAL, and a first contact is promised. Raises LeadsError when it cannot be."""
    made, lead = _answerable(session, offer_id, by)
    until = undo_until(now, rules.policy.undo_minutes)
    said = {"answered_at": now, "answered_by_id": by.id, "undo_until": until}
    if not _change(session, made, Answer.PENDING, Answer.ACCEPTED, **said):
        raise _too_late(session, made, by)
    owner = people.by_id(session, made.person_id)
    sla.settle(session, _promise(lead, Kind.ANSWER), now)
    work = rules.policy.target(Kind.FIRST_CONTACT, people.main_role(owner), False)
    calendar = people.calendar_of(owner, rules.policy, now)
    promise = _promise(lead, Kind.FIRST_CONTACT)
    made.contact_by = sla.open_obligation(session, promise, owner.id, calendar, work, now)
    lead.stage, lead.stage_since = Stage.SAL, now
    record(session, actor, "accepted", ("lead", lead.id), now, {"offer": made.id, "round": made.round})
    _renew(session, made, lead, now)
    return made


def reject(
    session: Session,
    offer_id: int,
    rejection: Rejection,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
    facts: Facts,
) -> Offer:
    """The lead comes back with a reason, and goes where the policy says. Raises LeadsError when it cannot."""
    made, lead = _answerable(session, offer_id, by)
    said = {
        "answered_at": now,
        "answered_by_id": by.id,
        "undo_until": undo_until(now, rules.policy.undo_minutes),
        "reason": rejection.reason,
        "sentence": rejection.sentence,
    }
    if not _change(session, made, Answer.PENDING, Answer.REJECTED, **said):
        raise _too_late(session, made, by)
    sla.settle(session, _promise(lead, Kind.ANSWER), now)
    reason = rules.policy.reason(rejection.reason)
    lead.stage, lead.stage_since, lead.owner_id = Stage.REJECTED, now, None
    told = {"offer": made.id, "round": made.round, "reason": reason.code, "class": reason.rejection_class}
    record(session, actor, "rejected", ("lead", lead.id), now, told)
    _send_on(session, made, lead, rejection, by, rules, now, facts)
    _renew(session, made, lead, now)
    return made


def undo(session: Session, offer_id: int, by: Person, actor: Actor, rules: RulesInForce, now: datetime) -> Offer:
    """Take an answer back within the agreed minutes. Raises UndoOver, AlreadyTaken or TooLate."""
    made, lead = _answerable(session, offer_id, by)
    if made.answer not in (Answer.ACCEPTED, Answer.REJECTED) or made.answered_at is None:
        raise _too_late(session, made, by)
    if not may_undo(made.answered_at, rules.policy.undo_minutes, now):
        raise UndoOver
    if is_barred(session, lead):
        raise NotToBeContacted
    _take_back_later_rounds(session, made, lead, now)
    blank = dict.fromkeys(("answered_at", "answered_by_id", "undo_until", "contact_by", "reason", "sentence"))
    if not _change(session, made, Answer(made.answer), Answer.PENDING, **blank):
        raise _too_late(session, made, by)
    lead.round, lead.owner_id = made.round, made.person_id
    lead.stage, lead.stage_since, lead.returns_at, lead.awaits_data = Stage.MQL, now, None, False
    sla.reopen(session, _promise(lead, Kind.ANSWER))
    sla.cancel(session, _promise(lead, Kind.FIRST_CONTACT), now)
    record(session, actor, "undone", ("lead", lead.id), now, {"offer": made.id, "round": made.round})
    _renew(session, made, lead, now)
    return made


def _send_on(
    session: Session,
    made: Offer,
    lead: Lead,
    rejection: Rejection,
    by: Person,
    rules: RulesInForce,
    now: datetime,
    facts: Facts,
) -> None:
    """Where a lead goes that came back."""
    reason = rules.policy.reason(rejection.reason)
    match reason.then:
        case AfterRejection.ROUTE_AGAIN:
            offer(session, lead, facts, rules, now)
        case AfterRejection.COMPLETE_DATA:
            lead.awaits_data = True
            _ask_for_data(session, made, lead, rules, now)
        case AfterRejection.RECYCLE:
            lead.stage = Stage.RECYCLED
            lead.returns_at = _returns_at(rejection.return_on, reason.default_days, by, now)
        case AfterRejection.REVIEW:
            pass  # marketing sees it among what came back


def _returns_at(day: date | None, default_days: int, by: Person, now: datetime) -> datetime:
    """The morning of the day asked for, in the person's own zone."""
    zone = ZoneInfo(by.zone)
    chosen = day or (now.astimezone(zone) + timedelta(days=default_days)).date()
    return datetime.combine(chosen, time(8), zone)


def _ask_for_data(session: Session, made: Offer, lead: Lead, rules: RulesInForce, now: datetime) -> None:
    """Ask the lead's owner in marketing, once the answer can no longer be undone."""
    email = rules.policy.marketing_owner(lead.source, lead.campaign)
    owner = people.by_email(session, email) or people.by_email(session, rules.policy.marketing.fallback_owner)
    if owner is None:
        return
    after_undo = undo_until(now, rules.policy.undo_minutes)
    not_before = people.next_at_work(owner, rules.policy, after_undo)
    key = f"lead:{lead.id}:data:{made.round}"
    draft = Draft(outbox.person(owner.id), DATA_NEEDED, Subject("offer", made.id), key, not_before=not_before)
    outbox.enqueue(session, draft, now)


def _take_back_later_rounds(session: Session, made: Offer, lead: Lead, now: datetime) -> None:
    """A lead sent on at once is taken back from whoever has it now, unless they took it."""
    later = select(Offer).where(Offer.lead_id == lead.id, Offer.round > made.round).order_by(Offer.round)
    for other in session.scalars(later).all():
        if other.answer == Answer.WITHDRAWN:
            continue
        if not _change(session, other, Answer.PENDING, Answer.WITHDRAWN, reason="taken_back", answered_at=now):
            raise AlreadyTaken(people.by_id(session, other.person_id).name)
        sla.cancel(session, Promise(Kind.ANSWER, "lead", lead.id, other.round), now)
        outbox.touch(session, Subject("offer", other.id), now)


def check_answerable(session: Session, offer_id: int, by: Person) -> None:
    """Raises LeadsError when this person cannot answer this offer now."""
    made, _ = _answerable(session, offer_id, by)
    if made.answer != Answer.PENDING:
        raise _too_late(session, made, by)


def _answerable(session: Session, offer_id: int, by: Person) -> tuple[Offer, Lead]:
    """The offer, if this person may answer it: the one it was made to, or their manager."""
    made = session.get(Offer, offer_id)
    if made is None:
        raise NoSuchOffer
    asked = people.by_id(session, made.person_id)
    if by.id not in (asked.id, asked.manager_id):
        raise NotYours(asked.name)
    return made, session.get_one(Lead, made.lead_id)


def _change(session: Session, made: Offer, expected: Answer, answer: Answer, **said: Any) -> bool:
    """Compare and set: True for the one who was first."""
    changed = session.execute(
        update(Offer)
        .where(Offer.id == made.id, Offer.answer == expected)
        .values(answer=answer, **said)
        .execution_options(synchronize_session=False)
    )
    session.refresh(made)
    return cast("CursorResult[Any]", changed).rowcount == 1


def _too_late(session: Session, made: Offer, by: Person) -> TooLate:
    lead = session.get_one(Lead, made.lead_id)
    names = people.names(session, {i for i in (made.answered_by_id, lead.owner_id) if i})
    answered_by = names.get(made.answered_by_id or 0)
    mine = made.answered_by_id == by.id
    return TooLate(made.answer, answered_by, made.answered_at, names.get(lead.owner_id or 0), mine)


def _renew(session: Session, made: Offer, lead: Lead, now: datetime) -> None:
    outbox.touch(session, Subject("offer", made.id), now, Priority.ANSWER_TO_A_TAP)
    announcements.renew(session, lead, now)


def _promise(lead: Lead, kind: Kind) -> Promise:
    return Promise(kind, "lead", lead.id, lead.round)
