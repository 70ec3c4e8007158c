"""The council's sheets: what was decided, and the figures of a week as a workbook."""

from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from bot.council import blocks, details, texts, views
from bot.council.facts import WEEKS, Count, Facts, Share
from bot.council.rules import Week
from bot.council.tables import Decision
from bot.exports.sheets import Asked, Column, Kind, Row, Sheet
from bot.journal.service import rules_in_force
from bot.people import service as people

DECIDED = (
    Column("Number", Kind.NUMBER, "The decision's own number", 9),
    Column("What", Kind.LONG, "What is to be done, as it was written down", 60),
    Column("Owner", Kind.TEXT, "Who does it", 20),
    Column("By", Kind.DAY, "The day it is to be done by", 12),
    Column("Decided at", Kind.INSTANT, "When it was written down", 17),
    Column("Done at", Kind.INSTANT, "When it was done or dropped", 17),
    Column("State", Kind.TEXT, "open, done or dropped", 10),
    Column("Figure", Kind.TEXT, "By what one sees whether it worked", 28),
    Column("Of", Kind.TEXT, "What the figure is narrowed to", 20),
    Column("Wanted", Kind.NUMBER, "What the figure should be", 10),
    Column("Then", Kind.NUMBER, "What it was when it was decided, over four weeks", 10),
    Column("Now", Kind.NUMBER, "What it was on its day, over four weeks", 10),
)
FIGURES = (
    Column("Part", Kind.TEXT, "Where it stands in the digest", 20),
    Column("Figure", Kind.TEXT, "What is counted; each has a line in docs/metrics.md", 44),
    *(
        Column(
            f"{back} weeks before" if back > 1 else "Week before" if back else "This week", Kind.NUMBER, "By week", 11
        )
        for back in range(WEEKS - 1, -1, -1)
    ),
    Column("Usual", Kind.NUMBER, "The mean of the four weeks before this one", 10),
    Column("Changed", Kind.TEXT, "more, less or same: more than chance alone would bring", 10),
)
LINES = (
    Column("Part", Kind.TEXT, "Where it stands in the digest", 22),
    Column("Line", Kind.LONG, "As it reads there", 90),
)


def decisions() -> Sheet:
    return Sheet("Decisions", DECIDED, _count, _decisions, counted_by="State")


def of_digest(facts: Facts) -> list[Sheet]:
    """The workbook of one week: its figures by week, its page and thread as lines, and what was decided."""
    figures, lines = list(_figures(facts)), "Digest"
    return [
        Sheet("Figures", FIGURES, lambda _session, _asked: len(figures), lambda _session, _asked: figures),
        Sheet(
            lines, LINES, lambda session, _asked: len(list(_lines(session, facts))), lambda s, _asked: _lines(s, facts)
        ),
        decisions(),
    ]


def asked_for(facts: Facts) -> Asked:
    """The days of a week's workbook; of decisions those that were open in it."""
    span = Week.parse(facts.week).span(facts.zone)
    return Asked(span.since, span.until, facts.zone)


def _wanted(asked: Asked) -> ColumnElement[bool]:
    """Decided in the period, or still open in it."""
    during = and_(Decision.decided_at < asked.until, or_(Decision.done_at.is_(None), Decision.done_at >= asked.since))
    return during if asked.people is None else and_(during, Decision.owner_id.in_(asked.people))


def _count(session: Session, asked: Asked) -> int:
    return session.scalar(select(func.count()).select_from(Decision).where(_wanted(asked))) or 0


def _decisions(session: Session, asked: Asked) -> Iterator[Row]:
    policy = rules_in_force(session).policy
    found = session.scalars(select(Decision).where(_wanted(asked)).order_by(Decision.id)).all()
    names = people.names(session, [one.owner_id for one in found])
    for one in found:
        yield (
            one.id,
            one.what,
            names.get(one.owner_id) if policy.people_figures else None,
            datetime.combine(date.fromisoformat(one.due_on), time(), ZoneInfo(asked.zone)),
            one.decided_at,
            one.done_at,
            "dropped" if one.dropped else "done" if one.done_at else "open",
            texts.MEASURES[one.measure] if one.measure else None,
            views.about_name(one.about, policy),
            one.target,
            one.then_value,
            one.later_value,
        )


def _figures(facts: Facts) -> Iterator[Row]:
    for stage, count in facts.flow.entered.items():
        yield _row("Leads", texts.STAGES[stage], count)
    yield from _share("Leads", "Accepted of answered", facts.quality.acceptance)
    for back in facts.quality.back:
        yield _row("Came back", back.reason, back.count)
    for origin in facts.quality.sources:
        yield _row("Source", f"{origin.code}: came in", origin.came)
        yield from _share("Source", f"{origin.code}: accepted", origin.taken)
    for origin in facts.quality.campaigns:
        if origin.code:
            yield _row("Campaign", f"{origin.code}: came in", origin.came)
            yield from _share("Campaign", f"{origin.code}: accepted", origin.taken)
    for team in facts.promises.teams:
        yield from _share("Promises", f"{team.team}: in time", team.kept)
    for kind in facts.promises.kinds:
        yield from _share("Promises", f"{kind.team}, {kind.kind}: in time", kind.kept)
    for said in facts.field.objections:
        yield _row("Objections", said.code, said.count)
    for said in facts.field.feedback:
        yield _row("Feedback", said.code, said.count)
    yield from _share("Field", "Reports answered in time", facts.field.answered)


def _row(part: str, name: str, count: Count) -> Row:
    return (part, name, *count.weeks, count.usual, count.changed.value)


def _share(part: str, name: str, share: Share) -> Iterator[Row]:
    yield (part, name, *share.hits.weeks, share.hits.usual, share.changed.value)
    yield (part, f"{name}, of", *share.of.weeks, share.of.usual, share.of.changed.value)


def _lines(session: Session, facts: Facts) -> Iterator[Row]:
    policy = rules_in_force(session).policy
    view = views.of(session, facts, policy)
    yield ("Week", blocks.unescaped(view.title))
    yield ("Headline", blocks.unescaped(view.headline))
    for part, lines in (("Changed", view.changed), ("Please decide", view.decide), ("Goals", view.goals)):
        for line in lines:
            yield (part, blocks.unescaped(line))
    for detail in details.of(session, facts, policy):
        for line in detail.lines:
            yield (detail.heading, blocks.unescaped(line))
