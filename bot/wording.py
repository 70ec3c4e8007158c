"""Words that every room uses: instants in a reader's zone, names, counts, and text from outside made safe. Pure."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = "January February March April May June July August September October November December".split()
ELLIPSIS = "…"


def when(at: datetime, zone: str, now: datetime) -> str:
    """An instant as its reader says it: `09:12` today, `Wed 09:12` within the week, else `Wed 3 Dec 09:12`."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    clock = local.strftime("%H:%M")
    if local.date() == today:
        return clock
    day = DAYS[local.weekday()]
    if abs(local.date() - today) < timedelta(days=7):
        return f"{day} {clock}"
    return f"{day} {local.day} {MONTHS[local.month - 1][:3]} {clock}"


def day_and_time(at: datetime, zone: str, now: datetime) -> str:
    """Like `when`, with the weekday also today: for what stays on a screen over midnight."""
    local = at.astimezone(ZoneInfo(zone))
    told = when(at, zone, now)
    return told if " " in told else f"{DAYS[local.weekday()]} {told}"


def on_date(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def escape(text: str) -> str:
    """Text from outside, for mrkdwn: no mention, link or control comes alive. Once, ampersands first."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


MENTION = re.compile(r"<(?P<mark>[@#])(?P<id>[A-Z0-9]+)(?:\|(?P<name>[^>]*))?>")
LINK = re.compile(r"<(?P<url>(?:https?|mailto):[^|>]+)(?:\|(?P<name>[^>]*))?>")


def as_read(text: str) -> str:
    """Slack's mrkdwn as its reader sees it: links by their name and address, `&lt;` as `<`, channels by name."""
    text = MENTION.sub(lambda found: f"{found['mark']}{found['name'] or found['id']}", text)
    told = LINK.sub(lambda found: f"{found['name']} ({found['url']})" if found["name"] else found["url"], text)
    return told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def shorten(text: str, most: int) -> str:
    """At most `most` characters, cut at a word, with an ellipsis where something was left out."""
    text = " ".join(text.replace("\x00", "").split())
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    at_word = cut.rfind(" ")
    return (cut[:at_word] if at_word > most // 2 else cut).rstrip(" ,.;:") + ELLIPSIS


def outside(text: str, most: int) -> str:
    """Text from outside for mrkdwn: cut so that it has at most `most` characters after escaping, whole ones."""
    cut = shorten(text, most)
    while len(escape(cut)) > most:
        cut = shorten(cut, len(cut) * 3 // 4)
    return escape(cut)


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def first_name(name: str) -> str:
    return name.split(maxsplit=1)[0] if name.split() else name
