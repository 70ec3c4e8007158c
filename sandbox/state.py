"""What a workspace holds: members, conversations, messages, views, files, and what each person was notified of."""

import json
import mimetypes
import secrets
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sandbox.errors import SlackError
from sandbox.inputs import state_of

Json = dict[str, Any]


@dataclass
class User:
    id: str
    name: str
    real_name: str
    email: str
    tz: str = "Europe/Berlin"
    tz_offset: int = 3600
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    team_id: str | None = None
    title: str = ""  # what they do, as their profile says it

    def as_slack(self, team: str, *, email: bool) -> Json:
        profile = {"real_name": self.real_name, "display_name": self.name, "title": self.title}
        return {
            "id": self.id,
            "team_id": self.team_id or team,
            "name": self.name,
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_offset": self.tz_offset,
            "deleted": self.deleted,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_stranger": self.is_stranger,
            "is_bot": self.is_bot,
            "profile": {**profile, "email": self.email} if email else profile,
        }


@dataclass
class Channel:
    id: str
    name: str
    members: set[str] = field(default_factory=set)
    is_im: bool = False
    is_private: bool = False

    def as_slack(self) -> Json:
        told: Json = {"id": self.id, "is_im": self.is_im, "is_private": self.is_private, "is_archived": False}
        if self.is_im:
            return {**told, "user": next(iter(sorted(self.members)), "")}
        return {**told, "name": self.name, "is_channel": not self.is_private, "is_group": self.is_private}


@dataclass
class Message:
    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    edited: str | None = None
    visible_at: float = 0.0
    files: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edits: int = 0
    earlier: list[list[Json]] = field(default_factory=list)
    values: dict[str, Json] = field(default_factory=dict)  # what each person chose in it

    def change(self, text: str, blocks: list[Json]) -> None:
        """An edit. A phone may still show the earlier blocks for a while, and be tapped on."""
        self.earlier.append(self.blocks)
        self.text, self.blocks = text, blocks
        self.edits += 1

    def as_slack(self, bot_user: str, *, all_metadata: bool = True) -> Json:
        told: Json = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "text": self.text,
            "blocks": self.blocks,
        }
        if self.user == bot_user:
            told |= {"bot_id": "B" + bot_user[1:], "app_id": "A0SANDBOX"}
        if self.thread_ts:
            told["thread_ts"] = self.thread_ts
        if self.edited:
            told["edited"] = {"user": self.user, "ts": self.edited}
        if self.metadata:
            told["metadata"] = self.metadata if all_metadata else {"event_type": self.metadata.get("event_type")}
        if self.files:
            told["files"] = self.files
        if self.reactions:
            told["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in self.reactions.items()]
        return told


@dataclass
class View:
    id: str
    user: str
    payload: Json
    hash: str
    previous: str | None = None
    root: str = ""
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def as_slack(self, team: str, bot_user: str) -> Json:
        return {
            **self.payload,
            "id": self.id,
            "team_id": team,
            "state": {"values": state_of(self.payload["blocks"], self.values)},
            "hash": self.hash,
            "root_view_id": self.root or self.id,
            "previous_view_id": self.previous,
            "app_id": "A0SANDBOX",
            "bot_id": "B" + bot_user[1:],
        }


@dataclass(frozen=True)
class Command:
    """A slash command, as the app's manifest describes it."""

    name: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True)
class Shortcut:
    callback_id: str
    name: str
    type: str  # global or message


@dataclass
class File:
    __pydantic_config__: ClassVar[Json] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}  # when it is kept

    id: str
    name: str
    length: int
    content: bytes | None = None
    completed: bool = False
    title: str = ""
    shared_in: list[str] = field(default_factory=list)

    def as_slack(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": self.length,
            "mimetype": self.mimetype,
        }

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@dataclass
class Notification:
    """What a phone showed: a new message. Edits and ephemerals notify nobody."""

    user: str
    channel: str
    ts: str
    text: str
    at: float


