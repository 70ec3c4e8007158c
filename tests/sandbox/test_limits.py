"""Every limit of `limits.json`: what reaches it is taken, what passes it is refused with Slack's own code."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import SandboxClient
from tests.sandbox.app import App
from tests.sandbox.conftest import ANA, TEAM, error_of
from tests.sandbox.kit import (
    Json,
    actions,
    asking,
    button,
    choice,
    home,
    modal,
    mrkdwn,
    option,
    options,
    plain,
    section,
    text_input,
)

Make = Callable[[int], Any]


def posted(bot: WebClient, *blocks: Any, **more: Any) -> str:
    return error_of(bot.api_call, "chat.postMessage", json={"channel": TEAM, "text": "x", "blocks": blocks, **more})


def opened(bot: WebClient, people: SandboxClient, app: App, view: Json) -> str:
    people.command(ANA, "/note")
    return error_of(bot.api_call, "views.open", json={"trigger_id": app.last.form["trigger_id"], "view": view})


def published(bot: WebClient, view: Json) -> str:
    return error_of(bot.api_call, "views.publish", json={"user_id": ANA, "view": view})


def confirm(**more: Any) -> Json:
    said = {"title": plain("Sure?"), "text": plain("Really"), "confirm": plain("Yes"), "deny": plain("No")}
    return {"confirm": {**said, **more}}


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://i.example/a.png", "alt_text": "a", **more}


def table(rows: int, columns: int = 1, text: str = "x", **more: Any) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows, **more}


def grouped(groups: int, in_each: int = 1, label: str = "g") -> Json:
    made = [{"label": plain(label), "options": options(in_each)} for _ in range(groups)]
    return {"type": "static_select", "action_id": "s", "option_groups": made}


def picked(**more: Any) -> Json:
    return actions({"type": "static_select", "action_id": "s", "options": [{**option(), **more}]})


IN_A_MESSAGE: dict[str, tuple[int, Make]] = {
    "section.text": (3000, lambda n: section("x" * n)),
    "section.fields": (10, lambda n: {"type": "section", "fields": [mrkdwn("x")] * n}),
    "section.fields[].text": (2000, lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}),
    "header.text": (150, lambda n: {"type": "header", "text": plain("x" * n)}),
    "header.level": (4, lambda n: {"type": "header", "text": plain("x"), "level": n}),
    "actions.elements": (25, lambda n: actions(*(button(f"b{i}") for i in range(n)))),
    "context.elements": (10, lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}),
    "text_object": (3000, lambda n: {"type": "context", "elements": [mrkdwn("x" * n)]}),
    "image.alt_text": (2000, lambda n: image(alt_text="x" * n)),
    "image.title": (2000, lambda n: image(title=plain("x" * n))),
    "image.image_url": (3000, lambda n: image(image_url="https://i.example/".ljust(n, "x"))),
    "table.rows": (100, table),
    "table.columns": (20, lambda n: table(1, n)),
    "table.chars": (10_000, lambda n: table(1, text="ü" * n)),
    "table.column_settings": (20, lambda n: table(1, column_settings=[{"align": "left"}] * n)),
    "block_id": (255, lambda n: section(block_id="x" * n)),
    "action_id": (255, lambda n: actions(button("x" * n))),
    "button.text": (75, lambda n: actions(button(text=plain("x" * n)))),
    "button.value": (2000, lambda n: actions(button(value="x" * n))),
    "button.url": (3000, lambda n: actions(button(url="https://u.example/".ljust(n, "x")))),
    "button.agent_prompt": (4000, lambda n: actions(button(agent_prompt="x" * n))),
    "button.accessibility_label": (75, lambda n: actions(button(accessibility_label="x" * n))),
    "placeholder": (150, lambda n: actions(choice("static_select", 1, placeholder=plain("x" * n)))),
    "static_select.options": (100, lambda n: actions(choice("static_select", n))),
    "multi_static_select.options": (100, lambda n: section(accessory=choice("multi_static_select", n))),
    "static_select.option_groups": (100, lambda n: actions(grouped(n))),
    "option_group.options": (100, lambda n: actions(grouped(1, n))),
    "option_group.label": (75, lambda n: actions(grouped(1, label="x" * n))),
    "option.text": (75, lambda n: picked(text=plain("x" * n))),
    "option.value": (150, lambda n: picked(value="x" * n)),
    "option.description": (75, lambda n: picked(description=plain("x" * n))),
    "option.url": (
        3000,
        lambda n: actions({**choice("overflow", 1), "options": [option(url="https://u.example/".ljust(n, "x"))]}),
    ),
    "overflow.options": (5, lambda n: actions(choice("overflow", n))),
    "checkboxes.options": (10, lambda n: actions(choice("checkboxes", n))),
    "radio_buttons.options": (10, lambda n: actions(choice("radio_buttons", n))),
    "confirm.title": (100, lambda n: actions(button(**confirm(title=plain("x" * n))))),
    "confirm.text": (300, lambda n: actions(button(**confirm(text=plain("x" * n))))),
    "confirm.confirm": (30, lambda n: actions(button(**confirm(confirm=plain("x" * n))))),
    "confirm.deny": (30, lambda n: actions(button(**confirm(deny=plain("x" * n))))),
    "markdown": (12_000, lambda n: {"type": "markdown", "text": "x" * n}),
}


@pytest.mark.parametrize("limit", IN_A_MESSAGE)
def test_a_block_in_a_message_has_its_limit(bot: WebClient, limit: str) -> None:
    most, make = IN_A_MESSAGE[limit]
    assert [posted(bot, make(most)), posted(bot, make(most + 1))] == ["", "invalid_blocks"]


IN_A_MODAL: dict[str, tuple[int, Make]] = {
    "title": (24, lambda n: modal(title=plain("x" * n))),
    "submit": (24, lambda n: modal(submit=plain("x" * n))),
    "close": (24, lambda n: modal(close=plain("x" * n))),
    "private_metadata": (3000, lambda n: modal(private_metadata="x" * n)),
    "callback_id": (255, lambda n: modal(callback_id="x" * n)),
    "blocks": (100, lambda n: modal(*[section()] * n)),
    "input.label": (2000, lambda n: modal(asking(text_input(), label=plain("x" * n)))),
    "input.hint": (2000, lambda n: modal(asking(text_input(), hint=plain("x" * n)))),
    "min_length": (3000, lambda n: modal(asking(text_input(min_length=n)))),
    "max_length": (3000, lambda n: modal(asking(text_input(max_length=n)))),
    "max_files": (10, lambda n: modal(asking({"type": "file_input", "action_id": "f", "max_files": n}))),
    "min_lines": (100, lambda n: modal(asking({"type": "rich_text_input", "action_id": "r", "min_lines": n}))),
    "max_lines": (100, lambda n: modal(asking({"type": "rich_text_input", "action_id": "r", "max_lines": n}))),
    "alert.text": (200, lambda n: modal({"type": "alert", "text": plain("x" * n)})),
}


@pytest.mark.parametrize("limit", IN_A_MODAL)
def test_a_modal_has_its_limit(bot: WebClient, people: SandboxClient, app: App, limit: str) -> None:
    most, make = IN_A_MODAL[limit]
    assert [opened(bot, people, app, make(n)) for n in (most, most + 1)] == ["", "invalid_arguments"]


def test_a_home_tab_has_up_to_100_blocks(bot: WebClient) -> None:
    assert published(bot, home(*[section()] * 100)) == ""
    assert published(bot, home(*[section()] * 101)) == "invalid_arguments"


def test_a_message_has_up_to_50_blocks(bot: WebClient) -> None:
    assert posted(bot, *[section()] * 50) == ""
    assert posted(bot, *[section()] * 51) == "invalid_blocks"


@pytest.mark.parametrize(
    "block",
    [
        None,  # what slack_sdk's View makes of a block that it does not know
        {"type": "sectoin", "text": plain("x")},
        {"type": "alert", "text": plain("x")},  # in modals only
        {"type": "section"},
        section(""),
        {"type": "section", "fields": []},
        {"type": "header", "text": mrkdwn("x")},
        {"type": "header", "text": plain("x"), "level": 0},
        {"type": "context", "elements": []},
        actions(),
        actions(text_input()),
        actions(button("same"), button("same")),
        actions(choice("static_select", 0)),
        actions(grouped(0)),
        actions(choice("static_select", 2, initial_option=option("o7"))),
        actions({"type": "datepicker", "action_id": "d", "initial_date": "23.11.2026"}),
        {"type": "image", "image_url": "https://i.example/a.png"},
        {"type": "image", "alt_text": "a"},
        table(0),
    ],
)
def test_a_malformed_block_is_refused(bot: WebClient, block: Any) -> None:
    assert posted(bot, block) == "invalid_blocks"


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain("")),
        modal(title=mrkdwn("Note")),
        {"type": "modal", "title": plain("Note"), "blocks": [asking(text_input())]},  # asks, and has no submit
        {"type": "modal", "title": plain("Note"), "blocks": []},
        modal({"type": "markdown", "text": "in messages only"}),
        modal(table(1)),
        modal(None),
        modal(asking(button())),
        modal(asking(text_input(min_length=-1))),
        modal(asking(text_input(max_length=0))),
        modal(asking({"type": "datetimepicker", "action_id": "d", "initial_date_time": 1})),  # ten digits
        modal(asking(text_input("a"), "same"), asking(text_input("b"), "same")),
        home(),
        {"type": "window", "blocks": [section()]},
    ],
)
def test_a_malformed_modal_is_refused(bot: WebClient, people: SandboxClient, app: App, view: Json) -> None:
    assert opened(bot, people, app, view) == "invalid_arguments"


def test_a_modal_is_no_home_tab(bot: WebClient) -> None:
    assert published(bot, modal()) == "invalid_arguments"


def test_block_ids_are_unique_in_a_message(bot: WebClient) -> None:
    assert posted(bot, section(block_id="a"), section(block_id="b")) == ""
    assert posted(bot, section(block_id="a"), section(block_id="a")) == "invalid_blocks"


def test_the_same_action_may_stand_in_two_blocks(bot: WebClient) -> None:
    assert posted(bot, actions(button("go")), actions(button("go"))) == ""


def test_external_ids_of_views_are_unique(bot: WebClient, people: SandboxClient, app: App) -> None:
    assert opened(bot, people, app, modal(external_id="mine")) == ""
    assert opened(bot, people, app, modal(external_id="mine")) == "duplicate_external_id"


def test_markdown_is_counted_over_all_blocks(bot: WebClient) -> None:
    half = {"type": "markdown", "text": "x" * 6000}
    assert posted(bot, half, half) == ""
    assert posted(bot, half, half, {"type": "markdown", "text": "x"}) == "invalid_blocks"


def test_tables_are_counted_over_all_characters(bot: WebClient) -> None:
    assert posted(bot, table(9, text="x" * 1000)) == ""
    assert posted(bot, table(5, text="x" * 1000), table(6, text="x" * 1000)) == "invalid_blocks"


def test_a_message_says_something(bot: WebClient) -> None:
    assert error_of(bot.api_call, "chat.postMessage", json={"channel": TEAM}) == "no_text"


def test_long_text_is_refused(bot: WebClient) -> None:
    assert posted(bot, text="x" * 40_000) == ""
    assert posted(bot, text="x" * 40_001) == "msg_too_long"


def test_an_edit_takes_a_tenth_of_the_text(bot: WebClient) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="x")["ts"]
    assert error_of(bot.chat_update, channel=TEAM, ts=ts, text="x" * 4000) == ""
    assert error_of(bot.chat_update, channel=TEAM, ts=ts, text="x" * 4001) == "msg_too_long"


def test_markdown_text_stands_alone(bot: WebClient) -> None:
    said = {"channel": TEAM, "markdown_text": "**x**"}
    assert error_of(bot.api_call, "chat.postMessage", json=said) == ""
    assert error_of(bot.api_call, "chat.postMessage", json={**said, "text": "x"}) == "markdown_text_conflict"


def test_markdown_text_has_up_to_12000_characters(bot: WebClient) -> None:
    said = {"channel": TEAM, "markdown_text": "x" * 12_001}
    assert error_of(bot.api_call, "chat.postMessage", json=said) == "msg_too_long"


def test_a_message_has_up_to_100_attachments(bot: WebClient) -> None:
    assert posted(bot, attachments=[{"text": "a"}] * 100) == ""
    assert posted(bot, attachments=[{"text": "a"}] * 101) == "too_many_attachments"


@pytest.mark.parametrize("name", ["chat.update", "chat.postEphemeral"])
def test_whatever_says_something_is_checked(bot: WebClient, name: str) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="x")["ts"]
    said = {"channel": TEAM, "ts": ts, "user": ANA, "text": "x", "blocks": [section()] * 51}
    assert error_of(bot.api_call, name, json=said) == "invalid_blocks"


def test_a_refusal_says_where_and_why(bot: WebClient) -> None:
    said = {"channel": TEAM, "text": "x", "blocks": [section(), {"type": "header", "text": plain("x" * 151)}]}
    with pytest.raises(SlackApiError) as refused:
        bot.api_call("chat.postMessage", json=said)
    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] 151 characters, at most 150 [json-pointer:/blocks[1].text]"
    ]


def test_nothing_is_said_when_a_limit_is_passed(bot: WebClient, people: SandboxClient) -> None:
    posted(bot, section("x" * 3001))
    assert people.messages() == []
