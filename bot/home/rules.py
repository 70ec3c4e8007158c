"""What a home tab holds, and how it is paged. Pure."""

from collections.abc import Set
from datetime import datetime, timedelta
from enum import StrEnum

from bot.people.rules import PROMOTING, SELLING, Role, Team

KEPT_FRESH = timedelta(days=7)  # for those who opened it within this time
SAME_VISIT = timedelta(minutes=10)
AT_ONCE = {"owed": 6, "mine": 8, "good": 6, "team": 10}


class Part(StrEnum):
    MINE = "mine"  # my open leads, and what I did this week
    GOOD = "good"  # what became of the leads I answer for in marketing
    TEAM = "team"  # what my team has in hand
    COUNCIL = "council"  # goals, scorecard, decisions


def parts_for(roles: Set[str], team: str, *, holds_leads: bool) -> tuple[Part, ...]:
    """What is worth showing to somebody: their own work first, then their team's."""
    manages = Role.MANAGER in roles
    wanted = {
        Part.MINE: bool(SELLING & roles) or holds_leads,
        Part.GOOD: bool(PROMOTING & roles) or (manages and team in (Team.MARKETING, Team.BOTH)),
        Part.TEAM: manages and team in (Team.SALES, Team.BOTH),
        Part.COUNCIL: bool(roles & {Role.COUNCIL, Role.SPONSOR}),
    }
    return tuple(part for part, is_wanted in wanted.items() if is_wanted)


def is_kept_fresh(opened_at: datetime, now: datetime) -> bool:
    return now - opened_at < KEPT_FRESH


def begins_anew(opened_before: datetime, now: datetime) -> bool:
    """Whether an opening is another visit, rather than one coming back from the next tab."""
    return now - opened_before > SAME_VISIT


def page_within(page: int, total: int, size: int) -> int:
    """The page asked for, or the last there is: what one saw on it may be done by now."""
    last = max(0, (total - 1) // size)
    return min(max(0, page), last)
