"""Gather the facts of a week from the database: SQL counts, this puts it together."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from bot.council import measures, queries
from bot.council.facts import (
    WEEKS,
    Away,
    Back,
    Band,
    CampaignFact,
    Cohort,
    Count,
    Ended,
    Facts,
    Field,
    Flow,
    GoalFact,
    Kept,
    Minutes,
    Origin,
    Pattern,
    Promises,
    Quality,
    Said,
    Share,
    Speed,
    Stage,
    Times,
    Used,
    Wait,
    Win,
)
from bot.council.rules import (
    BANDS,
    USUAL_WEEKS,
    Span,
    Week,
    band_name,
    month_before,
    pace,
    place_of,
    places_around_median,
)
from bot.feedback.rules import Form, Importance
from bot.journal.service import RulesInForce, since_when
from bot.leads.rules import Answer, Step
from bot.leads.rules import Stage as LeadStage
from bot.outbox import calm
from bot.sla.rules import Kind
from config.policy import Policy

AHEAD, BAND_WEEKS, MONTHS, MOST_QUOTES, MOST_WINS = timedelta(days=14), 12, 3, 3, 10
ENTERING: dict[str, tuple[Step, ...]] = {
    LeadStage.MQL.value: (),  # handed over to sales, which is no step of a lead
    LeadStage.SAL.value: (Step.ACCEPTED,),
    LeadStage.SQL.value: (Step.QUALIFIED,),
    LeadStage.WON.value: (Step.WON,),
    LeadStage.LOST.value: (Step.LOST,),
    LeadStage.REJECTED.value: (Step.REJECTED, Step.NOT_A_FIT),
}
LEFT = {Step.QUALIFIED: "sal", Step.WON: "sql", Step.LOST: "sql"}


def facts_of(session: Session, week: Week, rules: RulesInForce, now: datetime) -> Facts:
    """Everything of a week, counted now. What stands at the moment is as it stands now."""
    policy = rules.policy
    edges = edges_of(week, policy.zone)
    span = Span(edges[-2], edges[-1])
    ended, wins, cycle = _ended(session, span)
    due = _rows(session, queries.promises_due(edges, now))
    came = _rows(session, queries.came_in(edges))
    return Facts(
        week=week.code,
        zone=policy.zone,
        as_of=now,
        policy_version=rules.version_id,
        goals=tuple(_goals(session, week, policy, now)),
        flow=_flow(session, edges, span, came, policy.zone, now),
        quality=_quality(session, edges, came, policy),
        promises=_promises(session, edges, span, due),
        field=_field(session, edges, span, due),
        campaigns=tuple(_campaigns(session, week, came, policy)),
        sizes={row.team: row.number for row in _rows(session, queries.team_sizes())},
        away=tuple(_away(session, week, policy.zone)),
        ended=ended,
        wins=wins,
        cycle=cycle,
        edges=tuple(edges),
        compares=since_when(session) <= edges[-2 - USUAL_WEEKS] and now >= edges[-1],
    )


def edges_of(week: Week, zone: str) -> list[datetime]:
    """The boundaries of the eight weeks that end with this one."""
    return [week.later(number).span(zone).since for number in range(1 - WEEKS, 2)]


def _rows(session: Session, found: Select[Any]) -> Sequence[Row[Any]]:
    return session.execute(found).all()


def _count(rows: Iterable[Row[Any]], number: Callable[[Row[Any]], int] = lambda row: row.number) -> Count:
    weeks = [0] * WEEKS
    for row in rows:
        weeks[row.week] += number(row)
    return Count(weeks=tuple(weeks))


def _grouped(rows: Iterable[Row[Any]], key: Callable[[Row[Any]], Any]) -> dict[Any, list[Row[Any]]]:
    found: dict[Any, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


# -- leads ------------------------------------------------------------------------------------------------------------


def _goals(session: Session, week: Week, policy: Policy, now: datetime) -> Iterable[GoalFact]:
    """Until the end of the week; of one that runs, until the end of today."""
    until = min(week.last, now.astimezone(ZoneInfo(policy.zone)).date()) + timedelta(days=1)
    for goal in policy.council.goals:
        since = datetime.combine(goal.since, time(), ZoneInfo(policy.zone))
        span = Span(since, max(since, min(week.span(policy.zone).until, _end_of(goal.until, policy.zone))))
        value = measures.read(session, goal.measure, span, policy).value or 0.0
        at = pace(value, goal.since, goal.until, until)
        yield GoalFact(
            code=goal.code,
            label=goal.label,
            measure=goal.measure,
            value=value,
            target=goal.target,
            day=at.day,
            days=at.days,
            gives=at.gives,
            until=goal.until,
        )


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def _flow(
    session: Session, edges: list[datetime], span: Span, came: Sequence[Row[Any]], zone: str, now: datetime
) -> Flow:
    entered = {stage: Count(weeks=tuple(weeks)) for stage, weeks in entered_by_week(session, edges).items()}
    return Flow(
        entered={"came": _count(came), **entered},
        in_hand={row.stage: row.number for row in _rows(session, queries.in_hand())},
        stages=tuple(_stages(session, span)),
        cohorts=tuple(_cohorts(session, edges[-1], zone)),
        waits=tuple(_waits(session, now)),
    )


def entered_by_week(session: Session, edges: Sequence[datetime]) -> dict[str, list[int]]:
    """How many leads entered each stage between the edges: those that took the step that leads there."""
    found: dict[str, list[int]] = {stage: [0] * (len(edges) - 1) for stage in ENTERING}
    for row in _rows(session, queries.handed_over(edges)):
        found[LeadStage.MQL][row.week] += row.number
    for row in _rows(session, queries.steps_made(edges)):
        stage = next(stage for stage, steps in ENTERING.items() if row.step in steps)
        found[stage][row.week] += row.number
    return found


def _stages(session: Session, span: Span) -> Iterable[Stage]:
    """How long leads had been in the stage they left; a step that a file brought tells nothing of it."""
    days: dict[str, list[float]] = defaultdict(list)
    for row in _rows(session, queries.steps_with_before(tuple(LEFT), span)):
        before = (row.before if isinstance(row.before, dict) else json.loads(row.before)).get("lead")
        if before and before["stage"] == LEFT[row.step]:
            since = datetime.fromisoformat(before["stage_since"]["at"])
            days[before["stage"]].append((row.at - since) / timedelta(days=1))
    for stage, told in sorted(days.items()):
        yield Stage(stage=stage, number=len(told), days=sorted(told)[place_of(len(told), 50) - 1])


def _cohorts(session: Session, until: datetime, zone: str) -> Iterable[Cohort]:
    """The months that are over, and the one before them and before that."""
    starts = [until.astimezone(ZoneInfo(zone)).date().replace(day=1)]
    for _ in range(MONTHS):
        starts.insert(0, month_before(starts[0])[0])
    edges = [datetime.combine(day, time(), ZoneInfo(zone)) for day in starts]
    sizes = {row.month: row.number for row in _rows(session, queries.cohort_sizes(edges))}
    steps = {(row.month, row.step): row.number for row in _rows(session, queries.cohort(edges))}
    for number, day in enumerate(starts[:-1]):
        if number in sizes:
            accepted, qualified, won = (
                steps.get((number, step), 0) for step in (Step.ACCEPTED, Step.QUALIFIED, Step.WON)
            )
            yield Cohort(month=f"{day:%Y-%m}", came=sizes[number], accepted=accepted, qualified=qualified, won=won)


def _waits(session: Session, now: datetime) -> Iterable[Wait]:
    since = _grouped(_rows(session, queries.open_since(queries.OF_LEADS)), lambda row: row.kind)
    for kind, rows in sorted(since.items()):
        hours = sorted((now - row.opened_at) / timedelta(hours=1) for row in rows)
        yield Wait(kind=kind, number=len(hours), hours=hours[place_of(len(hours), 50) - 1])


def _quality(session: Session, edges: list[datetime], came: Sequence[Row[Any]], policy: Policy) -> Quality:
    answers = _rows(session, queries.answers_given(edges))
    back = _grouped((row for row in answers if row.answer == Answer.REJECTED), lambda row: row.reason)
    classes = {reason.code: reason.rejection_class.value for reason in policy.rejections}
    told = [
        Back(reason=reason or "none", kind=classes.get(reason), count=_count(rows)) for reason, rows in back.items()
    ]
    bands = {row.band: row for row in _rows(session, queries.score_bands(_last(edges[-1], BAND_WEEKS)))}
    return Quality(
        acceptance=_taken(answers),
        back=tuple(sorted(told, key=lambda one: (-one.count.now, -one.count.four, one.reason))),
        sources=_origins(came, answers, lambda row: row.source),
        campaigns=_origins(came, answers, lambda row: row.campaign),
        bands=tuple(
            Band(name=band_name(number), taken=bands[number].taken, answered=bands[number].number)
            for number in range(len(BANDS))
            if number in bands
        ),
    )


def _last(until: datetime, weeks: int) -> Span:
    return Span(until - timedelta(weeks=weeks), until)


def _taken(answers: Iterable[Row[Any]]) -> Share:
    answers = list(answers)
    return Share(hits=_count(row for row in answers if row.answer == Answer.ACCEPTED), of=_count(answers))


def _origins(
    came: Sequence[Row[Any]], answers: Sequence[Row[Any]], key: Callable[[Row[Any]], str | None]
) -> tuple[Origin, ...]:
    came_by, answers_by = _grouped(came, key), _grouped(answers, key)
    found = []
    for code in came_by.keys() | answers_by.keys():
        rows = answers_by.get(code, [])
        reasons = Counter[str]()
        for row in rows:
            if row.week == WEEKS - 1 and row.answer == Answer.REJECTED:
                reasons[row.reason or "none"] += row.number
        found.append(
            Origin(
                code=code,
                came=_count(came_by.get(code, [])),
                taken=_taken(rows),
                reasons=tuple(reasons.most_common(3)),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.came.now, -one.came.four, one.code or "")))


def _campaigns(session: Session, week: Week, came: Sequence[Row[Any]], policy: Policy) -> Iterable[CampaignFact]:
    """Those that run after this week, or begin soon; without dates, those that brought leads this week."""
    today = week.last + timedelta(days=1)
    this_week = _grouped((row for row in came if row.week == WEEKS - 1), lambda row: row.campaign)
    for campaign in policy.campaigns:
        brought = sum(row.number for row in this_week.get(campaign.code, []))
        begun = campaign.starts is None or campaign.starts < today
        over = campaign.ends is not None and campaign.ends < today
        coming = campaign.starts is not None and today <= campaign.starts <= today + AHEAD
        runs = begun and not over and (campaign.starts is not None or brought > 0)
        if not (runs or coming):
            continue
        since = datetime.combine(campaign.starts, time(), ZoneInfo(policy.zone)) if campaign.starts else None
        span = Span(since, week.span(policy.zone).until) if since and runs else None
        yield CampaignFact(
            code=campaign.code,
            runs=runs,
            starts=campaign.starts,
            ends=campaign.ends,
            cost=campaign.cost,
            came=measures.leads_of(session, span, f"campaign:{campaign.code}") if span else brought,
            this_week=brought,
        )


# -- promises ---------------------------------------------------------------------------------------------------------


def times_of(session: Session, values: Select[Any]) -> Minutes:
    """Seconds as the median, 90th percentile and bounds in minutes; sorted and picked by the database."""
    (number,) = session.execute(queries.how_many(values, ())).one()
    if not number:
        return Minutes()
    low, high = places_around_median(number)
    places = [place_of(number, 50), place_of(number, 90), low, high]
    at = {place: seconds / 60 for place, seconds in session.execute(queries.at_places(values, places))}
    return Minutes(number=number, median=at[places[0]], p90=at[places[1]], low=at.get(low), high=at.get(high))


def _times(session: Session, edges: Sequence[datetime], values: Callable[[Span], Select[Any]]) -> Times:
    spans = (Span(edges[-2], edges[-1]), Span(edges[-3], edges[-2]), Span(edges[-6], edges[-2]))
    now, before, four = (times_of(session, values(span)) for span in spans)
    return Times(now=now, before=before, four=four)


def _promises(session: Session, edges: list[datetime], span: Span, rows: Sequence[Row[Any]]) -> Promises:
    runs = _rows(session, queries.open_now())

    def kept(rows: Iterable[Row[Any]]) -> Share:
        rows = list(rows)
        return Share(hits=_count(rows, lambda row: row.met), of=_count(rows, lambda row: row.met + row.late))

    by_team, by_kind = _grouped(rows, lambda row: row.team), _grouped(rows, lambda row: (row.team, row.kind))
    open_of = Counter({(row.team, row.kind): row.number for row in runs})
    teams = sorted(by_team.keys() | {row.team for row in runs}, reverse=True)  # sales first
    pairs = sorted(by_kind.keys() | open_of.keys(), key=lambda one: (one[0] != "sales", list(Kind).index(Kind(one[1]))))
    sent, acted = calm.totals(session, span.since, span.until)
    within = session.execute(queries.how_many(queries.waited(span), (5 * 60, 60 * 60))).one()
    return Promises(
        teams=tuple(
            Kept(
                team=team,
                kind=None,
                kept=kept(by_team.get(team, [])),
                open=sum(number for (whose, _), number in open_of.items() if whose == team),
            )
            for team in teams
        ),
        kinds=tuple(
            Kept(team=team, kind=kind, kept=kept(by_kind.get((team, kind), [])), open=open_of[team, kind])
            for team, kind in pairs
        ),
        medians={team: _times(session, edges, partial(queries.worked, team)) for team in teams},
        answer=_times(session, edges, lambda span: queries.worked_on(Kind.ANSWER, span)),
        speed=Speed(times=_times(session, edges, queries.waited), within_5=within[1] or 0, within_60=within[2] or 0),
        pings=sent,
        acted=acted,
    )


# -- the field --------------------------------------------------------------------------------------------------------


def _field(session: Session, edges: list[datetime], span: Span, due: Sequence[Row[Any]]) -> Field:
    rows = _rows(session, queries.reports_made(edges))
    objections, feedback = (_said(session, rows, form, span) for form in (Form.OBJECTION, Form.FEEDBACK))
    heard = _rows(session, queries.heard(span))
    patterns = _rows(session, queries.patterns_unanswered(span.until))
    wanted = [row.id for row in patterns]
    support = {row.root: row.number for row in _rows(session, queries.support_of(wanted))} if wanted else {}
    answering = [row for row in due if row.kind in queries.ANSWERING]
    return Field(
        objections=objections,
        feedback=feedback,
        quotes=_quotes(heard),
        trends=tuple(row.id for row in heard if row.kind == "market")[:MOST_QUOTES],
        patterns=tuple(
            Pattern(report=row.id, kind=row.kind, form=row.form, reporters=support.get(row.id, 1)) for row in patterns
        ),
        used=tuple(
            Used(card=row.card_id, used=row.number, worked=row.worked)
            for row in _rows(session, queries.answers_used(span))
        ),
        answered=Share(
            hits=_count(answering, lambda row: row.met), of=_count(answering, lambda row: row.met + row.late)
        ),
    )


def _said(session: Session, rows: Sequence[Row[Any]], form: Form, span: Span) -> tuple[Said, ...]:
    known = set(session.scalars(queries.reports_before(span.since, form)))
    by_kind = _grouped((row for row in rows if row.form == form), lambda row: row.kind)
    found = [Said(code=code, count=_count(told), is_new=code not in known) for code, told in by_kind.items()]
    return tuple(sorted(found, key=lambda one: (-one.count.now, -one.count.four, one.code)))


def _quotes(heard: Sequence[Row[Any]]) -> tuple[int, ...]:
    """Whom to quote: objections before feedback, the weightiest first, one of each kind; praise and trends apart."""
    weight = {Importance.DEAL_BREAKER: 0, Importance.MATTERS: 1, Importance.NICE: 2}
    chosen: dict[tuple[str, str], int] = {}
    for row in sorted(heard, key=lambda row: (row.form != Form.OBJECTION, weight.get(row.importance, 1), row.id)):
        if row.kind not in ("market", "praise") and row.root_id is None:
            chosen.setdefault((row.form, row.kind), row.id)
    return tuple(chosen.values())[:MOST_QUOTES]


# -- people and outcome -----------------------------------------------------------------------------------------------


def _away(session: Session, week: Week, zone: str) -> Iterable[Away]:
    """Who is away in the fortnight that follows the week."""
    begins = week.later(1).span(zone).since
    for row in _rows(session, queries.away(Span(begins, begins + AHEAD))):
        first, last = (at.astimezone(ZoneInfo(zone)) for at in (row.starts_at, row.ends_at - timedelta(minutes=1)))
        yield Away(person=row.id, first=first.date(), last=last.date(), backup=row.backup_id)


def _ended(session: Session, span: Span) -> tuple[tuple[Ended, ...], tuple[Win, ...], Minutes]:
    rows = _rows(session, queries.outcomes(span))
    won = [row for row in rows if row.step == Step.WON]
    touches: dict[int, list[str]] = defaultdict(list)
    if won:
        for lead_id, kind in session.execute(queries.touch_kinds([row.lead_id for row in won])):
            if kind not in touches[lead_id]:
                touches[lead_id].append(kind)
    ended = []
    for (source, campaign), told in _grouped(rows, lambda row: (row.source, row.campaign)).items():
        values = Counter[str]()
        for row in told:
            if row.step == Step.WON and row.value:
                values[row.currency] += row.value
        wins = sum(row.step == Step.WON for row in told)
        ended.append(
            Ended(
                source=source,
                campaign=campaign,
                won=wins,
                lost=len(told) - wins,
                values=tuple(sorted(values.items())),
            )
        )
    days = sorted((row.at - row.received_at) / timedelta(minutes=1) for row in won)
    cycle = Minutes(number=len(days), median=days[place_of(len(days), 50) - 1]) if days else Minutes()
    told = sorted(won, key=lambda row: (-(row.value or 0), row.lead_id))[:MOST_WINS]
    return (
        tuple(sorted(ended, key=lambda one: (-one.won, -one.lost, one.source, one.campaign or ""))),
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
        cycle,
    )