@dataclass
class Workspace:
    team: str = "T0SANDBOX"
    name: str = "Sandbox"
    app_name: str = "App"
    app_has_home: bool = False
    domain: str = "sandbox"
    bot_user: str = "U0BOT"
    token: str = "xoxb-sandbox"
    app_token: str = "xapp-sandbox"
    signing_secret: str = "sandbox-secret"
    socket_mode: bool = False
    scopes: frozenset[str] = frozenset()
    commands: dict[str, Command] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    shortcuts: dict[str, Shortcut] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: defaultdict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    notifications: list[Notification] = field(default_factory=list)
    stacks: defaultdict[str, list[View]] = field(default_factory=lambda: defaultdict(list))
    homes: dict[str, View] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    read: dict[str, dict[str, str]] = field(default_factory=dict)  # by user and channel: the newest message seen
    last_ts: int = 0

    def new_ts(self, now: float) -> str:
        """A timestamp never given before: Slack's own ids of messages."""
        self.last_ts = max(self.last_ts + 1, int(now * 1_000_000))
        return f"{self.last_ts // 1_000_000}.{self.last_ts % 1_000_000:06d}"

    def user(self, user_id: str) -> User:
        found = self.users.get(user_id)
        if found is None:
            raise SlackError("user_not_found")
        return found

    def im_with(self, user_id: str) -> Channel:
        """The direct conversation between the bot and a user, opened when there is none."""
        self.user(user_id)
        channel_id = "D" + user_id[1:]
        return self.channels.setdefault(
            channel_id, Channel(channel_id, f"im-{user_id}", {user_id, self.bot_user}, is_im=True)
        )

    def channel(self, channel_id: str) -> Channel:
        found = self.channels.get(channel_id)
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def message(self, channel_id: str, ts: str) -> Message:
        self.channel(channel_id)
        found = next((m for m in self.messages[channel_id] if m.ts == ts), None)
        if found is None:
            raise SlackError("message_not_found")
        return found

    def post(self, message: Message, now: float) -> Message:
        """Put a message into its conversation and notify those whom Slack would."""
        self.messages[message.channel].append(message)
        if message.ephemeral_to is None:
            for user in self._notified(message):
                self.notifications.append(Notification(user, message.channel, message.ts, message.text, now))
        return message

    def _notified(self, message: Message) -> Iterator[str]:
        """A direct message, a mention, a call to everybody; a reply only those who wrote in its thread."""
        channel = self.channels[message.channel]
        said = message.text + json.dumps(message.blocks)
        calls_all = any(call in said for call in ("<!channel>", "<!here>", "<!everyone>"))
        thread = {
            m.user
            for m in self.messages[message.channel]
            if message.thread_ts and message.thread_ts in (m.ts, m.thread_ts)
        }
        for member in sorted(channel.members - {message.user, self.bot_user}):
            if channel.is_im or calls_all or member in thread or f"<@{member}>" in said:
                yield member

    def visible_to(self, user: str, channel_id: str) -> list[Message]:
        if user not in self.channel(channel_id).members:
            raise SlackError("not_in_channel")
        return [m for m in self.messages[channel_id] if m.ephemeral_to in (None, user)]

    def mark_read(self, user: str, channel_id: str) -> None:
        seen = self.visible_to(user, channel_id)
        if seen:
            self.read.setdefault(user, {})[channel_id] = seen[-1].ts

    def last_read(self, user: str, channel_id: str) -> str:
        return self.read.get(user, {}).get(channel_id, "0")

    def unread(self, user: str, channel_id: str) -> int:
        """How many messages of others this user has not seen yet in a channel; those in threads do not count."""
        since = self.last_read(user, channel_id)
        return sum(
            message.ts > since and message.user != user and message.thread_ts in (None, message.ts)
            for message in self.visible_to(user, channel_id)
        )

    def view(self, view_id: str) -> View:
        for stack in self.stacks.values():
            for view in stack:
                if view.id == view_id:
                    return view
        home = next((v for v in self.homes.values() if v.id == view_id), None)
        if home is None:
            raise SlackError("not_found")
        return home


def new_view(user: str, payload: Json, previous: View | None = None) -> View:
    view_id = "V" + secrets.token_hex(6).upper()
    return View(
        view_id,
        user,
        payload,
        secrets.token_hex(4),
        previous=previous.id if previous else None,
        root=(previous.root or previous.id) if previous else view_id,
    )
