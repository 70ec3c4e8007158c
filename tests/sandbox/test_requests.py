"""What Slack sends to an app: signed, acknowledged within three seconds, sent again when that fails."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from slack_sdk import WebClient

from sandbox.client import Refused, SandboxClient
from sandbox.delivery import signature
from sandbox.server import Running
from sandbox.slack import Sandbox
from tests.conftest import TurnedClock
from tests.sandbox import app as apps
from tests.sandbox.app import SECRET, Answer, App
from tests.sandbox.conftest import ANA, ANA_DM, BEN, CHANNELS, MANIFEST, SALES, TEAM, USERS, Json, manifest
from tests.sandbox.kit import actions, button, choice, option, section

FORM = "application/x-www-form-urlencoded"
FAILS = Answer(500)


def seen(people: SandboxClient, user: str = ANA, channel: str | None = None) -> list[str]:
    return [m["text"] for m in people.sees(user, channel)["messages"]]


def card(bot: WebClient, *elements: Json, to: str = ANA) -> str:
    """A message with these elements; its ts."""
    return str(bot.chat_postMessage(channel=to, text="card", blocks=[actions(*elements, block_id="row")])["ts"])


def tapped(people: SandboxClient, ts: str, action_id: str = "go", **chosen: object) -> Json:
    return people.tap(ANA, ANA_DM, ts, action_id, **chosen)


# -- signatures ----------------------------------------------------------------------------------------------------


def test_every_request_is_signed(bot: WebClient, people: SandboxClient, app: App) -> None:
    people.command(ANA, "/note")
    people.say(ANA, "Hello")
    tapped(people, card(bot, button()))
    assert (len(app.received), app.forged) == (3, 0)


def test_the_signature_is_made_with_the_secret_of_the_workspace(people: SandboxClient, app: App) -> None:
    people.set_up({"signing_secret": "else"})
    assert people.command(ANA, "/note")["status"] == 401
    assert (len(app.received), app.forged) == (0, 1)


def test_a_forged_request_may_be_tried(people: SandboxClient, app: App) -> None:
    assert people.raw("a=b", FORM, {})["status"] == 200
    assert people.raw("a=b", FORM, {"X-Slack-Signature": "v0=0"})["status"] == 401
    assert (len(app.received), app.forged) == (1, 1)


def test_an_old_request_may_be_tried(people: SandboxClient, app: App) -> None:
    assert people.raw("a=b", FORM, signature(SECRET, b"a=b", at=1_700_000_000))["status"] == 401
    assert app.forged == 1


# -- commands ------------------------------------------------------------------------------------------------------


def test_a_command_says_who_typed_what_and_where(people: SandboxClient, app: App) -> None:
    people.command(ANA, "/note", "buy milk & bread", channel=TEAM)
    told = app.last.form
    assert (told["command"], told["text"], told["user_id"]) == ("/note", "buy milk & bread", ANA)
    assert (told["channel_id"], told["channel_name"], told["team_id"]) == (TEAM, "team", "T0SANDBOX")
    assert told["trigger_id"]
    assert told["response_url"].startswith("http")
    assert app.last.headers["content-type"] == FORM


def test_a_command_the_manifest_does_not_name_is_refused(people: SandboxClient, app: App) -> None:
    with pytest.raises(Refused, match="invalid_command"):
        people.command(ANA, "/else")
    assert app.received == []


def test_a_command_is_typed_only_where_one_is_a_member(people: SandboxClient, app: App) -> None:
    with pytest.raises(Refused, match="not_in_channel"):
        people.command(ANA, "/note", channel=SALES)
    assert app.received == []


def test_only_who_typed_sees_the_answer(people: SandboxClient, app: App) -> None:
    app.will(Answer(body="Noted"))
    people.command(ANA, "/note", channel=TEAM)
    assert seen(people, ANA, TEAM) == ["Noted"]
    assert seen(people, BEN, TEAM) == []


def test_an_answer_may_be_for_all(people: SandboxClient, app: App) -> None:
    app.will(Answer(body={"response_type": "in_channel", "text": "Noted", "blocks": [section("Noted")]}))
    people.command(ANA, "/note", channel=TEAM)
    assert seen(people, BEN, TEAM) == ["Noted"]


def test_an_empty_answer_says_nothing(people: SandboxClient) -> None:
    assert people.command(ANA, "/note")["status"] == 200
    assert seen(people) == []


def test_a_guest_of_another_organisation_is_told_by_their_team(people: SandboxClient, app: App) -> None:
    people.command("UPAT", "/note")
    assert app.last.form["team_id"] == "T0ELSE"


# -- acknowledgement -----------------------------------------------------------------------------------------------


def test_a_command_not_acknowledged_did_not_respond(people: SandboxClient, app: App) -> None:
    app.will(FAILS)
    assert people.command(ANA, "/note", channel=TEAM)["status"] == 500
    (message,) = people.sees(ANA, TEAM)["messages"]
    assert message["text"] == "/note failed because the app did not respond."
    assert (message["user"], message["ephemeral"]) == ("USLACKBOT", True)
    assert seen(people, BEN, TEAM) == []


def test_a_tap_not_acknowledged_did_not_respond(bot: WebClient, people: SandboxClient, app: App) -> None:
    ts = card(bot, button())
    app.will(FAILS)
    tapped(people, ts)
    assert seen(people) == ["card", "This failed because the app did not respond."]


@pytest.mark.parametrize("status", [400, 404])
def test_an_error_acknowledges_nothing(people: SandboxClient, app: App, status: int) -> None:
    app.will(Answer(status))
    people.command(ANA, "/note")
    assert seen(people) == ["/note failed because the app did not respond."]


def test_an_app_that_is_not_there_did_not_respond(people: SandboxClient) -> None:
    people.set_up({"app_url": "http://127.0.0.1:9/nobody"})
    assert people.command(ANA, "/note")["status"] is None
    assert seen(people) == ["/note failed because the app did not respond."]


@pytest.fixture(scope="module")
def late() -> Iterator[dict[str, Json]]:
    """What became of two commands at once: one app is silent for over three seconds, the other drips its answer."""
    told = {}
    with apps.serving() as silent, apps.serving() as dripping:
        silent.always, dripping.always = Answer(waits=3.4), Answer(body="Noted", drips=3.4)

        def ask(app: App) -> Json:
            with Running(Sandbox(app_url=app.url)) as sandbox:
                sandbox.set_up({"users": USERS, "channels": CHANNELS, "manifest": MANIFEST})
                people = SandboxClient(sandbox.base_url)
                reply = people.command(ANA, "/note")
                shown = seen(people)
                people.close()
            return {**reply, "shown": shown}

        with ThreadPoolExecutor(2) as both:
            told["silent"], told["dripping"] = both.map(ask, (silent, dripping))
    yield told


@pytest.mark.parametrize("app_is", ["silent", "dripping"])
def test_the_app_has_three_seconds(late: dict[str, Json], app_is: str) -> None:
    told = late[app_is]
    assert (told["status"], told["shown"]) == (None, ["/note failed because the app did not respond."])
    assert 2.9 < told["seconds"] < 3.3


# -- taps ----------------------------------------------------------------------------------------------------------


def test_a_tap_says_who_tapped_what_on_which_message(bot: WebClient, people: SandboxClient, app: App) -> None:
    ts = card(bot, button(value="lead-1"))
    tapped(people, ts)
    told = app.last.payload
    (action,) = told["actions"]
    assert (told["type"], told["user"]["id"], told["channel"]["id"]) == ("block_actions", ANA, ANA_DM)
    assert (action["action_id"], action["value"], action["block_id"]) == ("go", "lead-1", "row")
    assert (told["message"]["ts"], told["container"]["message_ts"]) == (ts, ts)
    assert told["trigger_id"]
    assert told["response_url"]


def test_an_option_is_chosen_by_its_value(bot: WebClient, people: SandboxClient, app: App) -> None:
    ts = card(bot, choice("static_select", 2))
    tapped(people, ts, "choice", selected_option="o1")
    assert app.last.payload["actions"][0]["selected_option"] == option("o1")
    with pytest.raises(Refused, match="no_such_option"):
        tapped(people, ts, "choice", selected_option="o2")


def test_an_option_in_a_group_is_chosen_by_its_value(bot: WebClient, people: SandboxClient, app: App) -> None:
    groups = [{"label": {"type": "plain_text", "text": "g"}, "options": [option("o1")]}]
    ts = card(bot, {"type": "static_select", "action_id": "choice", "option_groups": groups})
    tapped(people, ts, "choice", selected_option="o1")
    assert app.last.payload["actions"][0]["selected_option"] == option("o1")


def test_what_is_not_there_cannot_be_tapped(bot: WebClient, people: SandboxClient, app: App) -> None:
    ts = card(bot, button())
    with pytest.raises(Refused, match="no_such_element"):
        tapped(people, ts, "else")
    assert app.received == []


def test_a_phone_that_still_shows_an_earlier_revision_can_tap_on_it(
    bot: WebClient, people: SandboxClient, app: App
) -> None:
    ts = card(bot, button())
    bot.chat_update(channel=ANA_DM, ts=ts, text="done")
    tapped(people, ts)
    assert app.last.payload["message"]["text"] == "done"


def test_nobody_taps_what_they_do_not_see(bot: WebClient, people: SandboxClient, app: App) -> None:
    row = [actions(button())]
    ts = bot.chat_postEphemeral(channel=TEAM, user=BEN, text="x", blocks=row)["message_ts"]
    with pytest.raises(Refused, match="message_not_found"):
        people.tap(ANA, TEAM, ts, "go")
    with pytest.raises(Refused, match="not_in_channel"):
        people.tap(BEN, ANA_DM, card(bot, button()), "go")
    people.tap(BEN, TEAM, ts, "go")
    assert [r.payload["container"]["is_ephemeral"] for r in app.received] == [True]


# -- response URLs -------------------------------------------------------------------------------------------------


@pytest.fixture
def url(people: SandboxClient, app: App) -> str:
    people.command(ANA, "/note", channel=TEAM)
    return app.last.form["response_url"]


def respond(http: httpx.Client, url: str, **answer: object) -> tuple[int, str]:
    told = http.post(url, json={"text": "x", **answer})
    return told.status_code, told.json().get("error", "")


def test_a_response_url_answers_the_person_alone(people: SandboxClient, http: httpx.Client, url: str) -> None:
    assert respond(http, url) == (200, "")
    assert seen(people, ANA, TEAM) == ["x"]
    assert seen(people, BEN, TEAM) == people.notifications() == []


def test_a_response_url_works_five_times(people: SandboxClient, http: httpx.Client, url: str) -> None:
    assert [respond(http, url) for _ in range(6)] == [(200, "")] * 5 + [(404, "used_url")]
    assert len(seen(people, ANA, TEAM)) == 5


def test_a_response_url_works_for_half_an_hour(http: httpx.Client, clock: TurnedClock, url: str) -> None:
    clock.advance(minutes=30)
    assert respond(http, url) == (200, "")
    clock.advance(seconds=1)
    assert respond(http, url) == (404, "expired_url")


def test_a_response_url_nobody_was_given_does_not_work(sandbox: Sandbox, http: httpx.Client) -> None:
    assert respond(http, "/response/else") == (404, "expired_url")


def test_a_response_url_may_answer_all_even_where_the_bot_is_not(
    people: SandboxClient, http: httpx.Client, app: App
) -> None:
    people.command(BEN, "/note", channel=SALES)
    assert respond(http, app.last.form["response_url"], response_type="in_channel") == (200, "")
    assert seen(people, BEN, SALES) == ["x"]


def test_a_response_url_is_held_to_the_limits(people: SandboxClient, http: httpx.Client, url: str) -> None:
    status, error = respond(http, url, blocks=[section()] * 51)
    assert (status, error) != (200, "")
    assert seen(people, ANA, TEAM) == []


def test_an_answer_to_a_command_is_held_to_the_limits(people: SandboxClient, app: App) -> None:
    app.will(Answer(body={"text": "x", "blocks": [section()] * 51}))
    with pytest.raises(Refused, match="invalid_blocks"):
        people.command(ANA, "/note")


def test_a_response_url_may_replace_the_message_tapped(
    bot: WebClient, people: SandboxClient, http: httpx.Client, app: App
) -> None:
    tapped(people, card(bot, button()))
    respond(http, app.last.payload["response_url"], replace_original=True, text="done")
    (message,) = people.sees(ANA)["messages"]
    assert (message["text"], message["blocks"], message["edits"]) == ("done", [], 1)
    assert [n["text"] for n in people.notifications()] == ["card"]


def test_a_response_url_may_delete_the_message_tapped(
    bot: WebClient, people: SandboxClient, http: httpx.Client, app: App
) -> None:
    tapped(people, card(bot, button()))
    respond(http, app.last.payload["response_url"], delete_original=True)
    assert seen(people) == []


# -- events --------------------------------------------------------------------------------------------------------


def test_a_direct_message_is_an_event(people: SandboxClient, app: App) -> None:
    people.say(ANA, "Hello")
    told = app.last.event
    event = told["event"]
    assert (told["type"], told["team_id"]) == ("event_callback", "T0SANDBOX")
    assert (event["type"], event["channel_type"], event["user"], event["text"]) == ("message", "im", ANA, "Hello")
    assert event["ts"] == people.sees(ANA)["messages"][0]["ts"]


def test_an_event_the_manifest_does_not_name_is_not_sent(people: SandboxClient, app: App) -> None:
    people.set_up({"manifest": manifest(events=())})
    assert people.say(ANA, "Hello") == people.home(ANA) == {}
    assert app.received == []
    assert seen(people) == ["Hello"]


def test_events_have_ids_of_their_own(people: SandboxClient, app: App) -> None:
    people.say(ANA, "one")
    people.say(ANA, "two")
    assert len({r.event["event_id"] for r in app.received}) == 2


def test_an_event_is_sent_three_times_more(people: SandboxClient, app: App) -> None:
    app.always = FAILS
    assert people.say(ANA, "Hello")["status"] == 500
    assert [r.headers.get("x-slack-retry-num") for r in app.received] == [None, "1", "2", "3"]
    assert [r.headers.get("x-slack-retry-reason") for r in app.received] == [None, *["http_error"] * 3]
    assert len({r.event["event_id"] for r in app.received}) == 1


def test_an_event_is_sent_until_it_is_acknowledged(people: SandboxClient, app: App) -> None:
    app.will(FAILS, FAILS)
    assert people.say(ANA, "Hello")["status"] == 200
    assert [r.headers.get("x-slack-retry-num") for r in app.received] == [None, "1", "2"]


def test_an_app_may_decline_more_retries(people: SandboxClient, app: App) -> None:
    app.always = Answer(500, headers={"X-Slack-No-Retry": "1"})
    people.say(ANA, "Hello")
    assert len(app.received) == 1


def test_a_command_is_not_sent_again(people: SandboxClient, app: App) -> None:
    app.always = FAILS
    people.command(ANA, "/note")
    assert len(app.received) == 1


def test_nobody_sees_that_an_event_failed(people: SandboxClient, app: App) -> None:
    app.always = FAILS
    people.say(ANA, "Hello")
    assert seen(people) == ["Hello"]


def test_the_last_request_may_be_delivered_again(bot: WebClient, people: SandboxClient, app: App) -> None:
    tapped(people, card(bot, button()))
    assert people.again()["status"] == 200
    first, second = app.received
    assert (first.body, first.headers["content-type"]) == (second.body, second.headers["content-type"])
    assert [r.headers.get("x-slack-retry-num") for r in app.received] == [None, "1"]


def test_an_event_may_be_delivered_again(people: SandboxClient, app: App) -> None:
    people.say(ANA, "Hello")
    people.again()
    first, second = app.received
    assert json.loads(first.body) == json.loads(second.body)
    assert second.headers["x-slack-retry-reason"] == "http_timeout"
