"""Which days an export covers, and when the next one comes by itself. Pure."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})")
SPAN = re.compile(r"(?P<first>\d{4}-\d{2}-\d{2})\.\.(?P<last>\d{4}-\d{2}-\d{2})")
EVERYTHING, MINE = "everything", "mine"
ALSO = {"obligations": "promises", "objection": "objections", "lead": "leads"}  # other words people have for them
LONGEST = timedelta(days=3660)


class Every(StrEnum):
    MONDAY = "monday"
    MONTH = "month"


class NotUnderstood(Exception):
    """A period that cannot be read."""


@dataclass(frozen=True)
class Days:
    """From the first day through the last."""

    first: date
    last: date

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """As instants; the end does not belong to it."""
        begins = datetime.combine(self.first, time(), ZoneInfo(zone))
        return begins, datetime.combine(self.last + timedelta(days=1), time(), ZoneInfo(zone))


def days_of(text: str, today: date) -> Days:
    """`2026-11`, `2026-11-01..2026-11-15`, `week`, `month`, `quarter`, `year`: the last so many days. NotUnderstood."""
    told = text.strip().casefold()
    lately = {"": 90, "week": 7, "month": 31, "quarter": 92, "year": 366}
    if told in lately:
        return Days(today - timedelta(days=lately[told] - 1), today)
    try:
        if found := SPAN.fullmatch(told):
            days = Days(date.fromisoformat(found["first"]), date.fromisoformat(found["last"]))
        elif found := MONTH.fullmatch(told):
            year, month = int(found["year"]), int(found["month"])
            days = Days(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
        else:
            raise NotUnderstood(text)
    except ValueError as error:
        raise NotUnderstood(text) from error
    if not timedelta(0) <= days.last - days.first <= LONGEST:
        raise NotUnderstood(text)
    return days


def split_filters(text: str) -> tuple[str, dict[str, str]]:
    """`2026-11 kind=pricing stage=won`: what is left without them, and the filters. Raises NotUnderstood."""
    words = text.split()
    found = dict(word.split("=", 1) for word in words if "=" in word)
    if not all(name and value for name, value in found.items()):
        raise NotUnderstood(text)
    return " ".join(word for word in words if "=" not in word), found


def next_after(every: Every, now: datetime, zone: str) -> datetime:
    """The next Monday, or first of a month, at six in the reader's morning."""
    local = now.astimezone(ZoneInfo(zone))
    if every == Every.MONDAY:
        day = local.date() + timedelta(days=7 - local.weekday())
    else:
        day = (local.date().replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(day, time(6), ZoneInfo(zone))


def days_before(every: Every, at: datetime, zone: str) -> Days:
    """What an export that comes by itself covers: the week, or month, before."""
    day = at.astimezone(ZoneInfo(zone)).date()
    last = day - timedelta(days=1)
    return Days(day - timedelta(days=7), last) if every == Every.MONDAY else Days(last.replace(day=1), last)
