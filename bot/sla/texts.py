"""Every sentence about promises: reminders, bundles, briefs, lists and forms."""

from collections.abc import Sequence
from datetime import date

from bot.wording import DAYS, counted, escape, first_name, listed, on_date, outside

LATER, HAND_OVER, PAUSE, STOP, RESUME = "Later…", "Hand over…", "Pause…", "Stop reminding", "Go on"
QUIET, ALL_MINE, ALL_OF_TEAM = "Quiet until…", "All of mine", "All of my team’s"
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KINDS = {
    "answer": "Answers to leads",
    "first_contact": "First contacts",
    "next_step": "Next steps",
    "review": "Looks at what came back",
    "data": "Data completed",
    "seen": "Looks at reports",
    "reply": "Answers to reports",
    "answer_card": "Answers for everybody",
    "decision": "What was decided",
}
TEAMS = {"sales": "Sales", "marketing": "Marketing", "both": "Both teams"}
# What several of a kind ask for, in titles: one, many.
ASKED = {
    "answer": ("lead needs your answer", "leads need your answer"),
    "first_contact": ("lead waits for your first contact", "leads wait for your first contact"),
    "next_step": ("lead waits for a next step", "leads wait for a next step"),
    "review": ("reason to look at", "reasons to look at"),
    "data": ("lead needs its data", "leads need their data"),
    "seen": ("report to look at", "reports to look at"),
    "reply": ("report waits for your answer", "reports wait for your answer"),
    "answer_card": ("answer to write for everybody", "answers to write for everybody"),
    "decision": ("decision to carry out", "decisions to carry out"),
    "called": ("colleague asks for your help", "colleagues ask for your help"),
    "help": ("promise needs a hand", "promises need a hand"),
}
EARLIER, MORE = "Earlier", "More"
THINGS = ("thing waits for you", "things wait for you")


def offer_all(number: int, name: str) -> str:
    return f"Offer {'both' if number == 2 else f'all {number}'} to {first_name(name)}"


def offered_all(number: int, name: str) -> str:
    what = "1 lead" if number == 1 else f"{number} leads"
    return f"✓ {escape(first_name(name))} is asked to take {what}."


def ask_for_help(manager: str) -> str:
    return f"Ask {first_name(manager)} for help"


# -- titles ----------------------------------------------------------------------------------------------------------


def title(asks: Sequence[str], news: int, *, late: int) -> str:
    """What a bundle asks for, in bold: `2 leads need your answer`."""
    if not asks:
        return f"*{counted(news, 'thing', 'things')} for you*" if news else "*✓ Done*"
    past = "" if not late or set(asks) == {"help"} else ", past the agreed time" if late == len(asks) else ""
    return f"*{_asked(asks)}{past}*"


def _asked(asks: Sequence[str]) -> str:
    one, many = ASKED.get(asks[0], THINGS) if len(set(asks)) == 1 else THINGS
    return counted(len(asks), one, many)


def lock_screen(asks: Sequence[str], news: int, by: str | None, *, late: int) -> str:
    """What a phone shows: what to do by when, and nobody's name."""
    if not asks:
        return f"{counted(news, 'thing', 'things')} for you." if news else "Done."
    asked = _asked(asks)
    if set(asks) == {"help"}:
        return f"{asked}: past the agreed time."
    if late == len(asks):
        return f"Past the agreed time: {asked}."
    since = "since " if late else "by "
    if len(set(asks)) == 1:
        return f"{asked} {since}{by}." if by else f"{asked}."
    return f"{asked}, first {since}{by}." if by else f"{asked}."


def good_morning(name: str, number: int) -> str:
    return f"*Good morning, {escape(first_name(name))}. {number} today.*" if number else _just_news(name)


def _just_news(name: str) -> str:
    return f"*Good morning, {escape(first_name(name))}.*"


def brief_lock_screen(day: date, number: int, news: int, by: str | None, *, late: int) -> str:
    things = counted(number or news, "thing", "things")
    first = f", first {'since' if late else 'by'} {by}" if by else ""
    return f"Your {LONG_DAYS[day.weekday()]}: {things}{first}."


MORE_OF_THEM = "There is more."


def more_people(number: int) -> str:
    return f"and {counted(number, 'more person owes', 'more people owe')} something"


def and_more(number: int) -> str:
    return f"and {number} more"


OLDER = "Told anew in a later message below."


# -- rows ------------------------------------------------------------------------------------------------------------


def row(due: str, does: str, what: str, *, late: bool) -> str:
    """`*13:30* Call: Dr. Kern, UKSH Kiel`; `*Since Fri 13:30* …` once it is past."""
    return f"*{'Since ' if late else ''}{due}* {does}: {what}"


def of_person(name: str, due: str, does: str, what: str, *, late: bool) -> str:
    """The same, as a manager reads it of one of their people."""
    return f"*{escape(first_name(name))}, {'since' if late else 'by'} {due}* {does}: {what}"


def paused(until: str, reason: str | None) -> str:
    return f"Paused until {until}{f': “{outside(reason, 200)}”' if reason else ''}"


