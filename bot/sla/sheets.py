"""Promises as sheets of an export: each of them, and how both teams keep them."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from bot.exports.sheets import Asked, Column, Kind, Row, Sheet
from bot.journal.service import rules_in_force
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import board
from bot.sla.rules import Measure
from bot.sla.tables import Obligation
from bot.sla.texts import KINDS, TEAMS

AT_ONCE = 1000
COLUMNS = (
    Column("Number", Kind.NUMBER, "The promise's own number", 9),
    Column("What", Kind.TEXT, "What is owed", 24),
    Column("Of", Kind.TEXT, "The kind of thing it is about", 14),
    Column("Number of that", Kind.NUMBER, "Its number", 14),
    Column("Team", Kind.TEXT, "Whose promise it is", 12),
    Column("Owner", Kind.TEXT, "Who owes it", 20),
    Column("Since", Kind.INSTANT, "When it began", 17),
    Column("Due", Kind.INSTANT, "When it is due", 17),
    Column("Done at", Kind.INSTANT, "When it ended", 17),
    Column("Outcome", Kind.TEXT, "met, missed (late, or moved on), cancelled, or open", 11),
    Column("Working minutes taken", Kind.NUMBER, "Working time until it ended, on the owner's calendar", 14),
    Column("Minutes waited", Kind.NUMBER, "Time by the clock until it ended, from when its subject came", 14),
)
BOARD = (
    Column("Whose", Kind.TEXT, "A team, or a person the reader leads", 24),
    Column("What", Kind.TEXT, "The kind of promise; empty for all of them", 24),
    Column("Due", Kind.NUMBER, "Promises that ended in the period, in time or late", 9),
    Column("In time", Kind.NUMBER, "Of these, those kept in time", 9),
    Column("Late", Kind.NUMBER, "Of these, those done late or moved on", 9),
    Column("Open", Kind.NUMBER, "Promises that run now", 9),
    Column("Half within, minutes", Kind.NUMBER, "The median of the working time taken", 14),
    Column("Nine of ten within, minutes", Kind.NUMBER, "The 90th percentile of the working time taken", 14),
)


def promises() -> Sheet:
    limits = {"kind": lambda _policy: list(KINDS), "team": lambda _policy: list(TEAMS)}
    return Sheet("Promises", COLUMNS, _count, _rows, counted_by="Outcome", limited_by=limits)


def scoreboard() -> Sheet:
    return Sheet("Scoreboard", BOARD, lambda session, asked: len(list(_board(session, asked))), _board)


def _wanted(asked: Asked) -> ColumnElement[bool]:
    told = [Obligation.opened_at >= asked.since, Obligation.opened_at < asked.until]
    if asked.people is not None:
        told.append(Obligation.owner_id.in_(asked.people))
    for name, column in (("kind", Obligation.kind), ("team", Obligation.team)):
        if value := asked.filters.get(name):
            told.append(column == value)
    return and_(*told)


def _count(session: Session, asked: Asked) -> int:
    return session.scalar(select(func.count()).select_from(Obligation).where(_wanted(asked))) or 0


def _select(asked: Asked) -> Select[Obligation, str]:
    found = select(Obligation, Person.name).join(Person, Person.id == Obligation.owner_id).where(_wanted(asked))
    return found.order_by(Obligation.opened_at, Obligation.id).execution_options(yield_per=AT_ONCE)


def _rows(session: Session, asked: Asked) -> Iterator[Row]:
    """Where figures of single people are switched off, no row names anybody."""
    named = rules_in_force(session).policy.people_figures
    for owed, owner in session.execute(_select(asked)):
        yield (
            owed.id,
            KINDS.get(owed.kind, owed.kind),
            owed.subject_kind,
            owed.subject_id,
            TEAMS.get(owed.team, owed.team),
            owner if named else None,
            owed.opened_at,
            owed.deadline_at,
            owed.settled_at,
            owed.outcome or "open",
            _minutes(owed.worked_seconds),
            _minutes(owed.waited_seconds),
        )


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else round(seconds / 60)


def _rounded(minutes: float | None) -> float | None:
    return None if minutes is None else round(minutes, 1)


def _board(session: Session, asked: Asked) -> Iterator[Row]:
    now = min(asked.now or asked.until, asked.until)
    # As on the board: of a period that is not over what runs now counts as open, whenever it is due.
    until = asked.until if now == asked.until else max(asked.until, now + (now - asked.since))
    told = board.of(session, asked.since, until, now)
    for team in sorted(told.teams):
        yield _measured(TEAMS.get(team, team), None, told.teams[team])
        for kind, measure in board.in_order(told, team):
            yield _measured(TEAMS.get(team, team), KINDS[kind], measure)
    if not rules_in_force(session).policy.people_figures:
        return
    seen = [one for one in told.persons if asked.people is None or one in asked.people]
    names = people.names(session, seen)
    for person in sorted(seen, key=lambda one: names.get(one, "")):
        yield _measured(names.get(person), None, told.persons[person])


def _measured(whose: str | None, what: str | None, measure: Measure) -> Row:
    late = measure.due - measure.met
    return (
        whose,
        what,
        measure.due,
        measure.met,
        late,
        measure.open,
        *map(_rounded, (measure.median_minutes, measure.p90_minutes)),
    )
