"""The whole page: the clock, one or two people side by side, and what a visitor may try."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from nicegui import ui
from nicegui.element import Element

from sandbox.clock import next_morning
from sandbox.page import texts
from sandbox.page.html import markup, tag
from sandbox.page.pane import HOME, Pane
from sandbox.slack import Sandbox

MONDAY = 0
LOOK_SECONDS = 0.15
MOST_STEPS, STEP_SECONDS = 24, 0.25


class Window:
    """One visitor's page. Looks for changes a few times a second, and draws only where there are some."""

    def __init__(self, sandbox: Sandbox, users: list[str], places: list[str]) -> None:
        self._sandbox = sandbox
        self._panes = [Pane(sandbox, user, place, self._moved) for user, place in zip(users, places, strict=True)]
        self._seen, self._told, self._moving = -1, "", False
        self._client = ui.context.client

    def build(self) -> None:
        with tag("div", "window"):
            self._bar()
            self._hints()
            with tag("main", "panes") as self._holder:
                for pane in self._panes:
                    pane.build()
        ui.timer(LOOK_SECONDS, self._look)

    # -- the clock -----------------------------------------------------------------------------------------------

    def _bar(self) -> None:
        with tag("header", "bar"):
            with tag("div", "clock", aria_label=texts.CLOCK):
                markup("🕗", name="span")
                self._clock: Element = tag("time", "now")
            if self._sandbox.time.turn is not None:
                with tag("div", "moves"):
                    for label, move in zip(texts.MOVES, self._moves(), strict=True):
                        tag("button", "move", label, type="button").on("click", move)
            self._sides = tag("button", "sides", type="button")
            self._sides.on("click", self._one_or_two)
            self._name_sides()

    def _moves(self) -> list[Callable[[], Awaitable[None]]]:
        time, zone = self._sandbox.time, self._sandbox.zone
        return [
            lambda: self._move(time.now() + 15 * 60),
            lambda: self._move(time.now() + 3600),
            lambda: self._move(next_morning(time.now(), zone)),
            lambda: self._move(next_morning(time.now(), zone, MONDAY)),
        ]

    async def _move(self, to: float) -> None:
        """Turn the clock on, hour by hour, so that what is due in between happens in its own hour.

        Somebody in another zone has their morning on the way; a long way is taken in longer steps.
        """
        if self._moving:
            return
        self._moving = True
        began = self._sandbox.time.now()
        steps = min(MOST_STEPS, max(1, math.ceil((to - began) / 3600)))
        for step in range(1, steps + 1):
            self._sandbox.turn_to(began + (to - began) * step / steps)
            await asyncio.sleep(STEP_SECONDS if step < steps else 0)
        self._moving = False

    def _tell_time(self) -> None:
        now = datetime.fromtimestamp(self._sandbox.time.now(), ZoneInfo(self._sandbox.zone))
        city = self._sandbox.zone.rpartition("/")[2].replace("_", " ")
        told = f"{now:%a} {now.day} {now:%b %H:%M}, {city}"
        if told != self._told:
            self._told = told
            self._clock.clear()
            with self._clock:
                markup(told, name="span")

    # -- what to try ---------------------------------------------------------------------------------------------

    def _hints(self) -> None:
        if not self._sandbox.hints:
            return
        first, *steps = self._sandbox.hints
        with tag("aside", "hints", aria_label=texts.HINTS) as shown:
            with tag("details", "", open=True):
                tag("summary", "first", first)
                with tag("ol"):
                    for step in steps:
                        tag("li", "", step)
            tag("button", "close", "✕", type="button", aria_label=texts.HIDE).on("click", shown.delete)
        ui.run_javascript("foldHints()")

    # -- one or two ----------------------------------------------------------------------------------------------

    async def _one_or_two(self) -> None:
        if len(self._panes) > 1:
            self._panes.pop()
            self._holder.remove(len(self._panes))
        else:
            pane = Pane(self._sandbox, *another(self._sandbox, self._panes[0].user), self._moved)
            self._panes.append(pane)
            with self._holder:
                pane.build()
            pane.refresh()
        self._name_sides()
        self._moved()

    def _name_sides(self) -> None:
        self._sides.clear()
        with self._sides:
            markup(texts.ONE if len(self._panes) > 1 else texts.TWO, name="span")

    def _moved(self) -> None:
        """The address always leads back to what is shown."""
        first, *more = self._panes
        query = f"?as={first.user}&at={first.place}"
        query += "".join(f"&with={pane.user}&with_at={pane.place}" for pane in more)
        ui.run_javascript(f"history.replaceState(null, '', {json.dumps(query)})")

    # -- staying up to date --------------------------------------------------------------------------------------

    def _look(self) -> None:
        if not self._client.has_socket_connection:  # nobody is looking: nothing is read
            return
        self._tell_time()
        if self._seen != self._sandbox.revision:
            self._seen = self._sandbox.revision
            for pane in self._panes:
                pane.refresh()


def place_of(sandbox: Sandbox, user: str, asked: str | None) -> str:
    """Where a person begins: where the address says, if they may be there; else in the app's messages."""
    space = sandbox.workspace
    known = space.channels.get(asked or "")
    if (asked == HOME and space.app_has_home) or (known and user in known.members):
        return str(asked)
    return space.im_with(user).id


def another(sandbox: Sandbox, user: str) -> tuple[str, str]:
    """Somebody else to look at beside: of another team, if there is one."""
    everybody = [u for u in sandbox.workspace.users.values() if not u.deleted and not u.is_bot]
    users = [u for u in everybody if u.id != user] or everybody
    team = sandbox.workspace.users[user].title.partition(" · ")[0]
    other = next((u for u in users if u.title and u.title.partition(" · ")[0] != team), users[0])
    return other.id, place_of(sandbox, other.id, None)
