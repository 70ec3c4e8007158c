"""How the facts are counted: rows by week, and medians of this week beside the week before and the four before."""

import bisect
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from bot.council import queries
from bot.council.facts import WEEKS, Count, Minutes, Times
from bot.council.rules import USUAL_WEEKS, Span, place_of, places_around_median


def rows_of(session: Session, found: Select[Any]) -> Sequence[Row[Any]]:
    return session.execute(found).all()


def by_week(rows: Iterable[Row[Any]], number: Callable[[Row[Any]], int] = lambda row: row.number) -> Count:
    weeks = [0] * WEEKS
    for row in rows:
        weeks[row.week] += number(row)
    return Count(weeks=tuple(weeks))


def grouped(rows: Iterable[Row[Any]], key: Callable[[Row[Any]], Any]) -> dict[Any, list[Row[Any]]]:
    found: dict[Any, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def times_of(session: Session, values: Select[Any]) -> Minutes:
    """Seconds as the median, 90th percentile and bounds in minutes; sorted and picked by the database."""
    (number,) = session.execute(queries.how_many(values, ())).one()
    if not number:
        return Minutes()
    low, high = places_around_median(number)
    places = [place_of(number, 50), place_of(number, 90), low, high]
    at = {place: seconds / 60 for place, seconds in session.execute(queries.at_places(values, places))}
    return Minutes(number=number, median=at[places[0]], p90=at[places[1]], low=at.get(low), high=at.get(high))


def times(session: Session, edges: Sequence[datetime], values: Callable[[Span], Select[Any]]) -> Times:
    now, before, four = (times_of(session, values(span)) for span in compared(edges))
    return Times(now=now, before=before, four=four)


def times_in(told: Iterable[tuple[datetime, float]], edges: Sequence[datetime]) -> Times:
    """What took how many minutes, and ended when: this week, the week before, the four before."""
    known = sorted(told)
    now, before, four = (
        minutes_of(minutes for _, minutes in known[_first(known, span.since) : _first(known, span.until)])
        for span in compared(edges)
    )
    return Times(now=now, before=before, four=four)


def _first(known: Sequence[tuple[datetime, float]], instant: datetime) -> int:
    """The place of the first that ended at an instant or later."""
    return bisect.bisect_left(known, instant, key=lambda one: one[0])


def five_weeks(edges: Sequence[datetime]) -> Span:
    """This week, and the four that it is held against."""
    return Span(edges[-2 - USUAL_WEEKS], edges[-1])


def compared(edges: Sequence[datetime]) -> tuple[Span, Span, Span]:
    """This week, the week before, the four before."""
    return Span(edges[-2], edges[-1]), Span(edges[-3], edges[-2]), Span(edges[-2 - USUAL_WEEKS], edges[-2])


def minutes_of(values: Iterable[float]) -> Minutes:
    ordered = sorted(values)
    if not ordered:
        return Minutes()
    low, high = places_around_median(len(ordered))
    median, p90 = (ordered[place_of(len(ordered), percent) - 1] for percent in (50, 90))
    bounds = (ordered[low - 1], ordered[high - 1]) if low else (None, None)
    return Minutes(number=len(ordered), median=median, p90=p90, low=bounds[0], high=bounds[1])
