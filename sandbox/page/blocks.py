"""Draw the blocks of a message, a modal or a home tab."""

import json
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Any

from nicegui.element import Element

from sandbox.inputs import elements_of
from sandbox.page import mrkdwn, rich, texts
from sandbox.page.elements import element, text_html
from sandbox.page.html import markup, tag
from sandbox.page.surface import Surface

Json = dict[str, Any]


def draw(blocks: list[Json], surface: Surface) -> None:
    for block in blocks:
        _block(block, surface)


class BlockList:
    """Blocks that change while somebody reads them or types in them: only what differs is drawn anew."""

    def __init__(self, holder: Element) -> None:
        self._holder = holder
        self._drawn: list[tuple[str, Element]] = []

    def show(self, blocks: list[Json], surface: Surface) -> None:
        wanted = [_signature(block, surface) for block in blocks]
        shown: list[tuple[str, Element]] = []
        changes = SequenceMatcher(None, [known for known, _ in self._drawn], wanted, autojunk=False).get_opcodes()
        for kind, old, old_end, new, new_end in changes:
            if kind == "equal":
                shown += self._drawn[old:old_end]
                continue
            for _, gone in self._drawn[old:old_end]:
                gone.delete()
            for number in range(new, new_end):
                with self._holder:
                    made = tag("div", "block")
                with made:
                    _block(blocks[number], surface)
                made.move(self._holder, target_index=number)
                shown.append((wanted[number], made))
        self._drawn = shown


def _signature(block: Json, surface: Surface) -> str:
    """What makes a block look different. A field's initial value does not: what somebody entered stays in it."""
    if block["type"] == "input":
        element = {key: value for key, value in block["element"].items() if not key.startswith("initial_")}
        return json.dumps([{**block, "element": element}, surface.errors.get(block.get("block_id", ""))])
    used = bool(elements_of(block))
    return json.dumps({key: value for key, value in block.items() if used or key != "block_id"})


def _block(block: Json, surface: Surface) -> None:
    drawer = DRAWERS.get(block["type"])
    if drawer:
        drawer(block, surface)
    else:
        tag("p", "unknown", texts.UNKNOWN_BLOCK.format(block["type"]))


def _header(block: Json, _surface: Surface) -> None:
    markup(mrkdwn.plain_object(block["text"]), "header", name=f"h{block.get('level', 2) + 1}")


def _divider(_block: Json, _surface: Surface) -> None:
    tag("hr")


def _actions(block: Json, surface: Surface) -> None:
    with tag("div", "actions"):
        for one in block["elements"]:
            element(surface, block, one)


def _markdown(block: Json, _surface: Surface) -> None:
    markup(rich.from_markdown(block["text"]), "markdown")


def _rich_text(block: Json, surface: Surface) -> None:
    markup(rich.from_rich_text(block, surface.reading), "rich")


def _table(block: Json, surface: Surface) -> None:
    markup(rich.from_table(block, surface.reading), "table")


def _alert(block: Json, surface: Surface) -> None:
    markup(text_html(surface, block["text"]), f"alert {block.get('level', '')}")


def _section(block: Json, surface: Surface) -> None:
    with tag("div", "section"):
        with tag("div", "said"):
            if "text" in block:
                markup(text_html(surface, block["text"]), "text")
            if block.get("fields"):
                with tag("div", "fields"):
                    for field in block["fields"]:
                        markup(text_html(surface, field), "text")
        if accessory := block.get("accessory"):
            with tag("div", "accessory"):
                element(surface, block, accessory)


def _context(block: Json, surface: Surface) -> None:
    with tag("div", "context"):
        for part in block["elements"]:
            if part["type"] == "image":
                tag("img", "icon", src=surface.image_url(part), alt=part["alt_text"])
            else:
                markup(text_html(surface, part), "text")


def _image(block: Json, surface: Surface) -> None:
    with tag("figure"):
        if title := block.get("title"):
            tag("figcaption", "", title["text"])
        with tag("a", href=surface.image_url(block), target="_blank"):
            tag("img", "picture", src=surface.image_url(block), alt=block["alt_text"])


def _input(block: Json, surface: Surface) -> None:
    """A field with its label, its hint, and what is wrong with it."""
    block_id, label = block.get("block_id", ""), block["label"]["text"]
    wrong = surface.errors.get(block_id)
    with tag("div", "input wrong" if wrong else "input"):
        with tag("div", "label"):
            markup(mrkdwn.plain_object(block["label"]), name="span")
            if block.get("optional"):
                tag("span", "optional", texts.OPTIONAL)
        element(surface, block, block["element"], label)
        with tag("div", "says", id=f"{surface.key}-{block_id}-says"):
            if wrong:
                tag("p", "error", wrong, role="alert")
            if hint := block.get("hint"):
                markup(mrkdwn.plain_object(hint), "hint")


DRAWERS: dict[str, Callable[[Json, Surface], None]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "actions": _actions,
    "context": _context,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "table": _table,
    "alert": _alert,
}
