"""The facts of leads: their way through the stages, what became of them, what was won and lost."""

import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.council import queries
from bot.council.counting import by_week, five_weeks, grouped, rows_of, times, times_in
from bot.council.facts import (
    WEEKS,
    Back,
    Band,
    Cohort,
    Count,
    Ended,
    Flow,
    Origin,
    Quality,
    Reached,
    Share,
    Stage,
    Times,
    Value,
    Wait,
    Win,
)
from bot.council.rules import BANDS, Span, band_name, month_before, place_of
from bot.leads.rules import WORKED_STAGES, Step
from bot.leads.rules import Stage as LeadStage
from bot.sla.rules import Kind
from config.policy import Policy

BAND_WEEKS, MONTHS, MOST_WINS, MINUTE = 12, 3, 10, timedelta(minutes=1)
ENTERING: dict[str, tuple[Step, ...]] = {
    LeadStage.MQL.value: (),  # handed over to sales, which is no step of a lead
    LeadStage.SAL.value: (Step.ACCEPTED,),
    LeadStage.SQL.value: (Step.QUALIFIED,),
    LeadStage.WON.value: (Step.WON,),
    LeadStage.LOST.value: (Step.LOST,),
    LeadStage.REJECTED.value: (Step.REJECTED, Step.NOT_A_FIT),
}
REACHED = {"accepted": Step.ACCEPTED, "qualified": Step.QUALIFIED, "won": Step.WON}
# In which stage a lead was, of which is told how long it had been there.
LEFT = {
    Step.QUALIFIED: LeadStage.SAL.value,
    Step.NOT_A_FIT: LeadStage.SAL.value,
    Step.WON: LeadStage.SQL.value,
    Step.LOST: LeadStage.SQL.value,
}


def flow(
    session: Session,
    edges: list[datetime],
    came: Sequence[Row[Any]],
    in_hand: Sequence[Row[Any]],
    zone: str,
    since: datetime,
    now: datetime,
) -> Flow:
    """`since` is when Tandem began: of what was before nothing is held against anything."""
    steps = rows_of(session, queries.steps_made(edges))
    stages = Counter[str]()
    for row in (*in_hand, *rows_of(session, queries.lying())):
        stages[row.stage] += row.number
    return Flow(
        entered={"came": by_week(came), **_by_stage(_entered(session, edges, steps))},
        left=_by_stage(_left(steps)),
        in_hand=dict(stages),
        stages=tuple(_stages(session, edges)),
        cohorts=tuple(_cohorts(session, min(edges[-1], now), zone, since)),
        waits=tuple(_waits(session, now)),
    )


def entered_by_week(session: Session, edges: Sequence[datetime]) -> dict[str, list[int]]:
    """How many leads entered each stage between the edges: those that took the step that leads there."""
    return _entered(session, edges, rows_of(session, queries.steps_made(edges)))


def _entered(session: Session, edges: Sequence[datetime], steps: Sequence[Row[Any]]) -> dict[str, list[int]]:
    found = {stage: [0] * (len(edges) - 1) for stage in ENTERING}
    for row in steps:
        for stage in (stage for stage, wanted in ENTERING.items() if row.step in wanted and not _stays(row)):
            found[stage][row.week] += row.number
    for row in rows_of(session, queries.handed_over(edges)):
        found[LeadStage.MQL][row.week] += row.number
    return found


def _left(steps: Sequence[Row[Any]]) -> dict[str, list[int]]:
    """Leads by week that a step took out of a stage."""
    found: dict[str, list[int]] = {stage.value: [0] * WEEKS for stage in WORKED_STAGES}
    for row in steps:
        if row.stage in found and not _stays(row):
            found[row.stage][row.week] += row.number
    return found


def _stays(row: Row[Any]) -> bool:
    """Whether it was handed over and accepted once more: it stays as far as it is."""
    return row.step == Step.ACCEPTED and row.stage in queries.FURTHER