def later(until: str) -> str:
    return f"You asked to hear of it again {until}."


def later_of(name: str, until: str) -> str:
    return f"{escape(first_name(name))} looks at it again {until}."


STOPPED = "You are not reminded of this one any more; its time runs on."


def backup_named(name: str, first: str, last: str) -> str:
    when = first if first == last else f"{first} to {last}"
    return f"{escape(first_name(name))} is away {when} and names you to stand in. What is open then comes to you."


def helper_hears(manager: str, at: str) -> str:
    return f"{escape(first_name(manager))} hears {at}, to help"


def helper_has_heard(manager: str) -> str:
    return f"{escape(first_name(manager))} hears of it, to help"


def moves(at: str) -> str:
    return f"Goes to a colleague {at}, if nobody answers"


def asked_for_help(name: str) -> str:
    return f"{escape(first_name(name))} asks for your help"


def late_done(told: Sequence[tuple[str, int]]) -> str:
    """What a manager hears of promises that were late, and are done or with somebody else by now."""
    total = sum(number for _, number in told)
    if not all(name for name, _ in told):  # figures of single people are switched off
        return f"Late, and settled since: {total}"
    who = listed([f"{escape(first_name(name))} {number}" for name, number in told])
    return f"Late, and settled since: {total} ({who})" if len(told) > 1 else f"Late, and settled since: {who}"


# -- absence ---------------------------------------------------------------------------------------------------------


def you_stand_in(name: str, until: str, number: int) -> str:
    what = counted(number, "promise", "promises")
    return f"{escape(first_name(name))} is away {until}. {what} came to you, with the time that was left:"


def through(day: str) -> str:
    return f"through {day}"


def until(at: str) -> str:
    return f"until {at}"


def stand_in_lock_screen(name: str, number: int) -> str:
    return f"{first_name(name)} is away: {counted(number, 'promise', 'promises')} came to you."


def welcome_back(name: str, handed: Sequence[tuple[str, int]], paused: int) -> str:
    told = [f"{counted(n, 'promise', 'promises')} went to {escape(first_name(who))}" for who, n in handed]
    told += [f"{counted(paused, 'promise', 'promises')} waited for you and {'runs' if paused == 1 else 'run'} on now"]
    said = listed(told if paused else told[:-1])
    return f"Welcome back, {escape(first_name(name))}. While you were away {said}."


WELCOME_LOCK_SCREEN = "Welcome back: what became of your promises."


def will_be_out(first: str, last: str, backup: str | None, number: int) -> str:
    """What somebody hears when they, or their manager, said when they are away."""
    when = first if first == last else f"{first} to {last}"
    who = f"{escape(backup)} stands in" if backup else "nobody is named to stand in"
    what = f"What is open then ({counted(number, 'promise', 'promises')} now)" if number else "What is open then"
    goes = "goes there with the time that is left" if backup else "goes to who leads you, or waits"
    return f"✓ Away {when}; {who}. No leads and no messages meanwhile. {what} {goes}."


def of_other(name: str, told: str) -> str:
    return f"For {escape(name)}: {told}"


OUT_HOW = (
    "When are you away? For example `{command} out 2026-12-01..2026-12-05 backup @name`, one day as "
    "`{command} out 2026-12-24`, half a day with `am` or `pm` after it; managers name one of their people first: "
    "`{command} out @dana 2026-12-01..2026-12-05`. `{command} out` alone opens a form."
)
HERE_AGAIN = "✓ No longer away."
NOT_AWAY = "There is no such absence ahead."


def cannot_stand_in(why: str, name: str) -> str:
    said = {
        "away": f"{escape(name)} is away in that time, too.",
        "self": "One cannot stand in for oneself.",
        "nobody": "Nobody else of that team is there just now.",
        "unknown": "I don't have that person on my list.",
    }
    return f"{said.get(why, said['unknown'])} Please name somebody else."


# -- answers to what people ask ---------------------------------------------------------------------------------------


def stopped(what: str) -> str:
    return f"✓ No more reminders of {outside(what, 160)}. Its time runs on; past it, who leads you hears of it."


def help_comes(manager: str) -> str:
    return f"✓ {escape(first_name(manager))} hears that you would like a hand."


def quiet_until(at: str) -> str:
    return f"✓ Quiet until {at}: no messages, and new hot leads go to colleagues. What is due stays due."


QUIET_OVER = "✓ No longer quiet: what waited comes now."
QUIET_NOT = "You were not quiet."
QUIET_HOW = "Until when? For example `{command} quiet 2h`, `{command} quiet 30m`, `{command} quiet 15:30`, or `off`."
NOTHING_OWED = "You owe nothing at the moment. ✓"
NO_SUCH_PROMISE = "I can't find this one among what you or your people owe."
DONE_ALREADY = "This is done already: nobody is reminded of it any more."
NOBODY_TO_HELP = "Nobody who leads you is there just now. *Hand over…* gives it to a colleague."
PAST = "This time has gone by. Please choose a later one."
NOT_ALONE = "This goes to a colleague only together with its lead: *Hand over…* does both."


