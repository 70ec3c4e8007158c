"""Every sentence about what the field reports: forms, lists, messages."""

from datetime import date

from bot.wording import DAYS, counted, escape, first_name, on_date, outside

QUOTED = 280  # characters of somebody's words in a list; the whole stands behind Open

# -- forms ----------------------------------------

FEEDBACK_TITLE, OBJECTION_TITLE, SAVE = "Field feedback", "Objection", "Save"
SAID = {"feedback": "What did you hear or see?", "objection": "What did they say against it?"}
SAID_HINT = "In their words, if you can."
CUT_HERE = "The message is longer than a report can be: its end is left out here, and stands behind its link."
KIND = {"feedback": "What is it about?", "objection": "What kind of objection?"}
NO_LEAD = "No lead"
LEAD, ACCOUNT, ACCOUNT_HINT = "Which lead?", "Or somebody else", "A hospital, a lab, a person"
STAGE, PRODUCT, COMPETITOR = "How far are they?", "Product", "Competitor"
IMPORTANCE, SURENESS = "How important to them?", "How sure is it?"
ANSWER_GIVEN, WENT = "What did you answer?", "How did that go?"
SWITCH = {"feedback": "It was an objection…", "objection": "It was no objection…"}
IMPORTANCES = {"nice": "Nice to have", "matters": "Matters", "deal_breaker": "Deal-breaker"}
SURENESSES = {"heard": "They said so", "think": "I think so", "hearsay": "Heard from others"}
WENT_AS = {"resolved": "Resolved", "open": "Still open", "lost": "Lost the deal"}
STAGES = {
    "raw": "Not qualified yet",
    "mql": "New lead",
    "sal": "Accepted",
    "sql": "Qualified",
    "won": "Customer",
    "lost": "Lost",
}
SAID_MISSING = "Please say what you heard."
TOO_LONG_TYPED = "This is longer than a report can be, 3,000 characters. Please say it in fewer, or in two reports."
TOO_LONG_HERE = "This is too long to be saved from here: please paste it into the form, at most 3,000 characters."

# -- saved ----------------------------------------

ADDED = "✓ Added to what was heard before. You hear when it is answered."
UNDO, ADD_YOURS, SAVE_AS_HEARD, OPEN_FORM = "Undo", "Add yours", "Save as heard", "Add details…"
UNDONE = "✓ Taken back; nobody was told."
SAVED_TITLE = "Saved"


def undo_until(until: str) -> str:
    return f"{UNDO} until {until}"


def saved(owner: str | None, undo_until: str) -> str:
    who = f"{escape(first_name(owner))} hears of it" if owner else "It is passed on"
    return f"✓ Saved. {who} after {undo_until}; until then you can undo it."


def heard_before(reporters: int, said: str, *, mine: bool, answered: bool, pattern: bool) -> str:
    """`reporters` are others than the reader; `mine` is whether the reader said so, too."""
    others = counted(reporters, "colleague", "colleagues")
    who = f"You and {others}" if mine and reporters else "You" if mine else others
    about = " · ".join([*(["many said so"] if pattern else []), *(["answered"] if answered else [])])
    return f"{who} heard this{f' ({about})' if about else ''}:\n> {quoted(said)}"


def quoted(said: str, most: int = QUOTED) -> str:
    return outside(said, most)


# -- lists ----------------------------------------

SEEN, ANSWER, OPEN, REPLY = "Seen", "Answer…", "Open", "Reply…"
ANSWER_FOR_ALL = "Answer for all…"
STEPS = {
    "seen": SEEN,
    "answered": ANSWER,
    "planned": "Plan…",
    "done": "Done…",
    "declined": "Decline…",
    "merged": "Merge…",
    "passed_on": "Pass on…",
    "asked_back": "Ask back…",
    "thanked": "Thank…",
}
INBOX_EMPTY = "Nothing from the field waits for you. ✓"
MINE_EMPTY = "You have not reported anything yet. `{command}` takes 20 seconds."
EARLIER, MORE = "Earlier", "More"


