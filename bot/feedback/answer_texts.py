"""Words of the answer library."""

from datetime import date

from bot.wording import escape, on_date, outside

TITLE, SAVE = "Answer for all", "Save"
TEXT, WHO, REFERENCE, UNTIL = "What to say", "Who may say it?", "On what ground?", "Until when does it hold?"
REFERENCE_HINT = "For example the study, the price list, or who signed it off"
STATES = {
    "draft": "Nobody yet: a draft",
    "internal": "Colleagues among themselves, not to customers",
    "approved": "To customers",
}
WORKED, DID_NOT = "Used it: worked", "Used it: did not"
TEXT_MISSING = "Please write what to say."
REFERENCE_MISSING = "An answer for customers needs its ground."
UNTIL_MISSING = "An answer for customers holds until a day: please choose one from today on."
SAVED = "✓ Saved. Who searches for it finds it now."
SAVED_DRAFT = "✓ Saved as a draft; nobody sees it but marketing."


def asked(asks: str) -> str:
    return f"*“{outside(asks, 280)}”*"


def standing(state: str, by: str | None, reference: str | None, until: date | None) -> str:
    day = f", until {on_date(until)} {until.year}" if until else ""
    if state == "approved":
        return f"✓ For customers{day}, approved by {escape(by or '')} ({outside(reference or '', 200)})"
    return f"⚠ *Not for customers*{day}" if state == "internal" else "Draft: seen by marketing only"


def used(used_: int, worked: int) -> str:
    return f"Used {used_} {'time' if used_ == 1 else 'times'}, resolved {worked}" if used_ else "Not used yet"


def thanks(used_: int, worked: int) -> str:
    return f"✓ Noted. {used(used_, worked)}."
