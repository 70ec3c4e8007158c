"""The home tab: somebody opens it, or turns a page in it. What its other buttons do is their own subject's."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import App

from bot.home import blocks
from bot.home import service as home
from bot.home.rules import Part
from bot.journal import service as journal
from bot.people import meeting
from bot.people import service as people
from bot.services import Services
from handlers.guard import DONE, Answer, Call, From, guarded, whoever


def register(app: App, services: Services) -> None:
    def opened(body: Mapping[str, Any]) -> None:
        open_home(services, body)

    def turned(call: Call) -> Answer:
        return turn(services, call)

    app.event("app_home_opened")(opened)
    app.action(blocks.BACK)(guarded(services, From.TAP, turned))
    app.action(blocks.NEXT)(guarded(services, From.TAP, turned))


def open_home(services: Services, body: Mapping[str, Any]) -> None:
    """Publish the home tab. Somebody Tandem does not know has none. Raises on failure: Slack delivers it again."""
    event = body["event"]
    if event.get("tab") != "home":
        return
    now = services.now()
    with services.begin() as session:
        try:
            person = people.at_slack(session, str(body["team_id"]), event["user"])
        except people.PeopleError:
            return
        if journal.first_time(session, f"event:{body['event_id']}", now):
            home.opened(session, person.id, now)
            meeting.meet(session, person.id, now)


def turn(services: Services, call: Call) -> Answer:
    person = whoever(services, call)
    part, _, page = call.value.partition(":")
    with services.begin() as session:
        home.turn(session, person.id, Part(part), int(page), services.now())
    return DONE
