"""The sandbox itself: the workspace, its time, its faults, and the app that it talks to."""

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from sandbox.clock import Time
from sandbox.delivery import Delivery
from sandbox.errors import SlackError
from sandbox.faults import Faults
from sandbox.limits import check_message, limits
from sandbox.rates import Rates
from sandbox.sockets import Sockets
from sandbox.state import Channel, Command, Message, Shortcut, User, Workspace
from sandbox.web_api import METHODS, refuse, with_ids

Json = dict[str, Any]


@dataclass
class Trigger:
    user: str
    born: float  # real seconds: a trigger dies after three of them whatever the clock says
    spent: bool = False


@dataclass
class ResponseUrl:
    user: str
    channel: str
    born: float
    uses: int = 0
    message_ts: str | None = None


@dataclass
class Sandbox:
    workspace: Workspace = field(default_factory=Workspace)
    time: Time = field(default_factory=Time)
    faults: Faults = field(default_factory=Faults)
    rates: Rates = field(default_factory=Rates)
    base_url: str = ""
    app_url: str = ""
    history_lag: float = 0.0
    unlimited: bool = False  # without rate limits, for tests of other things
    patience: float = 1.0  # how many times Slack's three real seconds an app and a trigger get, on a busy machine
    zone: str = "UTC"  # where the company's working days begin
    visitor: str = ""  # whom one acts as at first
    hints: list[str] = field(default_factory=list)  # what a visitor may try, shown on the page
    kept_in: Path | None = None  # a file that outlives the process
    revision: int = 0
    calls: list[tuple[float, str, str]] = field(default_factory=list)
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=30))
    _triggers: dict[str, Trigger] = field(default_factory=dict)
    _response_urls: dict[str, ResponseUrl] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.delivery = Delivery(self)
        self.sockets = Sockets(self)

    # -- the Web API ---------------------------------------------------------------------------------------------

    def call(self, name: str, arguments: Json, token: str | None) -> Json:
        """Answer one Web API call. Raises SlackError for Slack's `ok: false`."""
        self.time.pump()
        if name not in METHODS:
            raise SlackError("unknown_method")
        if token is None:
            raise SlackError("not_authed")
        wanted = self.workspace.app_token if name == "apps.connections.open" else self.workspace.token
        if token != wanted:
            raise SlackError("invalid_auth")
        scope, function = METHODS[name]
        if scope:
            self.need_scope(scope)
        channel = self._conversation(arguments)
        if not self.unlimited:
            self.rates.check(name, channel, self.time.now())
        answer = function(self, arguments)
        self.calls.append((self.time.now(), name, str(answer.get("channel") or "")))
        self.changed()
        return {"ok": True, **answer}

    def need_scope(self, scope: str) -> None:
        if scope not in self.workspace.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.workspace.scopes)))

    def _conversation(self, arguments: Json) -> str | None:
        channel = arguments.get("channel")
        return "D" + channel[1:] if isinstance(channel, str) and channel.startswith(("U", "W")) else channel

    # -- what stands in conversations ----------------------------------------------------------------------------

    def say_as_bot(
        self, channel: str, *, text: str, blocks: list[Json], metadata: Json | None, thread_ts: str | None
    ) -> Message:
        now = self.time.now()
        message = Message(
            channel, self.workspace.new_ts(now), self.workspace.bot_user, text, blocks, metadata, thread_ts
        )
        message.visible_at = now + self.history_lag
        self.changed()
        return self.workspace.post(message, now)

    def whisper(self, channel: str, user: str, text: str, blocks: list[Json], sender: str | None = None) -> Message:
        """An ephemeral message: only `user` sees it, and nobody is notified."""
        now = self.time.now()
        blocks = with_ids(blocks)
        message = Message(channel, self.workspace.new_ts(now), sender or self.workspace.bot_user, text, blocks)
        message.ephemeral_to = user
        self.changed()
        return self.workspace.post(message, now)

    @property
    def ack_seconds(self) -> float:
        """Within how many real seconds the app acknowledges what it is sent."""
        return float(limits()["timing"]["ack_seconds"] * self.patience)

    # -- triggers and response URLs ------------------------------------------------------------------------------

    def new_trigger(self, user: str) -> str:
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, time.monotonic())
        return trigger_id

    def spend_trigger(self, arguments: Json) -> str:
        """The user of a trigger, which lives three seconds and opens one view."""
        trigger = self._triggers.get(str(arguments.get("trigger_id")))
        if trigger is None:
            raise SlackError("invalid_trigger_id" if arguments.get("trigger_id") else "invalid_arguments")
        if trigger.spent:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() - trigger.born > limits()["timing"]["trigger_id_seconds"] * self.patience:
            raise SlackError("expired_trigger_id")
        trigger.spent = True
        return trigger.user

    def new_response_url(self, user: str, channel: str, message_ts: str | None = None) -> str:
        key = secrets.token_urlsafe(18)
        self._response_urls[key] = ResponseUrl(user, channel, self.time.now(), message_ts=message_ts)
        return f"{self.base_url}/response/{key}"

    def respond(self, key: str, answer: Json) -> Json:
        """What an app posts to a response URL: five times within half an hour."""
        found = self._response_urls.get(key)
        timing = limits()["timing"]
        if found is None or self.time.now() - found.born > timing["response_url_minutes"] * 60:
            raise SlackError("expired_url")
        if found.uses >= timing["response_url_uses"]:
            raise SlackError("used_url")
        if not answer.get("delete_original"):
            refuse(check_message(answer))
        found.uses += 1
        self.changed()
        if answer.get("delete_original") and found.message_ts:
            message = self.workspace.message(found.channel, found.message_ts)
            self.workspace.messages[found.channel].remove(message)
        elif answer.get("replace_original") and found.message_ts:
            message = self.workspace.message(found.channel, found.message_ts)
            message.change(answer.get("text", ""), answer.get("blocks") or [])
        else:
            self.answer_in(found.channel, found.user, answer)
        return {"ok": True}

    def answer_in(self, channel: str, user: str, answer: Json) -> None:
        refuse(check_message(answer))
        text, blocks = answer.get("text") or "", answer.get("blocks") or []
        if answer.get("response_type") == "in_channel":
            self.say_as_bot(channel, text=text, blocks=with_ids(blocks), metadata=None, thread_ts=None)
        else:
            self.whisper(channel, user, text, blocks)

    # -- setting up ----------------------------------------------------------------------------------------------

    def set_up(self, arrangement: Json) -> None:
        """Fill the workspace: users, channels, the app's manifest (scopes, commands, events), its address."""
        space = self.workspace
        for user in arrangement.get("users", []):
            space.users[user["id"]] = User(**user)
        for channel in arrangement.get("channels", []):
            members = set(channel.get("members", [])) | ({space.bot_user} if channel.get("bot", True) else set())
            space.channels[channel["id"]] = Channel(
                channel["id"], channel["name"], members, is_private=channel.get("is_private", False)
            )
        if manifest := arrangement.get("manifest"):
            features, settings = manifest["features"], manifest["settings"]
            space.scopes = frozenset(manifest["oauth_config"]["scopes"]["bot"])
            space.app_name = manifest.get("display_information", {}).get("name", space.app_name)
            space.app_has_home = bool(features.get("app_home", {}).get("home_tab_enabled"))
            space.commands = {
                c["command"]: Command(c["command"], c.get("description", ""), c.get("usage_hint", ""))
                for c in features.get("slash_commands", [])
            }
            space.shortcuts = {
                s["callback_id"]: Shortcut(s["callback_id"], s.get("name", s["callback_id"]), s.get("type", "global"))
                for s in features.get("shortcuts", [])
            }
            space.socket_mode = bool(settings.get("socket_mode_enabled"))
            space.events = frozenset(settings.get("event_subscriptions", {}).get("bot_events", []))
        for name in ("token", "app_token", "signing_secret", "name", "team"):
            if name in arrangement:
                setattr(space, name, arrangement[name])
        for name in ("app_url", "history_lag", "unlimited", "zone", "hints", "visitor"):
            if name in arrangement:
                setattr(self, name, arrangement[name])
        self.changed()

    def turn_to(self, at: float) -> None:
        """Turn the clock on to a Unix second. Raises SlackError where it goes by itself."""
        if self.time.turn is None:
            raise SlackError("clock_not_turnable")
        self.time.turn(at)
        self.time.pump()
        self.changed()

    def changed(self) -> None:
        """Something that people see has changed: whoever looks, looks again."""
        self.revision += 1
