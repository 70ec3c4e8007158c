"""Slack's way of saying no."""

from typing import Any


class SlackError(Exception):
    """Slack's `ok: false`, with its error code and what else it says."""

    def __init__(self, code: str, **more: Any) -> None:
        self.code = code
        self.more = more
        super().__init__(code)
