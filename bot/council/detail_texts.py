"""The sentences of what stands in the digest's thread. Names come in escaped."""

from datetime import date

from bot.council import texts
from bot.wording import counted

IN_TEAMS = {"both": "In both teams"}  # people; what they promised for both is shared
FLOW, QUALITY, PROMISES = "The way of the leads", "What became of them", "Promises, both ways"
FIELD, OUTCOME, CAMPAIGNS = "What the field hears", "Won and lost", "Campaigns"
CHANGES = "What changed, all of it"
PEOPLE, DECIDED, AGENDA, GOALS = "Who is there", "Decided", "On the agenda", "Who answers for our goals"
IN_HAND = {"mql": "unanswered", "sal": "accepted", "sql": "qualified"}
STAGE = {
    "mql": "From arrival to sales’ answer",
    "sal": "From accepted to qualified, or not a fit",
    "sql": "From qualified to won or lost",
}
TRUTH = {
    "tells": "The score tells the truth: more points, more taken",
    "tells_not": "The score does not tell the truth: more points, fewer taken",
    "unclear": "Whether the score tells the truth does not show yet: what differs may be chance",
}
CLASSES = {"procedural": "procedural", "clerical": "clerical", "definitional": "definitional", "other": "other"}


def beside(before: str | None, usual: str | None) -> str:
    """What stands beside a figure: `, the week before 28, usually 25`."""
    told = [f"the week before {before}" if before else None, f"usually {usual}" if usual else None]
    return "".join(f", {part}" for part in told if part)


def entered(stage: str, now: int, beside: str) -> str:
    return f"{texts.STAGES[stage]}: {now}{beside}"


def left(stage: str, now: int, beside: str) -> str:
    return f"No longer {IN_HAND[stage]}: {now}{beside}"


LYING = {
    "raw": "Not passed to sales",
    "rejected": "Came back, with marketing",
    "recycled": "Kept for later",
}


def lying(number: int, stage: str, beside: str) -> str:
    return f"{LYING[stage]}: {number}{beside}"


def in_hand(number: int, stage: str, beside: str) -> str:
    return f"In hand now, {stage}: {number}{beside}"


def bottleneck(kind: str, number: int, half: str, beside: str) -> str:
    return f"Leads wait longest {texts.WAITS[kind]}: half of {number} for {half} or longer{beside}"


def given(reasons: list[tuple[str, int]]) -> str:
    return f"Most given reasons when leads come back: {', '.join(f'“{label}” {number}' for label, number in reasons)}"


def stage(name: str, half: str, number: int, beside: str) -> str:
    return f"{STAGE[name]}: half of {number} within {half}{beside}"


def cohort(month: str, reached: tuple[int, int, int, int], before: tuple[int, int, int, int] | None) -> str:
    """How many came, were accepted, qualified and won; and the same of the month before, at the same age."""
    came, accepted, qualified, won = reached
    told = f"Of the {came} leads of {month}: {accepted} accepted, {qualified} qualified, {won} won so far"
    if before is None:
        return told
    came, accepted, qualified, won = before
    return f"{told}; at the same age, of the {came} of the month before: {accepted}, {qualified}, {won}"


def taken(now: str, beside: str) -> str:
    return f"Sales took {now}{beside}"


def no_fit(now: int, beside: str) -> str:
    return f"Taken earlier and no fit after all: {now}{beside}"


def came_back(told: list[tuple[str, int, str]]) -> str:
    """Each class with its number and what stands beside it."""
    return f"Came back: {'; '.join(f'{now} {CLASSES[name]}{beside}' for name, now, beside in told)}"


def reason(label: str, now: int, beside: str) -> str:
    return f"“{label}”: {now}{beside}"


def origin(name: str, came: int, beside: str) -> str:
    return f"{name}: {came} came{beside}"


def origin_taken(name: str, share: str, beside: str, given: list[tuple[str, int]]) -> str:
    """`given` are the reasons for what came back, with how often each."""
    back = f"; came back: {', '.join(f'“{label}” {number}' for label, number in given)}" if given else ""
    return f"{name}: {share} taken{beside}{back}"


