"""Triggers, the stack of modals, what a person fills in, and the home tab."""

import time

import pytest
from slack_sdk import WebClient

from sandbox.client import Refused, SandboxClient
from sandbox.slack import Sandbox, Trigger
from tests.sandbox.app import Answer, App
from tests.sandbox.conftest import ANA, BEN, Json, error_of
from tests.sandbox.kit import actions, asking, button, choice, home, modal, option, plain, section, text_input


@pytest.fixture
def ana(bot: WebClient, people: SandboxClient, app: App) -> "Ana":
    return Ana(bot, people, app)


class Ana:
    """Ana, and what the bot does for her."""

    def __init__(self, bot: WebClient, people: SandboxClient, app: App) -> None:
        self.bot, self.people, self.app = bot, people, app

    def trigger(self) -> str:
        self.people.command(ANA, "/note")
        return self.app.last.form["trigger_id"]

    def opens(self, view: Json) -> Json:
        told: Json = self.bot.views_open(trigger_id=self.trigger(), view=view)["view"]
        return told

    def pushes(self, view: Json) -> str:
        """Push a view from a button of the modal on top."""
        self.people.tap_in_view(ANA, "more")
        return error_of(self.bot.views_push, trigger_id=self.app.last.payload["trigger_id"], view=view)

    def submits(self, answer: Json | None = None, **values: str) -> Json:
        self.app.will(Answer(body=answer or ""))
        return self.people.submit(ANA, **values)

    def sent(self) -> Json:
        """The values of the last submission."""
        told: Json = self.app.last.payload["view"]["state"]["values"]
        return told

    def modal(self) -> Json | None:
        found: Json | None = self.people.sees(ANA)["modal"]
        return found

    def title(self) -> str:
        found = self.modal()
        return str(found["title"]["text"]) if found else ""


def named(title: str, *blocks: Json) -> Json:
    return modal(*(blocks or [actions(button("more"))]), title=plain(title))


ASKS = modal(asking(text_input("note"), "note_block"), callback_id="note", private_metadata="m")


# -- triggers ------------------------------------------------------------------------------------------------------


def test_a_trigger_opens_a_modal_for_its_person(ana: Ana) -> None:
    ana.opens(named("First"))
    assert ana.title() == "First"
    assert ana.people.sees(BEN)["modal"] is None


def test_a_trigger_opens_only_one_view(ana: Ana) -> None:
    trigger = ana.trigger()
    assert error_of(ana.bot.views_open, trigger_id=trigger, view=modal()) == ""
    assert error_of(ana.bot.views_open, trigger_id=trigger, view=modal()) == "exchanged_trigger_id"
    assert error_of(ana.bot.views_push, trigger_id=trigger, view=modal()) == "exchanged_trigger_id"


@pytest.mark.parametrize(("age", "code"), [(2.0, ""), (3.1, "expired_trigger_id")])
def test_a_trigger_dies_after_three_seconds(sandbox: Sandbox, bot: WebClient, age: float, code: str) -> None:
    sandbox._triggers["old"] = Trigger(ANA, time.monotonic() - age)
    assert error_of(bot.views_open, trigger_id="old", view=modal()) == code


def test_a_trigger_nobody_was_given_is_invalid(bot: WebClient) -> None:
    assert error_of(bot.views_open, trigger_id="1.2", view=modal()) == "invalid_trigger_id"
    assert error_of(bot.api_call, "views.open", json={"view": modal()}) == "invalid_arguments"


def test_each_request_brings_a_trigger_of_its_own(ana: Ana) -> None:
    assert ana.trigger() != ana.trigger()


# -- the stack -----------------------------------------------------------------------------------------------------


def test_three_modals_stand_on_one_another(ana: Ana) -> None:
    ana.opens(named("First"))
    assert [ana.pushes(named(title)) for title in ("Second", "Third")] == ["", ""]
    assert ana.pushes(named("Fourth")) == "push_limit_reached"
    assert ana.title() == "Third"


def test_a_modal_knows_what_it_stands_on(ana: Ana) -> None:
    first = ana.opens(named("First"))
    ana.pushes(named("Second"))
    ana.submits()
    second = ana.app.last.payload["view"]
    assert (second["previous_view_id"], second["root_view_id"]) == (first["id"], first["id"])
    assert (first["previous_view_id"], first["root_view_id"]) == (None, first["id"])


def test_submitting_closes_the_modal_on_top(ana: Ana) -> None:
    ana.opens(named("First"))
    ana.pushes(named("Second"))
    ana.submits()
    assert ana.title() == "First"
    ana.submits()
    assert ana.modal() is None


def test_an_app_may_close_them_all(ana: Ana) -> None:
    ana.opens(named("First"))
    ana.pushes(named("Second"))
    ana.submits({"response_action": "clear"})
    assert ana.modal() is None


