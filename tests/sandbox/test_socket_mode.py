"""Socket Mode in the sandbox and in Tandem: the same app without a public address."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.app import create_app
from bot.manifest import manifest
from bot.socket_mode import connected as socket
from config.settings import Commands
from sandbox.delivery import FORM, signature
from tests.conftest import TurnedClock
from tests.world import World, words, world

LIAM = "U04"


@contextmanager
def connected(url: str, clock: TurnedClock, connections: int = 1) -> Iterator[World]:
    """Tandem over Socket Mode, with no signing secret."""
    with world(url, clock, slack_app_token="xapp-sandbox") as here:
        here.slack.set_up(
            {"manifest": manifest(Commands()), "app_url": "http://127.0.0.1:9/nowhere", "unlimited": True}
        )
        app = create_app(here.services)
        with ExitStack() as stack:
            for _ in range(connections):
                stack.enter_context(socket(app, here.services.settings))
            yield here


def test_commands_taps_forms_and_events_come_over_the_socket(sqlite_url: str, clock: TurnedClock) -> None:
    with connected(sqlite_url, clock) as here:
        here.lead(country="Ireland")
        here.deliver()
        assert "1 open lead" in str(here.slack.command(LIAM, "/lead", "mine")["body"])
        here.tap(LIAM, "lead_accept")
        here.deliver()
        assert "✓ Yours since" in words(here.cards(LIAM)[0])
        here.tap(LIAM, "lead_no_answer")
        here.slack.submit(LIAM)
        here.deliver()
        assert "Tried once" in words(here.cards(LIAM)[0])
        here.slack.home(LIAM)
        here.deliver()
        assert "Your open leads" in str(here.slack.sees(LIAM)["home"])
        here.slack.shortcut(LIAM, "lead_mine")
        assert here.slack.sees(LIAM)["modal"]["title"]["text"] == "My leads"


def test_any_of_two_connections_may_get_a_payload(sqlite_url: str, clock: TurnedClock) -> None:
    with connected(sqlite_url, clock, connections=2) as here:
        answers = {here.slack.command(LIAM, "/tandem", "help")["status"] for _ in range(8)}
        assert answers == {200}


def test_without_a_connection_nothing_is_acknowledged(sqlite_url: str, clock: TurnedClock) -> None:
    with connected(sqlite_url, clock, connections=0) as here:
        assert here.slack.command(LIAM, "/lead", "mine")["status"] is None


def test_a_wrong_app_token_is_refused(sqlite_url: str, clock: TurnedClock) -> None:
    with connected(sqlite_url, clock, connections=0) as here:
        client = WebClient("xapp-wrong", base_url=here.services.settings.slack_api_url)
        with pytest.raises(SlackApiError, match="invalid_auth"):
            client.apps_connections_open(app_token="xapp-wrong")


def test_over_http_nobody_is_slack_without_a_signing_secret(sqlite_url: str, clock: TurnedClock) -> None:
    """Anybody could sign with an empty secret."""
    with world(sqlite_url, clock, slack_app_token="xapp-sandbox", slack_signing_secret="") as here:
        body = b"command=%2Flead&text=mine&user_id=U04&team_id=T0SANDBOX"
        headers = {"Content-Type": FORM, **signature("", body)}
        assert httpx.post(f"{here.app_url}/slack/events", content=body, headers=headers).status_code == 401


def test_an_event_delivered_again_is_answered_once(sqlite_url: str, clock: TurnedClock) -> None:
    with connected(sqlite_url, clock) as here:
        here.slack.say(LIAM, "hello")
        assert here.slack.again()["status"] == 200
        here.deliver()
        assert len(here.cards(LIAM)) == 1
