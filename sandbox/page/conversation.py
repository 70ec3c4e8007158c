"""A channel, a direct conversation or a thread: what stands there, kept up to date message by message."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from nicegui.element import Element

from sandbox.page import dates, message, people, texts
from sandbox.page.html import tag
from sandbox.page.message import Shown
from sandbox.page.surface import Surface
from sandbox.persons import Person
from sandbox.slack import Sandbox
from sandbox.state import Message

Json = dict[str, Any]
AT_ONCE = 60


@dataclass
class Conversation:
    """Shown to one person. `thread` is the ts of the message a thread hangs on; None shows the channel itself."""

    sandbox: Sandbox
    user: str
    channel: str
    thread: str | None = None
    open_thread: Callable[[str], None] | None = None
    new_since: str | None = None
    _most: int = AT_ONCE
    _drawn: dict[str, tuple[str, Element]] = field(default_factory=dict)

    def build(self) -> None:
        log = {"role": "log", "aria_live": "polite", "aria_label": texts.MESSAGES, "tabindex": "0"}
        with tag("div", "scroller"), tag("div", "log", **log):
            self._top = tag("div", "top")
            self._list = tag("div", "list")
        self.refresh()

    def refresh(self) -> None:
        """Draw what is new or changed, and nothing else."""
        every = self._standing()
        shown = self._as_shown(every[-self._most :])
        self._say_more(len(every) - len(shown))
        wanted = [one.message.ts for one in shown]
        kept = [ts for ts in self._drawn if ts in set(wanted)]
        if kept != wanted[: len(kept)]:  # something belongs between what stands there
            self._drawn = {}
            self._list.clear()
        for ts in set(self._drawn) - set(wanted):
            self._drawn.pop(ts)[1].delete()
        for one in shown:
            self._draw(one)

    def _draw(self, shown: Shown) -> None:
        ts, signature = shown.message.ts, shown.signature
        known = self._drawn.get(ts)
        if known and known[0] == signature:
            return
        if known:
            holder = known[1]
            holder.clear()
        else:
            with self._list:
                holder = tag("div", "holder")
        with holder:
            message.draw(shown, self._surface(shown.message), self.open_thread, self._starter(ts))
        self._drawn[ts] = (signature, holder)

    def _standing(self) -> list[Message]:
        seen = self.sandbox.workspace.visible_to(self.user, self.channel)
        if self.thread:
            return [m for m in seen if self.thread in (m.ts, m.thread_ts)]
        return [m for m in seen if m.thread_ts in (None, m.ts)]

    def _as_shown(self, messages: list[Message]) -> list[Shown]:
        zone = self.sandbox.workspace.users[self.user].tz
        answers = [
            m.thread_ts for m in self.sandbox.workspace.messages[self.channel] if m.thread_ts not in (None, m.ts)
        ]
        days = [dates.day(float(m.ts), zone) for m in messages]
        fresh = [bool(self.new_since) and m.ts > str(self.new_since) and m.user != self.user for m in messages]
        return [
            Shown(
                one,
                begins_day=number == 0 or days[number] != days[number - 1],
                replies=answers.count(one.ts),
                is_new=fresh[number] and not any(fresh[:number]),
            )
            for number, one in enumerate(messages)
        ]

    def _say_more(self, hidden: int) -> None:
        self._top.clear()
        with self._top:
            if hidden > 0:
                tag("button", "earlier", texts.earlier(hidden), type="button").on("click", self._show_more)
            elif not self._standing():
                tag("p", "empty", texts.NO_MESSAGES)

    def _show_more(self) -> None:
        self._most += AT_ONCE
        self._drawn = {}
        self._list.clear()
        self.refresh()

    def _starter(self, ts: str) -> Callable[[str], Awaitable[Any]]:
        async def start(callback_id: str) -> None:
            await Person(self.sandbox, self.user).shortcut(callback_id, self.channel, ts)

        return start

    def _surface(self, one: Message) -> Surface:
        async def use(block: Json, element: Json, chosen: Json) -> None:
            person = Person(self.sandbox, self.user)
            await person.tap(self.channel, one.ts, element["action_id"], block.get("block_id"), **chosen)

        space = self.sandbox.workspace
        reading = people.reading(space, self.user, self.sandbox.time.now())
        values = one.values.get(self.user, {})
        return Surface(f"m{one.ts}-{self.user}", reading, space, use, values=values)
