"""What of a told week came out otherwise, and what it was when it was told."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.council import measures, texts
from bot.council.facts import Facts, Origin
from bot.sla.texts import KINDS
from bot.wording import escape
from config.policy import Policy


def corrected(
    before: Sequence[Mapping[str, Any]], changes: Mapping[str, tuple[str, str]], now: datetime
) -> dict[str, Any]:
    """One correction for everything: what each figure was when it was first told, and what it is now."""
    told: dict[str, list[str]] = dict(before[0]["what"]) if before else {}
    for name, (was, is_) in changes.items():
        first = told.get(name, [was])[0]
        told[name] = [first, is_]
    return {"at": now.isoformat(), "what": {name: pair for name, pair in told.items() if pair[0] != pair[1]}}


def as_it_stood(before: Facts, now: Facts) -> Facts:
    """The new count of the week, with what stood "now" as it was told, and what a person named for the time to come."""
    kinds = {(one.team, one.kind): one.open for one in (*before.promises.teams, *before.promises.kinds)}
    promises = now.promises.model_copy(
        update={
            "teams": tuple(
                one.model_copy(update={"open": kinds.get((one.team, None), 0)}) for one in now.promises.teams
            ),
            "kinds": tuple(
                one.model_copy(update={"open": kinds.get((one.team, one.kind), 0)}) for one in now.promises.kinds
            ),
        }
    )
    flow = now.flow.model_copy(
        update={"in_hand": before.flow.in_hand, "waits": before.flow.waits, "cohorts": before.flow.cohorts}
    )
    field = now.field.model_copy(
        update={
            "patterns": before.field.patterns,
            "quotes": before.field.quotes,
            "trends": before.field.trends,
            "messages": before.field.messages,
        }
    )
    if before.quality.no_fit is None:  # told when acceptance was counted by how leads stood: another figure
        now = now.model_copy(update={"quality": before.quality})
    kept = {"flow": flow, "promises": promises, "field": field, "as_of": before.as_of, "load": before.load}
    return now.model_copy(update={**kept, "away": before.away, "policy_version": before.policy_version})


def differences(before: Facts, now: Facts, policy: Policy) -> dict[str, tuple[str, str]]:
    """What of the week came out otherwise, by its name: as it was told, and as it is."""
    was, is_ = (dict(_figures(facts, policy)) for facts in (before, now))
    nothing = "–"
    return {
        name: (was.get(name, nothing), is_.get(name, nothing))
        for name in {**was, **is_}
        if was.get(name, nothing) != is_.get(name, nothing)
    }


def _figures(facts: Facts, policy: Policy) -> Iterator[tuple[str, str]]:
    """The figures of the week itself, by name; nothing that is not there."""
    yield from _of_leads(facts, policy)
    yield from _of_promises(facts)
    for said in facts.field.objections:
        category = policy.field.category(said.code)
        if said.count.now:
            yield f"“{escape(category.label if category else said.code)}”", str(said.count.now)
    for said in facts.field.feedback:
        kind = policy.field.kind(said.code)
        if said.count.now:
            yield f"{texts.FEEDBACK_OF.format(kind=escape(kind.label if kind else said.code))}", str(said.count.now)
    answered = facts.field.answered
    if answered.of.now:
        yield texts.MEASURES["field_answered"], texts.of(answered.hits.now, answered.of.now)
    for campaign in facts.campaigns:
        yield f"{escape(policy.campaign_name(campaign.code) or campaign.code)} leads", str(campaign.came)
    won = Counter[str]()
    for ended in facts.ended:
        won.update(dict(ended.values))
    for currency, value in won.items():
        yield f"{texts.MEASURES['won_value']}, {currency}", texts.money(value, currency)
    for goal in facts.goals:
        unit, currency = measures.unit_of(goal.measure), policy.deals.currencies[0]
        yield escape(goal.label), texts.reading(goal.value, unit, currency)


def _of_leads(facts: Facts, policy: Policy) -> Iterator[tuple[str, str]]:
    for stage, count in facts.flow.entered.items():
        yield texts.STAGES[stage], str(count.now)
    for stage, count in facts.flow.left.items():
        if count.now:
            yield f"{texts.LEFT} {texts.STAGES[stage]}", str(count.now)
    taken = facts.quality.acceptance
    if taken.of.now:
        yield texts.MEASURES["acceptance"], texts.of(taken.hits.now, taken.of.now)
    for back in facts.quality.back:
        if back.count.now:
            reason = next((one.label for one in policy.rejections if one.code == back.reason), back.reason)
            yield f"“{escape(reason)}” came back", str(back.count.now)
    for origin in facts.quality.sources:
        yield _back_of(policy.source_name(origin.code or ""), origin)
    for origin in facts.quality.campaigns:
        if origin.code:
            yield _back_of(policy.campaign_name(origin.code) or origin.code, origin)


def _of_promises(facts: Facts) -> Iterator[tuple[str, str]]:
    for kept in facts.promises.kinds:
        if kept.kept.of.now:
            name = f"{texts.TEAMS[kept.team]}, {KINDS[kept.kind or ''].lower()}, in time"
            yield name, texts.of(kept.kept.hits.now, kept.kept.of.now)
    for team in facts.promises.teams:
        if team.kept.of.now:
            yield f"{texts.TEAMS[team.team]} in time", texts.of(team.kept.hits.now, team.kept.of.now)
            yield f"{texts.TEAMS[team.team]} median", texts.minutes(facts.promises.medians[team.team].now.median)
    yield texts.MEASURES["median_answer"], texts.minutes(facts.promises.answer.now.median)
    yield texts.MEASURES["speed_to_lead"], texts.minutes(facts.promises.speed.times.now.median)


def _back_of(name: str, origin: Origin) -> tuple[str, str]:
    answered = origin.taken.of.now
    return f"{escape(name)} came back", texts.of(answered - origin.taken.hits.now, answered)
