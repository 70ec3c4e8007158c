"""The day as one reads it: what each person saw, and what they did."""

import re
from collections.abc import Iterator
from datetime import datetime
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from bot.demo import story

Json = dict[str, Any]
WIDTH = 40
LINK = re.compile(r"<(?:tel|mailto|https?):[^|>]*\|([^>]*)>")
SEEN_IN = ZoneInfo("Europe/Berlin")


class Transcript:
    """Prints as the day goes on. Times are Berlin's; a person's own are on their cards."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(text, style="bold"))

    def happens(self, at: datetime, text: str) -> None:
        self._line(at, text, "")

    def acts(self, at: datetime, who: str, text: str) -> None:
        self._line(at, f"{who} {text}", "green")

    def phone(self, at: datetime, who: str, text: str) -> None:
        self._line(at, f"{who}'s phone: {plain(text)}", "cyan")

    def whisper(self, at: datetime, who: str, text: str) -> None:
        self._line(at, f"only {who} sees: {plain(text)}", "yellow")

    def message(self, message: Json) -> None:
        """A message as it stands on a narrow screen."""
        self._console.print(f"        ┌{'─' * (WIDTH + 2)}┐", highlight=False)
        for line in lines_of(message):
            self._console.print(Text(f"        │ {line:<{WIDTH}} │"))
        self._console.print(f"        └{'─' * (WIDTH + 2)}┘", highlight=False)

    def _line(self, at: datetime, text: str, style: str) -> None:
        clock = f"{at.astimezone(SEEN_IN):%H:%M}"
        for number, part in enumerate(wrap(text, self._console.width - 9) or [""]):
            self._console.print(Text(f"{clock if not number else '     '}   {part}", style=style))


def lines_of(message: Json) -> Iterator[str]:
    """The lines of a message's blocks, wrapped to a phone's width."""
    for block in message["blocks"]:
        if block["type"] == "actions":
            labels = "  ".join(
                f"[{element['text']['text']}]" if "text" in element else "[⋯]" for element in block["elements"]
            )
            yield from wrap(labels, WIDTH)
            continue
        texts = [block["text"]["text"]] if "text" in block else [e["text"] for e in block.get("elements", [])]
        for text in texts:
            for line in plain(text).splitlines():
                yield from wrap(line, WIDTH) or [""]


def plain(text: str) -> str:
    """mrkdwn as one reads it."""
    shown = LINK.sub(r"\1", text).replace("*", "").replace("`", "")
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def name_of(slack_id: str) -> str:
    return story.who(slack_id)