def inbox_title(number: int) -> str:
    return f"*{counted(number, 'report waits', 'reports wait')} for you*"


def answered_ones(number: int) -> str:
    return f"Answered lately: {number}"


def answered_title(number: int) -> str:
    return f"*Answered in the last three months: {number}.* Whoever reported hears when you say that it is done."


def mine_title(number: int) -> str:
    return f"*What you reported, the latest first* ({number})" if number > 1 else "*What you reported*"


def report_line(said: str, who: str, where: str | None, kind: str, at: str) -> str:
    return f"> {quoted(said)}\n{who_and_where(who, where, kind, at)}"


def who_and_where(who: str, where: str | None, kind: str, at: str) -> str:
    place = f", {outside(where, 80)}" if where else ""
    return f"{escape(first_name(who))}{place}, {at} · {escape(kind)}"


def my_line(said: str, state: str, at: str) -> str:
    return f"> {quoted(said)}\n{state}, reported {at}"


def supported(reporters: int, accounts: int) -> str:
    where = f" at {counted(accounts, 'account', 'accounts')}" if accounts > 1 else ""
    return f"Heard by {reporters}{where}" if reporters > 1 else ""


def written_by(author: str) -> str:
    return f"Written by {outside(author, 80)}"


IMPORTANT = "⚠ Deal-breaker"


# -- what a promise about it reads like ----------------------------------------

DOES = {"seen": "Look at", "reply": "Answer", "answer_card": "Write the answer to"}


THANK = "Thank"


def says(who: str, said: str) -> str:
    return f"{escape(first_name(who))}: “{outside(said, 160)}”"


def heard_by(reporters: int) -> str:
    return f"Heard by {counted(reporters, 'colleague', 'colleagues')}: everybody could use an answer"


# -- what became of it ----------------------------------------


def state_line(state: str, by: str | None, day: str | None, *, late: bool) -> str:
    """What a reporter reads of the state of theirs: `Ana has seen it and answers by Fri 27 November`.

    `late`: that day is over, and nothing was answered.
    """
    who = escape(first_name(by)) if by else "Marketing"
    match state:
        case "seen" if late:
            return f"✓ {who} has seen it; the answer was due {day}"
        case "planned" if late:
            return f"✓ {who} planned it for {day}"
        case "new" if late:
            return f"{who} was to answer by {day}"
        case "seen":
            return f"✓ {who} has seen it{f' and answers by {day}' if day else ''}"
        case "planned":
            return f"✓ {who} plans it{f' for {day}' if day else ''}"
        case "answered":
            return f"✓ {who} answered"
        case "done":
            return f"✓ {who} says: done"
        case "declined":
            return f"{who} decided against it"
        case _:
            return f"{who} answers{f' by {day}' if day else ''}"


def you_said(at: str) -> str:
    return f"You said {at}:"


def closed(step: str, by: str) -> str:
    """`Ana answers:`, above what they wrote."""
    who = escape(first_name(by))
    match step:
        case "answered":
            return f"*{who} answers:*"
        case "done":
            return f"*✓ {who}: this is done.*"
        case "declined":
            return f"*{who} decided against it:*"
        case _:
            return f"*{who} says thank you.*"


def closed_lock_screen(step: str, by: str) -> str:
    who = first_name(by)
    told = {
        "answered": f"{who} answers what you reported.",
        "done": f"Done: what you reported. {who} says how.",
        "declined": f"{who} decided about what you reported, and says why.",
    }
    return told.get(step, f"{who} thanks you for what you reported.")


RECEIPT_LOCK_SCREEN = "What you reported is looked at."
ASKED_LOCK_SCREEN = "A question on what you reported. Please answer."
REPLIED_LOCK_SCREEN = "Your question about a report has its answer."


def asks_back(by: str) -> str:
    return f"*{escape(first_name(by))} asks:*"


def replies(by: str) -> str:
    return f"*{escape(first_name(by))} answers you:*"


