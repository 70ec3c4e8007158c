"""Slack's rate limits, on a clock that one turns."""

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import SandboxClient
from sandbox.slack import Sandbox
from tests.conftest import TurnedClock
from tests.sandbox.conftest import ANA, ANA_DM, BEN, LOUNGE, TEAM, TOKEN, Json


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.unlimited = False
    return sandbox


class Caller:
    """Calls with one connection, for there are hundreds of calls; says when to try again, or 0 when it was taken."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def __call__(self, method: str, **arguments: str) -> int:
        bearer = {"Authorization": f"Bearer {TOKEN}", "Connection": "close"}
        answer = self.http.post(f"/api/{method}", json=arguments, headers=bearer)
        if answer.status_code == 200:
            assert answer.json()["ok"], answer.text
            return 0
        assert (answer.status_code, answer.json()["error"]) == (429, "ratelimited")
        return int(answer.headers["Retry-After"])

    def post(self, channel: str) -> int:
        return self("chat.postMessage", channel=channel, text="x")


@pytest.fixture
def call(sandbox: Sandbox, http: httpx.Client) -> Caller:
    return Caller(http)


def test_a_call_too_many_gets_429_and_when_to_try_again(sandbox: Sandbox, bot: WebClient) -> None:
    bot.chat_postMessage(channel=TEAM, text="one")
    with pytest.raises(SlackApiError) as refused:
        bot.chat_postMessage(channel=TEAM, text="two")
    told = refused.value.response
    assert (told.status_code, told["error"], told.headers["Retry-After"]) == (429, "ratelimited", "1")


def test_one_a_second_in_a_conversation_without_burst(call: Caller, clock: TurnedClock) -> None:
    assert [call.post(TEAM), call.post(TEAM)] == [0, 1]
    clock.advance(seconds=0.9)
    assert call.post(TEAM) == 1
    clock.advance(seconds=0.1)
    assert [call.post(TEAM), call.post(TEAM)] == [0, 1]


def test_a_long_silence_saves_up_no_burst(call: Caller, clock: TurnedClock) -> None:
    call.post(TEAM)
    clock.advance(minutes=10)
    assert [call.post(TEAM), call.post(TEAM)] == [0, 1]


def test_conversations_do_not_wait_for_one_another(call: Caller) -> None:
    assert [call.post(place) for place in (TEAM, LOUNGE, ANA, BEN)] == [0, 0, 0, 0]


def test_a_person_and_their_direct_messages_are_one_conversation(call: Caller) -> None:
    assert [call.post(ANA), call.post(ANA_DM)] == [0, 1]


def test_a_person_of_an_enterprise_and_their_direct_messages_are_one_conversation(
    people: SandboxClient, call: Caller
) -> None:
    people.set_up({"users": [{"id": "WEVE", "name": "eve", "real_name": "Eve", "email": "eve@helix.example"}]})
    place = "DEVE"
    assert [call.post("WEVE"), call.post(place)] == [0, 1]


def test_a_thread_does_not_make_a_conversation_of_its_own(sandbox: Sandbox, bot: WebClient, call: Caller) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="x")["ts"]
    assert call("chat.postMessage", channel=TEAM, text="y", thread_ts=ts) == 1


def test_a_workspace_takes_300_posts_a_minute(people: SandboxClient, call: Caller, clock: TurnedClock) -> None:
    crowd: list[Json] = [
        {"id": f"UX{n}", "name": f"x{n}", "real_name": "X", "email": f"x{n}@helix.example"} for n in range(301)
    ]
    people.set_up({"users": crowd})
    assert [call.post(user["id"]) for user in crowd] == [0] * 300 + [60]
    clock.advance(seconds=45)
    assert call.post("UX300") == 15
    clock.advance(seconds=15)
    assert call.post("UX300") == 0


@pytest.mark.parametrize(
    ("method", "arguments", "a_minute"),
    [
        ("conversations.list", {}, 20),
        ("users.list", {}, 20),
        ("users.lookupByEmail", {"email": "ana@helix.example"}, 50),
        ("conversations.open", {"users": ANA}, 50),
        ("conversations.history", {"channel": TEAM}, 50),
        ("users.info", {"user": ANA}, 100),
        ("conversations.members", {"channel": TEAM}, 100),
    ],
)
def test_a_method_has_its_tier(call: Caller, method: str, arguments: dict[str, str], a_minute: int) -> None:
    assert [call(method, **arguments) for _ in range(a_minute + 1)] == [0] * a_minute + [60]


def test_an_edit_is_of_the_third_tier(sandbox: Sandbox, bot: WebClient, call: Caller) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="x")["ts"]
    assert [call("chat.update", channel=TEAM, ts=ts, text="y") for _ in range(51)] == [0] * 50 + [60]


def test_the_minute_slides(call: Caller, clock: TurnedClock) -> None:
    early = [call("users.list") for _ in range(15)]
    clock.advance(seconds=40)
    late = [call("users.list") for _ in range(6)]
    assert early + late == [0] * 20 + [20]
    clock.advance(seconds=20)  # the fifteen are a minute old, the five are not
    assert [call("users.list") for _ in range(16)] == [0] * 15 + [40]


def test_only_the_method_is_blocked(call: Caller) -> None:
    assert [call("users.list") for _ in range(21)][-1] > 0
    assert call("conversations.list") == 0
    assert call.post(TEAM) == 0


def test_waiting_as_long_as_told_is_enough(call: Caller, clock: TurnedClock) -> None:
    for _ in range(20):
        call("users.list")
        clock.advance(seconds=0.3)
    clock.advance(seconds=call("users.list"))
    assert call("users.list") == 0


def test_refused_calls_do_not_count(call: Caller, clock: TurnedClock) -> None:
    assert [bool(call("users.list")) for _ in range(30)] == [False] * 20 + [True] * 10
    clock.advance(seconds=60)
    assert [bool(call("users.list")) for _ in range(21)] == [False] * 20 + [True]


def test_a_refused_post_does_not_put_the_next_off(call: Caller, clock: TurnedClock) -> None:
    call.post(TEAM)
    for _ in range(4):
        clock.advance(seconds=0.25)
        told = call.post(TEAM)
    assert told == 0


def test_a_refused_post_is_not_said(call: Caller, people: SandboxClient) -> None:
    call.post(TEAM)
    call.post(TEAM)
    assert len(people.messages()) == 1


def test_ephemerals_have_their_own_limit(sandbox: Sandbox, bot: WebClient, call: Caller) -> None:
    told = [call("chat.postEphemeral", channel=TEAM, user=ANA, text="x") for _ in range(101)]
    assert told == [0] * 100 + [60]
    assert call.post(TEAM) == 0


def test_a_workspace_may_be_without_limits(people: SandboxClient, call: Caller) -> None:
    people.set_up({"unlimited": True})
    assert [call.post(TEAM) for _ in range(3)] == [0, 0, 0]