def _by_stage(found: dict[str, list[int]]) -> dict[str, Count]:
    return {stage: Count(weeks=tuple(weeks)) for stage, weeks in found.items()}


def _stages(session: Session, edges: Sequence[datetime]) -> Iterable[Stage]:
    """How long leads had been in the stage they left; a step that a file brought tells nothing of it."""
    yield Stage(stage=LeadStage.MQL.value, times=times(session, edges, lambda span: queries.waited(span, Kind.ANSWER)))
    taken: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for row in rows_of(session, queries.steps_with_before(tuple(LEFT), five_weeks(edges))):
        if row.stage == LEFT[row.step]:
            since = datetime.fromisoformat(row.since)
            taken[row.stage].append((row.at, (row.at - since) / MINUTE))
    for stage, told in sorted(taken.items()):
        yield Stage(stage=stage, times=times_in(told, edges))


def _cohorts(session: Session, until: datetime, zone: str, since: datetime) -> Iterable[Cohort]:
    """The last whole months, each with the one before it beside it, as far as that had come at the same age."""
    starts = [until.astimezone(ZoneInfo(zone)).date().replace(day=1)]
    for _ in range(MONTHS + 1):
        starts.insert(0, month_before(starts[0])[0])
    edges = [datetime.combine(day, time(), ZoneInfo(zone)) for day in starts]
    sizes = {row.month: row.number for row in rows_of(session, queries.cohort_sizes(edges))}
    steps = {(row.month, row.step): row for row in rows_of(session, queries.cohort(edges, until))}

    def reached(month: int, column: str) -> dict[str, int]:
        found = {name: steps.get((month, step)) for name, step in REACHED.items()}
        return {"came": sizes[month], **{name: getattr(row, column) if row else 0 for name, row in found.items()}}

    for number in range(1, MONTHS + 1):
        if number in sizes:
            known = number - 1 in sizes and edges[number - 1] >= since
            before = Reached(**reached(number - 1, "earlier")) if known else None
            yield Cohort(month=f"{starts[number]:%Y-%m}", **reached(number, "number"), before=before)


def _waits(session: Session, now: datetime) -> Iterable[Wait]:
    since = grouped(rows_of(session, queries.waiting_since(queries.OF_LEADS)), lambda row: row.kind)
    for kind, rows in sorted(since.items()):
        hours = sorted((now - row.since) / timedelta(hours=1) for row in rows)
        yield Wait(kind=kind, number=len(hours), hours=hours[place_of(len(hours), 50) - 1])


def quality(session: Session, edges: list[datetime], came: Sequence[Row[Any]], policy: Policy) -> Quality:
    answers = rows_of(session, queries.answers_given(edges))
    back = grouped((row for row in answers if row.step in queries.CAME_BACK), lambda row: row.reason)
    classes = {reason.code: reason.rejection_class.value for reason in policy.rejections}
    told = [
        Back(reason=reason or "none", kind=classes.get(reason), count=by_week(rows)) for reason, rows in back.items()
    ]
    lately = _last(edges[-1], BAND_WEEKS)
    bands, before = (
        {row.band: row for row in rows_of(session, queries.score_bands(span))}
        for span in (lately, _last(lately.since, BAND_WEEKS))
    )
    return Quality(
        acceptance=_taken(answers),
        no_fit=by_week(row for row in answers if row.step == Step.NOT_A_FIT),
        back=tuple(sorted(told, key=lambda one: (-one.count.now, -one.count.four, one.reason))),
        sources=_origins(came, answers, lambda row: row.source),
        campaigns=_origins(came, answers, lambda row: row.campaign),
        bands=tuple(
            Band(
                name=band_name(number),
                taken=bands[number].taken,
                answered=bands[number].number,
                taken_before=before[number].taken if number in before else 0,
                answered_before=before[number].number if number in before else 0,
            )
            for number in range(len(BANDS))
            if number in bands
        ),
    )


def _last(until: datetime, weeks: int) -> Span:
    return Span(until - timedelta(weeks=weeks), until)


