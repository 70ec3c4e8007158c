"""The digest in Block Kit, from its view; and what hangs below it."""

import re
from collections.abc import Sequence

from bot.council import texts
from bot.council.details import Detail
from bot.council.views import DigestView
from bot.outbox.kit import actions, button, context, divider, header, section
from bot.outbox.limits import most
from bot.outbox.templates import Json
from bot.wording import shorten

DECIDE, ADD, COUNTED, DONE, DROP = (
    "council_decide", "council_add", "council_counted", "council_done", "council_drop",
)  # fmt: skip
TAKE_OFF, DECISIONS = "council_take_off", "council_decisions"
COLUMNS = ("", "Sales", "Marketing")
LINK = re.compile(r"<(https://[^|>]+)\|([^>]+)>")  # one of ours: in words from outside < is escaped


def digest(view: DigestView, *, quietly: bool = False) -> list[Json]:
    """The one page of a week. `quietly` leaves the buttons out, for a look that only one person sees."""
    blocks = [header(view.title), section(f"*{view.headline}*")]
    blocks += [section(line) for line in map(_italic, view.corrections)]
    if view.quotes:
        blocks.append(section("\n".join([texts.SAID, *(f"> “{one.said}”\n{one.who}" for one in view.quotes)])))
    if view.goals:
        title = texts.GOAL if len(view.goals) == 1 else texts.GOALS
        blocks.append(section("\n".join([title, *map(_goal, view.goals)])))
    blocks.append(section(f"{texts.CHANGED}\n{_numbered(view.changed)}" if view.changed else view.unchanged))
    if view.decide:
        accessory = None if quietly else button(texts.DECIDE_BUTTON, DECIDE, view.week, style="primary")
        blocks.append(section(f"{texts.DECIDE}\n{_numbered(view.decide)}", accessory))
    if view.table:
        blocks.append(table(COLUMNS, view.table))
    blocks += _footer(view)
    if not quietly:
        buttons = [button(texts.ADD_BUTTON, ADD, view.week), button(texts.COUNTED, COUNTED, view.week)]
        if not view.decide:
            buttons.insert(0, button(texts.DECIDE_BUTTON, DECIDE, view.week))
        blocks += [actions(buttons), context(texts.THREAD)]
    return blocks


def _footer(view: DigestView) -> list[Json]:
    lines = [
        f"*{texts.RUNNING}:* {view.running}" if view.running else None,
        f"*{texts.DECIDED}:* {view.decided}" if view.decided else None,
        *view.due,
        f"*{texts.WON}:* {' '.join(view.wins)}" if view.wins else None,
    ]
    told = [line for line in lines if line]
    return [section("\n".join(told))] if told else []


def _italic(line: str) -> str:
    return f"_{line}_"


def _goal(told: str) -> str:
    """How far it is stands out; the pace follows."""
    value, _, pace = told.partition("\n")
    return f"*{value}*\n{pace}"


def _numbered(lines: Sequence[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Json:
    """A table of plain texts, its first column to the left, the others to the right."""
    settings = [{"align": "left"}, *({"align": "right"} for _ in columns[1:])]
    return {"type": "table", "rows": [_row(columns), *map(_row, rows)], "column_settings": settings}


def _row(cells: Sequence[str]) -> list[Json]:
    return [{"type": "raw_text", "text": cell or " "} for cell in cells]


def details(parts: Sequence[Detail]) -> list[Json]:
    """Every part with its lines; a section holds so much, and long ones go on in the next."""
    blocks: list[Json] = []
    for part in parts:
        blocks += [divider()] if blocks else []
        lines = [f"*{part.heading}*", *part.lines]
        while lines:
            fits, length = 0, 0
            while fits < len(lines) and length + len(lines[fits]) < most("blocks", "section.text"):
                length, fits = length + len(lines[fits]) + 1, fits + 1
            blocks.append(section("\n".join(lines[: max(1, fits)])))
            lines = lines[max(1, fits) :]
    return blocks


def picture(file_id: str, alt: str) -> Json:
    """A picture that says its finding itself; whoever cannot see it hears the same in words."""
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": shorten(alt, most("blocks", "image.alt_text"))}


def as_text(view: DigestView, parts: Sequence[Detail]) -> str:
    """The page as plain lines, for a terminal or an e-mail."""
    lines = [view.title, view.headline, *view.corrections, ""]
    if view.quotes:
        lines += ["Customers said", *(f"  “{one.said}” {one.who}" for one in view.quotes), ""]
    lines += ["Our goals", *(f"  {goal.replace(chr(10), '; ')}" for goal in view.goals), ""] if view.goals else []
    lines += ["Changed", *(f"  {line}" for line in view.changed or (view.unchanged,)), ""]
    lines += ["Please decide", *(f"  {line}" for line in view.decide), ""] if view.decide else []
    if view.table:
        lines += [f"{'':<10}{'Sales':>14}{'Marketing':>14}", *(f"{a:<10}{b:>14}{c:>14}" for a, b, c in view.table), ""]
    lines += [f"Running: {view.running}"] if view.running else []
    lines += [f"Decided, open: {view.decided}"] if view.decided else []
    lines += [*(line.replace("*", "") for line in view.due), *(f"Won: {win}" for win in view.wins)]
    for part in parts:
        lines += ["", part.heading, *(f"  {line}" for line in part.lines)]
    return unescaped("\n".join(lines))


def unescaped(text: str) -> str:
    """As it reads outside of Slack: links by their address."""
    text = LINK.sub(r"\2 \1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
