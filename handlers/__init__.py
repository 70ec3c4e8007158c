"""What comes in from Slack: one file a subject. Parse, authorise, call one service, acknowledge."""

from slack_bolt import App

from bot.services import Services
from handlers import (
    answers,
    asking,
    commands,
    council,
    exports,
    field,
    home,
    leads,
    meeting,
    promises,
    reviews,
    talk,
    triage,
)


def register(app: App, services: Services) -> None:
    """Everything Tandem listens to; `manifest.json` holds exactly the same."""
    leads.register(app, services)
    asking.register(app, services)
    commands.register(app, services)
    home.register(app, services)
    promises.register(app, services)
    reviews.register(app, services)
    meeting.register(app, services)
    field.register(app, services)
    triage.register(app, services)
    answers.register(app, services)
    exports.register(app, services)
    council.register(app, services)
    talk.register(app, services)
