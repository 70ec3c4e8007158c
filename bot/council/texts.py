"""Every sentence of the council's digest, agenda and decisions. Names and words from outside come in escaped."""

from collections.abc import Sequence
from datetime import date

from bot.wording import MONTHS, counted, escape, first_name, listed, on_date, outside

TEAMS = {"sales": "Sales", "marketing": "Marketing", "both": "Shared"}
STAGES = {
    "came": "Came in",
    "mql": "Handed to sales",
    "sal": "Accepted",
    "sql": "Qualified",
    "won": "Won",
    "lost": "Lost",
    "rejected": "Came back",
}
MEASURES = {
    "leads": "Leads that came in",
    "accepted": "Leads accepted",
    "acceptance": "Share of leads accepted",
    "came_back": "Leads that came back",
    "qualified": "Leads qualified",
    "won": "Deals won",
    "won_value": "Value won",
    "sales_in_time": "Promises of sales kept",
    "marketing_in_time": "Promises of marketing kept",
    "median_answer": "Median time to answer a lead",
    "speed_to_lead": "Median time to first contact",
    "objections": "Objections heard",
    "field_answered": "Reports answered in time",
}
WAITS = {
    "answer": "for sales’ answer",
    "first_contact": "for the first contact",
    "next_step": "for a next step",
    "review": "for marketing’s look at what came back",
    "data": "for marketing to complete their data",
}
TOUCHES = {"demo_request": "demo", "form": "form", "download": "download", "event": "fair", "webinar": "webinar"}
SAID, GOALS, CHANGED, DECIDE = "*Customers said*", "*Our goals*", "*Changed*", "*Please decide*"
GOAL = "*Our goal*"
NO_CHANGE = "Nothing changed by more than chance."
SO_FAR, RUNS = ", so far", "The week still runs: changes are told when it is over."
TOO_EARLY = "Changes are told when there are four weeks to compare with."
ROWS = ("In time", "Median", "Open now")
COUNTED, DECIDE_BUTTON, ADD_BUTTON = "How counted", "Decide…", "Add to agenda…"
THREAD = "Pictures, details and the workbook are in the thread"
RUNNING, DECIDED, WON, CORRECTED = "Running", "Decided, open", "Won", "Corrected"
QUIET = "A quiet week."
NO_SUCH_WEEK = "There is no such week. Write for example `{command} digest 2026-W47`."
NOT_OVER = "That week is not over yet. `{command} preview` shows it as it stands."
NOT_BEGUN = "That week has not begun yet."
NOBODY = "whoever looks after Tandem"
DROP_ASKS, KEEP = "It is not followed up any more, and no digest tells of it.", "Keep it"
LEFT = "No longer"
NOT_AT_WORK = "Tandem was not at work in that week: nothing is known of it."
NO_DECISIONS = "Nothing is decided and open. `{command} decide` writes a decision down."
NO_AGENDA = "The agenda is empty. `{command} agenda add …`, or *Add to agenda…* on any message, puts something on it."
DOES, DONE, DONE_BUTTON, DROP_BUTTON = "Decided", "Done", "Done", "Drop"
NOT_THERE = "They are not in Tandem’s list of people. Choose somebody who is."
EVERY_FIGURE = "Every figure of the week"
FEEDBACK_OF = "Feedback, {kind}"
OTHERS, EARLIER, MORE = "and {number} more", "Earlier", "More"
WORKBOOK, FOR_COUNCIL = "The week’s figures as a workbook", "the council"
WORKBOOK_ANEW = "The week’s figures as a workbook, corrected"
BOARD = "Both teams this week"
MOST_CORRECTED = 6
TAKE_OFF = "Take off"
NOTHING_TO_SHOW = "There is nothing left to show here after a correction."


def asks(day: str) -> str:
    return f"The council is briefed on {day}. What should it talk about?"


def asks_lock(day: str) -> str:
    return f"What should the council talk about? Please say so before {day}."


def title(number: int, first: date, last: date) -> str:
    """`Week 47, 16–22 November`."""
    if first.month == last.month:
        return f"Week {number}, {first.day}–{on_date(last)}"
    return f"Week {number}, {on_date(first)} – {on_date(last)}"


