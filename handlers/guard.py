"""Around every listener: who is it, what if it fails, and the acknowledgement last.

A listener here is a function from a Call to its Answer. What it raises becomes a kind sentence (known errors) or a
reference that the log knows too (unknown ones). Nothing is raised after `ack()`: that would lose it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from http.client import HTTPException
from typing import Any
from uuid import uuid4

import structlog
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.home import service as home
from bot.journal.service import Actor, ActorKind
from bot.leads.errors import LeadsError
from bot.outbox.kit import plain, section
from bot.people import service as people
from bot.people.tables import Person
from bot.services import Services
from bot.sla.errors import SlaError
from bot.wording import day_and_time
from handlers import texts
from handlers.explain import explain

log = structlog.get_logger("tandem.handlers")
Json = dict[str, Any]
RESPOND_TIMEOUT_SECONDS = 1


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


def guarded(services: Services, kind: From, listener: Listener) -> Callable[[Ack, Mapping[str, Any]], None]:
    """A Bolt listener around ours."""
    views = services.views_client()

    def run(ack: Ack, body: Mapping[str, Any]) -> None:
        call = Call(kind, body)
        with structlog.contextvars.bound_contextvars(request_id=call.request_id):
            answer = _heard(services, listener, call)
            if answer.changed and call.in_home:
                _show_at_once(services, call)
            if answer.says is not None:
                _whisper(call, answer.says, answer.says_at)
            if answer.opens is not None:
                _open(views, call, answer.opens)
            if answer.renews is not None:
                _renew(views, *answer.renews)
            ack(**answer.ack)

    return run


def _heard(services: Services, listener: Listener, call: Call) -> Answer:
    """What a listener answers, or, where it raises, a sentence: what it did not know of shows by then."""
    try:
        return listener(call)
    except (LeadsError, SlaError, people.PeopleError) as error:
        return replace(_told(call, explained(services, call, error)), changed=True)
    except Exception:
        log.exception("listener_raised", kind=call.kind)
        return _told(call, texts.unknown(call.request_id))


def whoever(services: Services, call: Call) -> Person:
    """Who did it. Raises Stranger or Outsider."""
    with services.reading() as session:
        return people.at_slack(session, call.team_id, call.user_id)


def explained(services: Services, call: Call, error: Exception) -> str:
    """A known error as a kind sentence, with instants in the person's own zone."""

    def at(instant: datetime | None) -> str | None:
        return day_and_time(instant, whoever(services, call).zone, services.now()) if instant else None

    return explain(error, at) or texts.unknown(call.request_id)


def _told(call: Call, sentence: str) -> Answer:
    """A sentence, where this kind of call can show it."""
    if call.kind == From.COMMAND:
        return Answer(ack={"text": sentence})
    if call.kind == From.FORM:
        return Answer(ack={"response_action": "update", "view": notice(sentence)})
    if call.body.get("view") or call.kind == From.SHORTCUT:
        return Answer(opens=notice(sentence))
    return Answer(says={"text": sentence})


def _show_at_once(services: Services, call: Call) -> None:
    """What came of a tap in the home tab shows there without waiting for its turn."""
    try:
        person = whoever(services, call)
        with services.begin() as session:
            home.answer_tap(session, person.id, services.now())
    except people.PeopleError:
        return
    except Exception:  # what was tapped is done; that the tab shows it a little later is no reason to say otherwise
        log.exception("home_not_renewed")


def _open(views: WebClient, call: Call, modal: Json) -> None:
    """Show a modal, on top of the one the tap was in."""
    show = views.views_push if call.in_modal else views.views_open
    try:
        show(trigger_id=call.trigger_id, view=modal)
    except (SlackApiError, OSError, HTTPException, ValueError) as error:
        log.warning("modal_lost", problem=type(error).__name__)


def _renew(views: WebClient, view_id: str, modal: Json) -> None:
    try:
        views.views_update(view_id=view_id, view=modal)
    except (SlackApiError, OSError, HTTPException, ValueError) as error:  # closed meanwhile, as likely as not
        log.info("modal_not_renewed", problem=type(error).__name__)


def notice(sentence: str) -> Json:
    """A form's place taken by a sentence."""
    return {
        "type": "modal",
        "title": plain(texts.NOTICE_TITLE),
        "close": plain(texts.CLOSE),
        "blocks": [section(sentence)],
    }


def _whisper(call: Call, message: Json, at: str | None) -> None:
    """Answer a tap for the tapper's eyes only. What cannot be said is not worth losing the acknowledgement."""
    url = at or call.body.get("response_url")
    if not url:
        return
    told = {"response_type": "ephemeral", "replace_original": False, **message}
    try:
        WebhookClient(str(url), timeout=RESPOND_TIMEOUT_SECONDS, retry_handlers=[]).send_dict(told)
    except (OSError, HTTPException, ValueError) as error:
        log.warning("whisper_lost", problem=type(error).__name__)
