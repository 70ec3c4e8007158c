"""Around every listener: who is it, what if it fails, and the acknowledgement last.

A listener here is a function from a Call to its Answer. What it raises becomes a kind sentence (known errors) or a
reference that the log knows too (unknown ones). Nothing is raised after `ack()`: that would lose it.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from http.client import HTTPException
from typing import Any

import structlog
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.council.errors import CouncilError
from bot.feedback.errors import FieldError
from bot.home import service as home
from bot.leads.errors import LeadsError
from bot.people import service as people
from bot.people.tables import Person
from bot.services import Services
from bot.sla.errors import SlaError
from bot.wording import day_and_time
from handlers import checking, texts
from handlers.calls import CHANGED, DONE, Answer, Call, From, Json, Listener, notice
from handlers.explain import explain

log = structlog.get_logger("tandem.handlers")
__all__ = ["CHANGED", "DONE", "Answer", "Call", "From", "explained", "guarded", "notice", "whoever"]


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
                _whisper(services, call, answer.says, answer.says_at)
            if answer.opens is not None:
                _open(views, call, answer.opens)
            if answer.renews is not None:
                _renew(views, *answer.renews)
            ack(**answer.ack)

    return run


def _heard(services: Services, listener: Listener, call: Call) -> Answer:
    """What a listener answers, or, where it raises, a sentence: what it did not know of shows by then."""
    try:
        if call.kind == From.FORM:
            stopped, call = checking.checked(services, call)
            if stopped is not None:
                return stopped
        return listener(call)
    except (LeadsError, SlaError, FieldError, CouncilError, people.PeopleError) as error:
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


def _whisper(services: Services, call: Call, message: Json, at: str | None) -> None:
    """Answer a tap for the tapper's eyes only. What cannot be said is not worth losing the acknowledgement."""
    url = at or call.body.get("response_url")
    if not url:
        return
    told = {"response_type": "ephemeral", "replace_original": False, **message}
    try:
        WebhookClient(str(url), timeout=math.ceil(services.answer_seconds), retry_handlers=[]).send_dict(told)
    except (OSError, HTTPException, ValueError) as error:
        log.warning("whisper_lost", problem=type(error).__name__)
