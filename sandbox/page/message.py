"""Draw one message."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from nicegui import ui

from sandbox.page import blocks, dates, mrkdwn, texts
from sandbox.page.html import markup, tag
from sandbox.page.people import writer
from sandbox.page.surface import Surface, file_url
from sandbox.state import File, Message

Json = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A message as it is to be drawn; two that are equal look the same."""

    message: Message
    begins_day: bool
    replies: int
    is_new: bool

    @property
    def signature(self) -> str:
        m = self.message
        kept = (m.text, m.blocks, m.files, m.reactions, m.edits, self.begins_day, self.replies, self.is_new)
        return json.dumps(kept, default=str)


def draw(
    shown: Shown, surface: Surface, open_thread: Callable[[str], None] | None, start: Callable[[str], Awaitable[Any]]
) -> None:
    """The message with everything on it. `open_thread` is None inside a thread; `start` uses a shortcut on it."""
    message, space, reading = shown.message, surface.space, surface.reading
    by = writer(space, message.user)
    if shown.begins_day:
        tag("div", "day", dates.day_words(float(message.ts), reading.zone, reading.now), role="separator")
    if shown.is_new:
        tag("div", "new", texts.NEW, role="separator")
    clock = dates.clock(float(message.ts), reading.zone)
    kind = "message whisper" if message.ephemeral_to else "message"
    with tag("article", kind, aria_label=f"{by.name}, {clock}", data_ts=message.ts):
        avatar = tag("div", "avatar", by.initials, aria_hidden="true")
        avatar.style(f"background:{by.colour}")
        with tag("div", "body"):
            with tag("div", "by"):
                tag("span", "name", by.name)
                if by.is_app:
                    tag("span", "badge", texts.APP)
                tag("time", "at", clock)
                if message.ephemeral_to:
                    tag("span", "only", texts.ONLY_YOU)
                else:
                    if open_thread and not shown.replies:
                        tag("button", "reply", texts.REPLY, type="button").on("click", _opener(open_thread, message.ts))
                    _shortcuts(surface, start)
            _content(message, surface)
            for file in message.files:
                _file(space.files[file["id"]])
            _reactions(message)
            if shown.replies and open_thread:
                tag("button", "replies", texts.replies(shown.replies), type="button").on(
                    "click", _opener(open_thread, message.ts)
                )


def _shortcuts(surface: Surface, start: Callable[[str], Awaitable[Any]]) -> None:
    """What the app offers to do with any message."""
    every = [one for one in surface.space.shortcuts.values() if one.type == "message"]
    if not every:
        return
    with tag("button", "more", type="button", aria_label=texts.ON_MESSAGE, aria_haspopup="menu"):
        markup("⋮", name="span")
        with ui.menu():
            for one in every:
                ui.menu_item(one.name, partial(start, one.callback_id))


def _opener(open_thread: Callable[[str], None], ts: str) -> Callable[[], None]:
    return lambda: open_thread(ts)


def _content(message: Message, surface: Surface) -> None:
    """Blocks, or the text where there are none; with blocks the text is only for the lock screen."""
    if message.blocks:
        blocks.draw(message.blocks, surface)
    elif message.text:
        markup(mrkdwn.to_html(message.text, surface.reading), "text")
    if message.edits and not message.blocks:
        tag("span", "edited", texts.EDITED)


def _file(file: File) -> None:
    url = file_url(file.id, file.name)
    if file.mimetype.startswith("image/"):
        with tag("a", href=url, target="_blank"):
            tag("img", "picture", src=url, alt=file.title or file.name)
        return
    with tag("a", "file", href=url, download=file.name):
        tag("span", "filename", file.title or file.name)
        tag("span", "about", f"{file.name}, {max(1, file.length // 1024)} KB")


def _reactions(message: Message) -> None:
    if message.reactions:
        with tag("div", "reactions"):
            for name, users in message.reactions.items():
                markup(f"{mrkdwn.emoji_alone(name)} {len(users)}", "reaction", name="span")
