"""A workspace on a clock that one turns, the bot's token, the people, and an app of the tests' own.

One sandbox is served for all tests, and begun anew for each: starting and stopping a server takes longer than a test.
"""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import SandboxClient
from sandbox.clock import Time
from sandbox.server import Running
from sandbox.slack import Sandbox
from tests.conftest import TurnedClock
from tests.sandbox import app as apps
from tests.sandbox.app import App

Json = dict[str, Any]
TOKEN = "xoxb-sandbox"
SCOPES = (
    "chat:write commands im:write im:history channels:history groups:history channels:read groups:read channels:join "
    "users:read users:read.email reactions:write reactions:read files:write files:read"
).split()
ANA, BEN, GIL = "UANA", "UBEN", "UGIL"
ANA_DM, BEN_DM = "DANA", "DBEN"
TEAM, SALES, BOARD, LOUNGE = "CTEAM", "CSALES", "CBOARD", "CLOUNGE"
USERS: list[Json] = [
    {"id": ANA, "name": "ana", "real_name": "Ana Costa", "email": "ana@helix.example", "tz": "Europe/Lisbon"},
    {"id": BEN, "name": "ben", "real_name": "Ben Roth", "email": "ben@helix.example"},
    {"id": GIL, "name": "gil", "real_name": "Gil Guest", "email": "gil@else.example", "is_restricted": True},
    {"id": "UPAT", "name": "pat", "real_name": "Pat Partner", "email": "pat@p.example", "team_id": "T0ELSE"},
    {"id": "UOLD", "name": "old", "real_name": "Olga Old", "email": "olga@helix.example", "deleted": True},
]
CHANNELS: list[Json] = [
    {"id": TEAM, "name": "team", "members": [ANA, BEN]},
    {"id": SALES, "name": "sales", "members": [BEN], "bot": False},
    {"id": BOARD, "name": "board", "members": [ANA], "bot": False, "is_private": True},
    {"id": LOUNGE, "name": "lounge", "members": [ANA], "is_private": True},
]
MANIFEST: Json = {
    "features": {"slash_commands": [{"command": "/note"}]},
    "oauth_config": {"scopes": {"bot": SCOPES}},
    "settings": {"event_subscriptions": {"bot_events": ["message.im", "app_home_opened"]}},
}


def manifest(*, scopes: list[str] = SCOPES, events: tuple[str, ...] = ("message.im", "app_home_opened")) -> Json:
    return {
        **MANIFEST,
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {"event_subscriptions": {"bot_events": list(events)}},
    }


def error_of(call: Callable[..., Any], /, *args: Any, **arguments: Any) -> str:
    """Slack's error code for this call; empty when it is taken."""
    try:
        call(*args, **arguments)
    except SlackApiError as refused:
        return str(refused.response["error"])
    return ""


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    running = Running(Sandbox())
    # Without this every control call on a kept connection waits 40 ms for a delayed acknowledgement of TCP.
    running._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with running as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def served_app() -> Iterator[App]:
    with apps.serving() as app:
        yield app


@pytest.fixture(scope="session")
def people_of_all(served: Sandbox) -> Iterator[SandboxClient]:
    people = SandboxClient(served.base_url)
    yield people
    people.close()


@pytest.fixture(scope="session")
def http(served: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.base_url, timeout=10) as client:
        yield client


@pytest.fixture
def app(served_app: App) -> App:
    served_app.anew()
    return served_app


@pytest.fixture
def sandbox(served: Sandbox, app: App, clock: TurnedClock) -> Sandbox:
    """A workspace without rate limits, on a clock that stands still."""
    time = Time(clock.tell, rate=0)
    kept: Json = {"base_url": served.base_url, "http": served.http}
    Sandbox.__init__(served, time=time, app_url=app.url, unlimited=True, **kept)
    served.set_up({"users": USERS, "channels": CHANNELS, "manifest": MANIFEST})
    return served


@pytest.fixture
def people(sandbox: Sandbox, people_of_all: SandboxClient) -> SandboxClient:
    return people_of_all


@pytest.fixture
def bot(sandbox: Sandbox) -> WebClient:
    return WebClient(TOKEN, base_url=f"{sandbox.base_url}/api/", retry_handlers=[])
