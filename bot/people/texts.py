"""What Tandem says about who somebody is."""

from bot.wording import listed

OUTSIDER = "Tandem is for members of this company. Please ask your contact here to pass this on for you."


def stranger(administrators: list[str]) -> str:
    who = listed(administrators) or "your administrator"
    return f"We haven't met yet: I don't have you on my list. Please ask {who} to add you, then try again."