def bands(told: list[str]) -> str:
    return f"Taken by points, last 12 weeks: {'; '.join(told)}"


def band(name: str, share: str, before: str | None) -> str:
    return f"{name} points: {share}{f', before {before}' if before else ''}"


def promise(team: str, kind: str, kept: str | None, open_: int, beside: str) -> str:
    waits = f"; {open_} open now" if open_ else ""
    return f"{texts.TEAMS[team]}, {kind}: {f'{kept} in time' if kept else 'none due'}{beside}{waits}"


def speed(half: str, beside: str) -> str:
    return f"From arrival to first contact: half within {half}{beside}"


def slowest(nine: str, beside: str) -> str:
    return f"From arrival to first contact: nine of ten within {nine}{beside}"


def within(what: str, number: str, beside: str) -> str:
    return f"First contact {what}: {number}{beside}"


def pings(number: int, share: str, beside: str) -> str:
    return f"{counted(number, 'message', 'messages')} rang; acted on within the hour: {share}{beside}"


def objection(label: str, now: int, beside: str, *, is_new: bool) -> str:
    return f"“{label}”: {now}{beside}{', new' if is_new else ''}"


def feedback(told: list[tuple[str, int, str]]) -> str:
    return f"Feedback: {'; '.join(f'{label} {now}{beside}' for label, now, beside in told)}"


def unanswered(label: str, reporters: int) -> str:
    return f"No answer yet: “{label}”, heard by {counted(reporters, 'colleague', 'colleagues')}"


def used(asks: str, worked: int, number: int, enough: int, beside: str) -> str:
    """Of fewer than `enough` uses nothing is said but the count."""
    times = f"worked {texts.of(worked, number)} times{beside}"
    verdict = "resonates" if 2 * worked > number else "falls flat"
    return f"The answer to “{asks}” {verdict}: {times}" if number >= enough else f"The answer to “{asks}”: {times}"


def on_our_message(said: str, who: str) -> str:
    return f"On our message: “{said}” ({who})"


def trend(said: str, who: str) -> str:
    return f"Market: “{said}” ({who})"


def answered(told: str, beside: str) -> str:
    return f"Reports answered in time: {told}{beside}"


WON, LOST = "won", "lost"


def won_value(now: str, beside: str) -> str:
    return f"Value won: {now}{beside}"


def ended(name: str, won: str, lost: str) -> str:
    return f"{name}: {won}; {lost}"


def cycle(half: str, number: int, beside: str) -> str:
    return f"From arrival to won: half of {number} within {half}{beside}"


def begins(name: str, starts: date) -> str:
    return f"{name}: begins {texts.short(starts)}"


def campaign(name: str, came: int, starts: date | None, this_week: str, ends: date | None, cost: str | None) -> str:
    since = f" since {texts.short(starts)}" if starts else ""
    until = f", until {texts.short(ends)}" if ends else ""
    return f"{name}: {counted(came, 'lead', 'leads')}{since}, {this_week}{until}{cost or ''}"


def cost(spent: str, each: str | None) -> str:
    return f"; cost {spent}{f', {each} a lead' if each else ''}"


def goal(label: str, owners: str, until: date) -> str:
    return f"{label}, until {texts.short(until)}: {owners or 'nobody in the list of people'}"


def load(team: str, people: int, promises: int, leads: int) -> str:
    who = f"{IN_TEAMS.get(team, texts.TEAMS[team])}: {counted(people, 'person', 'people')}"
    told = f"{who}, {counted(promises, 'promise', 'promises')} open"
    return f"{told}, {counted(leads, 'lead', 'leads')} in hand" if leads else told


def response(name: str, share: str, beside: str) -> str:
    return f"{name}, what sales made of it this week: {share} taken{beside}"


def away(name: str, first: date, last: date, backup: str | None) -> str:
    stands_in = f"{backup} stands in" if backup else "nobody named to stand in"
    return f"Away: {name}, {texts.span_of(first, last)}, {stands_in}"
