"""What Tandem says when something could not be done, whatever it was."""

NOTICE_TITLE, CLOSE = "Just so you know", "Close"


def unknown(reference: str) -> str:
    return f"Something went wrong on our side; nothing was lost. Please try again, or tell us reference {reference}."


def no_such_command(command: str, text: str) -> str:
    return f"I don't know `{command} {text[:20]}`. `{command} help` shows what I know."
