"""Somebody writes to Tandem: in the thread of a question to who asked it, anywhere else for one short answer.

Once for each message, however often Slack delivers it.
"""

from collections.abc import Mapping
from typing import Any

from slack_bolt import App

from bot.feedback import talks
from bot.feedback.errors import FieldError
from bot.journal import service as journal
from bot.journal.service import Actor, ActorKind
from bot.leads import texts as lead_texts
from bot.outbox import notes
from bot.outbox import service as outbox
from bot.people import meeting
from bot.people import service as people
from bot.people import texts as people_texts
from bot.services import Services
from bot.wording import as_read, day_and_time
from handlers.explain import explain

# What somebody writes: also the answer in a thread that shows outside of it, and what comes with a file.
WRITTEN = (None, "thread_broadcast", "file_share")


def register(app: App, services: Services) -> None:
    def heard(body: Mapping[str, Any]) -> None:
        answer(services, body)

    app.event("message")(heard)


def answer(services: Services, body: Mapping[str, Any]) -> None:
    """Answer a direct message. Raises on failure: Slack then delivers the event again."""
    event = body["event"]
    said_by_somebody = event.get("subtype") in WRITTEN and not event.get("bot_id") and "user" in event
    if event.get("channel_type") != "im" or not said_by_somebody:
        return
    now, key = services.now(), f"talk:{body['event_id']}"
    with services.under_rules() as (session, rules):
        if not journal.first_time(session, f"event:{body['event_id']}", now):
            return
        thread_ts = event.get("thread_ts")
        try:
            team_id = str(event.get("user_team") or body["team_id"])
            person = people.at_slack(session, team_id, event["user"])
            target = outbox.person(person.id)
            meeting.meet(session, person.id, now)
            actor = Actor(ActorKind.PERSON, person.id, str(body["event_id"]))
            said = as_read(str(event.get("text") or ""))
            text = talks.hear(session, person, str(thread_ts), said, rules, actor, now) if thread_ts else ""
        except FieldError as error:
            text = explain(error, lambda instant: day_and_time(instant, person.zone, now) if instant else None)
        except people.Outsider:
            target, text = outbox.slack_user(event["user"]), people_texts.OUTSIDER
        except people.Stranger as error:
            target, text = outbox.slack_user(event["user"]), people_texts.stranger(error.administrators)
        if text is not None:
            notes.answer(session, target, text or _commands(services), key, now, thread_ts=thread_ts)


def _commands(services: Services) -> str:
    named = services.settings.commands
    return lead_texts.direct_message(named.lead, named.tandem)