def for_hours(hours: int) -> str:
    return f"For {counted(hours, 'hour', 'hours')}"


def for_today(until: str) -> str:
    return f"For the rest of the day, until {until}"


def too_far(until: str) -> str:
    return f"That is further than agreed: at most until {until}."


def not_theirs(name: str) -> str:
    return f"Only {escape(name)} or who leads them can do this."


def mine_title(number: int, late: int) -> str:
    past = f", {late} past the agreed time" if late else ""
    return f"*You owe {counted(number, 'thing', 'things')}{past}*"


def team_title(number: int, late: int) -> str:
    past = f", {late} past the agreed time" if late else ""
    return f"*Your team owes {counted(number, 'thing', 'things')}{past}*"


def member(name: str, counts: tuple[int, int] | None, away_until: str | None) -> str:
    """`counts` are what is open and past its time; None where figures of single people are switched off."""
    if counts is None:
        return f"*{escape(name)}*{f', away until {away_until}' if away_until else ''}"
    number, late = counts
    past = f", {late} past the agreed time" if late else ""
    away = f", away until {away_until}" if away_until else ""
    return f"*{escape(name)}:* {number} open{past}{away}"


NOTHING_OF_TEAM = "Nobody of your team owes anything at the moment. ✓"
NO_TEAM = "Nobody reports to you in Tandem. An administrator can say so in the list of people."


def sla_help(sla: str, tandem: str) -> str:
    return "\n".join(
        (
            f"*{sla} mine* what you owe, the first due first",
            f"*{sla} team* what your people owe, by person",
            f"*{sla} board [days]* how both teams keep their promises",
            f"*{tandem} quiet 2h* no messages for a while",
            f"*{tandem} out 2026-12-01..2026-12-05 backup @name* you are away, and who stands in",
        )
    )


# -- the scoreboard ---------------------------------------------------------------------------------------------------


def board_title(days: int) -> str:
    return f"*Promises of the last {days} days, both ways*"


def board_line(label: str, met: int, due: int, open_: int, median: str | None, p90: str | None) -> str:
    """`*Answers to leads:* 58 of 64 in time, 6 open; half within 48 min, nine of ten within 3 h 10`."""
    told = f"{met} of {due} in time" if due else "none due"
    waits = f", {open_} open" if open_ else ""
    took = f"; half within {median}, nine of ten within {p90}" if median and p90 and due > 1 else ""
    return f"*{label}:* {told}{waits}{took}"


def took(minutes: float) -> str:
    """Working time as people say it: `48 min`, `3 h 10`."""
    whole = max(1, round(minutes))
    return f"{whole} min" if whole < 90 else f"{whole // 60} h {whole % 60:02d}" if whole % 60 else f"{whole // 60} h"


def pings(sent: int, acted: int) -> str:
    return f"Messages that rang: {sent}, acted on within the hour: {acted}"


FIGURES_OFF = "Figures of single people are switched off in this company: teams only."


# -- forms ------------------------------------------------------------------------------------------------------------

LATER_TITLE, LATER_SUBMIT, LATER_WHEN = "Later", "Remind me", "When shall I come back to it?"
LATER_HINT = "Its deadline stays {deadline}. If that passes first, who leads you sees when you come back to it."
LATER_HINT_LATE = "It has waited since {deadline}. Who leads you sees when you come back to it."
LATER_DATE, LATER_DATE_HINT = "Or on a day", "In the morning, at most {last}"
LATER_15, LATER_60, LATER_MORNING = "In 15 minutes", "In an hour", "Next morning"
PAUSE_TITLE, PAUSE_SUBMIT = "Pause", "Pause"
PAUSE_WHY, PAUSE_WHY_HINT = "Why does it wait?", "For example: customer asked for March"
PAUSE_UNTIL, PAUSE_UNTIL_HINT = "Until", "It then runs on with the time that is left: {left}"
HAND_TITLE, HAND_SUBMIT, HAND_TO = "Hand over", "Hand over", "To whom?"
QUIET_TITLE, QUIET_SUBMIT, QUIET_WHEN = "Quiet", "Be quiet", "Until when?"
QUIET_HINT = "No messages meanwhile; new hot leads go to colleagues. What is due stays due."
OUT_TITLE, OUT_SUBMIT = "Away", "Save"
OUT_WHO, OUT_FIRST, OUT_LAST, OUT_PART = "Who?", "First day", "Last day", "All of these days?"
OUT_ME = "I"
OUT_PARTS = {"whole": "Whole days", "am": "The first day from noon on", "pm": "The last day until noon only"}
OUT_BACKUP, OUT_BACKUP_HINT = "Who stands in?", "They get what is open then, with the time that is left"
REASON_MISSING = "Please say in a few words why it waits."
DATE_MISSING = "Please choose a day."
DATES_TURNED = "This lies before the first day."
CHOOSE = "Please choose a time."


def weekday(day: date) -> str:
    return f"{DAYS[day.weekday()]} {on_date(day)}"
