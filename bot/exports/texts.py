"""Words of workbooks, and of asking for them."""

from bot.wording import counted

SUMMARY, GUIDE = "Summary", "Guide"
PERIOD, FILTER, SUBJECT, ROWS = "Period", "Only {name}", "Sheet", "Rows"
MADE_FOR, MADE_AT, COMPANY, RULES = "Made for", "Made at", "Company", "Rules in force"
SHEET, COLUMN, MEANS = "Sheet", "Column", "What it means"
TIMES_ARE = "Times are of {zone}. Words of people are text: nothing typed by somebody is ever a formula."


def summary(what: str, rows: int, first: str, last: str) -> str:
    """The one line beside the file: `Feedback, 1–30 November: 214 rows`."""
    return f"{what}, {first} to {last}: {counted(rows, 'row', 'rows')}"
