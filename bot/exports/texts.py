"""Words of workbooks, and of asking for them."""

from bot.wording import counted, shorten

SUMMARY, GUIDE = "Summary", "Guide"
PERIOD, SUBJECT, ROWS = "Period", "Sheet", "Rows"
MADE_FOR, MADE_AT, COMPANY, RULES = "Made for", "Made at", "Company", "Rules in force"
SHEET, COLUMN, MEANS = "Sheet", "Column", "What it means"
TIMES_ARE = "Times are of {zone}. Words of people are text: nothing typed by somebody is ever a formula."


def not_limited(name: str, able: list[str]) -> str:
    by = f"It can be limited by {', '.join(able)}." if able else "It cannot be limited."
    return f"“{shorten(name, 40)}” selects nothing here. {by}"


def no_such_value(name: str, value: str, known: list[str]) -> str:
    return f"{name}={shorten(value, 40)} is not there. {name} can be {', '.join(known)}."


def limited_to(name: str, sheets: list[str]) -> str:
    """The line of the Summary: in which sheets a filter selected."""
    return f"Only {name} (in {', '.join(sheets)})"


def summary(what: str, rows: int, first: str, last: str) -> str:
    """The one line beside the file: `Feedback, 1–30 November: 214 rows`."""
    return f"{what}, {first} to {last}: {counted(rows, 'row', 'rows')}"


TITLE, SEND = "Export", "Export"
WHAT, FIRST, LAST, FORM, AGAIN = "What?", "From", "Through", "As", "Again by itself?"
ONLY, ONLY_HINT = "Only", "For example kind=pricing, or stage=won source=event campaign=medica-2026"
AGAIN_HINT = "It then covers the week, or the month, before, and comes in your morning."
WHATS = {
    "everything": "Everything",
    "feedback": "Field feedback",
    "objections": "Objections",
    "leads": "Leads",
    "promises": "Promises",
    "scoreboard": "Scoreboard",
    "decisions": "Decisions",
    "mine": "What is mine",
}


def called(what: str) -> str:
    """What an export is called; `mine:leads` is of what is the reader's own."""
    mine, _, part = what.partition(":")
    return f"{WHATS[mine]}, {WHATS[part].lower()}" if part else WHATS[what]


FORMS = {"xlsx": "Excel workbook", "csv": "CSV, one sheet"}
AGAINS = {"never": "No", "monday": "Each Monday", "month": "Each first of the month"}
DAY_MISSING, TURNED = "Please choose a day.", "Please choose a day after the first, within ten years."
ONE_SHEET = "CSV holds one sheet: please choose one subject, or an Excel workbook."
ONE_OF_MINE = "CSV holds one sheet: `{command} export mine feedback csv`, or objections, leads, promises."
NOT_YOURS = "Exports are for managers and the council. `{command} export mine` brings you what is yours."
HOW = (
    "What shall I export? For example `{command} export feedback 2026-11 kind=pricing`, "
    "`{command} export everything week`, `{command} export leads 2026-11-01..2026-11-15 csv`, "
    "`{command} export stop feedback`. "
    "`{command} export` alone opens a form."
)
GIVEN_UP = "Your export could not be brought to Slack. Please ask for it again, or tell your administrator: {problem}."
STOPPED, NOT_SCHEDULED = "✓ It does not come by itself any more.", "This one does not come by itself."


def coming(what: str, again: str | None) -> str:
    told = f"✓ {called(what)}: the file comes here in a moment"
    return f"{told}, and again {again}." if again else f"{told}."
