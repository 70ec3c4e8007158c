"""What pictures say: their finding, and for whom cannot see them the same in words."""

from collections.abc import Sequence

from bot.council.texts import about, times
from bot.wording import counted, listed


def funnel(came: int, won: int) -> str:
    return f"{counted(came, 'lead', 'leads')} came in, {won} won"


def funnel_alt(week: int, names: Sequence[str], counts: Sequence[int]) -> str:
    return f"Week {week}: {listed([f'{name.lower()} {count}' for name, count in zip(names, counts, strict=True)])}"


def kept(sales: str, marketing: str) -> str:
    return f"In time: sales {sales}, marketing {marketing}"


def kept_alt(weeks: Sequence[str], sales: Sequence[float | None], marketing: Sequence[float | None]) -> str:
    told = [f"{team} {_percents(shares)}" for team, shares in (("sales", sales), ("marketing", marketing))]
    return f"Promises kept in time, weeks {weeks[0]} to {weeks[-1]}, in percent: {'; '.join(told)}"


def _percents(shares: Sequence[float | None]) -> str:
    return ", ".join("none due" if share is None else f"{share:.0f}" for share in shares)


def objections(label: str, now: int, usual: float | None) -> str:
    return f"“{label}” {times(now)}{f', usually {about(usual)}' if usual is not None else ''}"


def objections_alt(labels: Sequence[str], now: Sequence[int], before: Sequence[int]) -> str:
    told = [f"{label} {n}, the week before {b}" for label, n, b in zip(labels, now, before, strict=True)]
    return f"Objections this week: {'; '.join(told)}"
