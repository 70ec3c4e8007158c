"""The council's sheets: what was decided, and the figures of a week as a workbook."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from bot.council import blocks, detail_texts, details, measures, texts, views
from bot.council.facts import WEEKS, Count, Facts, Origin, Share, Times
from bot.council.measures import Unit
from bot.council.rules import Direction, Week
from bot.council.tables import Decision
from bot.exports.sheets import Asked, Column, Kind, Row, Sheet
from bot.feedback.rules import Form
from bot.journal.service import rules_in_force
from bot.people import service as people
from bot.sla.texts import KINDS
from config.policy import Policy

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
    Column("Then", Kind.NUMBER, "What it was over as many days before it was decided as lay ahead, 7 to 28", 10),
    Column("Then, of", Kind.NUMBER, "Of how many; a share of few is left out", 9),
    Column("Now", Kind.NUMBER, "What it was over as many days before the end of its day", 10),
    Column("Now, of", Kind.NUMBER, "Of how many; a share of few is left out", 9),
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


def decisions(unnamed_before: date | None = None) -> Sheet:
    """Of what was due before a day and is open no owner is named: a channel reads such a sheet."""

    def rows(session: Session, asked: Asked) -> Iterator[Row]:
        return _decisions(session, asked, unnamed_before)

    return Sheet("Decisions", DECIDED, _count, rows, counted_by="State")


def of_digest(facts: Facts) -> list[Sheet]:
    """The workbook of one week: its figures by week, its page and thread as lines, and what was decided."""
    lines = "Digest"
    return [
        Sheet(
            "Figures",
            FIGURES,
            lambda session, _asked: len(_figures(session, facts)),
            lambda session, _asked: _figures(session, facts),
        ),
        Sheet(
            lines, LINES, lambda session, _asked: len(list(_lines(session, facts))), lambda s, _asked: _lines(s, facts)
        ),
        decisions(unnamed_before=Week.parse(facts.week).later(1).first),
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


def _decisions(session: Session, asked: Asked, unnamed_before: date | None) -> Iterator[Row]:
    policy = rules_in_force(session).policy
    found = session.scalars(select(Decision).where(_wanted(asked)).order_by(Decision.id)).all()
    names = people.names(session, [one.owner_id for one in found])
    for one in found:
        late = one.done_at is None and unnamed_before is not None and date.fromisoformat(one.due_on) < unnamed_before
        yield (
            one.id,
            one.what,
            names.get(one.owner_id) if policy.people_figures and not late else None,
            date.fromisoformat(one.due_on),
            one.decided_at,
            one.done_at,
            "dropped" if one.dropped else "done" if one.done_at else "open",
            texts.MEASURES[one.measure] if one.measure else None,
            views.about_name(one.about, policy),
            one.target,
            *_measured(one.then_value, one.then_of, one.measure, policy),
            *_measured(one.later_value, one.later_of, one.measure, policy),
        )


def _figures(session: Session, facts: Facts) -> list[Row]:
    policy = rules_in_force(session).policy
    return list(Figures(facts, views.Words(session, facts, policy)).rows())


def _measured(value: float | None, of: int | None, measure: str | None, policy: Policy) -> Row:
    """A figure, and of how many it is; of few there is no share, as everywhere."""
    if value is None or measure is None:
        return None, of
    is_share = measures.unit_of(measure) == Unit.PERCENT
    return (None if is_share and (of or 0) < policy.council.smallest_share else round(value, 1)), of


class Figures:
    """Every figure of a week that has weeks beside it, a row each, by its name."""

    def __init__(self, facts: Facts, words: views.Words) -> None:
        self._facts, self._words = facts, words

    def rows(self) -> Iterator[Row]:
        yield from self._leads()
        yield from self._promises()
        yield from self._field()
        yield from self._outcome()

    def _leads(self) -> Iterator[Row]:
        facts, words = self._facts, self._words
        for stage, count in facts.flow.entered.items():
            yield self._row("Leads", texts.STAGES[stage], count)
        for stage, count in facts.flow.left.items():
            yield self._row("Leads", f"No longer {detail_texts.IN_HAND[stage]}", count)
        for one in facts.flow.stages:
            yield self._times("Leads", f"{detail_texts.STAGE[one.stage]}, median hours", one.times, 60)
        yield from self._share("Leads", "Accepted of answered", facts.quality.acceptance)
        if facts.quality.no_fit:
            yield self._row("Leads", "Taken earlier and no fit after all", facts.quality.no_fit)
        for back in facts.quality.back:
            yield self._row("Came back", words.reason(back.reason), back.count)
        for origin in facts.quality.sources:
            yield from self._origin("Source", words.policy.source_name(origin.code or ""), origin)
        for origin in facts.quality.campaigns:
            if origin.code:
                yield from self._origin("Campaign", words.policy.campaign_name(origin.code) or origin.code, origin)

    def _origin(self, part: str, name: str, origin: Origin) -> Iterator[Row]:
        yield self._row(part, f"{name}: came in", origin.came)
        yield from self._share(part, f"{name}: accepted", origin.taken)
        for code, number in origin.reasons:
            yield (part, f"{name}: came back, “{self._words.reason(code)}”", *(None,) * (WEEKS - 1), number, None, None)

    def _promises(self) -> Iterator[Row]:
        told = self._facts.promises
        for team in told.teams:
            yield from self._share("Promises", f"{texts.TEAMS[team.team]}: in time", team.kept)
            medians = told.medians[team.team]
            yield self._times("Promises", f"{texts.TEAMS[team.team]}: median working minutes", medians, 1)
        for kind in told.kinds:
            name = f"{texts.TEAMS[kind.team]}, {KINDS[kind.kind or ''].lower()}: in time"
            yield from self._share("Promises", name, kind.kept)
        yield self._times("Promises", "Answers to leads, median working minutes", told.answer, 1)
        yield self._times("Promises", "Arrival to first contact, median minutes", told.speed.times, 1)
        yield from self._share("Promises", "Messages that rang, acted on within the hour", told.rang)

    def _field(self) -> Iterator[Row]:
        told, words = self._facts.field, self._words
        for said in told.objections:
            yield self._row("Objections", words.objection(said.code), said.count)
        for said in told.feedback:
            yield self._row("Feedback", words.kind(said.code, Form.FEEDBACK), said.count)
        yield from self._share("Field", "Reports answered in time", told.answered)

    def _outcome(self) -> Iterator[Row]:
        policy = self._words.policy
        for one in self._facts.ended:
            name = views.origin_name(one.source, one.campaign, policy)
            yield self._row("Won and lost", f"{name}: won", one.won)
            yield self._row("Won and lost", f"{name}: lost", one.lost)
        yield self._times("Won and lost", "Arrival to won, median days", self._facts.cycle, 24 * 60)

    def _row(self, part: str, name: str, count: Count, changed: Direction | None = None) -> Row:
        """Of weeks before Tandem was at work nothing is known, which is not nought."""
        weeks = (None if number < self._facts.silent else told for number, told in enumerate(count.weeks))
        return (part, name, *weeks, *self._beside(round(count.usual, 1), changed or count.changed))

    def _beside(self, usual: float | None, changed: Direction) -> tuple[float | None, str | None]:
        return (usual, changed.value) if self._facts.compares else (None, None)

    def _share(self, part: str, name: str, share: Share) -> Iterator[Row]:
        yield self._row(part, name, share.hits, share.changed)
        yield self._row(part, f"{name}, of", share.of)

    def _times(self, part: str, name: str, times: Times, minutes: int) -> Row:
        """A median, in units of so many minutes: of this week, the week before, and the four before together."""
        four, before, now = (
            None if one.median is None else round(one.median / minutes, 1)
            for one in (times.four, times.before, times.now)
        )
        return (part, name, *(None,) * (WEEKS - 2), before, now, *self._beside(four, times.changed))


def _lines(session: Session, facts: Facts) -> Iterator[Row]:
    policy = rules_in_force(session).policy
    view = views.of(session, facts, policy)
    yield ("Week", blocks.unescaped(view.title))
    yield ("Headline", blocks.unescaped(view.headline))
    for part, lines in (("Changed", view.changed), ("Please decide", view.decide), ("Goals", view.goals)):
        for line in lines:
            yield (part, blocks.unescaped(line))
    for detail in details.of(session, facts, policy, most=None):
        for line in detail.lines:
            yield (detail.heading, blocks.unescaped(line))
