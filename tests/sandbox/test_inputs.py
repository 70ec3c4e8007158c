"""What people choose and type reaches the app as Slack tells it: in messages, modals and home tabs."""

from typing import Any

import pytest
from slack_sdk import WebClient

from sandbox.client import SandboxClient
from sandbox.inputs import KEYS
from sandbox.slack import Sandbox
from tests.sandbox.app import Answer, App
from tests.sandbox.conftest import ANA, ANA_DM
from tests.sandbox.kit import actions, asking, button, home, modal, options, section, text_input

Json = dict[str, Any]


def element(kind: str, **more: Any) -> Json:
    return {"type": kind, "action_id": "it", **more}


CHOSEN = [
    (element("static_select", options=options(3)), {"selected_option": "o1"}, {"selected_option": options(3)[1]}),
    (element("radio_buttons", options=options(3)), {"selected_option": "o2"}, {"selected_option": options(3)[2]}),
    (element("overflow", options=options(2)), {"selected_option": "o0"}, {"selected_option": options(2)[0]}),
    (
        element("checkboxes", options=options(3)),
        {"selected_options": ["o0", "o2"]},
        {"selected_options": [options(3)[0], options(3)[2]]},
    ),
    (element("multi_static_select", options=options(2)), {"selected_options": []}, {"selected_options": []}),
    (element("users_select"), {"selected_user": "UBEN"}, {"selected_user": "UBEN"}),
    (element("datepicker"), {"selected_date": "2026-12-01"}, {"selected_date": "2026-12-01"}),
    (element("timepicker"), {"selected_time": "09:30"}, {"selected_time": "09:30"}),
    (element("datetimepicker"), {"selected_date_time": "1764000000"}, {"selected_date_time": 1764000000}),
]


@pytest.mark.parametrize(("told", "chosen", "expected"), CHOSEN, ids=lambda value: str(value.get("type", "")))
def test_a_choice_in_a_message_is_sent_and_stands_in_its_state(
    bot: WebClient, people: SandboxClient, app: App, told: Json, chosen: Json, expected: Json
) -> None:
    said = bot.chat_postMessage(channel=ANA, text="Choose", blocks=[actions(told, block_id="b")])
    people.tap(ANA, ANA_DM, said["ts"], "it", **chosen)
    (action,) = app.last.payload["actions"]
    assert {key: action[key] for key in expected} == expected
    assert (action["type"], action["block_id"], action["action_id"]) == (told["type"], "b", "it")
    state = app.last.payload["state"]["values"]
    assert state == ({"b": {"it": {"type": told["type"], **expected}}} if told["type"] in KEYS else {})


def test_two_buttons_of_one_action_are_told_apart_by_their_block(
    bot: WebClient, people: SandboxClient, app: App
) -> None:
    rows = [actions(button(value=str(n)), block_id=f"row-{n}") for n in range(2)]
    said = bot.chat_postMessage(channel=ANA, text="Rows", blocks=rows)
    people.tap(ANA, ANA_DM, said["ts"], "go", "row-1")
    assert app.last.payload["actions"][0]["value"] == "1"


def test_untouched_fields_are_told_with_their_initial_value_or_none(
    bot: WebClient, people: SandboxClient, app: App
) -> None:
    blocks = [
        asking(text_input("a", initial_value="said before"), "one", optional=True),
        asking(text_input("b"), "two", optional=True),
        asking(element("static_select", options=options(2), initial_option=options(2)[1]), "three"),
    ]
    open_modal(bot, people, app, blocks)
    people.submit(ANA)
    assert app.last.payload["view"]["state"]["values"] == {
        "one": {"a": {"type": "plain_text_input", "value": "said before"}},
        "two": {"b": {"type": "plain_text_input", "value": None}},
        "three": {"it": {"type": "static_select", "selected_option": options(2)[1]}},
    }


WRONG = [
    (element("email_text_input"), "nobody", "Please enter a valid email address."),
    (element("url_text_input"), "a.example", "Please enter a valid URL."),
    (element("number_input", is_decimal_allowed=False), "1.5", "Please enter a whole number."),
    (
        element("number_input", is_decimal_allowed=True, min_value="1", max_value="3"),
        "4",
        "Please enter a number from 1 to 3.",
    ),
    (element("plain_text_input", min_length=5), "four", "Please enter at least 5 characters."),
    (element("plain_text_input"), "", "Please complete this required field."),
]


@pytest.mark.parametrize(("told", "typed", "why"), WRONG, ids=lambda value: str(value)[:20])
def test_slacks_own_client_objects_before_the_app_is_asked(
    bot: WebClient, people: SandboxClient, app: App, told: Json, typed: str, why: str
) -> None:
    open_modal(bot, people, app, [asking(told)])
    asked = len(app.received)
    people.submit(ANA, it=typed)
    assert people.sees(ANA)["modal"]["errors"] == {"asked": why}
    assert len(app.received) == asked


def test_a_tap_in_a_home_tab_tells_the_view_and_no_message(bot: WebClient, people: SandboxClient, app: App) -> None:
    bot.views_publish(user_id=ANA, view=home(section(), actions(button(value="7"), block_id="row")))
    people.tap_in_view(ANA, "go")
    payload = app.last.payload
    assert payload["container"] == {"type": "view", "view_id": payload["view"]["id"]}
    assert payload["view"]["type"] == "home"
    assert "message" not in payload and "response_url" not in payload
    assert payload["actions"][0]["value"] == "7"


def test_a_tap_in_a_home_tab_without_an_answer_says_so(
    sandbox: Sandbox, bot: WebClient, people: SandboxClient, app: App
) -> None:
    bot.views_publish(user_id=ANA, view=home(section(), actions(button())))
    app.will(Answer(500))
    people.tap_in_view(ANA, "go")
    assert sandbox.workspace.homes[ANA].errors == {"": "We had some trouble connecting. Try again?"}


def open_modal(bot: WebClient, people: SandboxClient, app: App, blocks: list[Json]) -> None:
    people.command(ANA, "/note")
    bot.views_open(trigger_id=app.last.form["trigger_id"], view=modal(*blocks))


def test_an_app_that_asked_to_know_is_told_of_a_closed_modal(bot: WebClient, people: SandboxClient, app: App) -> None:
    people.command(ANA, "/note")
    bot.views_open(trigger_id=app.last.form["trigger_id"], view=modal(section(), notify_on_close=True))
    people.close_modal(ANA)
    assert app.last.payload["type"] == "view_closed"
    assert app.last.payload["is_cleared"] is True


def test_an_external_select_asks_the_app_for_its_options(bot: WebClient, people: SandboxClient, app: App) -> None:
    open_modal(bot, people, app, [asking(element("external_select", min_query_length=1))])
    app.will(Answer(body={"options": options(2)}))
    found = people.suggestions(ANA, "it", "o")
    assert found == options(2)
    assert (app.last.payload["type"], app.last.payload["value"]) == ("block_suggestion", "o")
