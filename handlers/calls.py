"""What a person did in Slack, and what they get for it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

from bot.journal.service import Actor, ActorKind
from bot.outbox.kit import plain, section
from bot.people.tables import Person
from handlers import texts

Json = dict[str, Any]


class From(StrEnum):
    COMMAND = "command"
    TAP = "tap"
    FORM = "form"
    SHORTCUT = "shortcut"


@dataclass(frozen=True)
class Call:
    """Something a person did, as Slack tells it."""

    kind: From
    body: Mapping[str, Any]
    request_id: str = field(default_factory=lambda: uuid4().hex[:12])

    @property
    def user_id(self) -> str:
        return str(self.body["user_id"] if self.kind == From.COMMAND else self.body["user"]["id"])

    @property
    def team_id(self) -> str:
        """The organisation of the person, which for a guest of a shared channel is not ours."""
        if self.kind == From.COMMAND:
            return str(self.body["team_id"])
        return str(self.body["user"].get("team_id") or self.body["team"]["id"])

    @property
    def value(self) -> str:
        """What a tapped button says, or what was chosen in a menu."""
        action = self.body["actions"][0]
        return str((action.get("selected_option") or action).get("value", ""))

    @property
    def text(self) -> str:
        """What was typed after a command."""
        return str(self.body.get("text") or "").strip()

    @property
    def in_modal(self) -> bool:
        return self.kind == From.TAP and (self.body.get("view") or {}).get("type") == "modal"

    @property
    def trigger_id(self) -> str:
        return str(self.body["trigger_id"])

    @property
    def in_a_whisper(self) -> bool:
        """Whether the tap was on a message that only this person sees; such a message cannot be updated later."""
        return bool(self.body.get("container", {}).get("is_ephemeral"))

    @property
    def in_home(self) -> bool:
        """Whether it was done in the home tab, or in a form that was opened there."""
        view = self.body.get("view") or {}
        if view.get("type") == "home":
            return True
        told = view.get("private_metadata") or ""
        kept = json.loads(told) if self.kind == From.FORM and told.startswith("{") else {}
        return bool(kept.get("home"))

    @property
    def key(self) -> str:
        """What stays the same when Slack delivers it again."""
        return f"view:{self.body['view']['id']}" if self.kind == From.FORM else f"trigger:{self.trigger_id}"

    def by(self, person: Person) -> Actor:
        return Actor(ActorKind.PERSON, person.id, self.request_id)


@dataclass(frozen=True)
class Answer:
    """What the person gets: `ack` goes into the acknowledgement, `says` is for their eyes only.

    `opens` is a modal, on top of one that is open; it is also how something is said where no message can be.
    `changed` says that what the person sees has changed: done in the home tab, it shows there at once. `renews` brings
    a modal up to date: its id, and how it is now. `says_at` is the `response_url` of an earlier answer to replace.
    """

    ack: Json = field(default_factory=dict)
    says: Json | None = None
    opens: Json | None = None
    changed: bool = False
    renews: tuple[str, Json] | None = None
    says_at: str | None = None


DONE, CHANGED = Answer(), Answer(changed=True)
Listener = Callable[[Call], Answer]


def notice(sentence: str) -> Json:
    """A form's place taken by a sentence."""
    return {
        "type": "modal",
        "title": plain(texts.NOTICE_TITLE),
        "close": plain(texts.CLOSE),
        "blocks": [section(sentence)],
    }
