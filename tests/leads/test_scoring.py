"""A score is the sum of agreed reasons, fades as agreed, and comes out the same when judged again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.leads.scoring import Facts, Reason, Score, Touch, Verdict, as_inputs, from_inputs, holds, judge, score
from config.policy import FieldCondition, Gate, Policy, Scalar, ScoreRule, TouchCondition

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
POLICY = Policy.load(Path(__file__).parents[2] / "config" / "policy.toml")
HOSPITAL: Facts = {"account.type": "Hospital Lab", "beds": 800, "title": "Head of Lab", "phone": "+49 30 1"}
quick = settings(max_examples=100, deadline=None)


def touched(kind: str, days_ago: float = 0, asset: str = "") -> Touch:
    return Touch(kind, asset, NOW - timedelta(days=days_ago))


# ---- Conditions ----

FIELDS: dict[str, tuple[dict[str, object], Scalar | None, bool]] = {
    "equals, without case and space": ({"equals": "hospital lab"}, " Hospital LAB ", True),
    "equals is not contains": ({"equals": "hospital"}, "hospital lab", False),
    "equals a number": ({"equals": 600}, 600, True),
    "equals a number that came as text": ({"equals": 600}, "600", True),
    "equals a truth that came as text": ({"equals": True}, "TRUE", True),
    "equals, absent": ({"equals": "x"}, None, False),
    "in": ({"in": ["clinic", "hospital"]}, "HOSPITAL", True),
    "in, none of them": ({"in": ["clinic", "hospital"]}, "practice", False),
    "in, absent": ({"in": ["clinic"]}, None, False),
    "contains": ({"contains": "head"}, "Department HEAD", True),
    "contains, with the letters of another language": ({"contains": "STRASSE"}, "Hauptstraße 1", True),
    "contains, a number": ({"contains": "49"}, 4930, True),
    "contains, not": ({"contains": "head"}, "nurse", False),
    "at least, exactly": ({"at_least": 600}, 600, True),
    "at least, from text": ({"at_least": 600}, "601.5", True),
    "at least, less": ({"at_least": 600}, 599.9, False),
    "at least, no number": ({"at_least": 600}, "many", False),
    "at least zero": ({"at_least": 0}, -1, False),
    "at least, absent": ({"at_least": 0}, None, False),
    "exists": ({"exists": True}, "+49", True),
    "exists, empty": ({"exists": True}, "", False),
    "exists, absent": ({"exists": True}, None, False),
    "exists, a zero is something": ({"exists": True}, 0, True),
    "does not exist": ({"exists": False}, None, True),
    "does not exist, but does": ({"exists": False}, "here", False),
}


@pytest.mark.parametrize("test, value, expected", FIELDS.values(), ids=FIELDS)
def test_field_condition(test: dict[str, object], value: Scalar | None, expected: bool) -> None:
    condition = FieldCondition.model_validate({"field": "f", **test})
    facts = {} if value is None else {"f": value}
    assert holds([condition], facts, (), NOW) is expected


TOUCHES: dict[str, tuple[dict[str, object], list[Touch], bool]] = {
    "of its kind": ({}, [touched("page")], True),
    "of another kind": ({}, [touched("webinar")], False),
    "never": ({}, [], False),
    "on the asset, without case": ({"asset_contains": "PRICE"}, [touched("page", asset="/Price-list")], True),
    "on another asset": ({"asset_contains": "price"}, [touched("page", asset="/jobs")], False),
    "often enough": ({"at_least": 2}, [touched("page"), touched("page", 9)], True),
    "not often enough": ({"at_least": 2}, [touched("page"), touched("event")], False),
    "just lately enough": ({"within_days": 30}, [touched("page", 30)], True),
    "too long ago": ({"within_days": 30}, [touched("page", 30.01)], False),
    "only one of two lately": ({"at_least": 2, "within_days": 30}, [touched("page"), touched("page", 31)], False),
}


@pytest.mark.parametrize("test, touches, expected", TOUCHES.values(), ids=TOUCHES)
def test_touch_condition(test: dict[str, object], touches: list[Touch], expected: bool) -> None:
    assert holds([TouchCondition.model_validate({"touch": "page", **test})], {}, touches, NOW) is expected


def test_all_conditions_must_hold() -> None:
    both = [FieldCondition(field="beds", at_least=600), TouchCondition(touch="event")]
    assert holds(both, HOSPITAL, [touched("event")], NOW)
    assert not holds(both, HOSPITAL, [], NOW)
    assert not holds(both, {}, [touched("event")], NOW)


# ---- Points ----


def test_the_shipped_rules_score_with_their_reasons() -> None:
    touches = [touched("event"), touched("page", 1, "/prices"), touched("page", 2, "/prices")]
    found = score(POLICY.score, HOSPITAL, touches, NOW)
    assert found == Score(
        57,
        34,
        (
            Reason("hospital_lab", "fit", 30),
            Reason("large", "fit", 12),
            Reason("decides", "fit", 10),
            Reason("reachable", "fit", 5),
            Reason("price_page_twice", "engagement", 14),
            Reason("came_to_stand", "engagement", 20),
        ),
    )


def fading(points: int, half_life: float) -> ScoreRule:
    when = [{"touch": "event"}]
    given = {"code": "e", "kind": "engagement", "points": points, "text": "t", "when": when}
    return ScoreRule.model_validate({**given, "half_life_days": half_life})


@pytest.mark.parametrize(
    "days_ago, points", [(0, 20), (-3, 20), (30, 10), (60, 5), (15, 14), (300, 0)], ids=lambda value: f"{value}"
)
def test_points_halve_with_the_age_of_the_touch(days_ago: float, points: int) -> None:
    assert score([fading(20, 30)], {}, [touched("event", days_ago)], NOW).engagement == points


def test_the_latest_touch_counts() -> None:
    touches = [touched("event", 60), touched("event", 0), touched("event", 30), touched("page", -1)]
    assert score([fading(20, 30)], {}, touches, NOW).engagement == 20


def test_what_has_faded_away_is_no_reason() -> None:
    assert score([fading(20, 30)], {}, [touched("event", 300)], NOW).reasons == ()


def test_points_against_a_lead_count_too() -> None:
    rule = ScoreRule.model_validate(
        {"code": "s", "kind": "fit", "points": -40, "text": "t", "when": [{"field": "type", "equals": "student"}]}
    )
    assert score([rule], {"type": "Student"}, (), NOW).fit == -40


# ---- The gate ----


@pytest.mark.parametrize(
    "fit, engagement, passed", [(20, 15, True), (19, 15, False), (20, 14, False), (100, 0, False), (0, 100, False)]
)
def test_the_gate_asks_for_fit_and_engagement(fit: int, engagement: int, passed: bool) -> None:
    assert judge(POLICY.gate, Score(fit, engagement, ()), {}, (), NOW) == Verdict(passed, False, None)


def test_a_demo_request_passes_whatever_its_score_and_is_hot() -> None:
    verdict = judge(POLICY.gate, Score(-50, 0, ()), {}, [touched("demo_request")], NOW)
    assert verdict == Verdict(True, True, "demo_request")


def test_the_first_fast_track_that_holds_is_named_and_may_be_unhurried() -> None:
    asked = {"text": "t", "when": [{"touch": "call"}]}
    gate = Gate.model_validate({"fast_track": [{"code": "a", "hot": False, **asked}, {"code": "b", **asked}]})
    assert judge(gate, Score(0, 0, ()), {}, [touched("call")], NOW) == Verdict(True, False, "a")


# ---- Properties ----

facts_of_leads = st.fixed_dictionaries(
    {},
    optional={
        "account.type": st.sampled_from(["hospital lab", "HOSPITAL LAB", "practice"]),
        "beds": st.one_of(st.integers(0, 2000), st.sampled_from(["600", "many"])),
        "title": st.sampled_from(["Head of lab", "Nurse"]),
        "phone": st.sampled_from(["", "+49 30 1"]),
        "country": st.text('Gä "\\<', max_size=4),
    },
)
touches_of_leads = st.lists(
    st.builds(
        touched,
        st.sampled_from(["download", "page", "event", "webinar", "demo_request", "call"]),
        st.floats(0, 200),
        st.sampled_from(["", "/price", "Price guide ä"]),
    ),
    max_size=6,
)


@given(facts_of_leads, touches_of_leads)
@quick
def test_a_kept_judgement_comes_out_the_same_when_judged_again(facts: Facts, touches: list[Touch]) -> None:
    kept = from_inputs(json.loads(json.dumps(as_inputs(facts, touches, NOW))))
    first = score(POLICY.score, facts, touches, NOW)
    assert kept == (facts, touches, NOW)
    assert score(POLICY.score, *kept) == first
    assert judge(POLICY.gate, first, *kept) == judge(POLICY.gate, first, facts, touches, NOW)


@given(facts_of_leads, touches_of_leads)
@quick
def test_a_score_is_the_sum_of_its_reasons(facts: Facts, touches: list[Touch]) -> None:
    found = score(POLICY.score, facts, touches, NOW)
    by_kind = {kind: sum(r.points for r in found.reasons if r.kind == kind) for kind in ("fit", "engagement")}
    assert (found.fit, found.engagement) == (by_kind["fit"], by_kind["engagement"])
    assert all(reason.points for reason in found.reasons)


@given(facts_of_leads, touches_of_leads)
@quick
def test_the_order_of_touches_does_not_matter(facts: Facts, touches: list[Touch]) -> None:
    assert score(POLICY.score, facts, touches[::-1], NOW) == score(POLICY.score, facts, touches, NOW)


@given(facts_of_leads, touches_of_leads, st.timedeltas(timedelta(0), timedelta(days=400)))
@quick
def test_engagement_fades_and_fit_stays_while_nothing_happens(
    facts: Facts, touches: list[Touch], later: timedelta
) -> None:
    now, then = (score(POLICY.score, facts, touches, at) for at in (NOW, NOW + later))
    assert then.fit == now.fit
    assert then.engagement <= now.engagement


@given(facts_of_leads, touches_of_leads, touches_of_leads)
@quick
def test_doing_more_never_costs_points(facts: Facts, touches: list[Touch], more: list[Touch]) -> None:
    before, after = (score(POLICY.score, facts, done, NOW) for done in (touches, touches + more))
    assert after.engagement >= before.engagement
    passed, still = (
        judge(POLICY.gate, s, facts, t, NOW).passed for s, t in ((before, touches), (after, touches + more))
    )
    assert still or not passed
