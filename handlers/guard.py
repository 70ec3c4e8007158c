"""Around every listener: who is it, what if it fails, and the acknowledgement last.

A listener here is a function from a Call to its Answer. What it raises becomes a kind sentence (known errors) or a
reference that the log knows too (unknown ones). Nothing is raised after `ack()`: that would lose it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
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
from bot.leads import answers
from bot.leads import texts as lead_texts
from bot.outbox.kit import plain, section
from bot.people import service as people
from bot.people import texts as people_texts
from bot.people.tables import Person
from bot.services import Services
from bot.wording import day_and_time
from handlers import texts

log = structlog.get_logger("tandem.handlers")
Json = dict[str, Any]
RESPOND_TIMEOUT_SECONDS = 1


class From(StrEnum):
    COMMAND = "command"
    TAP = "tap"
    FORM = "form"


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
        return str(self.body["actions"][0].get("value", ""))

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

    `opens` is a small modal, for what has to be said where no message can be. `changed` says that what the person
    sees has changed: done in the home tab, it shows there at once.
    """

    ack: Json = field(default_factory=dict)
    says: Json | None = None
    opens: Json | None = None
    changed: bool = False


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
                _whisper(call, answer.says)
            if answer.opens is not None:
                _open(views, call, answer.opens)
            ack(**answer.ack)

    return run


def _heard(services: Services, listener: Listener, call: Call) -> Answer:
    """What a listener answers, or, where it raises, a sentence: what it did not know of shows by then."""
    try:
        return listener(call)
    except (answers.LeadsError, people.PeopleError) as error:
        return replace(_told(call, explain(error, services, call)), changed=True)
    except Exception:
        log.exception("listener_raised", kind=call.kind)
        return _told(call, texts.unknown(call.request_id))


def whoever(services: Services, call: Call) -> Person:
    """Who did it. Raises Stranger or Outsider."""
    with services.reading() as session:
        return people.at_slack(session, call.team_id, call.user_id)


def explain(error: Exception, services: Services, call: Call) -> str:
    """A known error as a kind sentence."""
    match error:
        case people.Stranger():
            return people_texts.stranger(error.administrators)
        case people.Outsider():
            return people_texts.OUTSIDER
        case answers.NotYours():
            return lead_texts.not_yours(error.owner)
        case answers.TooLate():
            zone = whoever(services, call).zone
            at = day_and_time(error.at, zone, services.now()) if error.at else None
            return lead_texts.too_late(error.answer, error.by, at, error.now_with, mine=error.mine)
        case answers.UndoOver():
            return lead_texts.UNDO_OVER
        case answers.NotToBeContacted():
            return lead_texts.NOT_TO_BE_CONTACTED
        case answers.AlreadyTaken():
            return lead_texts.already_taken(error.by)
        case answers.NoSuchOffer():
            return lead_texts.NO_SUCH_OFFER
    return texts.unknown(call.request_id)


def _told(call: Call, sentence: str) -> Answer:
    """A sentence, where this kind of call can show it."""
    if call.kind == From.COMMAND:
        return Answer(ack={"text": sentence})
    if call.kind == From.FORM:
        return Answer(ack={"response_action": "update", "view": notice(sentence)})
    if call.body.get("view"):
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
    """In the home tab nothing can be whispered: a small modal says it."""
    try:
        views.views_open(trigger_id=call.trigger_id, view=modal)
    except (SlackApiError, OSError, HTTPException, ValueError) as error:
        log.warning("notice_lost", problem=type(error).__name__)


def notice(sentence: str) -> Json:
    """A form's place taken by a sentence."""
    return {
        "type": "modal",
        "title": plain(texts.NOTICE_TITLE),
        "close": plain(texts.CLOSE),
        "blocks": [section(sentence)],
    }


def _whisper(call: Call, message: Json) -> None:
    """Answer a tap for the tapper's eyes only. What cannot be said is not worth losing the acknowledgement."""
    url = call.body.get("response_url")
    if not url:
        return
    told = {"response_type": "ephemeral", "replace_original": False, **message}
    try:
        WebhookClient(str(url), timeout=RESPOND_TIMEOUT_SECONDS, retry_handlers=[]).send_dict(told)
    except (OSError, HTTPException, ValueError) as error:
        log.warning("whisper_lost", problem=type(error).__name__)