def month_name(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


# -- numbers ----------------------------------------------------------------------------------------------------------


def minutes(value: float | None) -> str:
    """Working time, or time by the clock, as one says it: `48 min`, `2 h 10`, `1.5 days`. A working day has 8 hours."""
    if value is None:
        return "–"
    whole = max(1, round(value))
    if whole < 100:
        return f"{whole} min"
    if whole < 8 * 60:
        hours, rest = divmod(whole, 60)
        return f"{hours} h {rest:02d}" if rest else f"{hours} h"
    return number_of(whole / (8 * 60), "day", "days")


def clock(value: float | None) -> str:
    """Time by the wall clock: days have 24 hours."""
    if value is None:
        return "–"
    return minutes(value) if value < 8 * 60 else days(value / (24 * 60)) if value >= 36 * 60 else f"{value / 60:.0f} h"


def days(value: float) -> str:
    return number_of(value, "day", "days")


def number_of(value: float, one: str, many: str) -> str:
    rounded = round(value, 1) if value < 10 else round(value)
    told = f"{rounded:g}"
    return f"{told} {one if told == '1' else many}"


def about(value: float) -> str:
    """A mean as one says it: `4`, `2.5`, `under 1`."""
    if 0 < value < 1:
        return "under 1"
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}".removesuffix(".0")


def times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def of(hits: int, number: int) -> str:
    return f"{hits} of {number}"


def percent(hits: int, number: int, smallest: int) -> str:
    """A share as a count, and in percent where there are enough of them: `58 of 64 (91 %)`."""
    return f"{of(hits, number)} ({100 * hits / number:.0f} %)" if number >= smallest else of(hits, number)


def money(hundredths: int, currency: str) -> str:
    """Roughly, as one says it: `€84k`, `CHF 1.2m`."""
    sign = {"EUR": "€", "GBP": "£", "USD": "$"}.get(currency, f"{currency} ")
    whole = hundredths / 100
    if whole >= 1_000_000:
        return f"{sign}{whole / 1_000_000:.1f}m"
    return f"{sign}{whole / 1000:.0f}k" if whole >= 10_000 else f"{sign}{whole:,.0f}"


def reading(value: float | None, unit: str, currency: str = "EUR") -> str:
    """A measure in its own unit."""
    if value is None:
        return "–"
    if unit == "percent":
        return f"{value:.0f} %"
    if unit == "minutes":
        return minutes(value)
    return money(round(value * 100), currency) if unit == "money" else f"{value:,.0f}"


# -- headline ---------------------------------------------------------------------------------------------------------


def headline_both(tenths: int) -> str:
    return f"Both teams kept {'every promise' if tenths == 10 else f'{tenths} promises in 10'}"


def headline_each(sales: str, marketing: str) -> str:
    return f"Sales kept {sales} promises, marketing {marketing}"


def headline_all(kept: str) -> str:
    return f"{kept} promises were kept"


def headline_leads(number: int) -> str:
    return f"{counted(number, 'lead', 'leads')} came in" if number else "no lead came in"


def came_up(label: str, now: int, usual: float | None) -> str:
    told = f"“{label}” came up {times(now)}"
    return f"{told}, usually {about(usual)}" if usual is not None else told


def lock(number: int, kept: str | None, topic: str | None) -> str:
    told = [f"promises kept, {kept}" if kept else None, topic]
    return f"Week {number}: {'. '.join(sentence(part) if n else part for n, part in enumerate(filter(None, told)))}."


def sentence(text: str) -> str:
    """With a capital letter, as a sentence begins."""
    return text[:1].upper() + text[1:]


# -- parts ------------------------------------------------------------------------------------------------------------


def quote(said: str, who: str) -> str:
    return f"> “{outside(said, 200)}”\n{who}"


def said_by(title: str | None, via: str | None) -> str:
    """`Head of laboratory, via Jonas`."""
    told = [outside(title, 60)] if title else []
    return ", ".join([*told, *([f"via {escape(first_name(via))}"] if via else [])]) or "heard in the field"


def goal(label: str, of: tuple[str, str], at: tuple[int, int], gives: str | None, *, enough: bool) -> str:
    """`of` is how much of what is wanted, `at` which day of how many; `enough` whether this pace reaches it."""
    (value, target), (day, number) = of, at
    told = f"{value} of {target} {escape(label)}"
    if not day:
        return f"{told}\nBegins later"
    verdict = "enough" if enough else "not enough yet"
    if day >= number:
        return f"{told}\nThe time is over{': reached' if enough else ''}"
    return f"{told}\nDay {day} of {number}{f'; this pace gives {gives}, {verdict}' if gives else ''}"