def _taken(answers: Iterable[Row[Any]]) -> Share:
    """Of the first answers those that took it; what turned out to be no fit later was taken, and is told apart."""
    first = [row for row in answers if row.step in queries.ANSWERED]
    return Share(hits=by_week(row for row in first if row.step == Step.ACCEPTED), of=by_week(first))


def _origins(
    came: Sequence[Row[Any]], answers: Sequence[Row[Any]], key: Callable[[Row[Any]], str | None]
) -> tuple[Origin, ...]:
    came_by, answers_by = grouped(came, key), grouped(answers, key)
    found = []
    for code in came_by.keys() | answers_by.keys():
        rows = answers_by.get(code, [])
        reasons = Counter[str]()
        for row in rows:
            if row.week == WEEKS - 1 and row.step == Step.REJECTED:
                reasons[row.reason or "none"] += row.number
        found.append(
            Origin(
                code=code,
                came=by_week(came_by.get(code, [])),
                taken=_taken(rows),
                reasons=tuple(reasons.most_common(3)),
                alone=_taken(row for row in rows if row.campaign is None),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.came.now, -one.came.four, one.code or "")))


def ended(
    session: Session, edges: Sequence[datetime]
) -> tuple[tuple[Ended, ...], tuple[Win, ...], tuple[Value, ...], Times]:
    """By source and campaign, the most valuable deals of the week, value won by week, and how long deals took."""
    rows = rows_of(session, queries.outcomes(Span(edges[0], edges[-1])))
    every = [row for row in rows if row.step == Step.WON]
    won = [row for row in every if row.at >= edges[-2]]
    touches: dict[int, list[str]] = defaultdict(list)
    if won:
        for lead_id, kind in session.execute(queries.touch_kinds([row.lead_id for row in won])):
            if kind not in touches[lead_id]:
                touches[lead_id].append(kind)
    ended = []
    for (source, campaign), told in grouped(rows, lambda row: (row.source, row.campaign)).items():
        values = Counter[str]()
        for row in told:
            if row.step == Step.WON and row.value and row.at >= edges[-2]:
                values[row.currency] += row.value
        ended.append(
            Ended(
                source=source,
                campaign=campaign,
                won=_ended_by_week((row for row in told if row.step == Step.WON), edges),
                lost=_ended_by_week((row for row in told if row.step == Step.LOST), edges),
                values=tuple(sorted(values.items())),
            )
        )
    cycle = times_in([(row.at, (row.at - row.received_at) / timedelta(minutes=1)) for row in every], edges)
    told = sorted(won, key=lambda row: (-(row.value or 0), row.lead_id))[:MOST_WINS]
    return (
        tuple(sorted(ended, key=lambda one: (-one.won.now, -one.lost.now, one.source, one.campaign or ""))),
        tuple(
            Win(
                lead=row.lead_id,
                by=row.by_id,
                value=row.value,
                currency=row.currency,
                source=row.source,
                campaign=row.campaign,
                touches=tuple(touches[row.lead_id]),
                days=(row.at - row.received_at) / timedelta(days=1),
            )
            for row in told
        ),
        tuple(_won_value(every, edges)),
        cycle,
    )


def _won_value(won: Iterable[Row[Any]], edges: Sequence[datetime]) -> Iterable[Value]:
    weeks: dict[str, list[int]] = defaultdict(lambda: [0] * WEEKS)
    for row in won:
        if row.value and row.currency:
            weeks[row.currency][bisect.bisect_right(edges, row.at) - 1] += row.value
    for currency, told in sorted(weeks.items()):
        yield Value(currency=currency, count=Count(weeks=tuple(told)))


def _ended_by_week(rows: Iterable[Row[Any]], edges: Sequence[datetime]) -> Count:
    weeks = [0] * WEEKS
    for row in rows:
        weeks[bisect.bisect_right(edges, row.at) - 1] += 1
    return Count(weeks=tuple(weeks))
