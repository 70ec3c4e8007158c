"""Every lead finds a person who can take it, in a fair turn, and the same way when asked again."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.leads.routing import Asked, Candidate, Pool, Route, Why, route, take_turn
from config.policy import Policy

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=10)
SHIPPED = Policy.load(Path(__file__).parents[2] / "config" / "policy.toml")
quick = settings(max_examples=100, deadline=None)


def with_routing(**routing: object) -> Policy:
    document = SHIPPED.model_dump(by_alias=True)
    return Policy.model_validate({**document, "routing": {**document["routing"], **routing}})


TWO_POOLS = with_routing(
    pools=[
        {"name": "Large", "role": "sam", "when": [{"field": "beds", "at_least": 600}]},
        {"name": "Inside sales", "role": "sdr"},
    ]
)
PETRA = Candidate(1, "petra@helix.example", frozenset({"manager"}))
JONAS = Candidate(2, "jonas@helix.example", frozenset({"rep"}), frozenset({"DACH"}))
DANA = Candidate(3, "dana@helix.example", frozenset({"rep"}), frozenset({"DACH"}))
MIA = Candidate(4, "mia@helix.example", frozenset({"sdr"}))
SAM = Candidate(5, "sam@helix.example", frozenset({"sam"}))
TEAM = (PETRA, JONAS, DANA, MIA, SAM)


def asked(
    country: str | None = "Germany",
    *,
    hot: bool = False,
    owner: int | None = None,
    gave_back: Iterable[int] = (),
    **facts: int,
) -> Asked:
    return Asked({**({"country": country} if country else {}), **facts}, hot, owner, frozenset(gave_back), NOW)


def team(*changed: Candidate) -> list[Candidate]:
    """The team with some of its people in another state."""
    new = {person.id: person for person in changed}
    return [new.get(person.id, person) for person in TEAM]


def away(person: Candidate, backup: int | None = None) -> Candidate:
    return replace(person, away_until=LATER, backup_id=backup, on_shift=False)


def off(person: Candidate) -> Candidate:
    return replace(person, on_shift=False)


def full(person: Candidate) -> Candidate:
    return replace(person, full=True)


def codes(found: Route) -> list[str]:
    return [step.code.value for step in found.steps]


WAYS: dict[str, tuple[Asked, list[Candidate], int, str]] = {
    "the account's owner first": (asked(owner=4), team(), 4, "account_owner"),
    "an owner away: the backup": (asked(owner=3), team(away(DANA, backup=4)), 4, "account_owner away backup"),
    "an owner full: the territory": (asked(owner=4), team(full(MIA)), 2, "account_owner full territory next_in_turn"),
    "an owner and backup away: the territory": (
        asked(owner=4), team(away(MIA, backup=3), away(DANA)), 2,
        "account_owner away away territory away next_in_turn"),
    "an owner who gave it back": (
        asked(owner=2, gave_back=[2]), team(), 3, "account_owner gave_back territory gave_back next_in_turn"),
    "an owner who is gone": (asked(owner=99), team(), 2, "territory next_in_turn"),
    "the territory, without case": (asked("gERMANY"), team(), 2, "territory next_in_turn"),
    "somebody away in the territory": (asked(), team(away(JONAS)), 3, "territory away next_in_turn"),
    "a territory where nobody can: the pool": (
        asked(), team(away(JONAS), full(DANA)), 4, "territory away full pool"),
    "a territory without people: the pool": (asked("France"), team(), 4, "pool"),
    "no country: the pool": (asked(None), team(), 4, "pool"),
    "the first pool that fits": (asked(None, beds=600), team(), 5, "pool"),
    "a pool where nobody can: the next": (asked(None, beds=600), team(full(SAM)), 4, "pool full pool"),
    "weight 0 takes no turn": (asked(None), team(replace(MIA, weight=0)), 1, "pool fallback"),
    "nobody can: the fallback": (
        asked(gave_back=[2, 3]), team(full(MIA)), 1, "territory gave_back gave_back pool full fallback"),
    "the fallback, even when full": (asked(None), [full(PETRA)], 1, "pool fallback"),
    "the fallback away: their backup": (asked(None), [away(PETRA, backup=2), JONAS], 2, "pool fallback away backup"),
    "the fallback and the backup away: the manager": (
        asked(None), [replace(away(PETRA, backup=2), manager_id=3), away(JONAS), DANA], 3, "pool fallback away backup"),
    "all of them away: the fallback all the same": (
        asked(None), [away(PETRA, backup=2), away(JONAS)], 1, "pool fallback"),
    "hot: who is on shift in the territory": (asked(hot=True), team(off(JONAS)), 3, "territory next_in_turn"),
    "hot: an owner asleep gives way": (
        asked(hot=True, owner=2), team(off(JONAS)), 3, "account_owner off_shift territory next_in_turn"),
    "hot: a territory asleep gives way to the pool": (
        asked(hot=True), team(off(JONAS), off(DANA)), 4, "territory off_shift pool"),
    "hot, everybody asleep: the usual way": (
        asked(hot=True, owner=3), [off(person) for person in TEAM], 3, "account_owner"),
    "not hot: an owner asleep has it in the morning": (asked(owner=2), team(off(JONAS)), 2, "account_owner"),
}  # fmt: skip


@pytest.mark.parametrize("lead, people, person, steps", WAYS.values(), ids=WAYS)
def test_a_lead_goes(lead: Asked, people: list[Candidate], person: int, steps: str) -> None:
    found = route(TWO_POOLS, lead, people, {})
    assert (found.person_id, " ".join(codes(found))) == (person, steps)


def test_reasons_name_who_until_when_and_where() -> None:
    found = route(TWO_POOLS, asked(), team(away(JONAS)), {})
    assert [step.as_json() for step in found.steps] == [
        {"code": "territory", "country": "Germany", "territory": "DACH"},
        {"code": "away", "person": 2, "until": LATER.isoformat()},
        {"code": "next_in_turn", "person": 3},
    ]


def test_a_fallback_that_was_never_imported_is_named() -> None:
    with pytest.raises(LookupError, match=r"petra@helix\.example"):
        route(TWO_POOLS, asked(), [], {})


def test_only_a_turn_given_moves_a_pool_on() -> None:
    assert route(TWO_POOLS, asked(owner=4), team(), {}).pool_state is None
    found = route(TWO_POOLS, asked(hot=True), team(off(JONAS), off(DANA)), {"territory:DACH": Pool()})
    assert found.pool == "pool:Inside sales"


# ---- Fair turns ----


def people_of(weights: Sequence[int]) -> list[Candidate]:
    return [Candidate(n, f"p{n}@helix.example", frozenset({"sdr"}), weight=w) for n, w in enumerate(weights, 1)]


def take_turns(people: Sequence[Candidate], rounds: Iterable[frozenset[int]]) -> list[int]:
    """Who gets each lead, when in each round the named people cannot take it, for one reason or another."""
    pools: dict[str, Pool] = {}
    given = []
    for number, out in enumerate(rounds):
        now = [(p, full(p), away(p))[number % 3] if p.id in out else p for p in people]
        lead = asked(None, gave_back=out if number % 3 == 0 else ())
        found = route(SHIPPED, lead, [*now, PETRA_100], pools)
        if found.pool and found.pool_state:
            pools[found.pool] = found.pool_state
        given.append(found.person_id)
    return given


PETRA_100 = replace(PETRA, id=100)
NOBODY: frozenset[int] = frozenset()


def widest(one: Candidate, other: Candidate, given: Sequence[int], out: Sequence[frozenset[int]]) -> Fraction:
    """The greatest difference of turns per weight over any stretch during which both could take leads."""
    ahead = low = high = most = Fraction(0)
    for person, unable in zip(given, out, strict=True):
        if one.id in unable or other.id in unable:
            ahead = low = high = Fraction(0)
            continue
        ahead += Fraction(person == one.id, one.weight) - Fraction(person == other.id, other.weight)
        low, high = min(low, ahead), max(high, ahead)
        most = max(most, high - low)
    return most


def test_equal_weights_go_round() -> None:
    assert take_turns(people_of([1, 1, 1]), [NOBODY] * 7) == [1, 2, 3, 1, 2, 3, 1]
    assert take_turns(people_of([1, 1, 1])[::-1], [NOBODY] * 7) == [1, 2, 3, 1, 2, 3, 1]


def test_weight_2_gets_twice_as_many_and_not_all_at_once() -> None:
    given = take_turns(people_of([2, 1]), [NOBODY] * 12)
    assert (given.count(1), given.count(2)) == (8, 4)
    assert all(2 in given[n : n + 3] for n in range(10))


@pytest.mark.parametrize("weight", [1, 3, 10])
def test_whoever_comes_back_is_not_flooded(weight: int) -> None:
    people = people_of([1, 1, 1])
    people[0] = replace(people[0], weight=weight)
    given = take_turns(people, [frozenset({1})] * 60 + [NOBODY] * (weight + 2))
    assert 1 not in given[:60]
    assert given[60:].count(1) in (weight - 1, weight, weight + 1)


def test_whoever_joins_is_not_flooded() -> None:
    pool, joined = Pool(), []
    for number in range(46):
        chosen, pool = take_turn(pool, people_of([1, 1] if number < 40 else [1, 1, 1]))
        joined.append(chosen.id)
    assert sorted(joined[40:]) == [1, 1, 2, 2, 3, 3]


rounds_of_absence = st.lists(st.frozensets(st.integers(1, 5), max_size=4), min_size=1, max_size=40)
stays = st.lists(st.tuples(st.frozensets(st.integers(1, 5), max_size=4), st.integers(1, 15)), min_size=1, max_size=6)
absences = st.one_of(rounds_of_absence, stays.map(lambda runs: [out for out, times in runs for _ in range(times)]))


@given(st.integers(2, 5), absences)
@quick
def test_equal_weights_differ_by_one_lead_at_most_while_both_can(many: int, out: list[frozenset[int]]) -> None:
    """Over every stretch, so also over any that begins with a return: absence earns nothing."""
    people = people_of([1] * many)
    given = take_turns(people, out)
    assert all(widest(a, b, given, out) <= 1 for a, b in combinations(people, 2))


@given(st.lists(st.integers(1, 10), min_size=2, max_size=5), absences)
@quick
def test_other_weights_share_in_proportion_within_one_turn_each(weights: list[int], out: list[frozenset[int]]) -> None:
    people = people_of(weights)
    given = take_turns(people, out)
    for a, b in combinations(people, 2):
        assert widest(a, b, given, out) <= Fraction(1, a.weight) + Fraction(1, b.weight)


@given(st.lists(st.integers(1, 10), min_size=2, max_size=5))
@settings(max_examples=20, deadline=None)
def test_over_a_long_time_everybody_gets_exactly_their_share(weights: list[int]) -> None:
    people, pool, given = people_of(weights), Pool(), []
    for _ in range(sum(weights) * 20):
        chosen, pool = take_turn(pool, people)
        given.append(chosen.id)
    assert [given.count(person.id) for person in people] == [weight * 20 for weight in weights]


# ---- Any team, any lead ----

IDS = st.integers(1, 6)


absent = st.sampled_from([None, None, LATER])
anybody = st.one_of(st.none(), IDS)
others = st.builds(
    Candidate,
    st.just(0),
    st.just("somebody@helix.example"),
    st.sampled_from([frozenset({role}) for role in ("rep", "sdr", "sam")]),
    st.sampled_from([frozenset(names) for names in ((), ("DACH",), ("DACH", "US East"))]),
    st.sampled_from([0, 1, 1, 2, 7]),
    st.booleans(),
    absent,
    anybody,
    st.booleans(),
)
petras = st.builds(
    replace, st.just(PETRA), away_until=absent, backup_id=anybody, manager_id=anybody, on_shift=st.booleans()
)
teams = st.tuples(petras, st.lists(others, max_size=5)).map(
    lambda team: [team[0], *(replace(person, id=n) for n, person in enumerate(team[1], 2))]
)
leads_to_route = st.builds(
    Asked,
    st.fixed_dictionaries(
        {}, optional={"country": st.sampled_from(["Germany", "United States", "Peru"]), "beds": st.integers(500, 700)}
    ),
    st.booleans(),
    st.one_of(st.none(), IDS),
    st.frozensets(IDS, max_size=2),
    st.just(NOW),
)
histories = st.lists(st.tuples(leads_to_route, teams), min_size=1, max_size=4)


def play(history: Sequence[tuple[Asked, Sequence[Candidate]]]) -> list[Route]:
    pools: dict[str, Pool] = {}
    found = []
    for lead, people in history:
        found.append(route(TWO_POOLS, lead, people, dict(pools)))
        if (last := found[-1]).pool and last.pool_state:
            pools[last.pool] = last.pool_state
    return found


def can(person: Candidate, lead: Asked) -> bool:
    return not (person.away_until or person.full or person.weight == 0 or person.id in lead.gave_back)


def reachable(lead: Asked, people: Sequence[Candidate]) -> set[int]:
    """Everybody to whom some way leads: owner (or, away, their backup), territory, each pool that fits."""
    found = set()
    for owner in (person for person in people if person.id == lead.account_owner_id):
        found |= {p.id for p in people if p.id == owner.id or (owner.away_until and p.id == owner.backup_id)}
    territory = {"Germany": "DACH", "United States": "US East"}.get(str(lead.facts.get("country")))
    roles = {"sdr"} | ({"sam"} if float(lead.facts.get("beds", 0)) >= 600 else set())
    found |= {person.id for person in people if territory in person.territories or roles & person.roles}
    return {person.id for person in people if person.id in found and can(person, lead)}


@given(histories)
@quick
def test_only_somebody_who_can_take_it_gets_it_unless_nobody_can(
    history: list[tuple[Asked, list[Candidate]]],
) -> None:
    for (lead, people), found in zip(history, play(history), strict=True):
        able = reachable(lead, people)
        assert found.person_id in (able or {person.id for person in people})
        assert (Why.FALLBACK in codes(found)) == (not able)
        assert bool(found.pool) == bool(found.pool_state)


@given(histories)
@quick
def test_the_last_resort_is_away_only_when_all_of_theirs_are(history: list[tuple[Asked, list[Candidate]]]) -> None:
    for (_, people), found in zip(history, play(history), strict=True):
        by_id = {person.id: person for person in people}
        petra = by_id[1]
        theirs = [by_id[n] for n in (1, petra.backup_id, petra.manager_id) if n in by_id]
        if Why.FALLBACK in codes(found) and any(not person.away_until for person in theirs):
            assert not by_id[found.person_id].away_until
            assert found.person_id in {person.id for person in theirs}


@given(histories)
@quick
def test_a_hot_lead_goes_to_somebody_on_shift_whenever_a_way_leads_there(
    history: list[tuple[Asked, list[Candidate]]],
) -> None:
    for (lead, people), found in zip(history, play(history), strict=True):
        on_shift = {person.id for person in people if person.on_shift and not person.away_until}
        if lead.hot and (ready := reachable(lead, people) & on_shift):
            assert found.person_id in ready


@given(histories)
@quick
def test_the_same_history_gives_the_same_routes(history: list[tuple[Asked, list[Candidate]]]) -> None:
    """Also with people in another order, as a database may return them; and reasons can be kept as JSON."""
    first = play(history)
    assert play(history) == first
    again = play([(lead, people[::-1]) for lead, people in history])
    assert [(r.person_id, r.pool, r.pool_state) for r in again] == [(r.person_id, r.pool, r.pool_state) for r in first]
    for found in first:
        steps = [step.as_json() for step in found.steps]
        assert json.loads(json.dumps(steps)) == steps
