"""What became of the leads of a period, broken down: by source, campaign, month, who won them, or a field of a file.

Leads are counted by when they came in, and followed however long their way took: so are conversion and days to close.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row
from sqlalchemy.orm import Session

from bot.council import counting, queries
from bot.council.rules import Span, month_after
from bot.leads.tables import Lead
from bot.people import service as people

FIELD = "field:"
WAYS = ("source", "campaign", "month", "won_by")


class NoSuchWay(ValueError):
    """Leads cannot be broken down so."""


@dataclass(frozen=True)
class Group:
    """Leads with the same keys: how many came, how far they got, and the median days to close of those won."""

    keys: tuple[str, ...]
    leads: int
    accepted: int
    qualified: int
    won: int
    days: float | None


def of(session: Session, first: date, last: date, by: Sequence[str], zone: str) -> list[Group]:
    """The groups of some days, of the company's zone, the most leads first. Raises NoSuchWay."""
    starts = _months(first, last)
    span = Span(_begins(first, zone), _begins(last + timedelta(days=1), zone))
    keys = [_key(way, [_begins(day, zone) for day in starts]) for way in by]
    took: dict[tuple[object, ...], list[float]] = defaultdict(list)
    for row in session.execute(queries.won_of(span, keys)):
        took[tuple(row[: len(by)])].append((row.at - row.received_at) / timedelta(days=1))
    rows = session.execute(queries.converted(span, keys)).all()
    names = people.names(session, _winners(rows, by))
    found = [
        Group(
            tuple(_shown(way, key, starts, names) for way, key in zip(by, row[: len(by)], strict=True)),
            row.number,
            row.accepted,
            row.qualified,
            row.won,
            counting.minutes_of(took[tuple(row[: len(by)])]).median,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.leads, one.keys))


def _winners(rows: Sequence[Row[Any]], by: Sequence[str]) -> set[int]:
    places = [number for number, way in enumerate(by) if way == "won_by"]
    return {int(row[place]) for row in rows for place in places if row[place] is not None}


def _begins(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _months(first: date, last: date) -> list[date]:
    """The first days of the months that some days touch."""
    found = [first.replace(day=1)]
    while month_after(found[-1]) <= last:
        found.append(month_after(found[-1]))
    return found


def _key(way: str, months: Sequence[datetime]) -> ColumnElement[Any]:
    if way.startswith(FIELD) and len(way) > len(FIELD):
        found: ColumnElement[Any] = Lead.fields[way.removeprefix(FIELD)].as_string()
        return found
    ways: dict[str, ColumnElement[Any]] = {
        "source": Lead.source.expression,
        "campaign": Lead.campaign.expression,
        "month": queries.number_of(Lead.received_at, months),
        "won_by": queries.WON.c.by_id,
    }
    if way not in ways:
        raise NoSuchWay(way)
    return ways[way]


def _shown(way: str, key: object, months: Sequence[date], names: dict[int, str]) -> str:
    if way == "month":
        return f"{months[int(str(key))]:%Y-%m}"
    if way == "won_by":
        return names.get(int(str(key)), "") if key is not None else ""
    return "" if key is None else str(key)
