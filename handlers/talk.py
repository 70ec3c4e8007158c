"""Somebody writes to Tandem: one short answer, once for each message however often Slack delivers it."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import App

from bot.journal import service as journal
from bot.leads import texts as lead_texts
from bot.outbox import notes
from bot.outbox import service as outbox
from bot.people import meeting
from bot.people import service as people
from bot.people import texts as people_texts
from bot.services import Services


def register(app: App, services: Services) -> None:
    def heard(body: Mapping[str, Any]) -> None:
        answer(services, body)

    app.event("message")(heard)


def answer(services: Services, body: Mapping[str, Any]) -> None:
    """Answer a direct message. Raises on failure: Slack then delivers the event again."""
    event = body["event"]
    if event.get("channel_type") != "im" or event.get("subtype") or event.get("bot_id") or "user" not in event:
        return
    now, named = services.now(), services.settings.commands
    with services.begin() as session:
        if not journal.first_time(session, f"event:{body['event_id']}", now):
            return
        try:
            team_id = str(event.get("user_team") or body["team_id"])
            person = people.at_slack(session, team_id, event["user"])
            target = outbox.person(person.id)
            meeting.meet(session, person.id, now)
            text = lead_texts.direct_message(named.lead, named.tandem)
        except people.Outsider:
            target, text = outbox.slack_user(event["user"]), people_texts.OUTSIDER
        except people.Stranger as error:
            target, text = outbox.slack_user(event["user"]), people_texts.stranger(error.administrators)
        notes.answer(session, target, text, f"talk:{body['event_id']}", now)
