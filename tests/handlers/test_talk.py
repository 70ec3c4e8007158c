"""Somebody writes to Tandem: one short answer each, however often Slack delivers it."""

import json
from collections.abc import Iterator

import pytest

from tests.conftest import TurnedClock
from tests.world import World, world

LIAM, NELL = "U04", "U91"
SHORT = "I can't read messages yet, but I know these commands: `/lead mine`, `/lead find`, `/tandem help`."


@pytest.fixture
def here(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock) as made:
        yield made


def heard(here: World, user: str) -> list[str]:
    here.deliver()
    return [m["text"] for m in here.cards(user)]


def test_a_direct_message_gets_one_answer(here: World) -> None:
    assert here.slack.say(LIAM, "What about Dr. Weber?")["status"] == 200
    assert heard(here, LIAM) == [SHORT]


def test_a_redelivered_message_gets_no_second_answer(here: World) -> None:
    here.slack.say(LIAM, "hello")
    heard(here, LIAM)
    for _ in range(3):
        assert here.slack.again()["status"] == 200
    assert heard(here, LIAM) == [SHORT]
    here.slack.say(LIAM, "hello again")
    assert heard(here, LIAM) == [SHORT] * 2


def test_a_stranger_is_told_whom_to_ask(here: World) -> None:
    here.slack.say(NELL, "<!channel>")
    (told,) = heard(here, NELL)
    assert "Please ask Petra Sommer to add you" in told


def test_an_answer_an_hour_late_is_not_given(here: World) -> None:
    here.slack.say(LIAM, "hello")
    here.clock.advance(minutes=61)
    assert heard(here, LIAM) == []


def test_what_is_not_said_to_us_is_not_answered(here: World) -> None:
    for number, event in enumerate(
        (
            {"channel_type": "channel", "user": LIAM, "text": "x"},
            {"channel_type": "im", "user": "U0BOT", "bot_id": "B0BOT", "text": "from a bot"},
            {"channel_type": "im", "user": LIAM, "subtype": "message_changed", "text": "x"},
            {"channel_type": "im", "subtype": "message_deleted"},
        )
    ):
        told = {"type": "message", "channel": "D04", "ts": "1.0", **event}
        body = {"team_id": "T0SANDBOX", "type": "event_callback", "event_id": f"Ev{number}", "event": told}
        assert here.slack.raw(json.dumps(body), "application/json", {})["status"] == 200
    here.deliver()
    assert here.slack.messages() == []
