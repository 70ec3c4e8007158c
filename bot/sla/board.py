"""The two-way scoreboard: how both teams keep what they promise, on the same measures.

Counted are the promises whose deadline lies in the period, and those ended in it; time taken is working time, of what
was ended in it. A promise that was late counts for whoever had it when its time was up.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.outbox import calm
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import tables
from bot.sla.rules import Kind, Measure, Outcome, Tally
from config.policy import Policy


@dataclass(frozen=True)
class Board:
    """A period by team and kind, by team, and by person (their id) as far as the reader may see them."""

    since: datetime
    until: datetime
    kinds: dict[tuple[str, str], Measure]
    teams: dict[str, Measure]
    persons: dict[int, Measure]
    pings: int
    acted: int


def of(session: Session, since: datetime, until: datetime, now: datetime) -> Board:
    """Everything that was promised in a period, from its beginning until before its end. For the rooms above."""
    kinds: dict[tuple[str, str], Tally] = defaultdict(Tally)
    teams: dict[str, Tally] = defaultdict(Tally)
    persons: dict[int, Tally] = defaultdict(Tally)
    for row in session.execute(tables.counted_in(since, until)):
        if row.outcome == Outcome.CANCELLED:
            continue
        whose = row.late_owner_id or row.owner_id
        for tally in (kinds[row.team, row.kind], teams[row.team], persons[whose]):
            _count(tally, row, since, until, now)
    ((sent, acted),) = calm.totals(session, (since, until))
    return Board(
        since,
        until,
        {key: tally.measure() for key, tally in kinds.items()},
        {key: tally.measure() for key, tally in teams.items()},
        {key: tally.measure() for key, tally in persons.items()},
        sent,
        acted,
    )


def seen_by(session: Session, board: Board, reader: Person, policy: Policy) -> Board:
    """The same with the figures of single people that this reader may see: their own, and of those they lead."""
    if not policy.people_figures:
        return Board(board.since, board.until, board.kinds, board.teams, {}, board.pings, board.acted)
    theirs = {reader.id, *people.led_by(session, reader.id)}
    persons = {person: measure for person, measure in board.persons.items() if person in theirs}
    return Board(board.since, board.until, board.kinds, board.teams, persons, board.pings, board.acted)


def in_order(board: Board, team: str) -> Iterable[tuple[str, Measure]]:
    """A team's kinds of promise, in the order of the lead's way."""
    return ((kind, board.kinds[team, kind]) for kind in Kind if (team, kind) in board.kinds)


def _count(tally: Tally, row: Row[Any], since: datetime, until: datetime, now: datetime) -> None:
    due_in = since <= row.deadline_at < until
    if due_in and row.outcome == Outcome.MET:
        tally.met += 1
    elif due_in and (row.outcome == Outcome.MISSED or row.deadline_at < (row.paused_at or now)):
        tally.late += 1
    elif due_in:
        tally.open += 1
    settled = row.settled_at
    if settled and since <= settled < until and row.worked_seconds is not None:
        tally.minutes.append(row.worked_seconds / 60)
