"""Socket Mode: Slack's requests over a connection that Tandem opens itself, so that no public address is needed.

The app is the same as over HTTP. An answer that is no success is not acknowledged, and Slack delivers an event again.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk import WebClient

from config.settings import Settings

log = structlog.get_logger("tandem.socket")
# The library says at INFO and above whenever a connection is renewed, which happens every few hours; and it would log
# bodies of requests, which are personal data.
LOGGER = logging.getLogger("tandem.socket_mode")
LOGGER.setLevel(logging.CRITICAL)


@contextmanager
def connected(app: App, settings: Settings) -> Iterator[None]:
    """A connection that renews itself until the end. Raises SlackApiError for a token that is refused."""
    client = WebClient(token=settings.slack_app_token, base_url=settings.slack_api_url, retry_handlers=[])
    handler = SocketModeHandler(
        app, settings.slack_app_token, logger=LOGGER, web_client=client, concurrency=settings.web_threads
    )
    handler.connect()  # type: ignore[no-untyped-call]  # the SDK leaves its handlers untyped
    log.info("socket_connected")
    try:
        yield
    finally:
        handler.close()  # type: ignore[no-untyped-call]  # as above