def test_an_app_may_push_in_answer(ana: Ana) -> None:
    ana.opens(named("First"))
    for title in ("Second", "Third"):
        ana.submits({"response_action": "push", "view": named(title)})
    assert ana.title() == "Third"
    with pytest.raises(Refused, match="push_limit_reached"):
        ana.submits({"response_action": "push", "view": named("Fourth")})


def test_an_app_may_update_in_answer(ana: Ana) -> None:
    view = ana.opens(named("First"))
    ana.submits({"response_action": "update", "view": named("Thanks")})
    found = ana.modal()
    assert (ana.title(), found and found["id"]) == ("Thanks", view["id"])


def test_a_view_in_an_answer_is_held_to_the_limits(ana: Ana) -> None:
    ana.opens(named("First"))
    with pytest.raises(Refused, match="invalid_arguments"):
        ana.submits({"response_action": "update", "view": named("x" * 25)})


def test_a_person_may_close_them(ana: Ana) -> None:
    ana.opens(named("First"))
    ana.people.close_modal(ANA)
    assert ana.modal() is None
    with pytest.raises(Refused, match="view_not_found"):
        ana.people.submit(ANA)


# -- updating ------------------------------------------------------------------------------------------------------


def test_a_view_is_updated_in_place(ana: Ana) -> None:
    view = ana.opens(named("First"))
    told = ana.bot.views_update(view_id=view["id"], view=named("Changed"))["view"]
    assert (told["id"], ana.title()) == (view["id"], "Changed")
    assert told["hash"] != view["hash"]


def test_an_update_that_comes_second_conflicts(ana: Ana) -> None:
    view = ana.opens(named("First"))
    changed = {"view_id": view["id"], "hash": view["hash"]}
    assert error_of(ana.bot.views_update, **changed, view=named("Mine")) == ""
    assert error_of(ana.bot.views_update, **changed, view=named("Theirs")) == "hash_conflict"
    assert ana.title() == "Mine"


def test_a_view_that_is_closed_cannot_be_updated(ana: Ana) -> None:
    view = ana.opens(named("First"))
    ana.people.close_modal(ANA)
    assert error_of(ana.bot.views_update, view_id=view["id"], view=named("Changed")) == "not_found"


def filled(ana: Ana) -> Json:
    """A view with a note in it, which the app has not accepted."""
    view = ana.opens(ASKS)
    ana.submits({"response_action": "errors", "errors": {"note_block": "Too short"}}, note="typed")
    return view


def test_what_was_typed_stays_when_a_view_is_updated(ana: Ana) -> None:
    view = filled(ana)
    blocks = [section("New above"), *ASKS["blocks"]]
    told = ana.bot.views_update(view_id=view["id"], view={**ASKS, "blocks": blocks})["view"]
    assert told["state"]["values"]["note_block"]["note"]["value"] == "typed"
    ana.submits()
    assert ana.sent()["note_block"]["note"]["value"] == "typed"


@pytest.mark.parametrize(("block_id", "action_id"), [("other_block", "note"), ("note_block", "other")])
def test_what_was_typed_goes_when_its_ids_change(ana: Ana, block_id: str, action_id: str) -> None:
    view = filled(ana)
    changed = modal(asking(text_input(action_id), block_id))
    values = ana.bot.views_update(view_id=view["id"], view=changed)["view"]["state"]["values"]
    assert not any("typed" in str(value) for value in values.values())


def test_errors_go_when_a_view_is_updated(ana: Ana) -> None:
    view = filled(ana)
    ana.bot.views_update(view_id=view["id"], view=ASKS)
    found = ana.modal()
    assert found
    assert found["errors"] == {}


# -- filling and submitting ----------------------------------------------------------------------------------------


def test_a_submission_says_who_filled_in_what(ana: Ana) -> None:
    view = ana.opens(ASKS)
    ana.submits(note="buy milk")
    told = ana.app.last.payload
    assert (told["type"], told["user"]["id"], told["view"]["id"]) == ("view_submission", ANA, view["id"])
    assert (told["view"]["callback_id"], told["view"]["private_metadata"]) == ("note", "m")
    assert told["view"]["state"]["values"] == {
        "note_block": {"note": {"type": "plain_text_input", "value": "buy milk"}}
    }


def test_each_kind_of_input_is_sent_in_its_own_shape(ana: Ana) -> None:
    when = {"type": "datepicker", "action_id": "when"}
    blocks = [asking(choice("radio_buttons", 2), "a"), asking(when, "b"), asking(text_input("note"), "c")]
    ana.opens(modal(*blocks))
    ana.submits(choice="o1", when="2026-11-23", note="x")
    assert ana.sent() == {
        "a": {"choice": {"type": "radio_buttons", "selected_option": option("o1")}},
        "b": {"when": {"type": "datepicker", "selected_date": "2026-11-23"}},
        "c": {"note": {"type": "plain_text_input", "value": "x"}},
    }


