"""Faults that a test orders: what the caller hears, and what became of the call."""

import time

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import ConnectionErrorRetryHandler, FixedValueRetryIntervalCalculator

from sandbox.client import SandboxClient
from sandbox.clock import Time
from sandbox.slack import Sandbox
from tests.conftest import TurnedClock
from tests.sandbox.conftest import ANA, TEAM, TOKEN, Json, error_of

BEARER = {"Authorization": f"Bearer {TOKEN}"}
POST = "chat.postMessage"


def post(http: httpx.Client) -> httpx.Response:
    return http.post(f"/api/{POST}", json={"channel": TEAM, "text": "x"}, headers=BEARER)


def struck(bot: WebClient, calls: int) -> list[bool]:
    return [error_of(bot.auth_test) == "fatal_error" for _ in range(calls)]


def said(people: SandboxClient) -> int:
    return len(people.messages())


def wait_for(people: SandboxClient, messages: int) -> bool:
    """Whether so many messages stand within a second, without a call to the Web API."""
    until = time.monotonic() + 1
    while said(people) < messages and time.monotonic() < until:
        time.sleep(0.01)
    return said(people) == messages


# -- the call is not accepted --------------------------------------------------------------------------------------


def test_429_says_when_to_try_again(people: SandboxClient, bot: WebClient) -> None:
    people.faults({"fault": "429", "method": POST, "seconds": 7, "times": 1})
    with pytest.raises(SlackApiError) as refused:
        bot.chat_postMessage(channel=TEAM, text="x")
    told = refused.value.response
    assert (told.status_code, told["error"], told.headers["Retry-After"]) == (429, "ratelimited", "7")
    assert said(people) == 0


def test_500_is_not_json(people: SandboxClient, http: httpx.Client) -> None:
    people.faults({"fault": "500", "method": POST, "times": 1})
    answer = post(http)
    assert (answer.status_code, answer.text) == (500, "upstream connect error")
    assert said(people) == 0


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "token_revoked"])
def test_an_error_has_the_code_given(people: SandboxClient, bot: WebClient, code: str) -> None:
    people.faults({"fault": "error", "method": POST, "code": code, "times": 1})
    assert error_of(bot.chat_postMessage, channel=TEAM, text="x") == code
    assert said(people) == 0


def test_a_drop_ends_the_connection_before_the_call_is_accepted(people: SandboxClient, http: httpx.Client) -> None:
    people.faults({"fault": "drop", "method": POST, "times": 1})
    with pytest.raises(httpx.TransportError):
        post(http)
    assert said(people) == 0


# -- the call is accepted ------------------------------------------------------------------------------------------


def test_accept_and_drop_loses_only_the_answer(people: SandboxClient, http: httpx.Client) -> None:
    people.faults({"fault": "accept_and_drop", "method": POST, "times": 1})
    with pytest.raises(httpx.TransportError):
        post(http)
    assert said(people) == 1


def test_a_client_that_tries_again_by_itself_posts_twice(
    sandbox: Sandbox, people: SandboxClient, bot: WebClient
) -> None:
    people.faults({"fault": "accept_and_drop", "method": POST, "times": 1})
    again = ConnectionErrorRetryHandler(interval_calculator=FixedValueRetryIntervalCalculator(0.0))
    eager = WebClient(TOKEN, base_url=bot.base_url, retry_handlers=[again])
    assert error_of(eager.chat_postMessage, channel=TEAM, text="x") == ""
    assert said(people) == 2


def test_a_client_that_does_not_try_again_hears_of_the_drop(people: SandboxClient, bot: WebClient) -> None:
    people.faults({"fault": "accept_and_drop", "method": POST, "times": 1})
    with pytest.raises(OSError):
        bot.chat_postMessage(channel=TEAM, text="x")
    assert said(people) == 1


def test_accept_late_says_it_only_later(people: SandboxClient, http: httpx.Client, clock: TurnedClock) -> None:
    people.faults({"fault": "accept_late", "method": POST, "seconds": 5, "times": 1}, seed=1)
    with pytest.raises(httpx.TransportError):
        post(http)
    assert said(people) == 0
    clock.advance(seconds=5)
    assert http.post("/api/api.test", headers=BEARER).json()["ok"]
    assert said(people) == 1


