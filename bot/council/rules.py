"""Weeks, when the digest is due, what is a change and what is noise, how a goal is paced. Pure.

How a change is told from noise is explained, with its sources, in docs/metrics.md.
"""

import bisect
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from config.council import Council
from config.policy import WEEKDAYS

WEEK = re.compile(r"(?P<year>\d{4})-?[Ww](?P<number>\d{1,2})")
NOISE = 0.10  # what comes about by chance more often than this is no change
USUAL_WEEKS = 4
ENOUGH = 5  # of fewer cases nothing is called a change
MANY = 1000  # from here on the normal distribution stands for the exact one
NINE_IN_TEN = 1.6449  # standard deviations to both sides that hold nine in ten


class NotAWeek(ValueError):
    """A week that cannot be read."""


@dataclass(frozen=True)
class Span:
    """From an instant until another that does not belong to it."""

    since: datetime
    until: datetime


@dataclass(frozen=True, order=True)
class Week:
    """A calendar week as ISO 8601 counts them: Monday to Sunday."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Week":
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @classmethod
    def parse(cls, text: str) -> "Week":
        """`2026-W47`. Raises NotAWeek."""
        found = WEEK.fullmatch(text.strip())
        try:
            if found is None:
                raise NotAWeek(text)
            date.fromisocalendar(int(found["year"]), int(found["number"]), 1)
        except ValueError as error:
            raise NotAWeek(text) from error
        return cls(int(found["year"]), int(found["number"]))

    @property
    def code(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    @property
    def first(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6)

    def later(self, weeks: int) -> "Week":
        return Week.of(self.first + timedelta(weeks=weeks))

    def span(self, zone: str) -> Span:
        """Its instants in a zone; a week with a change of the clocks is an hour longer or shorter."""
        return Span(_midnight(self.first, zone), _midnight(self.first + timedelta(days=7), zone))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def slot_before(council: Council, zone: str, now: datetime) -> datetime:
    """When the council was, or is, to be briefed last: the newest of its weekly hours that is not after `now`."""
    today = now.astimezone(ZoneInfo(zone)).date()
    back = (today.weekday() - WEEKDAYS.index(council.day)) % 7
    slot = datetime.combine(today - timedelta(days=back), council.at, ZoneInfo(zone))
    if slot > now:
        slot = datetime.combine(today - timedelta(days=back + 7), council.at, ZoneInfo(zone))
    return slot


def week_told_at(slot: datetime) -> Week:
    """The week that is told at a slot: the newest one that is over by then."""
    return Week.of(slot.date()).later(-1)


def next_slot(council: Council, zone: str, now: datetime) -> datetime:
    """The first of the council's hours after `now`."""
    last = slot_before(council, zone, now)
    return datetime.combine(last.date() + timedelta(days=7), council.at, ZoneInfo(zone))


def measured_over(decided: date, due: date) -> timedelta:
    """How long a decision's figure is taken over, then and now alike: from its day to its date, one to four weeks."""
    return min(max(due - decided, timedelta(weeks=1)), timedelta(weeks=4))


def month_before(day: date) -> tuple[date, date]:
    """The first days of the month before a day's, and of its own."""
    own = day.replace(day=1)
    return (own - timedelta(days=1)).replace(day=1), own


def month_after(day: date) -> date:
    """The first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


# -- what is a change -------------------------------------------------------------------------------------------------


class Direction(StrEnum):
    MORE = "more"
    LESS = "less"
    SAME = "same"


def count_changed(now: int, four_weeks: int) -> Direction:
    """Whether a week's count differs from the four weeks before it by more than chance.

    Were nothing different, each of all these cases would fall into this week with a chance of one in five.
    """
    total = now + four_weeks
    if total < ENOUGH:
        return Direction.SAME
    usual = total / (USUAL_WEEKS + 1)
    if now >= usual:
        chance = 1 - _binomial_below(now, total, 1 / (USUAL_WEEKS + 1))
    else:
        chance = _binomial_below(now + 1, total, 1 / (USUAL_WEEKS + 1))
    return _direction(now, usual, 2 * chance)


def share_changed(hits: int, of: int, usual_hits: int, usual_of: int) -> Direction:
    """Whether a share differs from the usual one by more than chance: Fisher's exact test, both sides."""
    if of < ENOUGH or usual_of < ENOUGH:
        return Direction.SAME
    below, above = _tails(hits, of, hits + usual_hits, of + usual_of)
    return _direction(hits / of, usual_hits / usual_of, 2 * min(below, above))