YOU_REPLIED = "✓ You answered:"
OR_IN_THREAD = "Or answer here in the thread."
ASK_ON_IN_THREAD = "To ask on, write here in the thread."
LOOK_AT_IT = "Look at it…"
STOPPED_LOCK_SCREEN = "What you wrote did not go on yet. Please look at it."
TALK_OVER = "What you wrote is kept no longer here: please write it again, in the thread or with the button."
WHICH_ONE = "More than one thing is asked above: please answer with the button below the one you mean."


def goes_to(name: str) -> str:
    return f"✓ Goes to {escape(first_name(name))}."


def talk_too_long(most: int) -> str:
    return f"This did not go on: it is longer than {most:,} characters. Please send less of it."


DID = {
    "seen": "has seen it",
    "planned": "plans it",
    "answered": "answered",
    "done": "did it",
    "declined": "decided against it",
    "merged": "put it together with another one",
    "passed_on": "passed it on",
    "asked_back": "asked",
    "replied": "answered the question",
    "thanked": "said thank you",
}


def history_line(at: str, who: str, step: str, sentence: str | None) -> str:
    told = f": “{outside(sentence, 300)}”" if sentence else ""
    return f"{at} {escape(first_name(who))} {DID[step]}{told}"


# -- forms of the owner ----------------------------------------

STEP_TITLES = {
    "answered": "Answer",
    "planned": "Plan",
    "done": "Done",
    "declined": "Decline",
    "merged": "Merge",
    "passed_on": "Pass on",
    "asked_back": "Ask back",
    "thanked": "Thank",
}
STEP_SUBMIT = {"merged": "Merge", "passed_on": "Pass on", "planned": "Save", "done": "Done"}
STEP_ASKS = {
    "answered": "Your answer",
    "planned": "What is planned?",
    "done": "What was done?",
    "declined": "Why not? In a sentence",
    "asked_back": "Your question",
    "thanked": "A word of thanks",
}
STEP_HINTS = {"answered": "It comes to everybody who reported this."}
PLAN_DAY, MERGE_WITH, PASS_TO = "By when?", "With which?", "To whom?"
SENTENCE_MISSING, CHOOSE, DAY_MISSING = (
    "Please write a sentence.",
    "Please choose.",
    "Please choose today or a later day.",
)
NOTHING_LIKE_IT = "Nothing open says something like it."
NOBODY_ELSE = "Nobody else in marketing is there just now."
REPLY_TITLE, REPLY_LABEL, SEND = "Answer", "Your answer", "Send"
REPORT_TITLE = "Report"

# -- errors ----------------------------------------

NO_SUCH_REPORT = "This report is not there, or not yours to see."
UNDO_OVER = "The time to undo this is over: it was passed on."


def not_theirs(name: str) -> str:
    return f"{escape(name)} answers for this one."


def further(step: str, by: str, at: str) -> str:
    """Why a step is too late: what was done before it."""
    return f"{escape(first_name(by))} {DID.get(step, 'was first')}, {at}."


def cannot_take(name: str) -> str:
    return f"{escape(name)} is away, or does not answer reports. Please choose somebody else."


def field_help(field: str, objection: str) -> str:
    return "\n".join(
        (
            f"*{field}* report what you heard or saw, in 20 seconds",
            f"*{field} mine* what became of what you reported",
            f"*{field} inbox* what waits for your answer",
            f"*{objection}* an objection, with what you answered",
            f"*{objection} too expensive* what was heard before; nothing is saved until you say so",
            f"*{objection} search price* only search",
        )
    )


def found_title(number: int, text: str, *, hidden: int = 0) -> str:
    """`hidden` reports are not the reader's to see before they report the same themselves."""
    what = outside(text, 120)
    if number:
        return f"*{counted(number, 'report says', 'reports say')} something like “{what}”*"
    if hidden:
        return (
            f"*{counted(hidden, 'colleague', 'colleagues')} heard something like “{what}”.* Say it, too, and add yours."
        )
    return f"Nothing like “{what}” was reported yet."


def day(on: date) -> str:
    return f"{DAYS[on.weekday()]} {on_date(on)}"
