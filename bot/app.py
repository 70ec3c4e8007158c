"""create_app(services): the Bolt app. It only receives; everything said to Slack goes through the outbox."""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy import select

import handlers
from bot.outbox.tables import SlackLink
from bot.services import Services

# Bolt's loggers copy this one's level. At INFO they log the body of a request with a bad signature in full, which is
# personal data of whoever wrote it.
LOGGER = logging.getLogger("tandem.bolt")
LOGGER.setLevel(logging.ERROR)


def create_app(services: Services) -> App:
    """The app with every listener.

    `process_before_response`: an exception is an immediate 500, and not an acknowledgement that got lost.
    """
    settings = services.settings

    @lru_cache(maxsize=1)
    def ourselves() -> AuthorizeResult:
        """Who we are does not change while we run: asked once."""
        with services.reading() as session:
            link = session.execute(select(SlackLink.bot_user_id, SlackLink.team_id)).first()
        return AuthorizeResult(
            enterprise_id=None,
            team_id=link.team_id if link else None,
            bot_user_id=link.bot_user_id if link else None,
            bot_token=settings.slack_bot_token,
        )

    def authorize() -> AuthorizeResult:
        return ourselves()

    app = App(
        signing_secret=settings.slack_signing_secret,
        authorize=authorize,
        client=WebClient(base_url=settings.slack_api_url, retry_handlers=[]),
        process_before_response=True,
        logger=LOGGER,
        listener_executor=ThreadPoolExecutor(settings.web_threads, "listener"),
    )
    handlers.register(app, services)
    return app
