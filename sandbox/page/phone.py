"""What a person's phone showed on its lock screen: new messages ring, edits do not."""

from collections.abc import Callable

from nicegui.element import Element

from sandbox.page import dates, people, texts
from sandbox.page.html import markup, tag
from sandbox.page.mrkdwn import to_html
from sandbox.slack import Sandbox
from sandbox.state import Notification

AT_MOST = 40


class Phone:
    def __init__(self, sandbox: Sandbox, user: str, close: Callable[[], None]) -> None:
        self._sandbox, self._user, self._close = sandbox, user, close
        self._shown = -1
        self._list: Element

    def build(self) -> None:
        with tag("aside", "side phone", aria_label=texts.LOCK_SCREEN):
            with tag("div", "head"):
                tag("h2", "", texts.LOCK_SCREEN)
                tag("button", "close", "✕", type="button", aria_label=texts.CLOSE).on("click", self._close)
            self._list = tag("div", "rings", tabindex="0", aria_label=texts.LOCK_SCREEN)
        self.refresh()

    def refresh(self) -> None:
        rang = rings(self._sandbox, self._user)
        if len(rang) == self._shown:
            return
        self._shown = len(rang)
        self._list.clear()
        with self._list:
            if not rang:
                tag("p", "empty", texts.NOTHING_RANG)
            for one in reversed(rang[-AT_MOST:]):
                self._ring(one)

    def _ring(self, one: Notification) -> None:
        space, zone = self._sandbox.workspace, self._sandbox.workspace.users[self._user].tz
        reading = people.reading(space, self._user, self._sandbox.time.now())
        with tag("article", "ring"):
            with tag("div", "by"):
                tag("span", "name", people.place_name(space, space.channel(one.channel)))
                day = dates.day_words(one.at, zone, self._sandbox.time.now())
                tag("time", "at", f"{dates.clock(one.at, zone)}, {day}")
            markup(to_html(one.text, reading), "text")


def rings(sandbox: Sandbox, user: str) -> list[Notification]:
    return [one for one in sandbox.workspace.notifications if one.user == user]