def test_what_is_accepted_late_comes_in_the_background_too(
    people: SandboxClient, http: httpx.Client, clock: TurnedClock
) -> None:
    people.faults({"fault": "accept_late", "method": POST, "seconds": 5, "times": 1}, seed=1)
    with pytest.raises(httpx.TransportError):
        post(http)
    clock.advance(seconds=5)
    assert wait_for(people, 1)


def test_accept_late_is_never_later_than_five_seconds(
    people: SandboxClient, http: httpx.Client, clock: TurnedClock
) -> None:
    people.faults({"fault": "accept_late", "method": POST, "seconds": 600, "times": 20})
    for _ in range(20):
        with pytest.raises(httpx.TransportError):
            post(http)
    clock.advance(seconds=2.5)
    http.post("/api/api.test", headers=BEARER)
    assert 0 < said(people) < 20
    clock.advance(seconds=2.5)
    http.post("/api/api.test", headers=BEARER)
    assert said(people) == 20


def test_latency_delays_the_answer(sandbox: Sandbox, people: SandboxClient, http: httpx.Client) -> None:
    sandbox.time = Time()
    people.faults({"fault": "latency", "method": POST, "seconds": 0.2, "times": 1})
    began = time.monotonic()
    assert post(http).json()["ok"]
    assert 0.2 <= time.monotonic() - began < 1
    assert said(people) == 1


def test_latency_runs_on_the_clock(sandbox: Sandbox, people: SandboxClient, http: httpx.Client) -> None:
    sandbox.time = Time(rate=1000)
    people.faults({"fault": "latency", "method": POST, "seconds": 60, "times": 1})
    began = time.monotonic()
    assert post(http).json()["ok"]
    assert 0.06 <= time.monotonic() - began < 1


def test_a_call_that_is_given_up_may_be_accepted_all_the_same(
    sandbox: Sandbox, people: SandboxClient, http: httpx.Client
) -> None:
    sandbox.time = Time()
    people.faults({"fault": "latency", "method": POST, "seconds": 0.15, "times": 1})
    with pytest.raises(httpx.ReadTimeout):
        http.post(f"/api/{POST}", json={"channel": TEAM, "text": "x"}, headers=BEARER, timeout=0.05)
    assert wait_for(people, 1)


# -- which calls -----------------------------------------------------------------------------------------------------


def test_a_fault_strikes_so_many_times(people: SandboxClient, bot: WebClient) -> None:
    people.faults({"fault": "error", "code": "fatal_error", "times": 2})
    assert struck(bot, 4) == [True, True, False, False]


def test_a_fault_strikes_its_method_only(people: SandboxClient, bot: WebClient) -> None:
    people.faults({"fault": "error", "code": "fatal_error", "method": POST})
    assert struck(bot, 2) == [False, False]
    assert error_of(bot.chat_postMessage, channel=TEAM, text="x") == "fatal_error"


def test_a_fault_may_strike_every_method(people: SandboxClient, bot: WebClient) -> None:
    people.faults({"fault": "error", "code": "fatal_error", "method": "*"})
    assert struck(bot, 2) == [True, True]
    assert error_of(bot.users_info, user=ANA) == "fatal_error"


def test_a_fault_strikes_its_share_of_the_calls(people: SandboxClient, bot: WebClient) -> None:
    people.faults({"fault": "error", "code": "fatal_error", "share": 0.3}, seed=7)
    assert 40 <= sum(struck(bot, 200)) <= 80


def test_the_same_seed_strikes_the_same_calls(people: SandboxClient, bot: WebClient) -> None:
    script: Json = {"fault": "error", "code": "fatal_error", "share": 0.5}
    rounds = []
    for seed in (7, 7, 8):
        people.faults(script, seed=seed)
        rounds.append(struck(bot, 30))
    assert rounds[0] == rounds[1] != rounds[2]


def test_faults_follow_one_another(people: SandboxClient, bot: WebClient) -> None:
    people.faults(
        {"fault": "error", "code": "internal_error", "times": 1}, {"fault": "error", "code": "fatal_error", "times": 1}
    )
    assert [error_of(bot.auth_test) for _ in range(3)] == ["internal_error", "fatal_error", ""]


def test_faults_are_called_off(people: SandboxClient, bot: WebClient) -> None:
    people.faults({"fault": "error", "code": "fatal_error"})
    people.faults()
    assert struck(bot, 3) == [False, False, False]
