"""A visit: the page is open, leads come in while one watches, until Ctrl-C."""

import os
import sys
import webbrowser
from collections.abc import Callable, Iterator
from itertools import count
from threading import Event
from typing import Any

from bot.demo import story
from bot.demo.stage import Stage

Json = dict[str, Any]
FIRST_AFTER, NEXT_AFTER, LATER_AFTER = 20.0, 40.0, 180.0  # real seconds


def visit(stage: Stage, say: Callable[[str], None], *, open_browser: bool = True, enough: Event | None = None) -> None:
    """Greet the visitor, then let leads come in until `enough` is set or the process is interrupted."""
    ended = enough or Event()
    if stage.is_new:
        stage.send("website", [story.CHARITE, story.BOSTON])  # the second waits for the morning in New York
    address = f"{stage.slack.base_url}/?as={story.named('Jonas').slack_id}"
    greet(address, say)
    if open_browser and has_screen():
        webbrowser.open(address)
    story_time = int(stage.clock.now().timestamp())
    leads = arrivals(story_time) if stage.is_new else others(story_time)
    for (source, lead), wait in zip(leads, waits(), strict=False):
        if ended.wait(wait):
            return
        stage.check()
        stage.send(source, lead)


def greet(address: str, say: Callable[[str], None]) -> None:
    first, *steps = story.HINTS
    say(f"\n{first}\n\n    {address}\n")
    for number, step in enumerate(steps, start=1):
        say(f"  {number}. {step}")
    say("\nCtrl-C ends everything.")


def arrivals(since: int) -> Iterator[tuple[str, Json]]:
    """The leads of a visit: first those of the story, then others for as long as one stays."""
    yield from story.WHILE_ONE_WATCHES
    yield from others(since)


def others(since: int) -> Iterator[tuple[str, Json]]:
    """Leads without a story. `since`, the second at which the visit began, keeps them apart from an earlier visit's."""
    for number in count(1):
        country, city = story.ELSEWHERE[number % len(story.ELSEWHERE)]
        yield "event", story.lead(f"more-{since}-{number}", f"Labor {city} {number}", country, "event", city=city)


def waits() -> Iterator[float]:
    """How long until each: soon at first, then seldom, so that a page left open stays calm."""
    yield FIRST_AFTER
    for _ in story.WHILE_ONE_WATCHES[1:]:
        yield NEXT_AFTER
    while True:
        yield LATER_AFTER


def has_screen() -> bool:
    """Whether a browser can be opened; without a screen one of the terminal would take its place."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
