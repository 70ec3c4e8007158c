"""What is agreed about people. Pure."""

import re
from enum import StrEnum

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


DAY_RANGE = re.compile(r"^(?P<first>[a-z]{3})[a-z]*(?:\s*[-–]\s*(?P<last>[a-z]{3})[a-z]*)?\s+(?P<spans>\d.*)$")


def parse_hours(text: str) -> dict[str, list[str]]:
    """`Mon-Fri 08:00-12:00, 13:00-17:00; Sat 9:00-12:00` as weekdays with spans. Raises ValueError with the fix."""
    hours: dict[str, list[str]] = {}
    for part in text.lower().split(";"):
        match = DAY_RANGE.match(part.strip())
        if match is None or match["first"] not in WEEKDAYS or (match["last"] or "mon") not in WEEKDAYS:
            raise ValueError(f"{part.strip()!r} is not understood; write for example Mon-Fri 08:00-12:00, 13:00-17:00")
        first = WEEKDAYS.index(match["first"])
        last = WEEKDAYS.index(match["last"]) if match["last"] else first
        spans = [_padded(span) for span in match["spans"].split(",")]
        for number in range((last - first) % 7 + 1):  # Sun-Thu goes over the week's end
            hours.setdefault(WEEKDAYS[(first + number) % 7], []).extend(spans)
    WorkingHours.model_validate(hours)
    return hours


def _padded(span: str) -> str:
    begins, _, ends = span.strip().replace("–", "-").partition("-")
    return "-".join(_clock(part.strip()) for part in (begins, ends))


def _clock(text: str) -> str:
    hour, _, minute = text.partition(":")
    digits = hour.isdigit() and (not minute or minute.isdigit())
    if not digits or not (int(hour) * 60 + int(minute or 0) <= 24 * 60 and int(minute or 0) < 60):
        raise ValueError(f"{text!r} is no time of day; write for example 08:00")
    return f"{int(hour):02d}:{int(minute or 0):02d}"
