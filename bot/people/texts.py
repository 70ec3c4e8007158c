"""What Tandem says about who somebody is."""

from bot.wording import escape, first_name, listed

YES, CHANGE = "Yes", "Change…"
HOURS_TITLE, HOURS_SUBMIT, HOURS_LABEL = "Your hours", "Save", "When do you work?"
HOURS_HINT = "For example: Mon-Thu 08:00-12:00, 13:00-17:00; Fri 08:00-14:00"
ZONE_LABEL, ZONE_HINT = "Where?", "Type the name of a large city in your time zone"
ZONE_MISSING = "Please choose a city in your time zone."


def first_meeting(name: str, hours: str) -> str:
    hello = f"Hello {escape(first_name(name))}. I write to you in your working hours, and am quiet outside."
    return f"{hello}\n*Your hours: {hours}. Right?*"


def first_meeting_lock_screen(hours: str) -> str:
    return f"Your hours: {hours}. Right?"


def hours_said(hours: str) -> str:
    return f"✓ Your hours: {hours}. I am quiet outside of them."


OUTSIDER = "Tandem is for members of this company. Please ask your contact here to pass this on for you."


def stranger(administrators: list[str]) -> str:
    who = listed(administrators) or "your administrator"
    return f"We haven't met yet: I don't have you on my list. Please ask {who} to add you, then try again."
