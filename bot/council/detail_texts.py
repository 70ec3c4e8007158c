"""The sentences of what stands in the digest's thread. Names come in escaped."""

from datetime import date

from bot.council import texts
from bot.wording import counted

FLOW, QUALITY, PROMISES = "The way of the leads", "What became of them", "Promises, both ways"
FIELD, OUTCOME, CAMPAIGNS = "What the field hears", "Won and lost", "Campaigns"
PEOPLE, DECIDED, AGENDA, GOALS = "Who is there", "Decided", "On the agenda", "Who answers for our goals"
IN_HAND = {"mql": "unanswered", "sal": "accepted", "sql": "qualified"}
STAGE = {"sal": "From accepted to qualified", "sql": "From qualified to won or lost"}
TRUE = "The score tells the truth: more points, more taken"
NOT_TRUE = "The score does not tell the truth: more points, but not more taken"
CLASSES = {"procedural": "procedural", "clerical": "clerical", "definitional": "definitional", "other": "other"}


def entered(stage: str, now: int, before: int, usual: str | None) -> str:
    return f"{texts.STAGES[stage]}: {now}, the week before {before}{_usually(usual)}"


def _usually(usual: str | None) -> str:
    return f", usually {usual}" if usual else ""


def in_hand(told: list[str]) -> str:
    return f"In hand now: {', '.join(told)}"


def bottleneck(kind: str, number: int, half: str) -> str:
    return f"Leads wait longest {texts.WAITS[kind]}: half of {number} for {half} or longer"


def stage(name: str, half: str, number: int) -> str:
    return f"{STAGE[name]}: half within {half}, of {number}"


def cohort(came: int, month: str, accepted: int, qualified: int, won: int) -> str:
    return f"Of the {came} leads of {month}: {accepted} accepted, {qualified} qualified, {won} won so far"


def taken(now: str, usual: str | None) -> str:
    return f"Sales took {now}{_usually(usual)}"


def came_back(told: list[str]) -> str:
    return f"Came back: {', '.join(told)}"


def reason(label: str, now: int, usual: str | None) -> str:
    return f"“{label}”: {now}{_usually(usual)}"


def origin(name: str, came: int, share: str | None) -> str:
    return f"{name}: {came} came{f'; {share} taken' if share else ''}"


def bands(told: list[str]) -> str:
    return f"Taken by points, last 12 weeks: {'; '.join(told)}"


def band(name: str, share: str) -> str:
    return f"{name} points: {share}"


def promise(team: str, kind: str, kept: str | None, open_: int) -> str:
    waits = f", {open_} open now" if open_ else ""
    return f"{texts.TEAMS[team]}, {kind}: {f'{kept} in time' if kept else 'none due'}{waits}"


def speed(half: str, usual: str | None, nine: str) -> str:
    return f"From arrival to first contact: half within {half}{_usually(usual)}; nine of ten within {nine}"


def contacted(within_5: str, within_60: str) -> str:
    return f"First contact: {within_5} within 5 minutes, {within_60} within the hour"


def pings(told: str) -> str:
    return f"Messages that rang: acted on within the hour {told}"


def objection(label: str, now: int, before: int, *, is_new: bool) -> str:
    return f"“{label}”: {now}, the week before {before}{', new' if is_new else ''}"


def feedback(told: list[str]) -> str:
    return f"Feedback: {', '.join(told)}"


def unanswered(label: str, reporters: int) -> str:
    return f"No answer yet: “{label}”, heard by {counted(reporters, 'colleague', 'colleagues')}"


def used(asks: str, worked: int, number: int) -> str:
    verdict = "resonates" if 2 * worked > number else "falls flat"
    return f"The answer to “{asks}” {verdict}: worked {texts.of(worked, number)} times"


def trend(said: str, who: str) -> str:
    return f"Market: “{said}” ({who})"


def answered(told: str) -> str:
    return f"Reports answered in time: {told}"


def ended(name: str, won: int, value: str, lost: int) -> str:
    return f"{name}: {won} won{f' ({value})' if value else ''}, {lost} lost"


def cycle(half: str, number: int) -> str:
    return f"From arrival to won: half within {half}, of {number}"


def begins(name: str, starts: date) -> str:
    return f"{name}: begins {texts.short(starts)}"


def campaign(name: str, came: int, starts: date | None, this_week: int, ends: date | None, cost: str | None) -> str:
    since = f" since {texts.short(starts)}" if starts else ""
    until = f", until {texts.short(ends)}" if ends else ""
    return f"{name}: {counted(came, 'lead', 'leads')}{since}, {this_week} this week{until}{cost or ''}"


def cost(spent: str, each: str | None) -> str:
    return f"; cost {spent}{f', {each} a lead' if each else ''}"


def goal(label: str, owners: str, until: date) -> str:
    return f"{label}, until {texts.short(until)}: {owners or 'nobody in the list of people'}"


def sizes(told: list[str]) -> str:
    return f"People: {', '.join(told)}"


def away(name: str, first: date, last: date, backup: str | None) -> str:
    stands_in = f"{backup} stands in" if backup else "nobody named to stand in"
    return f"Away: {name}, {texts.span_of(first, last)}, {stands_in}"
