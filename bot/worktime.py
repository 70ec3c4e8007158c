"""Working-time arithmetic: when is a promise due, how long did it take, and when does somebody work next?

Pure: no clock, no I/O. Instants come in aware and go out in UTC. Working time is real elapsed time inside the
open spans, so a span over a daylight-saving change is an hour shorter or longer, as it is for the person.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
HORIZON = timedelta(days=3660)
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(weeks=1)


class NeverOpens(ValueError):
    """The calendar has no working time within ten years of the instant asked for."""


@dataclass(frozen=True)
class WorkCalendar:
    """When somebody works. `hours` maps a weekday (Monday 0) to local spans.

    Several spans a day leave a lunch break; a span whose end is not after its start runs past midnight. A date in
    `holidays` closes the spans that begin on it. `closed` are instants of absence, in any zone.
    """

    zone: str
    hours: Mapping[int, Sequence[tuple[time, time]]]
    holidays: Collection[date] = ()
    closed: Sequence[Span] = ()

    def due(self, start: datetime, work: timedelta) -> datetime:
        """The earliest instant at which `work` is done when begun at `start`: a closing instant, not the next opening.

        Raises ValueError for negative work or a naive start, NeverOpens when there is no working time.
        """
        if work < timedelta(0):
            raise ValueError("work cannot be negative")
        start = _utc(start)
        if not work:
            return start
        for opens, closes in self._open_from(start):
            if closes - opens >= work:
                return opens + work
            work -= closes - opens
        raise NeverOpens(self.zone)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two instants. Raises ValueError for an end before its start or a naive time.

        A calendar that never opens has none: that is an answer here, not an error.
        """
        start, end = _utc(start), _utc(end)
        if end < start:
            raise ValueError("the end lies before the start")
        worked = timedelta(0)
        for opens, closes in self._open_from(start, end):
            if opens >= end:
                break
            worked += min(closes, end) - opens
        return worked

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when it lies in working time, else the next opening. Raises NeverOpens."""
        for opens, _ in self._open_from(_utc(at)):
            return opens
        raise NeverOpens(self.zone)

    def is_open(self, at: datetime) -> bool:
        """Whether `at` lies in working time; an opening instant does, a closing one does not."""
        at = _utc(at)
        return next((opens == at for opens, _ in self._open_from(at)), False)

    def _open_from(self, start: datetime, end: datetime | None = None) -> Iterator[Span]:
        """The open spans from `start` on, in order and apart, the first cut at `start`; at least those before `end`."""
        closed = sorted((_utc(a), _utc(b)) for a, b in self.closed)
        for opens, closes in _apart(self._scheduled(start, end or start + HORIZON)):
            begins = max(opens, start)
            if not closed:
                yield begins, closes
                continue
            yield from ((a, b) for a, b in _without(begins, closes, closed) if a < b)

    def _scheduled(self, start: datetime, end: datetime) -> Iterator[Span]:
        if not any(self.hours.values()):
            return
        zone = ZoneInfo(self.zone)
        # Two days back: a span may begin the evening before, and local dates differ from UTC's.
        first = start.astimezone(zone).date() - timedelta(days=2)
        monday, last = first - timedelta(days=first.weekday()), end.astimezone(zone).date()
        while monday <= last:
            off = tuple(day for day in _week(monday) if day in self.holidays)
            for span in _spans_in_week(monday, self._hours, off, zone):
                if span[1] > start:
                    yield span
            monday += ONE_WEEK

    @cached_property
    def _hours(self) -> tuple[tuple[tuple[time, time], ...], ...]:
        return tuple(tuple(self.hours.get(day, ())) for day in range(7))


@lru_cache(maxsize=1024)
def _week(monday: date) -> tuple[date, ...]:
    return tuple(monday + timedelta(days=number) for number in range(7))


@lru_cache(maxsize=4096)
def _spans_in_week(
    monday: date, hours: tuple[tuple[tuple[time, time], ...], ...], off: tuple[date, ...], zone: ZoneInfo
) -> tuple[Span, ...]:
    """The spans that begin in a week, in order; made once, for every promise that runs through it asks for them."""
    days = [(day, hours[number]) for number, day in enumerate(_week(monday)) if day not in off]
    return tuple(sorted(_span(day, begins, ends, zone) for day, spans in days for begins, ends in spans))


def _span(day: date, begins: time, ends: time, zone: ZoneInfo) -> Span:
    last_day = day if ends > begins else day + ONE_DAY
    # A repeated boundary means the first for starts and the last for ends.
    return (
        _instant(datetime.combine(day, begins), zone, fold=0),
        _instant(datetime.combine(last_day, ends), zone, fold=1),
    )


def _instant(local: datetime, zone: ZoneInfo, fold: int) -> datetime:
    """The instant of a local time; one that a clock change skips is the moment of that change."""
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if second < first:  # only a skipped time: the offset after the change puts it before the change
        return _change_between(second, first, zone)
    return second if fold else first


def _change_between(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def _apart(spans: Iterator[Span]) -> Iterator[Span]:
    """Overlapping time counted once. Touching spans stay apart: round the clock, one merged span would have no end."""
    reached: datetime | None = None
    for opens, closes in spans:
        begins = opens if reached is None else max(opens, reached)
        if begins < closes:
            yield begins, closes
            reached = closes


def _without(opens: datetime, closes: datetime, closed: list[Span]) -> Iterator[Span]:
    for a, b in closed:
        if b <= opens or a >= closes:
            continue
        yield opens, min(a, closes)
        opens = max(opens, b)
    yield opens, closes


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a naive time has no place here: give it a zone")
    return at.astimezone(UTC)
