"""The sentences of the monthly letter."""

from datetime import date

from bot.council.texts import short
from bot.wording import counted, escape, outside

ASKED = "*What would help*"


def picture(week: int, finding: str) -> str:
    return f"Week {week}: {finding[:1].lower()}{finding[1:]}"


NO_TOPIC = "No objection was reported."
THANK = "Nothing is stuck. A word of thanks to both teams would be well placed."


def title(month: str) -> str:
    return f"{month}, for the sponsor"


def lock(month: str) -> str:
    return f"Sales and marketing in {month}: four numbers, and what would help"


def leads(now: int, before: str | None) -> str:
    return f"*{now}* {'lead' if now == 1 else 'leads'} came in{_before(before)}"


def taken(now: str, before: str | None) -> str:
    return f"*{now}* were taken by sales{_before(before)}"


def kept(now: str, before: str | None) -> str:
    return f"*{now}* promises were kept in time{_before(before)}"


def _before(told: str | None) -> str:
    return f", {told} the month before" if told else ""


def won(now: tuple[str | None, int], before: tuple[str | None, int] | None, currency: str) -> str:
    """Each the value in the usual currency, None where no deal has one, and how many deals there were."""
    value, number = now
    told = (
        f"*{value}* won in {counted(number, 'deal', 'deals')}" if value else f"*{counted(number, 'deal', 'deals')}* won"
    )
    alone = f", none with a value in {currency}" if number and not value else ""
    return f"{told}{alone}{_before(_won_before(*before) if before else None)}"


def _won_before(value: str | None, number: int) -> str:
    return f"{value} in {number}" if value else str(number)


def both(sales: str | None, marketing: str | None) -> str:
    """What each team kept of its promises; None where none was due."""
    if sales and marketing:
        return f"Of its promises sales kept {sales} in time, marketing {marketing}."
    if sales or marketing:
        team, other = ("Sales", "marketing") if sales else ("Marketing", "sales")
        return f"{team} kept {sales or marketing} of its promises in time; {other} had none that was due."
    return "No promise was due."


def topic(label: str, now: int, before: int | None) -> str:
    than = f", {before} the month before" if before is not None else ""
    return f"Customers most often said “{escape(label)}”: {counted(now, 'time', 'times')}{than}."


def help_decision(what: str, due: date) -> str:
    """Nobody is named: who is late is between them and who leads them."""
    return f"Ask both teams what stands in the way of “{outside(what, 120)}”, decided for {short(due)}."


def help_goal(label: str, gives: str, target: str, until: date) -> str:
    return f"This pace gives {gives} of {target} {escape(label)} by {short(until)}: ask both owners what they need."