def median_changed(now: str, usual: str) -> str:
    return f"Median answer {now}, usually {usual}"


def objection_changed(label: str, now: int, usual: float) -> str:
    return f"“{escape(label)}” {times(now)}, usually {about(usual)}"


def objection_new(label: str, now: int) -> str:
    return f"“{escape(label)}” for the first time, {counted(now, 'report', 'reports')}"


def acceptance_changed(hits: int, number: int, usual: str) -> str:
    return f"Sales took {of(hits, number)} leads, usually {usual}"


def in_ten(hits: int, number: int, enough: int) -> str:
    """A usual share as one says it; of fewer than `enough` as it is."""
    if number < enough:
        return of(hits, number)
    told = tenths(hits, number)
    if told == 10:
        return "all of them"
    return f"{told} in 10" if told else "hardly any" if hits else "none"


def tenths(hits: int, number: int) -> int:
    """A share in tenths; ten only where it was all of them."""
    return 10 if hits == number else min(9, round(10 * hits / number))


def origin_changed(name: str, back: int, number: int, most: tuple[str, int] | None) -> str:
    told = f"{escape(name)}: {of(back, number)} came back"
    return f"{told}, {most[1]} “{escape(most[0])}”" if most else told


def kept_changed(team: str, hits: int, number: int, usual: str) -> str:
    return f"{TEAMS[team]} kept {of(hits, number)} promises, usually {usual}"


def leads_changed(now: int, usual: float) -> str:
    return f"{counted(now, 'lead', 'leads')} came in, usually {about(usual)}"


def decide_pattern(said: str, reporters: int) -> str:
    return f"Who answers “{said}”? {counted(reporters, 'colleague', 'colleagues')} heard it"


def decide_origin(name: str, reason: str) -> str:
    return f"{escape(name)}: ask about “{escape(reason)}” before handing over?"


def decide_cover(name: str, first: date, last: date) -> str:
    return f"Cover for {escape(first_name(name))}, {span_of(first, last)}?"


def decide_late(what: str, due: date) -> str:
    return f"{outside(what, 90)}: past {short(due)}. Go on, or drop it?"


def decided_by(name: str, due: date) -> str:
    return f"By {short(due)}, with {escape(first_name(name))} in the council"


def agenda_of(week: str) -> str:
    return f"*On the agenda, with the digest of {week}*"


def added(week: str) -> str:
    return f"It is on the agenda, and stands in the digest of {week}."


def decided_now(owner: str, due: date, figure: str | None) -> str:
    told = f"Written down: {escape(first_name(owner))} owes it by {short(due)}, and is reminded."
    return f"{told} {figure}" if figure else told


def figure_then(measure: str, value: str, about_: str | None) -> str:
    return f"{measure}{f' ({escape(about_)})' if about_ else ''} when it was decided: {value}"


def agenda_item(said: str, by: str, link: str | None = None) -> str:
    """`link` is one of ours, to the message it came from."""
    where = f", <{link}|message>" if link else ""
    return f"{outside(said, 200)} ({escape(first_name(by))}{where})"


def more_changes(number: int) -> str:
    return f"{counted(number, 'more change', 'more changes')}, in the thread"


def more_due(number: int) -> str:
    return f"What came of {counted(number, 'earlier decision', 'earlier decisions')} stands in the thread"


def more_on_agenda(number: int) -> str:
    return f"{number} more on the agenda, in the thread"


def span_of(first: date, last: date) -> str:
    if first == last:
        return on_date(first)
    return f"{first.day}–{on_date(last)}" if first.month == last.month else f"{on_date(first)} – {on_date(last)}"


def short(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1][:3]}"


def campaign(name: str, came: int) -> str:
    return f"{escape(name)} {counted(came, 'lead', 'leads')}"


def campaign_coming(name: str, starts: date) -> str:
    return f"{escape(name)} from {short(starts)}"


def decided(number: int, late: int, oldest: date | None) -> str:
    past = f", {late} past {short(oldest)}" if late and oldest else ""
    return f"{number}{past}"


