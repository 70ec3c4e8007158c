"""What pictures say: their finding, and for whom cannot see them the same in words."""

from collections.abc import Sequence

from bot.council.texts import about, of, times
from bot.wording import counted


def funnel(came: int, won: int) -> str:
    return f"{counted(came, 'lead', 'leads')} came in, {won} won"


def funnel_alt(
    finding: str, week: int, names: Sequence[str], counts: Sequence[int], usual: Sequence[float] | None
) -> str:
    beside = [f", usually {about(one)}" for one in usual] if usual else [""] * len(names)
    told = [f"{name.lower()} {count}{more}" for name, count, more in zip(names, counts, beside, strict=True)]
    return f"{finding}. Week {week}: {'; '.join(told)}"


def kept(sales: str, marketing: str) -> str:
    return f"In time: sales {sales}, marketing {marketing}"


def of_due(hits: int, due: int) -> str:
    return of(hits, due) if due else "none due"


def kept_alt(finding: str, weeks: Sequence[str], sales: Sequence[str], marketing: Sequence[str]) -> str:
    told = [f"{team} {', '.join(weekly)}" for team, weekly in (("sales", sales), ("marketing", marketing))]
    return f"{finding}. Promises kept in time, weeks {weeks[0]} to {weeks[-1]}: {'; '.join(told)}"


def objections(label: str, now: int, usual: float | None) -> str:
    return f"“{label}” {times(now)}{f', usually {about(usual)}' if usual is not None else ''}"


def objections_alt(labels: Sequence[str], now: Sequence[int], before: Sequence[int] | None) -> str:
    beside = [f", the week before {one}" for one in before] if before else [""] * len(labels)
    told = [f"{label} {number}{more}" for label, number, more in zip(labels, now, beside, strict=True)]
    return f"Objections this week: {'; '.join(told)}"


USUAL = "▏ the mean of the four weeks before"
WEEK_AND_DUE = "Week; how many were due: sales, marketing"
WEEK_FILLED = "Week; the newest one filled"