def _tails(hits: int, drawn: int, all_hits: int, everything: int) -> tuple[float, float]:
    """The chances of at most, and of at least, so many hits among those drawn."""
    if everything > MANY:
        mean, share = drawn * all_hits / everything, all_hits / everything
        spread = math.sqrt(drawn * share * (1 - share) * (everything - drawn) / (everything - 1)) or 1.0
        return _normal_below((hits + 0.5 - mean) / spread), 1 - _normal_below((hits - 0.5 - mean) / spread)
    below = sum(_drawn(k, drawn, all_hits, everything) for k in range(max(0, drawn + all_hits - everything), hits + 1))
    return below, 1 - below + _drawn(hits, drawn, all_hits, everything)


def _direction(now: float, usual: float, chance: float) -> Direction:
    if chance >= NOISE or now == usual:
        return Direction.SAME
    return Direction.MORE if now > usual else Direction.LESS


@lru_cache(maxsize=4096)
def _binomial_below(k: int, n: int, p: float) -> float:
    """The chance of fewer than `k` of `n`; of many by the normal distribution, which is as good there."""
    if n > MANY:
        return _normal_below((k - 0.5 - n * p) / math.sqrt(n * p * (1 - p)))
    log_n = math.lgamma(n + 1)
    told = (
        log_n - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log1p(-p)
        for i in range(k)
    )
    return min(1.0, sum(map(math.exp, told)))


def _normal_below(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2


def _drawn(k: int, drawn: int, hits: int, everything: int) -> float:
    """The chance of exactly `k` hits among `drawn` of `everything`."""
    if k > hits or drawn - k > everything - hits:
        return 0.0
    log = _log_choose(hits, k) + _log_choose(everything - hits, drawn - k) - _log_choose(everything, drawn)
    return math.exp(log)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def places_around_median(n: int) -> tuple[int, int]:
    """Between which places, counted from 1 in a sorted list, the true median lies nine times in ten; none of few."""
    if 2 * _binomial_below(1, n, 0.5) > NOISE:
        return 0, 0
    if n > MANY:
        low = math.floor((n - NINE_IN_TEN * math.sqrt(n)) / 2) - 1
    else:
        low = bisect.bisect_right(range(n // 2), NOISE, key=lambda low: 2 * _binomial_below(low + 2, n, 0.5))
    return low + 1, n - low


def place_of(n: int, percent: int) -> int:
    """The place of a percentile in a sorted list, counted from 1: the smallest value that so many do not exceed."""
    return max(1, -(-n * percent // 100)) if n else 0


def median_changed(usual: float | None, low: float | None, high: float | None) -> Direction:
    """Whether the usual median lies outside of where this week's true median lies nine times in ten."""
    if usual is None or low is None or high is None or low <= usual <= high:
        return Direction.SAME
    return Direction.MORE if usual < low else Direction.LESS


# -- goals ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pace:
    """On which day of how many a goal stands, and what it comes to if it goes on like this; None on no day yet."""

    day: int
    days: int
    gives: float | None


def pace(value: float, since: date, until: date, today: date) -> Pace:
    """`today` is the first day that is not counted any more."""
    days = (until - since).days + 1
    day = min(days, max(0, (today - since).days))
    return Pace(day, days, value / day * days if day else None)


# -- score ------------------------------------------------------------------------------------------------------------

BANDS = (0, 25, 50, 75)  # from how many points on


def band_name(number: int) -> str:
    low = BANDS[number]
    return f"{low}–{BANDS[number + 1] - 1}" if number + 1 < len(BANDS) else f"{low} and more"


class Truth(StrEnum):
    """What taking and refusing say of the score."""

    TELLS = "tells"
    TELLS_NOT = "tells_not"
    UNCLEAR = "unclear"


def tells_the_truth(shares: Sequence[tuple[int, int]]) -> Truth | None:
    """Whether leads with more points are taken more often: the highest band against the lowest, by more than chance.

    None where two bands are not known. A higher band that is taken less often than a lower one, by more than chance,
    tells against the score whatever the ends say.
    """
    known = [(hits, of) for hits, of in shares if of]
    if len(known) < 2:
        return None
    if any(share_changed(*high, *low) == Direction.LESS for low, high in itertools.combinations(known, 2)):
        return Truth.TELLS_NOT
    return Truth.TELLS if share_changed(*known[-1], *known[0]) == Direction.MORE else Truth.UNCLEAR
