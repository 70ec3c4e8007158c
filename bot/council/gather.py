"""Gather the facts of a week from the database: SQL counts, this puts it together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.council import gather_leads, measures, queries
from bot.council.counting import by_week, compared, grouped, rows_of, times
from bot.council.facts import (
    WEEKS,
    Away,
    CampaignFact,
    Count,
    Facts,
    Field,
    GoalFact,
    Kept,
    Load,
    Pattern,
    Promises,
    Said,
    Share,
    Speed,
    Used,
    Within,
)
from bot.council.rules import (
    USUAL_WEEKS,
    Span,
    Week,
    pace,
)
from bot.feedback.rules import Form, Importance
from bot.journal.service import RulesInForce, since_when
from bot.outbox import calm
from bot.sla.rules import Kind
from config.policy import Policy

AHEAD, MOST_QUOTES = timedelta(days=14), 3
ON_OUR_MESSAGE = ("message", "content")  # kinds of feedback


def facts_of(session: Session, week: Week, rules: RulesInForce, now: datetime) -> Facts:
    """Everything of a week, counted now. What stands at the moment is as it stands now."""
    policy = rules.policy
    edges = edges_of(week, policy.zone)
    span, since = Span(edges[-2], edges[-1]), since_when(session)
    ended, wins, won_value, cycle = gather_leads.ended(session, edges)
    runs, in_hand = rows_of(session, queries.open_now()), rows_of(session, queries.in_hand())
    due = rows_of(session, queries.promises_due(edges, now))
    came = rows_of(session, queries.came_in(edges))
    return Facts(
        week=week.code,
        zone=policy.zone,
        as_of=now,
        policy_version=rules.version_id,
        goals=tuple(_goals(session, week, policy, now)),
        flow=gather_leads.flow(session, edges, came, in_hand, policy.zone, since, now),
        quality=gather_leads.quality(session, edges, came, policy),
        promises=_promises(session, edges, due, runs),
        field=_field(session, edges, span, due, rules.policy),
        campaigns=tuple(_campaigns(session, week, came, policy)),
        load=tuple(_load(session, runs, in_hand)),
        away=tuple(_away(session, week, policy.zone)),
        ended=ended,
        wins=wins,
        won_value=won_value,
        cycle=cycle,
        edges=tuple(edges),
        silent=sum(edge <= since for edge in edges[1:]),
        compares=since <= edges[-2 - USUAL_WEEKS] and now >= edges[-1],
    )


def edges_of(week: Week, zone: str) -> list[datetime]:
    """The boundaries of the eight weeks that end with this one."""
    return [week.later(number).span(zone).since for number in range(1 - WEEKS, 2)]


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


def _campaigns(session: Session, week: Week, came: Sequence[Row[Any]], policy: Policy) -> Iterable[CampaignFact]:
    """Those that ran in this week, or begin soon after it; without dates, those that brought leads in it."""
    monday = week.last + timedelta(days=1)
    this_week = grouped((row for row in came if row.week == WEEKS - 1), lambda row: row.campaign)
    for campaign in policy.campaigns:
        brought = sum(row.number for row in this_week.get(campaign.code, []))
        begun = campaign.starts is None or campaign.starts < monday
        over = campaign.ends is not None and campaign.ends < week.first
        coming = campaign.starts is not None and monday <= campaign.starts <= monday + AHEAD
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


def _promises(session: Session, edges: list[datetime], rows: Sequence[Row[Any]], runs: Sequence[Row[Any]]) -> Promises:
    def kept(rows: Iterable[Row[Any]]) -> Share:
        rows = list(rows)
        return Share(hits=by_week(rows, lambda row: row.met), of=by_week(rows, lambda row: row.met + row.late))

    by_team, by_kind = grouped(rows, lambda row: row.team), grouped(rows, lambda row: (row.team, row.kind))
    open_of = Counter({(row.team, row.kind): row.number for row in runs})
    teams = sorted(by_team.keys() | {row.team for row in runs}, reverse=True)  # sales first
    pairs = sorted(by_kind.keys() | open_of.keys(), key=lambda one: (one[0] != "sales", list(Kind).index(Kind(one[1]))))
    rang = calm.totals(session, edges)
    quick = [_within(session, one) for one in compared(edges)]
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
        medians={team: times(session, edges, partial(queries.worked, team)) for team in teams},
        answer=times(session, edges, lambda span: queries.worked_on(Kind.ANSWER, span)),
        speed=Speed(times=times(session, edges, queries.waited), now=quick[0], before=quick[1], four=quick[2]),
        rang=Share(
            hits=Count(weeks=tuple(acted for _, acted in rang)), of=Count(weeks=tuple(sent for sent, _ in rang))
        ),
    )


def _within(session: Session, span: Span) -> Within:
    number, in_5, in_60 = session.execute(queries.how_many(queries.waited(span), (5 * 60, 60 * 60))).one()
    return Within(number=number, in_5=in_5 or 0, in_60=in_60 or 0)


# -- the field --------------------------------------------------------------------------------------------------------


def _field(session: Session, edges: list[datetime], span: Span, due: Sequence[Row[Any]], policy: Policy) -> Field:
    rows = rows_of(session, queries.reports_made(edges))
    objections, feedback = (_said(session, rows, form, span) for form in (Form.OBJECTION, Form.FEEDBACK))
    heard = rows_of(session, queries.heard(span))
    patterns = rows_of(session, queries.patterns_unanswered(span.until))
    wanted = [row.id for row in patterns]
    support = {row.root: row.number for row in rows_of(session, queries.support_of(wanted))} if wanted else {}
    answering = [row for row in due if row.kind in queries.ANSWERING]
    return Field(
        objections=objections,
        feedback=feedback,
        quotes=_quotes(heard, policy),
        trends=tuple(row.id for row in heard if row.kind == "market")[:MOST_QUOTES],
        messages=tuple(row.id for row in heard if row.form == Form.FEEDBACK and row.kind in ON_OUR_MESSAGE)[
            :MOST_QUOTES
        ],
        patterns=tuple(
            Pattern(report=row.id, kind=row.kind, form=row.form, reporters=support.get(row.id, 1)) for row in patterns
        ),
        used=tuple(_used(session, span, edges)),
        answered=Share(
            hits=by_week(answering, lambda row: row.met), of=by_week(answering, lambda row: row.met + row.late)
        ),
    )


def _used(session: Session, span: Span, edges: Sequence[datetime]) -> Iterable[Used]:
    """Answers of the library that were used this week, with the week before beside them."""
    before = {row.card_id: row for row in rows_of(session, queries.answers_used(Span(edges[-3], edges[-2])))}
    for row in rows_of(session, queries.answers_used(span)):
        was = before.get(row.card_id)
        told = {"used_before": was.number, "worked_before": was.worked} if was else {}
        yield Used(card=row.card_id, used=row.number, worked=row.worked, **told)


def _said(session: Session, rows: Sequence[Row[Any]], form: Form, span: Span) -> tuple[Said, ...]:
    by_kind = grouped((row for row in rows if row.form == form), lambda row: row.kind)
    kinds = list(by_kind)
    before = session.execute(queries.reports_before(span.since, form, kinds)).one() if kinds else ()
    known = {kind for kind, there in zip(kinds, before, strict=True) if there}
    found = [Said(code=code, count=by_week(told), is_new=code not in known) for code, told in by_kind.items()]
    return tuple(sorted(found, key=lambda one: (-one.count.now, -one.count.four, one.code)))


def _quotes(heard: Sequence[Row[Any]], policy: Policy) -> tuple[int, ...]:
    """Whom to quote: objections before feedback, the weightiest first, one of each kind.

    Only what customers say: of how we work ourselves a colleague speaks.
    """
    theirs = {kind.code for kind in policy.field.kinds if kind.customers_words and not kind.thanks_only}
    weight = {Importance.DEAL_BREAKER: 0, Importance.MATTERS: 1, Importance.NICE: 2}
    chosen: dict[tuple[str, str], int] = {}
    for row in sorted(heard, key=lambda row: (row.form != Form.OBJECTION, weight.get(row.importance, 1), row.id)):
        if (row.form == Form.OBJECTION or row.kind in theirs) and row.root_id is None:
            chosen.setdefault((row.form, row.kind), row.id)
    return tuple(chosen.values())[:MOST_QUOTES]


# -- people and outcome -----------------------------------------------------------------------------------------------


def _load(session: Session, runs: Sequence[Row[Any]], in_hand: Sequence[Row[Any]]) -> Iterable[Load]:
    """What each team has in hand now, and how many share it."""
    for row in sorted(rows_of(session, queries.team_sizes()), key=lambda row: row.team != "sales"):
        yield Load(
            team=row.team,
            people=row.number,
            promises=sum(one.number for one in runs if one.team == row.team),
            leads=sum(one.number for one in in_hand if one.team == row.team),
        )


def _away(session: Session, week: Week, zone: str) -> Iterable[Away]:
    """Who is away in the fortnight that follows the week."""
    begins = week.later(1).span(zone).since
    for row in rows_of(session, queries.away(Span(begins, begins + AHEAD))):
        first, last = (at.astimezone(ZoneInfo(zone)) for at in (row.starts_at, row.ends_at - timedelta(minutes=1)))
        yield Away(person=row.id, first=first.date(), last=last.date(), backup=row.backup_id)
