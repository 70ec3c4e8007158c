"""Block Kit in few words: plain dictionaries, safe by default.

Text from outside is escaped by its builder (`bot.wording.escape`); mrkdwn here is always `verbatim`, so that a bare
`@here` in a lead's data stays words.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.outbox.limits import most
from bot.wording import shorten

Json = dict[str, Any]
LONGEST_QUOTE = 3000  # characters: as much as any form takes
NO_PATIENTS = "No patient data, please."  # beside whatever is typed, wherever it is typed
PART_OF_ENTITY = re.compile(r"&[a-z]*$")


class FormError(Exception):
    """A form that cannot be taken: messages by the block they belong to."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(str(errors))


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str, limit: int = 3000) -> Json:
    return {"type": "plain_text", "text": shorten(text, limit) or "–", "emoji": False}


def as_written(text: str) -> Json:
    """Somebody's words as they wrote them, with their lines: nothing in it comes alive."""
    return {"type": "plain_text", "text": text.strip()[: most("text", "text_object")] or "–", "emoji": False}


def quote(text: str, longest: int = LONGEST_QUOTE) -> Json:
    """Somebody's words as they wrote them, with their lines, set off as a quote: nothing in them comes alive."""
    told = text.replace("\x00", "").strip()
    if len(told) > longest:
        told = f"{told[: longest - 1].rstrip()}…"
    words = {"type": "text", "text": told or "–"}
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [words]}]}


def header(text: str) -> Json:
    return {"type": "header", "text": plain(text, most("blocks", "header.text"))}


def section(text: str, accessory: Json | None = None) -> Json:
    block: Json = {"type": "section", "text": mrkdwn(cut_to(text, most("blocks", "section.text")))}
    return {**block, "accessory": accessory} if accessory else block


def context(text: str) -> Json:
    return {"type": "context", "elements": [mrkdwn(cut_to(text, most("text", "text_object")))]}


def cut_to(text: str, limit: int) -> str:
    """Several lines of mrkdwn that fit: whole lines, and "…" where some were left out."""
    if len(text) <= limit:
        return text
    whole, _, rest = text[: limit - 1].rpartition("\n")
    return f"{whole}\n…" if whole else f"{PART_OF_ENTITY.sub('', rest)}…"


def divider() -> Json:
    return {"type": "divider"}


def actions(elements: Sequence[Json], block_id: str | None = None) -> Json:
    block: Json = {"type": "actions", "elements": list(elements)}
    return {**block, "block_id": block_id} if block_id else block


def button(label: str, action_id: str, value: str, *, style: str | None = None, says: str | None = None) -> Json:
    """`says` is read aloud instead of the label, where the label alone would not tell which item it belongs to."""
    element: Json = {
        "type": "button",
        "text": plain(label, most("elements", "button.text")),
        "action_id": action_id,
        "value": value,
    }
    if style:
        element["style"] = style
    if says:
        element["accessibility_label"] = shorten(says, most("elements", "button.accessibility_label"))
    return element


def asks_first(element: Json, question: str, yes: str, no: str) -> Json:
    """The same button, which asks before it does what cannot be undone."""
    return {
        **element,
        "confirm": {
            "title": plain(str(element["text"]["text"]), most("elements", "confirm.title")),
            "text": plain(question, most("elements", "confirm.text")),
            "confirm": plain(yes, most("elements", "confirm.confirm/deny")),
            "deny": plain(no, most("elements", "confirm.confirm/deny")),
        },
    }


def overflow(action_id: str, items: Sequence[tuple[str, str]]) -> Json:
    """A menu behind ⋯: labels with their values, at most five."""
    return {"type": "overflow", "action_id": action_id, "options": [option(label, value) for label, value in items]}


def option(label: str, value: str) -> Json:
    return {"text": plain(label, most("elements", "option.text")), "value": value}


def field(
    label: str, element: Json, *, block_id: str, optional: bool = False, hint: str = "", tells: bool = False
) -> Json:
    """An input of a modal; a free text asks for no patient data.

    `tells`: the app hears of every choice at once, not only when the form is submitted.
    """
    block: Json = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, most("blocks", "input.label")),
        "element": element,
        "optional": optional,
    }
    if element["type"] == "plain_text_input" and NO_PATIENTS not in hint:
        hint = f"{hint}. {NO_PATIENTS}" if hint and hint[-1] not in ".?!" else f"{hint} {NO_PATIENTS}".strip()
    if hint:
        block["hint"] = plain(hint)
    if tells:
        block["dispatch_action"] = True
    return block


def values_of(view: Json) -> dict[str, Json]:
    """What was filled into a modal, by action."""
    return {action: held for block in view["state"]["values"].values() for action, held in block.items()}


def filled_again(view: Json, values: dict[str, Json]) -> Json:
    """A form with what was filled in before, where it has the same fields: it is shown anew."""
    blocks = [_filled(block, values) if block["type"] == "input" else block for block in view["blocks"]]
    return {**view, "blocks": blocks}


def _filled(block: Json, values: dict[str, Json]) -> Json:
    element = block["element"]
    held = values.get(element["action_id"]) or {}
    if element["type"] == "plain_text_input" and held.get("value"):
        element = {**element, "initial_value": held["value"]}
    chosen = held.get("selected_option")
    if chosen and chosen["value"] in [one["value"] for one in element.get("options", ())]:
        element = {**element, "initial_option": chosen}
    return {**block, "element": element}


def day_in(values: dict[str, Json], action_id: str) -> date | None:
    """The day chosen in a date picker of a modal."""
    found = values.get(action_id, {}).get("selected_date")
    return date.fromisoformat(found) if found else None


def modal(title: str, submit: str, blocks: Sequence[Json], *, callback_id: str, private_metadata: str) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, most("surface", "view.title")),
        "submit": plain(submit, most("surface", "view.submit")),
        "close": plain("Cancel"),
        "private_metadata": private_metadata,
        "blocks": list(blocks),
    }
