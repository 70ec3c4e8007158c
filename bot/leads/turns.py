"""Whose turn is it: what routing needs to know is read here, its decision kept, and the turn written down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, select, update
from sqlalchemy.orm import Session

from bot.journal.service import RulesInForce, judge
from bot.leads import routing, tables
from bot.leads.routing import Asked, Candidate, Route, Seat
from bot.leads.scoring import Facts
from bot.leads.tables import Lead, RoutingPool, RoutingSeat
from bot.people import service as people
from bot.people.tables import Person
from bot.store import LOCKED, at_end, insert_if_new, lock_name, remembered
from config.policy import AfterRejection, Policy


def next_person(
    session: Session, lead: Lead, facts: Facts, rules: RulesInForce, everybody: Sequence[Person], now: datetime
) -> Route:
    account = session.get(tables.Account, lead.account_id) if lead.account_id else None
    gave_back = _gave_back(session, lead, rules.policy) if lead.round else frozenset()
    unreached = frozenset(session.scalars(tables.undeliverable_to(lead.id, now))) if lead.round else frozenset()
    owner_id, territory = (account.owner_id, account.territory) if account else (None, None)
    asked = Asked(facts, lead.hot, owner_id, gave_back | unreached, now, territory)
    candidates = _candidates(session, everybody, rules.policy, now)
    wanted = [name for name, *_ in routing.pools_for(rules.policy, asked)]
    pools = {name: _pool(session, name).state for name in wanted}
    found = routing.route(rules.policy, asked, candidates, pools)
    _keep_turn(session, found)
    inputs = {
        "facts": dict(facts),
        "hot": lead.hot,
        "account_owner": asked.account_owner_id,
        "account_territory": asked.account_territory,
        "gave_back": sorted(asked.gave_back),
        "candidates": _told(session, candidates),
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
        on_shift=absence is None and not people.is_quiet(person, now) and _is_at_work(person, policy, now),
        share=people.share_of(person, policy, now),
        manager_id=person.manager_id,
    )


def _is_at_work(person: Person, policy: Policy, now: datetime) -> bool:
    if policy.calm.hot_in_breaks:
        return people.is_on_shift(person, policy, now)
    return people.calendar_of(person, policy, now).is_open(now)


def _seat_statement() -> Update:
    table = update(cast(Table, RoutingSeat.__table__))
    mine = (RoutingSeat.pool_id == bindparam("in_pool"), RoutingSeat.person_id == bindparam("of_person"))
    return table.where(*mine).values(tag=bindparam("its_tag"), last_turn=bindparam("its_turn"))


_SEAT = _seat_statement()


@dataclass
class _HeldPool:
    """A pool as this unit of work sees it. Its row stays locked until the end: two leads at once take two turns."""

    row: RoutingPool
    state: routing.Pool
    seated: set[int]
    moved: set[int]

    def write(self, session: Session) -> None:
        self.row.tag, self.row.turns = self.state.tag, self.state.turns
        moved = [(person_id, self.state.seats[person_id]) for person_id in sorted(self.moved)]
        for person_id, seat in moved:
            if person_id not in self.seated:
                new = RoutingSeat(pool_id=self.row.id, person_id=person_id, tag=seat.tag, last_turn=seat.last_turn)
                session.add(new)
        known = [
            {"in_pool": self.row.id, "of_person": person_id, "its_tag": seat.tag, "its_turn": seat.last_turn}
            for person_id, seat in moved
            if person_id in self.seated
        ]
        if known:
            session.connection().execute(_SEAT, known)


def _pool(session: Session, name: str) -> _HeldPool:
    return remembered(session, ("pool", name), lambda: _lock_pool(session, name))


def _lock_pool(session: Session, name: str) -> _HeldPool:
    # One at a time through all pools: two batches that lock the same pools in another order would wait for each other.
    remembered(session, "routing", lambda: lock_name(session, "routing"))
    insert_if_new(session, RoutingPool, name=name, tag=0, turns=0)
    row = session.scalars(select(RoutingPool).where(RoutingPool.name == name).with_for_update(**LOCKED)).one()
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


def _told(session: Session, candidates: list[Candidate]) -> list[dict[str, Any]]:
    """Everybody as they are kept beside a judgement; of many leads at once most see the same."""
    known = session.info.get("candidates told")
    if known is None or known[0] is not candidates:
        known = session.info["candidates told"] = (candidates, [_as_json(c) for c in candidates])
    told: list[dict[str, Any]] = known[1]
    return told


def _as_json(candidate: Candidate) -> dict[str, Any]:
    told = {
        "id": candidate.id,
        "email": candidate.email,
        "roles": sorted(candidate.roles),
        "territories": sorted(candidate.territories),
        "weight": candidate.weight,
        "share": candidate.share if candidate.share != 100 else None,
        "full": candidate.full,
        "away_until": candidate.away_until.isoformat() if candidate.away_until else None,
        "backup_id": candidate.backup_id,
        "on_shift": candidate.on_shift,
        "manager_id": candidate.manager_id,
    }
    return {name: value for name, value in told.items() if value not in (None, [], False)}


def _seats_json(pool: routing.Pool) -> dict[str, list[int]]:
    return {str(person): [seat.tag, seat.last_turn] for person, seat in pool.seats.items()}
