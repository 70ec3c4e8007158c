"""Date tokens: `<!date^unix^{token}^link|fallback>`, shown in the reader's own zone. Pure.

https://docs.slack.dev/messaging/formatting-message-text#date-formatting
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TOKEN = re.compile(r"\{(\w+)\}")
Words = Callable[[datetime], str]


def clock(at: float, zone: str) -> str:
    return f"{datetime.fromtimestamp(at, ZoneInfo(zone)):%H:%M}"


def day(at: float, zone: str) -> date:
    return datetime.fromtimestamp(at, ZoneInfo(zone)).date()


def day_words(at: float, zone: str, now: float) -> str:
    """A day as a divider between messages says it."""
    return _pretty(datetime.fromtimestamp(at, ZoneInfo(zone)), day(now, zone), _long)


def formatted(at: int, pattern: str, zone: str, now: float) -> str:
    """The pattern of a date token with its tokens filled in; one that Slack does not know stays as it is."""
    local, today = datetime.fromtimestamp(at, ZoneInfo(zone)), day(now, zone)
    words: dict[str, Words] = {
        "date_num": lambda d: f"{d:%Y-%m-%d}",
        "date_slash": lambda d: f"{d:%m/%d/%Y}",
        "date": _medium,
        "date_short": _short,
        "date_long": _long,
        "date_pretty": lambda d: _pretty(d, today, _medium),
        "date_short_pretty": lambda d: _pretty(d, today, _short),
        "date_long_pretty": lambda d: _pretty(d, today, _long),
        "day_divider_pretty": lambda d: _pretty(d, today, _long),
        "time": lambda d: f"{d:%H:%M}",
        "time_secs": lambda d: f"{d:%H:%M:%S}",
        "ago": lambda d: _ago(datetime.fromtimestamp(now, UTC) - d),
    }
    return TOKEN.sub(lambda match: words[match[1]](local) if match[1] in words else match[0], pattern)


def _short(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


def _medium(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _long(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B %Y}"


def _pretty(at: datetime, today: date, otherwise: Words) -> str:
    near = {today: "Today", today - timedelta(days=1): "Yesterday", today + timedelta(days=1): "Tomorrow"}
    return near.get(at.date()) or otherwise(at)


def _ago(passed: timedelta) -> str:
    ahead, seconds = passed < timedelta(), int(abs(passed).total_seconds())
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            told = f"{number} {name}{'' if number == 1 else 's'}"
            return f"in {told}" if ahead else f"{told} ago"
    return "just now"