def test_initial_values_are_sent_when_nothing_is_changed(ana: Ana) -> None:
    when = {"type": "datepicker", "action_id": "when", "initial_date": "2026-11-23"}
    first = choice("static_select", 2, initial_option=option("o0"))
    note = text_input("note", initial_value="as before")
    ana.opens(modal(asking(first, "a"), asking(when, "b"), asking(note, "c")))
    ana.submits()
    sent = ana.sent()
    assert sent["a"]["choice"]["selected_option"] == option("o0")
    assert sent["b"]["when"]["selected_date"] == "2026-11-23"
    assert sent["c"]["note"]["value"] == "as before"


def test_a_required_field_is_checked_before_the_app_is_asked(ana: Ana) -> None:
    ana.opens(ASKS)
    asked = len(ana.app.received)
    told = ana.people.submit(ANA)
    assert told["body"]["errors"] == {"note_block": "Please complete this required field."}
    assert len(ana.app.received) == asked
    found = ana.modal()
    assert found
    assert found["errors"] == told["body"]["errors"]


def test_an_optional_field_may_be_left_empty(ana: Ana) -> None:
    ana.opens(modal(asking(text_input("note"), optional=True)))
    assert ana.submits()["status"] == 200
    assert ana.sent()["asked"]["note"]["value"] is None
    assert ana.modal() is None


def test_errors_stand_beside_their_fields(ana: Ana) -> None:
    filled(ana)
    found = ana.modal()
    assert found
    assert found["errors"] == {"note_block": "Too short"}


@pytest.mark.parametrize("errors", [{"else": "Too short"}, {}])
def test_errors_must_name_a_field(ana: Ana, errors: Json) -> None:
    ana.opens(ASKS)
    with pytest.raises(Refused, match="invalid_errors"):
        ana.submits({"response_action": "errors", "errors": errors}, note="x")


def test_a_submission_not_acknowledged_keeps_the_modal(ana: Ana) -> None:
    ana.opens(ASKS)
    ana.app.will(Answer(500))
    assert ana.people.submit(ANA, note="x")["status"] == 500
    found = ana.modal()
    assert found
    assert found["errors"] == {"": "We had some trouble connecting. Try again?"}


def test_an_element_of_a_modal_may_be_used(ana: Ana) -> None:
    view = ana.opens(modal(actions(choice("static_select", 2), block_id="row")))
    ana.people.tap_in_view(ANA, "choice", selected_option="o1")
    told = ana.app.last.payload
    assert (told["container"]["view_id"], told["actions"][0]["block_id"]) == (view["id"], "row")
    assert told["view"]["state"]["values"]["row"]["choice"]["selected_option"] == option("o1")


def test_blocks_of_a_view_without_an_id_get_one(ana: Ana) -> None:
    blocks = ana.opens(modal(section("one"), section("two")))["blocks"]
    assert len({block["block_id"] for block in blocks}) == 2


# -- the home tab --------------------------------------------------------------------------------------------------


def test_opening_the_home_tab_is_an_event(ana: Ana) -> None:
    assert ana.people.home(ANA)["status"] == 200
    event = ana.app.last.event["event"]
    assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", ANA, "home")


def test_each_person_has_a_home_tab_of_their_own(ana: Ana) -> None:
    ana.bot.views_publish(user_id=ANA, view=home(section("For Ana")))
    assert ana.people.sees(ANA)["home"]["blocks"][0]["text"]["text"] == "For Ana"
    assert ana.people.sees(BEN)["home"] is None


def test_publishing_again_replaces_the_home_tab(ana: Ana) -> None:
    first = ana.bot.views_publish(user_id=ANA, view=home(section("old")))["view"]
    second = ana.bot.views_publish(user_id=ANA, view=home(section("new")))["view"]
    assert first["id"] == second["id"]
    assert ana.people.sees(ANA)["home"]["blocks"][0]["text"]["text"] == "new"


def test_a_home_tab_is_published_only_for_someone(ana: Ana) -> None:
    assert error_of(ana.bot.views_publish, user_id="UNONE", view=home()) == "user_not_found"


def test_publishing_notifies_nobody(ana: Ana) -> None:
    ana.bot.views_publish(user_id=ANA, view=home())
    assert ana.people.notifications() == []


def test_a_button_of_the_home_tab_opens_a_modal(ana: Ana) -> None:
    ana.bot.views_publish(user_id=ANA, view=home(actions(button("add", value="v"))))
    ana.people.tap_in_view(ANA, "add")
    told = ana.app.last.payload
    assert (told["view"]["type"], told["actions"][0]["value"]) == ("home", "v")
    ana.bot.views_open(trigger_id=told["trigger_id"], view=named("From home"))
    assert ana.title() == "From home"


def test_there_is_nothing_to_tap_before_a_home_tab_is_published(ana: Ana) -> None:
    with pytest.raises(Refused, match="view_not_found"):
        ana.people.tap_in_view(ANA, "add")
