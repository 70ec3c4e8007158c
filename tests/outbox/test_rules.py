"""What an answer of Slack means for a message, and how long to wait before trying again."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.outbox.rules import Ambiguous, Dead, Halt, Outcome, RetryAfter, classify_error, retry_delay

NO_ANSWER = "Received a response in a non-JSON format: <!DOCTYPE html>"
ANSWERS: dict[str, tuple[str, int, Outcome]] = {
    "too fast, by status": ("", 429, RetryAfter(30)),
    "too fast, by code": ("ratelimited", 200, RetryAfter(30)),
    "too fast, by the older code": ("rate_limited", 200, RetryAfter(30)),
    "Slack may have done part of it": ("internal_error", 200, Ambiguous("internal_error")),
    "or all of it": ("fatal_error", 200, Ambiguous("fatal_error")),
    "or may be at it": ("request_timeout", 200, Ambiguous("request_timeout")),
    "a server error": ("", 500, Ambiguous("http_500")),
    "a gateway that waited in vain": ("", 504, Ambiguous("http_504")),
    "a server error that names a lasting reason": ("channel_not_found", 503, Ambiguous("channel_not_found")),
    "a server error that says it is down": ("service_unavailable", 503, Ambiguous("service_unavailable")),
    "200 with a page": (NO_ANSWER, 200, Ambiguous("unreadable_answer")),
    "200 with nothing": ("", 200, Ambiguous("unreadable_answer")),
    "a proxy's 404": ("", 404, Ambiguous("unreadable_answer")),
    "no such channel": ("channel_not_found", 200, Dead("channel_not_found")),
    "archived": ("is_archived", 200, Dead("is_archived")),
    "not in the channel": ("not_in_channel", 200, Dead("not_in_channel")),
    "a broken card": ("invalid_blocks", 200, Dead("invalid_blocks")),
    "too long": ("msg_too_long", 200, Dead("msg_too_long")),
    "a code nobody knows yet": ("some_new_reason_2", 200, Dead("some_new_reason_2")),
    "a revoked token": ("token_revoked", 200, Halt("token_revoked")),
    "a wrong token": ("invalid_auth", 200, Halt("invalid_auth")),
    "a wrong token, by status": ("invalid_auth", 401, Halt("invalid_auth")),
    "a scope is missing": ("missing_scope", 200, Halt("missing_scope")),
    "the account is gone": ("account_inactive", 200, Halt("account_inactive")),
    "down, and not taken": ("service_unavailable", 200, RetryAfter(30)),
}


@pytest.mark.parametrize("error, status, outcome", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_means(error: str, status: int, outcome: Outcome) -> None:
    assert classify_error(error, status, {}) == outcome


@given(st.text(), st.integers(500, 599))
@settings(max_examples=100, deadline=None)
def test_no_server_error_lets_a_message_be_posted_again_unseen(error: str, status: int) -> None:
    if error not in ("ratelimited", "rate_limited"):
        assert isinstance(classify_error(error, status, {}), Ambiguous)


@pytest.mark.parametrize("name", ["Retry-After", "retry-after", "RETRY-AFTER"])
def test_slack_is_obeyed_whatever_the_case_of_its_header(name: str) -> None:
    assert classify_error("ratelimited", 429, {"Date": "x", name: "7"}) == RetryAfter(7)


@pytest.mark.parametrize(
    "value, seconds",
    [
        ("0", 1),
        ("-5", 1),
        ("1.5", 1.5),
        ("", 30),
        ("soon", 30),
        ("Wed, 25 Nov 2026 07:28:00 GMT", 30),
        ("inf", 30),
    ],
)
def test_a_wait_that_makes_no_sense_becomes_one_that_does(value: str, seconds: float) -> None:
    assert classify_error("ratelimited", 429, {"Retry-After": value}) == RetryAfter(seconds)


@pytest.mark.parametrize("attempts, seconds", [(0, 2), (1, 2), (2, 4), (3, 8), (9, 512), (10, 900), (10_000, 900)])
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(attempts: int, seconds: int) -> None:
    assert retry_delay(attempts) == timedelta(seconds=seconds)


@given(st.integers(-10, 10**9))
@settings(max_examples=100, deadline=None)
def test_waits_never_shrink_and_stay_in_bounds(attempts: int) -> None:
    wait, next_wait = retry_delay(attempts), retry_delay(attempts + 1)
    assert timedelta(seconds=2) <= wait <= next_wait <= timedelta(minutes=15)
