"""Every sentence of the home tab."""

from collections.abc import Sequence

from bot.wording import counted, escape, first_name, outside

MINE, GOOD, TEAM = "Your open leads", "What became of your leads", "Your team’s open leads"
OWED = "Yours to do"
GOOD_OF_TEAM = "What became of your team’s leads"
NO_LEADS = "Nothing waits for you. New leads come as direct messages, in your working hours."
NOTHING_DONE = "*This week:* nothing answered yet"
NOTHING_CAME = "None of your leads was answered in the last 14 days. What sales says of them will stand here."
NONE_GOOD = "None was accepted in the last 14 days."
NONE_BACK = "*Came back:* none in the last 14 days"
CAME_BACK = "*Came back, by reason*"
NO_TEAM = "Nobody reports to you in Tandem yet. An administrator can say so in the list of people."
BACK, NEXT = "‹ Back", "Next ›"


def nothing_for_you(tandem: str) -> str:
    """`tandem` is the command as it is called in this workspace."""
    return (
        "Tandem brings leads to sales, and tells marketing what became of them. "
        f"Nothing of that is yours right now; `{tandem} help` shows what you can do."
    )


def more_owed(sla: str) -> str:
    return f"There is more: `{sla} mine` shows all of it."


def more_elsewhere(tandem: str) -> str:
    return f"There is more than fits here: `{tandem} board` shows what is for both teams."


def quiet(until: str) -> str:
    return f"*Quiet until {until}:* no messages; what is due stays due."


def as_of(at: str) -> str:
    return f"As of {at}"


def shown(first: int, last: int, total: int) -> str:
    return f"{first}–{last} of {total}"


def done_this_week(accepted: int, sent_back: int) -> str:
    return f"*This week:* {accepted} accepted, {sent_back} sent back"


def done(at: str, title: str, reason: str | None, *, accepted: bool) -> str:
    told = outside(title, 120)
    return f"✓ {at} accepted: {told}" if accepted else f"↩ {at} sent back: {told} ({escape(reason or '')})"


def in_a_fortnight(accepted: int, back: int, waiting: int) -> str:
    return f"*Last 14 days:* {accepted} accepted, {back} came back; {waiting} wait for an answer now"


def made_good(reasons: Sequence[tuple[str, int]]) -> str:
    listed = ", ".join(f"{escape(text)} ({count})" for text, count in reasons)
    return f"*What made the accepted ones good:* {listed}"


def good(title: str, campaign: str, by: str, at: str, reasons: Sequence[str]) -> str:
    """A lead that was taken: who has it, and why it was a good one."""
    why = f": {', '.join(escape(reason) for reason in reasons)}" if reasons else ""
    return f"✓ *{outside(title, 120)}* → {escape(first_name(by))}, {at}\n{outside(campaign, 60)}{why}"


def back(reason: str, count: int, titles: Sequence[str]) -> str:
    """How many came back for a reason, and which, the newest first."""
    named = "; ".join(outside(title, 120) for title in titles)
    rest = count - len(titles)
    return f"*{count} {escape(reason)}:* {named}{f' and {rest} more' if rest else ''}"


def in_their_words(who: str, sentence: str) -> str:
    return f"> “{outside(sentence, 300)}” {escape(first_name(who))}"


def team_total(total: int, late: int) -> str:
    return f"*{counted(total, 'open lead', 'open leads')}*{_late(late)}"


def member(name: str, total: int, late: int, qualified: int) -> str:
    if not total:
        return f"*{escape(name)}:* nothing open"
    of_them = "" if total == 1 else "all " if qualified == total else f"{qualified} of them "
    done = f", {of_them}qualified" if qualified else ""
    return f"*{escape(name)}:* {total} open{_late(late)}{done}"


def _late(late: int) -> str:
    return f", {late} past the agreed time" if late else ""


def and_more(number: int) -> str:
    return f"and {number} more"
