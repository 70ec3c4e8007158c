"""What home tabs and `/tandem board` tell of the week that runs: a person's, a team's, both teams' together.

Light on purpose: each asks only for its own week, by an index, for a home tab is opened many times a day.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.council import counting, lists, measures, pictures, queries, tables, texts, views
from bot.council import dashboard_texts as told
from bot.council.lists import Line
from bot.council.rules import Span, Week, pace
from bot.council.tables import Picture
from bot.feedback.answer_tables import AnswerCard
from bot.people import service as people
from bot.people.tables import Person
from bot.wording import escape, first_name, outside
from config.council import Goal, Measure
from config.policy import Policy

TEAMS = ("sales", "marketing")
LATELY, AHEAD = timedelta(weeks=4), timedelta(days=7)
MOST_CAMPAIGNS, MOST_ANSWERS, MOST_AWAY, MOST_LOAD, FEW = 3, 2, 5, 8, 3


@dataclass(frozen=True)
class Board:
    """Goals, the scorecard of the week that runs, what is decided and open, and the newest picture of promises kept."""

    title: str
    goals: tuple[str, ...]
    table: tuple[tuple[str, str, str], ...]
    decisions: tuple[Line, ...]
    picture: tuple[str, str] | None  # its file and alternative text


def board(session: Session, reader: Person, policy: Policy, now: datetime) -> Board:
    """The same for everybody who may see it; only what a reader may end differs."""
    today = views.day_of(now, policy.zone)
    week = Week.of(today)
    return Board(
        texts.title(week.number, week.first, week.last),
        tuple(_goal(session, goal, policy, today, now) for goal in policy.council.goals),
        tuple(_scorecard(session, week.span(policy.zone), now)),
        tuple(lists.decisions(session, reader, policy, today)),
        _picture(session),
    )


def _goal(session: Session, goal: Goal, policy: Policy, today: date, now: datetime) -> str:
    since = datetime.combine(goal.since, time(), ZoneInfo(policy.zone))
    ends = datetime.combine(goal.until + timedelta(days=1), time(), ZoneInfo(policy.zone))
    value = measures.read(session, goal.measure, Span(since, max(since, min(now, ends))), policy).value or 0.0
    at = pace(value, goal.since, goal.until, today + timedelta(days=1))
    return views.goal_line(goal.label, goal.measure, (value, goal.target), at, policy)


def _scorecard(session: Session, span: Span, now: datetime) -> Iterable[tuple[str, str, str]]:
    rows = session.execute(queries.promises_due((span.since, span.until), now)).all()
    runs = session.execute(queries.open_now()).all()
    in_time, median, open_now = texts.ROWS
    kept = {
        team: (sum(r.met for r in rows if r.team == team), sum(r.met + r.late for r in rows if r.team == team))
        for team in TEAMS
    }
    sales, marketing = (texts.of(*kept[team]) if kept[team][1] else "–" for team in TEAMS)
    yield in_time, sales, marketing
    done = Span(span.since, min(span.until, now))
    sales, marketing = (texts.minutes(counting.times_of(session, queries.worked(team, done)).median) for team in TEAMS)
    yield median, sales, marketing
    sales, marketing = (str(sum(r.number for r in runs if r.team == team)) for team in TEAMS)
    yield open_now, sales, marketing


def _picture(session: Session) -> tuple[str, str] | None:
    newest = session.scalar(tables.newest_digest())
    stands: Picture | None = pictures.standing(session, f"{newest.week}:{pictures.KEPT}") if newest else None
    return (stands.file_id, stands.alt) if stands else None


# -- one person, one team ---------------------------------------------------------------------------------------------


def week_of(session: Session, owner_ids: Collection[int], zone: str, now: datetime) -> str | None:
    """How these people keep their promises in the week that runs, in their zone; None where nothing was due yet."""
    span = Week.of(views.day_of(now, zone)).span(zone)
    met, late, _ = session.execute(queries.promises_of(owner_ids, span, now)).one()
    # A team's line stands below what waits for it; a person has no other.
    waits = session.scalar(queries.past_time(owner_ids, now)) or 0 if len(owner_ids) == 1 else 0
    due = (met or 0) + (late or 0)
    return told.in_time(met or 0, due, waits) if due else None


def team_lines(session: Session, manager: Person, policy: Policy, now: datetime) -> list[str]:
    """A team's promises: what is past the agreed time first, then the week, then who is away."""
    led = people.led_by(session, manager.id)
    if len(led) < (1 if policy.people_figures else FEW):  # a team of one is a person
        return []
    late = session.scalar(queries.past_time(led, now)) or 0
    kept = week_of(session, led, manager.zone, now)
    lines = [told.past(late), *([kept] if kept else [])]
    load = list(_load(session, led, now)) if policy.people_figures else []
    return [*lines, *load, *_away(session, set(led), manager.zone, now)]


def _load(session: Session, led: Collection[int], now: datetime) -> Iterable[str]:
    """How much each of them owes now: who has something past its time first, then who has most."""
    rows = session.execute(queries.owed_by(led, now)).all()
    names = people.names(session, [row.owner_id for row in rows])
    ranked = sorted(rows, key=lambda row: (-row.late, -row.number, names[row.owner_id]))
    if ranked:
        each = [(escape(first_name(names[row.owner_id])), row.number, row.late) for row in ranked[:MOST_LOAD]]
        yield told.load(each, len(ranked) - MOST_LOAD)


def _away(session: Session, led: set[int], zone: str, now: datetime) -> Iterable[str]:
    """Who of them is away now, or within a week."""
    found = [row for row in session.execute(queries.away(Span(now, now + AHEAD))).all() if row.id in led]
    names = people.names(session, [*(row.id for row in found), *(row.backup_id for row in found if row.backup_id)])
    for row in found[:MOST_AWAY]:
        first, last = (views.day_of(at, zone) for at in (row.starts_at, row.ends_at - timedelta(minutes=1)))
        backup = names.get(row.backup_id or 0)
        yield told.away(escape(names[row.id]), first, last, escape(backup) if backup else None)


def resonates(session: Session, emails: Collection[str], policy: Policy, now: datetime) -> list[str]:
    """What of somebody's marketing works: how often sales takes the leads of their campaigns, which answers work."""
    lines = []
    span, small = Span(now - LATELY, now), policy.council.smallest_share
    for campaign in [one for one in policy.campaigns if one.owner in emails][:MOST_CAMPAIGNS]:
        taken = measures.read(session, Measure.ACCEPTANCE, span, policy, f"campaign:{campaign.code}")
        if taken.of:
            hits = round((taken.value or 0) * taken.of / 100)
            lines.append(told.taken(escape(campaign.name), texts.percent(hits, taken.of, small)))
    for row in session.execute(queries.answers_used(span)).all()[:MOST_ANSWERS]:
        card = session.get(AnswerCard, row.card_id)
        if card:
            lines.append(told.worked(outside(card.asks, 80), row.worked, row.number))
    return lines
