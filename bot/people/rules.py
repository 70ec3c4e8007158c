"""What is agreed about people. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import time
from enum import StrEnum
from zoneinfo import available_timezones

from bot.wording import DAYS
from config.policy import WEEKDAYS, Policy, WorkingHours


class Team(StrEnum):
    SALES = "sales"
    MARKETING = "marketing"
    BOTH = "both"


class Role(StrEnum):
    REP = "rep"
    SDR = "sdr"
    MARKETER = "marketer"
    PRODUCT_MANAGER = "product_manager"
    STRATEGIC_ACCOUNT_MANAGER = "strategic_account_manager"
    MANAGER = "manager"
    COUNCIL = "council"
    SPONSOR = "sponsor"
    QUALITY = "quality"
    MEDICAL = "medical"
    ADMINISTRATOR = "administrator"


SELLING = frozenset({Role.REP, Role.SDR, Role.STRATEGIC_ACCOUNT_MANAGER})
PROMOTING = frozenset({Role.MARKETER, Role.PRODUCT_MANAGER})


def unknown_roles(policy: Policy) -> list[str]:
    """Roles that a policy names and nobody can have: a pool of such people would never be staffed."""
    named = [pool.role for pool in policy.routing.pools]
    named += [target.role for target in policy.targets if target.role is not None]
    return sorted(set(named) - {role.value for role in Role})


def in_words(hours: Mapping[int, Sequence[tuple[time, time]]], zone: str) -> str:
    """`Mon–Thu 8–12:30 and 13–18, Fri 8–16, Berlin`."""
    told = [f"{_days(group)} {_spans(hours[group[0]])}" for group in _same_days(hours)]
    return ", ".join([*(told or ["none"]), city(zone)])


def as_typed(hours: Mapping[int, Sequence[tuple[time, time]]]) -> str:
    """As `parse_hours` reads it: `Mon 08:00-12:00, 13:00-17:00; Tue …`, the same days together."""
    told = []
    for group in _same_days(hours):
        spans = ", ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in hours[group[0]])
        told.append(f"{_days(group).replace('–', '-')} {spans}")
    return "; ".join(told)


def _same_days(hours: Mapping[int, Sequence[tuple[time, time]]]) -> list[list[int]]:
    """Days one after the other with the same hours."""
    groups: list[list[int]] = []
    for day in sorted(day for day, spans in hours.items() if spans):
        if groups and groups[-1][-1] == day - 1 and list(hours[groups[-1][0]]) == list(hours[day]):
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups


def city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _days(group: Sequence[int]) -> str:
    return DAYS[group[0]] if len(group) == 1 else f"{DAYS[group[0]]}–{DAYS[group[-1]]}"


def _spans(spans: Sequence[tuple[time, time]]) -> str:
    return " and ".join(f"{_hour(a)}–{_hour(b)}" for a, b in spans)


def _hour(at: time) -> str:
    return f"{at.hour}:{at.minute:02d}" if at.minute else str(at.hour)


def zones_like(typed: str, limit: int = 100) -> list[str]:
    """Time zones whose name has what was typed, those of places first."""
    wanted = typed.strip().casefold().replace(" ", "_")
    found = [zone for zone in sorted(available_timezones()) if "/" in zone and wanted in zone.casefold()]
    places = [zone for zone in found if not zone.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))]
    return sorted(places, key=lambda zone: not zone.rpartition("/")[2].casefold().startswith(wanted))[:limit]


DAY_RANGE = re.compile(r"^(?:(?P<first>[a-z]{2,})\.?(?:\s*[-–]\s*(?P<last>[a-z]{2,})\.?)?\s+)?(?P<spans>\d.*)$")
DAY_NAMES = (
    *(("monday", 0), ("tuesday", 1), ("wednesday", 2), ("thursday", 3), ("friday", 4), ("saturday", 5), ("sunday", 6)),
    *(("montag", 0), ("dienstag", 1), ("mittwoch", 2), ("donnerstag", 3), ("freitag", 4), ("samstag", 5)),
    *(("sonntag", 6),),
)


def parse_hours(text: str) -> dict[str, list[str]]:
    """`Mon-Fri 08:00-12:00, 13:00-17:00; Sat 9-12` as weekdays with spans; without days, Monday to Friday.

    Raises ValueError with the fix.
    """
    hours: dict[str, list[str]] = {}
    for part in text.lower().split(";"):
        match = DAY_RANGE.match(part.strip())
        first, last = _day(match["first"] or "mon") if match else None, None
        if match:
            last = _day(match["last"] or match["first"] or "fri")
        if match is None or first is None or last is None:
            raise ValueError(f"{part.strip()!r} is not understood; write for example Mon-Fri 08:00-12:00, 13:00-17:00")
        spans = [_padded(span) for span in match["spans"].split(",")]
        for number in range((last - first) % 7 + 1):  # Sun-Thu goes over the week's end
            hours.setdefault(WEEKDAYS[(first + number) % 7], []).extend(spans)
    WorkingHours.model_validate(hours)
    return hours


def _day(name: str) -> int | None:
    """`Monday`, `Mon`, `Mo`; also as Germans write it."""
    return next((number for whole, number in DAY_NAMES if whole.startswith(name)), None)


def _padded(span: str) -> str:
    begins, _, ends = span.strip().replace("–", "-").partition("-")
    return "-".join(_clock(part.strip()) for part in (begins, ends))


def _clock(text: str) -> str:
    hour, _, minute = text.partition(":")
    digits = hour.isdigit() and (not minute or minute.isdigit())
    if not digits or not (int(hour) * 60 + int(minute or 0) <= 24 * 60 and int(minute or 0) < 60):
        raise ValueError(f"{text!r} is no time of day; write for example 08:00")
    return f"{int(hour):02d}:{int(minute or 0):02d}"
