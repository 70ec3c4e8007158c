"""What home tabs say of the week that runs."""

from datetime import date

from bot.council.texts import of, span_of
from bot.wording import counted

COUNCIL, TEAM_PROMISES, RESONATES = "Both teams this week", "Your team’s promises", "What resonates, last four weeks"
DECISIONS, NONE_DECIDED = "*Decided, open*", "*Decided, open:* nothing"


def in_time(met: int, due: int, past_time: int = 0) -> str:
    waits = f"; {past_time} past the agreed time" if past_time else ""
    return f"*Promises this week:* {of(met, due)} in time{waits}"


def past(number: int) -> str:
    waits = counted(number, "promise waits", "promises wait")
    return f"*{waits} past the agreed time*" if number else "Nothing is past the agreed time."


def load(each: list[tuple[str, int, int]], others: int) -> str:
    """How much each owes now, and how much of it is past its time."""
    told = [f"{name} {number}{f', {late} past its time' if late else ''}" for name, number, late in each]
    return f"*To do now:* {'; '.join(told)}{f'; and {others} more people' if others > 0 else ''}"


def away(name: str, first: date, last: date, backup: str | None) -> str:
    stands_in = f"{backup} stands in" if backup else "nobody named to stand in"
    return f"Away: {name}, {span_of(first, last)}, {stands_in}"


def taken(name: str, share: str) -> str:
    return f"{name}: {share} taken by sales"


def worked(asks: str, hits: int, number: int) -> str:
    return f"The answer to “{asks}” worked {of(hits, number)} times"
