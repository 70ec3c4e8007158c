"""Slack's limits on what an app sends: one validator, fed from `limits.json` beside it.

The same two files stand in `sandbox/` and in `bot/outbox/`, because the two do not know each other; a test holds them
equal. slack_sdk's models miss many of these (see `slack_sdk_validator` in the file), so plain payloads are checked.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]
MESSAGE, MODAL, HOME = "message", "modal", "home"
INTERACTIVE = frozenset(
    "button static_select multi_static_select external_select users_select conversations_select channels_select "
    "overflow checkboxes radio_buttons plain_text_input datepicker timepicker datetimepicker number_input "
    "email_text_input url_text_input rich_text_input file_input multi_users_select image".split()
)
IN_ACTIONS = INTERACTIVE - frozenset(
    "plain_text_input number_input email_text_input url_text_input file_input image".split()
)
IN_SECTION = INTERACTIVE - frozenset(
    "plain_text_input number_input email_text_input url_text_input rich_text_input file_input".split()
)
IN_INPUT = INTERACTIVE - {"button", "overflow", "image"}
BLOCKS = {
    "section": (MESSAGE, MODAL, HOME),
    "header": (MESSAGE, MODAL, HOME),
    "divider": (MESSAGE, MODAL, HOME),
    "context": (MESSAGE, MODAL, HOME),
    "actions": (MESSAGE, MODAL, HOME),
    "image": (MESSAGE, MODAL, HOME),
    "rich_text": (MESSAGE, MODAL, HOME),
    "input": (MESSAGE, MODAL, HOME),
    "markdown": (MESSAGE,),
    "table": (MESSAGE, HOME),
    "alert": (MODAL,),
    "context_actions": (MESSAGE,),
    "video": (MESSAGE, MODAL, HOME),
    "data_table": (MESSAGE, HOME),
    "data_visualization": (MESSAGE,),
    "card": (MESSAGE, MODAL, HOME),
    "carousel": (MESSAGE, HOME),
    "container": (MESSAGE, HOME),
    "plan": (MESSAGE,),
    "task_card": (MESSAGE,),
}
NOT_IN_A_CONTAINER = frozenset({"container", "card", "carousel", "markdown"})


@dataclass(frozen=True)
class Problem:
    """What Slack would refuse: its error code, the place in the payload, and why."""

    code: str
    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.code} at {self.where}: {self.why}"


@cache
def limits() -> Json:
    found: Json = json.loads(Path(__file__).with_name("limits.json").read_text("utf-8"))
    return found


@cache
def most(group: str, name: str) -> int:
    """The maximum that `limits.json` gives for `block_kit.<group>.<name>`."""
    return int(limits()["block_kit"][group][name]["max"])


@cache
def least(group: str, name: str) -> int:
    return int(limits()["block_kit"][group][name].get("min", 0))


def check_message(payload: Json, *, update: bool = False) -> list[Problem]:
    """Problems of a chat.postMessage or chat.update payload; empty when Slack would take it whole."""
    return list(_message(payload, update))


def check_view(view: Json) -> list[Problem]:
    """Problems of a modal or home tab."""
    return list(_view(view))


def _message(payload: Json, update: bool) -> Iterator[Problem]:
    text, blocks = payload.get("text") or "", payload.get("blocks") or []
    if not text and not blocks and not payload.get("markdown_text"):
        yield Problem("no_text", "text", "a message needs text or blocks")
    if payload.get("markdown_text") and (text or blocks):
        yield Problem("markdown_text_conflict", "markdown_text", "not together with text or blocks")
    if len(payload.get("markdown_text") or "") > most("text", "markdown_text"):
        yield Problem("msg_too_long", "markdown_text", f"at most {most('text', 'markdown_text')} characters")
    limit = "chat.update.text" if update else "chat.postMessage.text.truncated_above"
    if len(text) > most("text", limit):
        yield Problem("msg_too_long", "text", f"{len(text)} characters, at most {most('text', limit)}")
    if len(payload.get("attachments") or []) > most("surface", "message.attachments"):
        yield Problem("too_many_attachments", "attachments", "at most 100")
    yield from _blocks(blocks, MESSAGE)


def _view(view: Json) -> Iterator[Problem]:
    kind, blocks = view.get("type"), view.get("blocks") or []
    if kind not in (MODAL, HOME):
        yield Problem("invalid_arguments", "view.type", "modal or home")
        return
    for field in ("private_metadata", "callback_id"):
        yield from _length(view.get(field), f"view.{field}", "surface", f"view.{field}")
    if kind == MODAL:
        for field in ("title", "submit", "close"):
            if field == "title" or field in view:
                yield from _text(view.get(field), f"view.{field}", "surface", f"view.{field}", plain=True)
        if any(block and block.get("type") == "input" for block in blocks) and "submit" not in view:
            yield Problem("invalid_arguments", "view.submit", "required when the view has an input block")
        if not blocks:
            yield Problem("invalid_arguments", "view.blocks", "a modal needs a block")
    yield from _blocks(blocks, kind)


def _blocks(blocks: list[Json], surface: str) -> Iterator[Problem]:
    if len(blocks) > most("surface", f"{surface}.blocks"):
        yield _bad("blocks", f"{len(blocks)} blocks, at most {most('surface', f'{surface}.blocks')}")
    if not all(isinstance(block, dict) for block in blocks):
        yield _bad("blocks", "a block is an object")
        return
    yield from _unique([b["block_id"] for b in blocks if b.get("block_id")], "blocks", "block_id")
    markdown = sum(len(b.get("text", "")) for b in blocks if b.get("type") == "markdown")
    if markdown > most("blocks", "markdown.text_cumulative_per_payload"):
        yield _bad("blocks", "markdown text over 12,000 characters in all")
    if sum(_table_chars(b) for b in blocks if b.get("type") == "table") > most("blocks", "table.chars"):
        yield _bad("blocks", "tables over 10,000 characters in all")
    if sum(_table_chars(b) for b in blocks if b.get("type") == "data_table") > most("blocks", "data_table.chars"):
        yield _bad("blocks", "data tables over 20,000 characters in all")
    charts = sum(b.get("type") == "data_visualization" for b in blocks)
    if charts > most("blocks", "data_visualization.per_message"):
        yield _bad("blocks", f"{charts} charts, at most {most('blocks', 'data_visualization.per_message')}")
    for number, block in enumerate(blocks):
        yield from _block(block, surface, f"blocks[{number}]")


def _block(block: Json, surface: str, at: str) -> Iterator[Problem]:
    kind = str(block.get("type"))
    if surface not in BLOCKS.get(kind, ()):
        yield _bad(at, f"no block {kind!r} in a {surface}")
        return
    yield from _length(block.get("block_id"), f"{at}.block_id", "common", "block_id")
    check = {
        "section": _section,
        "header": _header,
        "context": _context,
        "actions": _actions,
        "image": _image,
        "input": _input,
        "table": _table,
        "alert": _alert,
        "context_actions": _context_actions,
        "video": _video,
        "data_table": _data_table,
        "data_visualization": _data_visualization,
        "card": _card,
        "carousel": _carousel,
        "container": _container,
        "plan": _plan,
        "task_card": _task_card,
    }.get(kind)
    if check:
        yield from check(block, at)


def _section(block: Json, at: str) -> Iterator[Problem]:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        yield _bad(at, "a section needs text or fields")
    if block.get("text") is not None:
        yield from _text(block["text"], f"{at}.text", "blocks", "section.text")
    if fields is not None and not 1 <= len(fields) <= most("blocks", "section.fields"):
        yield _bad(f"{at}.fields", f"{len(fields)} fields, 1 to {most('blocks', 'section.fields')}")
    for number, field in enumerate(fields or []):
        yield from _text(field, f"{at}.fields[{number}]", "blocks", "section.fields[].text")
    if block.get("accessory"):
        yield from _element(block["accessory"], f"{at}.accessory", IN_SECTION)


def _header(block: Json, at: str) -> Iterator[Problem]:
    yield from _text(block.get("text"), f"{at}.text", "blocks", "header.text", plain=True)
    yield from _within(block.get("level"), f"{at}.level", "blocks", "header.level")


def _alert(block: Json, at: str) -> Iterator[Problem]:
    yield from _text(block.get("text"), f"{at}.text", "blocks", "alert.text")


def _context_actions(block: Json, at: str) -> Iterator[Problem]:
    yield from _count(block.get("elements") or [], at, "blocks", "context_actions.elements")


def _video(block: Json, at: str) -> Iterator[Problem]:
    yield from _text(block.get("title"), f"{at}.title", "blocks", "video.title", plain=True)
    if "description" in block:
        yield from _text(block["description"], f"{at}.description", "blocks", "video.description", plain=True)
    yield from _length(block.get("author_name"), f"{at}.author_name", "blocks", "video.author_name")


def _data_table(block: Json, at: str) -> Iterator[Problem]:
    rows = block.get("rows") or []
    yield from _within(len(rows), f"{at}.rows", "blocks", "data_table.rows_including_header")
    for row in rows:
        yield from _within(len(row), f"{at}.rows", "blocks", "data_table.columns")
    if len({len(row) for row in rows}) > 1:
        yield _bad(f"{at}.rows", "rows differ in width")
    if rows and any(cell.get("type") == "rich_text" for cell in rows[0]):
        yield _bad(f"{at}.rows[0]", "a header cannot be rich text")
    yield from _within(block.get("page_size"), f"{at}.page_size", "blocks", "data_table.page_size")


def _data_visualization(block: Json, at: str) -> Iterator[Problem]:
    yield from _length(block.get("title"), f"{at}.title", "blocks", "data_visualization.title")
    chart = block.get("chart") or {}
    for field in ("x_label", "y_label"):
        label = (chart.get("axis_config") or {}).get(field)
        yield from _length(label, f"{at}.chart.axis_config.{field}", "blocks", "data_visualization.x_label_y_label")
    parts = chart.get("segments") or chart.get("series") or []
    yield from _within(len(parts), f"{at}.chart", "blocks", "data_visualization.segments_or_series")
    for number, part in enumerate(parts):
        where = f"{at}.chart[{number}]"
        name = part.get("label") or part.get("name")
        yield from _length(name, where, "blocks", "data_visualization.label_or_name")
        if "data" in part:
            yield from _within(len(part["data"]), where, "blocks", "data_visualization.points_per_series")


def _card(block: Json, at: str) -> Iterator[Problem]:
    for field in ("title", "subtitle", "body", "subtext"):
        if field in block:
            yield from _text(block[field], f"{at}.{field}", "blocks", f"card.{field}")
    if block.get("icon") and block.get("slack_icon"):
        yield _bad(at, "icon and slack_icon exclude each other")
    if len(block.get("actions") or []) > most("blocks", "card.actions"):
        yield _bad(f"{at}.actions", f"at most {most('blocks', 'card.actions')} buttons")


def _carousel(block: Json, at: str) -> Iterator[Problem]:
    cards = block.get("elements") or []
    yield from _count(cards, at, "blocks", "carousel.elements")
    for number, card in enumerate(cards):
        yield from _card(card, f"{at}.elements[{number}]")


def _container(block: Json, at: str) -> Iterator[Problem]:
    for field in ("title", "subtitle"):
        if field in block:
            yield from _text(block[field], f"{at}.{field}", "blocks", f"container.{field}")
    children = block.get("child_blocks") or []
    yield from _count(children, f"{at}.child_blocks", "blocks", "container.child_blocks")
    for number, child in enumerate(children):
        where = f"{at}.child_blocks[{number}]"
        if child.get("type") in NOT_IN_A_CONTAINER:
            yield _bad(where, f"no {child['type']} in a container")
        else:
            yield from _block(child, MESSAGE, where)


def _plan(block: Json, at: str) -> Iterator[Problem]:
    if not isinstance(block.get("title"), str):
        yield _bad(f"{at}.title", "a bare string")


def _task_card(block: Json, at: str) -> Iterator[Problem]:
    allowed = limits()["block_kit"]["blocks"]["task_card.status"]["enum"]
    if block.get("status") is not None and block["status"] not in allowed:
        yield _bad(f"{at}.status", f"one of {', '.join(allowed)}")


def _context(block: Json, at: str) -> Iterator[Problem]:
    elements = block.get("elements") or []
    yield from _count(elements, at, "blocks", "context.elements")
    for number, element in enumerate(elements):
        where = f"{at}.elements[{number}]"
        if element.get("type") == "image":
            yield from _element(element, where, frozenset({"image"}))
        else:
            yield from _text(element, where, "text", "text_object")


def _actions(block: Json, at: str) -> Iterator[Problem]:
    elements = block.get("elements") or []
    yield from _count(elements, at, "blocks", "actions.elements")
    yield from _unique([e["action_id"] for e in elements if e.get("action_id")], at, "action_id")
    for number, element in enumerate(elements):
        yield from _element(element, f"{at}.elements[{number}]", IN_ACTIONS)


def _image(block: Json, at: str) -> Iterator[Problem]:
    if not block.get("image_url") and not block.get("slack_file"):
        yield _bad(at, "an image needs image_url or slack_file")
    if not block.get("alt_text"):
        yield _bad(f"{at}.alt_text", "missing")
    yield from _length(block.get("alt_text"), f"{at}.alt_text", "blocks", "image.alt_text")
    if "title" in block:
        yield from _text(block["title"], f"{at}.title", "blocks", "image.title", plain=True)
    yield from _length(block.get("image_url"), f"{at}.image_url", "blocks", "image.image_url")


def _input(block: Json, at: str) -> Iterator[Problem]:
    yield from _text(block.get("label"), f"{at}.label", "blocks", "input.label", plain=True)
    if "hint" in block:
        yield from _text(block["hint"], f"{at}.hint", "blocks", "input.hint", plain=True)
    yield from _element(block.get("element") or {}, f"{at}.element", IN_INPUT)


def _table(block: Json, at: str) -> Iterator[Problem]:
    rows = block.get("rows") or []
    if not 1 <= len(rows) <= most("blocks", "table.rows"):
        yield _bad(f"{at}.rows", f"{len(rows)} rows, 1 to {most('blocks', 'table.rows')}")
    if any(len(row) > most("blocks", "table.columns") for row in rows):
        yield _bad(f"{at}.rows", f"more than {most('blocks', 'table.columns')} columns")
    if len(block.get("column_settings") or []) > most("blocks", "table.column_settings"):
        yield _bad(f"{at}.column_settings", f"more than {most('blocks', 'table.column_settings')}")


def _table_chars(block: Json) -> int:
    return sum(_chars(cell) for row in block.get("rows", []) for cell in row)


def _chars(part: Any) -> int:
    """The characters one reads in a cell, however its rich text is nested."""
    if isinstance(part, list):
        return sum(_chars(p) for p in part)
    text = part.get("text")
    return len(text) if isinstance(text, str) else _chars(part.get("elements") or [])


def _element(element: Json, at: str, allowed: frozenset[str]) -> Iterator[Problem]:
    kind = str(element.get("type"))
    if kind not in allowed:
        yield _bad(at, f"no element {kind!r} here")
        return
    yield from _length(element.get("action_id"), f"{at}.action_id", "common", "action_id")
    if "placeholder" in element:
        yield from _text(element["placeholder"], f"{at}.placeholder", "common", "placeholder", plain=True)
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{at}.confirm")
    if kind == "button":
        yield from _text(element.get("text"), f"{at}.text", "elements", "button.text", plain=True)
        yield from _length(element.get("value"), f"{at}.value", "elements", "button.value")
        yield from _length(element.get("url"), f"{at}.url", "elements", "button.url")
        yield from _length(element.get("agent_prompt"), f"{at}.agent_prompt", "elements", "button.agent_prompt")
        yield from _length(element.get("accessibility_label"), at, "elements", "button.accessibility_label")
    elif kind == "image":
        yield from _image(element, at)
    elif kind == "plain_text_input":
        yield from _bounds(element, at)
    elif kind == "file_input":
        yield from _within(element.get("max_files"), f"{at}.max_files", "elements", "file_input.max_files")
    elif kind == "rich_text_input":
        for field in ("min_lines", "max_lines"):
            yield from _within(element.get(field), f"{at}.{field}", "elements", "rich_text_input.min_lines/max_lines")
    elif kind == "datetimepicker" and len(str(element.get("initial_date_time", "0123456789"))) != 10:
        yield _bad(f"{at}.initial_date_time", "ten digits of Unix seconds")
    elif kind == "datepicker" and element.get("initial_date"):
        yield from _date(element["initial_date"], f"{at}.initial_date")
    elif kind in ("overflow", "checkboxes", "radio_buttons", "static_select", "multi_static_select"):
        yield from _options(element, kind, at)


def _options(element: Json, kind: str, at: str) -> Iterator[Problem]:
    if kind in ("static_select", "multi_static_select"):
        if "option_groups" in element:
            groups = element["option_groups"]
            yield from _count(groups, at, "elements", "static_select.option_groups")
            for number, group in enumerate(groups):
                where = f"{at}.option_groups[{number}]"
                yield from _text(group.get("label"), f"{where}.label", "elements", "option_group.label", plain=True)
                yield from _option_list(group.get("options") or [], where, "option_group.options")
            return
        kind = "static_select"
    yield from _option_list(element.get("options") or [], at, f"{kind}.options")
    chosen = element.get("initial_option")
    if chosen and chosen not in element.get("options", []):
        yield _bad(f"{at}.initial_option", "is not one of the options")


def _option_list(options: list[Json], at: str, limit: str) -> Iterator[Problem]:
    yield from _count(options, at, "elements", limit)
    for number, option in enumerate(options):
        where = f"{at}.options[{number}]"
        yield from _text(option.get("text"), f"{where}.text", "elements", "option.text")
        yield from _length(option.get("value"), f"{where}.value", "elements", "option.value")
        yield from _length(option.get("url"), f"{where}.url", "elements", "option.url(overflow only)")
        if "description" in option:
            yield from _text(option["description"], where, "elements", "option.description", plain=True)


def _confirm(confirm: Json, at: str) -> Iterator[Problem]:
    yield from _text(confirm.get("title"), f"{at}.title", "elements", "confirm.title", plain=True)
    yield from _text(confirm.get("text"), f"{at}.text", "elements", "confirm.text")
    for field in ("confirm", "deny"):
        if field in confirm:
            yield from _text(confirm[field], f"{at}.{field}", "elements", "confirm.confirm/deny", plain=True)


def _bounds(element: Json, at: str) -> Iterator[Problem]:
    for field in ("min_length", "max_length"):
        yield from _within(element.get(field), f"{at}.{field}", "elements", f"plain_text_input.{field}")


def _within(value: int | None, at: str, group: str, name: str) -> Iterator[Problem]:
    if value is not None and not least(group, name) <= value <= most(group, name):
        yield _bad(at, f"{value} is outside {least(group, name)} to {most(group, name)}")


def _date(value: str, at: str) -> Iterator[Problem]:
    try:
        date.fromisoformat(value)
    except ValueError:
        yield _bad(at, "a date is YYYY-MM-DD")


def _text(value: Any, at: str, group: str, name: str, *, plain: bool = False) -> Iterator[Problem]:
    """A text object: its type, and between 1 character and the limit `name`."""
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield _bad(at, "needs a text object")
        return
    if plain and value["type"] != "plain_text":
        yield _bad(at, "must be plain_text")
    text = value.get("text")
    if not isinstance(text, str) or not text:
        yield _bad(at, "must be at least 1 character")
        return
    yield from _length(text, at, group, name)


def _length(value: str | None, at: str, group: str, name: str) -> Iterator[Problem]:
    if value is not None and len(value) > most(group, name):
        yield _bad(at, f"{len(value)} characters, at most {most(group, name)}")


def _count(items: list[Any], at: str, group: str, name: str) -> Iterator[Problem]:
    if not 1 <= len(items) <= most(group, name):
        yield _bad(at, f"{len(items)} items, 1 to {most(group, name)}")


def _unique(ids: list[str], at: str, what: str) -> Iterator[Problem]:
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        yield _bad(at, f"{what} {twice!r} stands twice")


def _bad(at: str, why: str) -> Problem:
    return Problem("invalid_blocks", at, why)
