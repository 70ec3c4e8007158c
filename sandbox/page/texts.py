"""Every sentence of the page that is not the app's or a person's own."""

ONLY_YOU = "Only visible to you"
EDITED = "(edited)"
APP = "App"
NO_MESSAGES = "Nothing here yet."
NO_HOME = "This home tab is empty until the app fills it."
NOTHING_RANG = "Nothing has rung yet. Edits and messages only you can see ring nobody's phone."
LOCK_SCREEN = "What the phone showed"
CHANNELS, APPS, PLACES = "Channels", "Apps", "Conversations"
ACT_AS, ONE, TWO = "Act as", "One person", "Two side by side"
HOME, MESSAGES, THREAD, CLOSE, BACK = "Home", "Messages", "Thread", "Close", "back to the list"
REPLY, ON_MESSAGE = "Reply in thread", "Use on this message"
SEND, CANCEL, MORE, NEW = "Send", "Cancel", "More", "New"
COMMANDS, SHORTCUTS = "Commands", "Shortcuts"
CLOCK = "Time here"
MOVES = ("+15 min", "+1 hour", "Next working morning", "Next Monday")
HINTS, HIDE = "Try this", "Hide"
OPTIONAL = "(optional)"
CHOOSE = "Choose…"
UNKNOWN_BLOCK = "This block ({}) cannot be shown here."
NOBODY_HERE = "Nobody is in this workspace yet: set it up first."
UNKNOWN_COMMAND = "{} is not a command here."


def write_to(name: str) -> str:
    return f"Message {name}"


def replies(number: int) -> str:
    return "1 reply" if number == 1 else f"{number} replies"


def unread(number: int) -> str:
    return f"{number} unread"


def rang(number: int) -> str:
    return f"{number} new"


def earlier(number: int) -> str:
    return f"Show {number} earlier messages"
