"""Words about what may be for quality or medical affairs. Help, and no legal judgement."""

from bot.wording import escape, first_name, outside

TITLE, SEND, IT_IS = "Please check this first", "Go on", "What is it?"
SIGNS = {
    "adverse_event": "Somebody was harmed, or could have been",
    "complaint": "A product did not work as it should",
    "off_label": "A question about use outside the label",
}
NONE = "None of these: back to what I wrote"
FILL_AGAIN = "✓ Noted. Please close this and fill in your form once more; it is not stopped again."
WROTE, TEXT_MISSING = "What you wrote", "Please keep what you wrote."
WHO = {"adverse_event": "quality", "complaint": "quality", "off_label": "medical affairs"}
RECEIVED, FILE_IT = "Received", "File it"
SENT_ALREADY = "This was sent to {who}, and is saved nowhere else. You can close this form."
SENT_INSTEAD = "(left out here: sent to {who})"
FORM_IS_GONE = "The form you were in is closed, and nothing of it was saved: please fill it in once more."


def found(sign: str, words: str) -> str:
    return (
        f"I stopped at “{outside(words, 120)}”. This may be something for {WHO[sign]}. "
        "I only look for words; you know what happened."
    )


NOT_YET = "This did not go on yet."


def held_back(sign: str, words: str) -> str:
    return f"{NOT_YET} I stopped at “{outside(words, 120)}”: it may be something for {WHO[sign]}. Please look at it."


def duty(sign: str, contact: str | None, stand_in: str | None, hours: int) -> str:
    who = f"{escape(contact)} in {WHO[sign]}" if contact else WHO[sign]
    or_who = f", or {escape(stand_in)} for them," if stand_in else ""
    return (
        f"If it is, {who}{or_who} must hear of it within {hours} hours. I pass it on now, with what you wrote and your "
        "name, and save nothing else of it. Passing it on cannot be undone."
    )


def not_reporting(link: str | None) -> str:
    where = f" Please file it here: <{link}>" if link else " Please file it as your company asks you to."
    return f"*Telling Tandem is not reporting.*{where}"


def sent(contact: str | None, link: str | None) -> str:
    who = escape(first_name(contact)) if contact else "Your administrator"
    told = f"{who} was sent it now. It counts as passed on once they say *Received*; you hear it then."
    return f"{told}\n{not_reporting(link)}"


def to_contact(sign: str, who: str, at: str) -> str:
    return f"*{SIGNS[sign]}?* {escape(who)} wrote {at}:"


def take_it_up(by: str) -> str:
    return f"Please take it up by *{by}*."


def contact_lock_screen(by: str, *, late: bool) -> str:
    if late:
        return f"A report that may be for you waits since {by}. Please say Received."
    return f"A report that may be for you. Please say Received by {by}."


def received(who: str, at: str) -> str:
    return f"✓ {escape(first_name(who))} has it since {at}"


def reporter_received(who: str, at: str, link: str | None) -> str:
    return f"✓ Passed on: {escape(first_name(who))} has it since {at}.\n{not_reporting(link)}"


def nobody_has_it(written: str, asked: str, link: str | None) -> str:
    """To its reporter, when the time is over and nobody said *Received*."""
    told = f"What you wrote {written} was sent to {asked}, and nobody has said *Received* yet. Please call them."
    return f"{told}\n{not_reporting(link)}"


NOBODY_HAS_IT_LOCK_SCREEN = "What you wrote waits for somebody to say Received. Please call them."


def waits_for(sign: str, asked: str, since: str) -> str:
    """To who looks after Tandem; not what was written."""
    return (
        f"A report that may be for {WHO[sign]} waits since {since}: {asked} did not say *Received*. Please reach them."
    )


UNHEARD_LOCK_SCREEN = "A report for quality waits past its time. Please reach its contact."
REPORTER_LOCK_SCREEN = "✓ What you wrote was passed on. Please file it as well."


SEND_AGAIN = "If it does not, send it again as it is."


def identifier(what: str) -> str:
    return f"“{what}” looks as if it identified a patient. Please leave it out."
