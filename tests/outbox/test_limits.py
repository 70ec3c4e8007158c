"""What Slack would refuse is found before it is sent, with its place; the bot's and the sandbox's validator agree."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.outbox.limits import Problem, check_message, check_view, limits, most

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
Check = Callable[[Any], list[Problem]]


@pytest.mark.parametrize("name", ["limits.py", "limits.json"])
def test_bot_and_sandbox_hold_the_same_limits(name: str) -> None:
    assert (ROOT / "bot" / "outbox" / name).read_bytes() == (ROOT / "sandbox" / name).read_bytes()


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def x(length: int) -> Json:
    return plain("x" * length)


def options(many: int, **more: Any) -> list[Json]:
    return [{"text": plain(str(n)), "value": str(n), **more} for n in range(many)]


DIVIDER: Json = {"type": "divider"}
BUTTON: Json = {"type": "button", "text": plain("Accept"), "action_id": "a"}
SELECT: Json = {"type": "static_select", "action_id": "s", "options": options(2)}
TYPED: Json = {"type": "plain_text_input", "action_id": "t"}
IMAGE: Json = {"type": "image", "image_url": "https://x.example/i.png", "alt_text": "a picture"}
MODAL: Json = {"type": "modal", "title": plain("Reject"), "submit": plain("Send"), "blocks": [DIVIDER]}


def message(*blocks: Json) -> Json:
    return {"text": "t", "blocks": list(blocks)}


def section(**parts: Any) -> Json:
    return message({"type": "section", "text": plain("t"), **parts})


def actions(*elements: Json) -> Json:
    return message({"type": "actions", "elements": list(elements)})


def asks(element: Json = TYPED, **parts: Any) -> Json:
    return {"type": "input", "label": plain("Why?"), "element": element, **parts}


def modal(*blocks: Json, **parts: Any) -> Json:
    return {**MODAL, **({"blocks": list(blocks)} if blocks else {}), **parts}


def confirm(**parts: Any) -> Json:
    return actions({**BUTTON, "confirm": {"title": plain("Sure?"), "text": plain("Really"), **parts}})


def select(kind: str, many: int) -> Json:
    return actions({"type": kind, "action_id": "s", "options": options(many)})


def table(rows: int = 1, columns: int = 1, text: str = "", **parts: Any) -> Json:
    return message({"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows, **parts})


def update(payload: Json) -> list[Problem]:
    return check_message(payload, update=True)


say, show = check_message, check_view
ELEMENT, ACCESSORY = "blocks[0].elements[0]", "blocks[0].accessory"


# The name in limits.json, the limit itself, how it is checked, a payload of a given size, and the place at fault.
def video(**more: Any) -> Json:
    return message({"type": "video", "title": x(1), **more})


def card(**more: Any) -> Json:
    return message({"type": "card", **more})


def container(**more: Any) -> Json:
    return message({"type": "container", "child_blocks": [DIVIDER], **more})


def data_table(rows: int = 2, columns: int = 1, text: str = "c", last: str = "", **more: Any) -> Json:
    cells = [[{"type": "raw_text", "text": text}] * columns for _ in range(rows)]
    cells[-1] = [*cells[-1][:-1], {"type": "raw_text", "text": text + last}]
    return message({"type": "data_table", "rows": cells, **more})


def chart(title: str = "t", axis: str = "x", series: int = 1, points: int = 1, name: str = "n") -> Json:
    data = [{"label": str(n), "value": n} for n in range(points)]
    drawn = {"series": [{"name": name, "data": data}] * series, "axis_config": {"x_label": axis}}
    return message({"type": "data_visualization", "title": title, "chart": drawn})


LIMITS: dict[str, tuple[int, Check, Callable[[int], Json], str]] = {
    "surface message.blocks": (50, say, lambda n: message(*[DIVIDER] * n), "blocks"),
    "surface modal.blocks": (100, show, lambda n: modal(*[DIVIDER] * n), "blocks"),
    "surface home.blocks": (100, show, lambda n: {"type": "home", "blocks": [DIVIDER] * n}, "blocks"),
    "surface view.title": (24, show, lambda n: modal(title=x(n)), "view.title"),
    "surface view.submit": (24, show, lambda n: modal(submit=x(n)), "view.submit"),
    "surface view.close": (24, show, lambda n: modal(close=x(n)), "view.close"),
    "surface view.private_metadata": (
        3000, show, lambda n: modal(private_metadata="x" * n), "view.private_metadata"),
    "surface view.callback_id": (255, show, lambda n: modal(callback_id="x" * n), "view.callback_id"),
    "surface message.attachments": (
        100, say, lambda n: {"text": "t", "attachments": [{"text": "a"}] * n}, "attachments"),
    "text chat.postMessage.text.truncated_above": (40000, say, lambda n: {"text": "x" * n}, "text"),
    "text chat.update.text": (4000, update, lambda n: {"text": "x" * n}, "text"),
    "text markdown_text": (12000, say, lambda n: {"markdown_text": "x" * n}, "markdown_text"),
    "text text_object": (
        3000, say, lambda n: message({"type": "context", "elements": [x(n)]}), ELEMENT),
    "common block_id": (255, say, lambda n: section(block_id="x" * n), "blocks[0].block_id"),
    "common action_id": (255, say, lambda n: actions({**BUTTON, "action_id": "x" * n}), f"{ELEMENT}.action_id"),
    "common placeholder": (
        150, show, lambda n: modal(asks({**TYPED, "placeholder": x(n)})), "blocks[0].element.placeholder"),
    "blocks section.text": (3000, say, lambda n: section(text=x(n)), "blocks[0].text"),
    "blocks section.fields": (10, say, lambda n: section(fields=[x(1)] * n), "blocks[0].fields"),
    "blocks section.fields[].text": (2000, say, lambda n: section(fields=[x(1), x(n)]), "blocks[0].fields[1]"),
    "blocks header.text": (150, say, lambda n: message(DIVIDER, {"type": "header", "text": x(n)}), "blocks[1].text"),
    "blocks header.level": (
        4, say, lambda n: message({"type": "header", "text": x(1), "level": n}), "blocks[0].level"),
    "blocks actions.elements": (
        25, say, lambda n: actions(*({**BUTTON, "action_id": str(i)} for i in range(n))), "blocks[0]"),
    "blocks context.elements": (
        10, say, lambda n: message({"type": "context", "elements": [x(1)] * n}), "blocks[0]"),
    "blocks image.alt_text": (2000, say, lambda n: message({**IMAGE, "alt_text": "x" * n}), "blocks[0].alt_text"),
    "blocks image.title": (2000, say, lambda n: message({**IMAGE, "title": x(n)}), "blocks[0].title"),
    "blocks image.image_url": (
        3000, say, lambda n: message({**IMAGE, "image_url": f"https://{'x' * (n - 8)}"}), "blocks[0].image_url"),
    "blocks input.label": (2000, show, lambda n: modal(asks(label=x(n))), "blocks[0].label"),
    "blocks input.hint": (2000, show, lambda n: modal(asks(hint=x(n))), "blocks[0].hint"),
    "blocks markdown.text_cumulative_per_payload": (
        12000, say,
        lambda n: message({"type": "markdown", "text": "x" * 9000}, {"type": "markdown", "text": "x" * (n - 9000)}),
        "blocks"),
    "blocks table.rows": (100, say, lambda n: table(rows=n), "blocks[0].rows"),
    "blocks table.columns": (20, say, lambda n: table(columns=n), "blocks[0].rows"),
    "blocks table.column_settings": (
        20, say, lambda n: table(column_settings=[{"align": "left"}] * n), "blocks[0].column_settings"),
    "blocks table.chars": (10000, say, lambda n: table(text="x" * n), "blocks"),
    "blocks alert.text": (200, show, lambda n: modal({"type": "alert", "text": x(n)}), "blocks[0].text"),
    "elements button.text": (75, say, lambda n: actions({**BUTTON, "text": x(n)}), f"{ELEMENT}.text"),
    "elements button.value": (2000, say, lambda n: actions({**BUTTON, "value": "x" * n}), f"{ELEMENT}.value"),
    "elements button.url": (3000, say, lambda n: section(accessory={**BUTTON, "url": "x" * n}), f"{ACCESSORY}.url"),
    "elements button.accessibility_label": (
        75, say, lambda n: actions({**BUTTON, "accessibility_label": "x" * n}), ELEMENT),
    "elements static_select.options": (100, say, lambda n: select("static_select", n), ELEMENT),
    "elements static_select.option_groups": (
        100, say,
        lambda n: actions({**SELECT, "option_groups": [{"label": x(1), "options": options(1)}] * n}), ELEMENT),
    "elements option_group.options": (
        100, say, lambda n: actions({**SELECT, "option_groups": [{"label": x(1), "options": options(n)}]}),
        f"{ELEMENT}.option_groups[0]"),
    "elements option_group.label": (
        75, say, lambda n: actions({**SELECT, "option_groups": [{"label": x(n), "options": options(1)}]}),
        f"{ELEMENT}.option_groups[0].label"),
    "elements option.text": (
        75, say, lambda n: actions({**SELECT, "options": [*options(1), {"text": x(n), "value": "v"}]}),
        f"{ELEMENT}.options[1].text"),
    "elements option.value": (
        150, say, lambda n: actions({**SELECT, "options": [{"text": x(1), "value": "v" * n}]}),
        f"{ELEMENT}.options[0].value"),
    "elements option.description": (
        75, say, lambda n: actions({**SELECT, "options": options(1, description=x(n))}), f"{ELEMENT}.options[0]"),
    "elements option.url(overflow only)": (
        3000, say, lambda n: actions({**SELECT, "type": "overflow", "options": options(1, url="u" * n)}),
        f"{ELEMENT}.options[0].url"),
    "elements overflow.options": (5, say, lambda n: select("overflow", n), ELEMENT),
    "elements checkboxes.options": (10, say, lambda n: select("checkboxes", n), ELEMENT),
    "elements radio_buttons.options": (10, say, lambda n: select("radio_buttons", n), ELEMENT),
    "elements plain_text_input.min_length": (
        3000, show, lambda n: modal(asks({**TYPED, "min_length": n})), "blocks[0].element.min_length"),
    "elements plain_text_input.max_length": (
        3000, show, lambda n: modal(asks({**TYPED, "max_length": n})), "blocks[0].element.max_length"),
    "elements rich_text_input.min_lines/max_lines": (
        100, show, lambda n: modal(asks({"type": "rich_text_input", "max_lines": n})), "blocks[0].element.max_lines"),
    "elements file_input.max_files": (
        10, show, lambda n: modal(asks({"type": "file_input", "max_files": n})), "blocks[0].element.max_files"),
    "elements confirm.title": (100, say, lambda n: confirm(title=x(n)), f"{ELEMENT}.confirm.title"),
    "elements confirm.text": (300, say, lambda n: confirm(text=x(n)), f"{ELEMENT}.confirm.text"),
    "blocks context_actions.elements": (
        5, say, lambda n: message({"type": "context_actions", "elements": [BUTTON] * n}), "blocks[0]"),
    "blocks video.title": (200, say, lambda n: video(title=x(n)), "blocks[0].title"),
    "blocks video.description": (200, say, lambda n: video(description=x(n)), "blocks[0].description"),
    "blocks video.author_name": (50, say, lambda n: video(author_name="a" * n), "blocks[0].author_name"),
    "blocks data_table.rows_including_header": (201, say, lambda n: data_table(rows=n), "blocks[0].rows"),
    "blocks data_table.page_size": (100, say, lambda n: data_table(page_size=n), "blocks[0].page_size"),
    "blocks data_table.chars": (
        20000, say, lambda n: data_table(rows=2, text="x" * (n // 2), last="y" * (n % 2)), "blocks"),
    "blocks data_visualization.per_message": (2, say, lambda n: message(*[chart()["blocks"][0]] * n), "blocks"),
    "blocks data_visualization.title": (50, say, lambda n: chart(title="t" * n), "blocks[0].title"),
    "blocks data_visualization.x_label_y_label": (
        50, say, lambda n: chart(axis="l" * n), "blocks[0].chart.axis_config.x_label"),
    "blocks data_visualization.segments_or_series": (12, say, lambda n: chart(series=n), "blocks[0].chart"),
    "blocks data_visualization.points_per_series": (20, say, lambda n: chart(points=n), "blocks[0].chart[0]"),
    "blocks data_visualization.label_or_name": (20, say, lambda n: chart(name="n" * n), "blocks[0].chart[0]"),
    "blocks card.title": (150, say, lambda n: card(title=x(n)), "blocks[0].title"),
    "blocks card.subtitle": (150, say, lambda n: card(subtitle=x(n)), "blocks[0].subtitle"),
    "blocks card.body": (200, say, lambda n: card(body=x(n)), "blocks[0].body"),
    "blocks card.subtext": (200, say, lambda n: card(subtext=x(n)), "blocks[0].subtext"),
    "blocks card.actions": (3, say, lambda n: card(actions=[BUTTON] * n), "blocks[0].actions"),
    "blocks carousel.elements": (
        10, say, lambda n: message({"type": "carousel", "elements": [card()["blocks"][0]] * n}), "blocks[0]"),
    "blocks container.title": (150, say, lambda n: container(title=x(n)), "blocks[0].title"),
    "blocks container.subtitle": (150, say, lambda n: container(subtitle=x(n)), "blocks[0].subtitle"),
    "blocks container.child_blocks": (
        10, say, lambda n: container(child_blocks=[DIVIDER] * n), "blocks[0].child_blocks"),
    "elements button.agent_prompt": (
        4000, say, lambda n: actions({**BUTTON, "agent_prompt": "p" * n}), f"{ELEMENT}.agent_prompt"),
    "elements confirm.confirm/deny": (30, say, lambda n: confirm(deny=x(n)), f"{ELEMENT}.confirm.deny"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_at_the_limit_is_taken_and_over_it_refused(name: str) -> None:
    limit, check, payload, place = LIMITS[name]
    assert most(*name.split(" ", 1)) == limit
    assert check(payload(limit)) == []
    assert [problem.where for problem in check(payload(limit + 1))] == [place]


# Tested by hand below, or no size of a payload.
NOT_BUILT = "data_table.columns modal.view_stack message.contact_cards chat.postMessage.text.recommended".split()


def test_no_limit_of_the_list_is_forgotten() -> None:
    groups = {group: names for group, names in limits()["block_kit"].items() if isinstance(names, dict)}
    known = {f"{group} {name}" for group, names in groups.items() for name, given in names.items() if "max" in given}
    left_out = {name for name in known if name.split(" ")[1].startswith(tuple(NOT_BUILT))}
    assert known - left_out == set(LIMITS)


def test_a_data_table_is_no_wider_than_twenty() -> None:
    assert check_message(data_table(columns=20)) == []
    assert {problem.where for problem in check_message(data_table(columns=21))} == {"blocks[0].rows"}


def test_nothing_nests_in_a_container_that_must_not() -> None:
    for kind in ("container", "card", "carousel", "markdown"):
        found = check_message(container(child_blocks=[{"type": kind}]))
        assert [problem.where for problem in found] == ["blocks[0].child_blocks[0]"]


def test_an_unknown_block_is_refused_rather_than_guessed_at() -> None:
    for kind in ("sectoin", "graph"):
        assert [problem.where for problem in check_message(message(DIVIDER, {"type": kind}))] == ["blocks[1]"]


# ---- What is wrong whatever its size ----

WRONG: dict[str, tuple[Check, Json, str, str]] = {
    "a message of nothing": (say, {}, "no_text", "text"),
    "markdown beside text": (say, {"markdown_text": "m", "text": "t"}, "markdown_text_conflict", "markdown_text"),
    "a text that is too long": (say, {"text": "x" * 40001}, "msg_too_long", "text"),
    "a view of no kind": (show, {"type": "page"}, "invalid_arguments", "view.type"),
    "a modal of nothing": (show, modal(blocks=[]), "invalid_arguments", "view.blocks"),
    "a modal without a title": (show, {"type": "modal", "blocks": [DIVIDER]}, "invalid_blocks", "view.title"),
    "a modal with an input and nothing to send it with": (
        show, {"type": "modal", "title": plain("T"), "blocks": [asks()]}, "invalid_arguments", "view.submit"),
    "a title with marks": (show, modal(title={"type": "mrkdwn", "text": "*T*"}), "invalid_blocks", "view.title"),
    "an empty text": (say, section(text=plain("")), "invalid_blocks", "blocks[0].text"),
    "a bare string": (say, section(text="t"), "invalid_blocks", "blocks[0].text"),
    "a section of nothing": (say, message({"type": "section"}), "invalid_blocks", "blocks[0]"),
    "no fields": (say, section(fields=[]), "invalid_blocks", "blocks[0].fields"),
    "no elements": (say, actions(), "invalid_blocks", "blocks[0]"),
    "no options": (say, select("static_select", 0), "invalid_blocks", ELEMENT),
    "no rows": (say, table(rows=0), "invalid_blocks", "blocks[0].rows"),
    "an image from nowhere": (say, message({"type": "image", "alt_text": "a"}), "invalid_blocks", "blocks[0]"),
    "an image for the seeing only": (
        say, message({"type": "image", "image_url": "u"}), "invalid_blocks", "blocks[0].alt_text"),
    "two blocks of one id": (
        say, message({**DIVIDER, "block_id": "b"}, {**DIVIDER, "block_id": "b"}), "invalid_blocks", "blocks"),
    "two buttons of one id": (say, actions(BUTTON, BUTTON), "invalid_blocks", "blocks[0]"),
    "a text input among buttons": (say, actions(TYPED), "invalid_blocks", ELEMENT),
    "a text input beside a text": (say, section(accessory=TYPED), "invalid_blocks", ACCESSORY),
    "a button to fill in": (show, modal(asks(BUTTON)), "invalid_blocks", "blocks[0].element"),
    "an input without an element": (show, modal(asks({})), "invalid_blocks", "blocks[0].element"),
    "a choice that is not offered": (
        say, actions({**SELECT, "initial_option": {"text": plain("9"), "value": "9"}}),
        "invalid_blocks", f"{ELEMENT}.initial_option"),
    "a date that is none": (
        say, actions({"type": "datepicker", "initial_date": "2026-02-30"}),
        "invalid_blocks", f"{ELEMENT}.initial_date"),
    "an answer of length zero at most": (
        show, modal(asks({**TYPED, "max_length": 0})), "invalid_blocks", "blocks[0].element.max_length"),
    "an alert in a message": (say, message({"type": "alert", "text": x(1)}), "invalid_blocks", "blocks[0]"),
    "markdown in a modal": (show, modal({"type": "markdown", "text": "m"}), "invalid_blocks", "blocks[0]"),
}  # fmt: skip


@pytest.mark.parametrize("check, payload, code, place", WRONG.values(), ids=WRONG)
def test_slack_would_refuse(check: Check, payload: Json, code: str, place: str) -> None:
    assert [(problem.code, problem.where) for problem in check(payload)] == [(code, place)]


def test_every_letter_of_a_table_counts_once() -> None:
    assert check_message(table(text="ü" * 9000)) == []


def test_two_tables_share_one_limit() -> None:
    half = table(text="x" * 5001)["blocks"][0]
    assert check_message(message(half)) == []
    assert [problem.where for problem in check_message(message(half, half))] == ["blocks"]


def test_every_problem_is_found_and_said_in_words() -> None:
    found = check_message(message({"type": "header", "text": x(151)}, {"type": "section"}))
    assert [str(problem) for problem in found] == [
        "invalid_blocks at blocks[0].text: 151 characters, at most 150",
        "invalid_blocks at blocks[1]: a section needs text or fields",
    ]
