"""Score and gate: is it our ideal customer (fit), what did they do (engagement), and does it pass? Pure.

Everything a judgement saw is a plain value, so that it can be kept and judged again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config.policy import Condition, FieldCondition, Gate, Scalar, ScoreRule, TouchCondition

Facts = Mapping[str, Scalar]


@dataclass(frozen=True)
class Touch:
    """Something a lead did, on what, and when."""

    kind: str
    asset: str
    at: datetime


@dataclass(frozen=True)
class Reason:
    """Points, and the code of the rule they came from."""

    code: str
    kind: str
    points: int


@dataclass(frozen=True)
class Score:
    fit: int
    engagement: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Verdict:
    """Whether a lead is an MQL; `fast_track` names the rule that let it pass whatever its score."""

    passed: bool
    hot: bool
    fast_track: str | None


def score(rules: Sequence[ScoreRule], facts: Facts, touches: Sequence[Touch], now: datetime) -> Score:
    """Points of every rule whose conditions all hold."""
    reasons = [
        Reason(rule.code, rule.kind, points)
        for rule in rules
        if holds(rule.when, facts, touches, now) and (points := _points(rule, touches, now))
    ]
    fit = sum(reason.points for reason in reasons if reason.kind == "fit")
    engagement = sum(reason.points for reason in reasons if reason.kind == "engagement")
    return Score(fit, engagement, tuple(reasons))


def judge(gate: Gate, scored: Score, facts: Facts, touches: Sequence[Touch], now: datetime) -> Verdict:
    """Hold a scored lead against the gate."""
    for rule in gate.fast_track:
        if holds(rule.when, facts, touches, now):
            return Verdict(True, rule.hot, rule.code)
    return Verdict(scored.fit >= gate.min_fit and scored.engagement >= gate.min_engagement, False, None)


def holds(conditions: Sequence[Condition], facts: Facts, touches: Sequence[Touch], now: datetime) -> bool:
    return all(
        _field_holds(c, facts) if isinstance(c, FieldCondition) else len(_matching(c, touches, now)) >= c.at_least
        for c in conditions
    )


def _points(rule: ScoreRule, touches: Sequence[Touch], now: datetime) -> int:
    if rule.half_life_days is None:
        return rule.points
    wanted = [c for c in rule.when if isinstance(c, TouchCondition)]
    latest = max(touch.at for c in wanted for touch in _matching(c, touches, now))
    age = max(now - latest, timedelta(0)) / timedelta(days=1)
    remaining: float = 0.5 ** (age / rule.half_life_days)
    return round(rule.points * remaining)


def _matching(condition: TouchCondition, touches: Sequence[Touch], now: datetime) -> list[Touch]:
    since = now - timedelta(days=condition.within_days) if condition.within_days else None
    part = (condition.asset_contains or "").casefold()
    return [
        touch
        for touch in touches
        if touch.kind == condition.touch and part in touch.asset.casefold() and (since is None or touch.at >= since)
    ]


def _field_holds(condition: FieldCondition, facts: Facts) -> bool:
    value = facts.get(condition.field)
    if condition.exists is not None:
        return (value not in (None, "")) == condition.exists
    if value is None:
        return False
    if condition.equals is not None:
        return _same(value, condition.equals)
    if condition.one_of is not None:
        return any(_same(value, choice) for choice in condition.one_of)
    if condition.contains is not None:
        return condition.contains.casefold() in str(value).casefold()
    number = _number(value)
    return number is not None and number >= (condition.at_least or 0)


def _same(value: Scalar, wanted: Scalar) -> bool:
    if isinstance(value, str) or isinstance(wanted, str):
        return str(value).strip().casefold() == str(wanted).strip().casefold()
    return value == wanted


def _number(value: Scalar) -> float | None:
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def as_inputs(facts: Facts, touches: Sequence[Touch], now: datetime) -> dict[str, Any]:
    """What a judgement saw, as kept with it."""
    return {
        "facts": dict(facts),
        "touches": [[touch.kind, touch.asset, touch.at.isoformat()] for touch in touches],
        "at": now.isoformat(),
    }


def from_inputs(inputs: Mapping[str, Any]) -> tuple[Facts, list[Touch], datetime]:
    """The same again, to judge anew."""
    touches = [Touch(kind, asset, datetime.fromisoformat(at)) for kind, asset, at in inputs["touches"]]
    return inputs["facts"], touches, datetime.fromisoformat(inputs["at"])
