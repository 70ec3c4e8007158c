"""Who gets a lead: account owner, then territory, then a pool taken in turn, then the fallback. Pure.

In turn means start-time fair queueing: everyone has a tag, the lowest goes next, and a turn moves one's tag on by
a step in inverse proportion to one's weight. Whoever comes back from absence begins at the pool's present tag: so
being away earns no credit, and nobody is flooded on return. Equal weights reduce to "who waited longest".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.leads.scoring import Facts, holds
from config.policy import Policy

# A turn at weight 1. Divisible by all weights up to 10, so that tags stay whole numbers.
STEP = 2520


class Why(StrEnum):
    """Codes of the steps that a route took; worded in texts.py."""

    ACCOUNT_OWNER = "account_owner"
    TERRITORY = "territory"
    POOL = "pool"
    FALLBACK = "fallback"
    AWAY = "away"
    BACKUP = "backup"
    FULL = "full"
    GAVE_BACK = "gave_back"
    OFF_SHIFT = "off_shift"
    NEXT_IN_TURN = "next_in_turn"


@dataclass(frozen=True)
class Candidate:
    """What routing knows of a person at this moment."""

    id: int
    email: str
    roles: frozenset[str]
    territories: frozenset[str] = frozenset()
    weight: int = 1
    full: bool = False
    away_until: datetime | None = None
    backup_id: int | None = None
    on_shift: bool = True
    manager_id: int | None = None
    share: int = 100  # percent of their usual leads: less on the first day back


@dataclass(frozen=True)
class Seat:
    """A person's place in a pool: the tag they continue from, and the number of their last turn."""

    tag: int = 0
    last_turn: int = -1


@dataclass(frozen=True)
class Pool:
    """The state of one pool: its present tag, how many turns it gave, its seats by person."""

    tag: int = 0
    turns: int = 0
    seats: Mapping[int, Seat] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    code: Why
    args: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code.value, **self.args}


@dataclass(frozen=True)
class Route:
    """Who gets it, why, and the pool whose turn it was with its new state."""

    person_id: int
    steps: tuple[Step, ...]
    pool: str | None = None
    pool_state: Pool | None = None


@dataclass(frozen=True)
class Asked:
    """A lead that looks for its person."""

    facts: Facts
    hot: bool
    account_owner_id: int | None
    gave_back: frozenset[int]
    now: datetime
    account_territory: str | None = None


def territory_pool(name: str) -> str:
    return f"territory:{name}"


def pools_for(policy: Policy, asked: Asked) -> list[tuple[str, Step, str | None, str | None]]:
    """The pools asked in order: name, the step that says so, and the territory or role that makes one a member."""
    found: list[tuple[str, Step, str | None, str | None]] = []
    country = str(asked.facts.get("country") or "")
    for territory in policy.routing.territories:
        # What was set for the account by hand counts before the country of one of its leads.
        is_set, fits = asked.account_territory is not None, territory.name == asked.account_territory
        if fits or (not is_set and country.casefold() in {c.casefold() for c in territory.countries}):
            step = Step(Why.TERRITORY, {"country": "" if fits else country, "territory": territory.name})
            found.append((territory_pool(territory.name), step, territory.name, None))
    for pool in policy.routing.pools:
        if holds(pool.when, asked.facts, (), asked.now):
            found.append((f"pool:{pool.name}", Step(Why.POOL, {"pool": pool.name}), None, pool.role))
    return found


def route(policy: Policy, asked: Asked, people: Sequence[Candidate], pools: Mapping[str, Pool]) -> Route:
    """Find the person for a lead. Somebody always gets it: nobody fits → the fallback, their backup, their manager.

    A hot lead goes to somebody on shift when any way leads to one, else the usual way.
    """
    trail: list[Step] = []
    on_shift = {p.id for p in people if p.on_shift}
    usual: Route | None = None
    for found in _ways(policy, asked, people, pools, trail):
        if not asked.hot or found.person_id in on_shift:
            return found
        usual = usual or found
        trail.append(Step(Why.OFF_SHIFT, {"person": found.person_id}))
    return usual or _fallback(policy, asked, people, trail)


def _ways(
    policy: Policy, asked: Asked, people: Sequence[Candidate], pools: Mapping[str, Pool], trail: list[Step]
) -> Iterator[Route]:
    """Each way that leads to somebody who can take it, best first; `trail` collects what stood in the way."""
    owner = _owner(asked, people, trail)
    if owner:
        yield owner
    for name, step, territory, role in pools_for(policy, asked):
        members = [p for p in people if territory in p.territories or role in p.roles]
        trail.append(step)
        able = [p for p in members if _able(p, asked, trail)]
        if able:
            ready = [p for p in able if p.on_shift] if asked.hot else []
            chosen, turned = take_turn(pools.get(name, Pool()), ready or able)
            in_turn = [Step(Why.NEXT_IN_TURN, {"person": chosen.id})] if len(members) > 1 else []
            yield Route(chosen.id, (*trail, *in_turn), name, turned)


def _owner(asked: Asked, people: Sequence[Candidate], steps: list[Step]) -> Route | None:
    owner = next((p for p in people if p.id == asked.account_owner_id), None)
    if owner is None:
        return None
    steps.append(Step(Why.ACCOUNT_OWNER, {"person": owner.id}))
    if _able(owner, asked, steps):
        return Route(owner.id, tuple(steps))
    backup = next((p for p in people if p.id == owner.backup_id), None) if owner.away_until else None
    if backup and _able(backup, asked, steps):
        return Route(backup.id, (*steps, Step(Why.BACKUP, {"person": backup.id, "of": owner.id})))
    return None


def _able(person: Candidate, asked: Asked, steps: list[Step]) -> bool:
    """Whether a person can take it; if not, the step that says why."""
    if person.away_until:
        steps.append(Step(Why.AWAY, {"person": person.id, "until": person.away_until.isoformat()}))
    elif person.id in asked.gave_back:
        steps.append(Step(Why.GAVE_BACK, {"person": person.id}))
    elif person.full:
        steps.append(Step(Why.FULL, {"person": person.id}))
    else:
        return person.weight > 0
    return False


def _fallback(policy: Policy, asked: Asked, people: Sequence[Candidate], steps: list[Step]) -> Route:
    """The fallback takes what nobody else can; away, their backup or manager does. No lead is left without a person."""
    by_id = {p.id: p for p in people}
    person = next((p for p in people if p.email == policy.routing.fallback), None)
    if person is None:
        raise LookupError(f"routing.fallback {policy.routing.fallback} is not among the people; import them first")
    told = [*steps, Step(Why.FALLBACK, {"person": person.id})]
    for other_id in (person.backup_id, person.manager_id):
        if person.away_until and other_id in by_id and not by_id[other_id].away_until:
            _able(person, asked, told)
            return Route(other_id, (*told, Step(Why.BACKUP, {"person": other_id, "of": person.id})))
    return Route(person.id, tuple(told))


def take_turn(pool: Pool, able: Sequence[Candidate]) -> tuple[Candidate, Pool]:
    """The next in turn among those able, and the pool after their turn. Depends on nothing but its arguments."""

    def tag(person: Candidate) -> int:
        return max(pool.seats.get(person.id, Seat()).tag, pool.tag)

    def order(person: Candidate) -> tuple[int, int, int]:
        return tag(person), pool.seats.get(person.id, Seat()).last_turn, person.id

    chosen = min(able, key=order)
    begun = tag(chosen)
    seat = Seat(begun + STEP * 100 // (chosen.weight * chosen.share), pool.turns)
    return chosen, Pool(begun, pool.turns + 1, {**pool.seats, chosen.id: seat})