def decision(what: str, owner: str, due: date, *, late: bool) -> str:
    told = f"{outside(what, 200)}: {escape(first_name(owner))}, by {short(due)}"
    return f"{told}, past its day" if late else told


def decision_late(what: str, due: date) -> str:
    """For a channel, where nobody who is late is named."""
    return f"{outside(what, 200)}: by {short(due)}, past its day"


def came_of_it(what: str, figure: str) -> str:
    return f"*Came of it:* {what}: {figure}"


def then_and_now(measure: str, days: int, then: str, now: str, target: str | None, about_: str | None = None) -> str:
    """`days` is over how many it was taken, both times."""
    told = f"{measure}{f' ({escape(about_)})' if about_ else ''}, {days} days each: {then} then, {now} now"
    return f"{told}, wanted {target}" if target else told


def won(account: str, value: str | None, by: str | None, marketer: str | None, touches: Sequence[str]) -> str:
    """`Helios, €84k. Thanks to Dana and Ana: webinar, demo.`"""
    told = f"{outside(account, 80)}{f', {value}' if value else ''}."
    thanks = listed([escape(first_name(name)) for name in (by, marketer) if name])
    way = ", ".join(TOUCHES.get(kind, escape(kind.replace("_", " "))) for kind in touches[:4])
    return f"{told} Thanks to {thanks}{f': {way}' if way else ''}." if thanks else told


def corrected(at: str, what: Sequence[tuple[str, str, str]]) -> str:
    """What was told first, and what it is now."""
    told = [f"{name} {was} → {now}" for name, was, now in what[:MOST_CORRECTED]]
    rest = [OTHERS.format(number=len(what) - MOST_CORRECTED)] if len(what) > MOST_CORRECTED else []
    return f"{CORRECTED} {at}: {'; '.join([*told, *rest])}. Pictures and workbook are made anew."


def look_title(name: str) -> str:
    return f"*{name}: the last four weeks, and the four before*"


def in_it_now(number: int) -> str:
    return f"In it now: {number}"


def look_line(measure: str, now: str, before: str | None) -> str:
    return f"{measure}: {now}, before {before}" if before is not None else f"{measure}: {now}"


ENTERED = "Leads that entered it"
LOOK_LOCK = "The facts of the last four weeks, as asked"
POSTED = "The figures come into the thread."
NOT_POSTED = (
    "The figures could not be posted: Tandem is not in that channel. Invite it with `/invite @Tandem`, and ask again."
)
DECISIONS, AGENDA, AT_THE_TIME = "What is decided and open", "The agenda", "the moment you look"
COUNTED_TITLE = "How counted"
COUNTED_LINES = (
    "Counted is what happened from Monday 00:00 to Sunday 24:00 in {zone}; “now” is {as_of}.",
    "Usual is the mean of the four weeks before. A change is called one only when chance alone would bring it "
    "less than once in ten times.",
    "In time counts the promises that were due in the week; the median is working time, of what was done in it.",
    "Groups of fewer than {smallest} are told in counts, not in percent.",
    "Every figure, with its formula, stands in docs/metrics.md. Rules in force: version {version}.",
)


def dead(week: str, channel: str, reason: str) -> str:
    return (
        f"The digest of {week} could not be posted to {escape(channel)} ({escape(reason)}). "
        "Invite Tandem there with `/invite @Tandem`; `tandem outbox list` shows the message, "
        "`tandem outbox retry` sends it."
    )


def not_council(names: Sequence[str]) -> str:
    who = listed([escape(name) for name in names]) or NOBODY
    return f"This is for the council. {who} can add you to it, in the list of people."


def done_already(name: str | None) -> str:
    return f"{escape(first_name(name))} ended this before." if name else "This was ended before."


NO_SUCH_DECISION = "There is no such decision any more."


def help_of(command: str) -> str:
    return "\n".join(
        [
            "*What the council can do*",
            f"`{command} preview`: the week as it stands, only for you",
            f"`{command} digest 2026-W47`: the digest of a week, only for you",
            f"`{command} decide`: write a decision down, with its owner and day",
            f"`{command} decisions`: what is decided and open",
            f"`{command} agenda`: what will be talked about; `{command} agenda add TEXT` adds to it",
        ]
    )
