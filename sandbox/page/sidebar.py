"""Who one acts as, and where one can go: channels and the app, with what is unread."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from nicegui import events
from nicegui.element import Element

from sandbox.page import people, texts
from sandbox.page.html import markup, tag
from sandbox.slack import Sandbox
from sandbox.state import Channel


@dataclass
class Sidebar:
    sandbox: Sandbox
    user: str
    here: str
    act_as: Callable[[str], Awaitable[None]]
    go: Callable[[str], Awaitable[None]]
    _signature: object = None
    _places: Element = field(init=False)

    def build(self) -> None:
        with tag("nav", "sidebar", aria_label=texts.PLACES):
            tag("div", "workspace", self.sandbox.workspace.name)
            with tag("label", "acting"):
                tag("span", "", texts.ACT_AS)
                select_person(self.sandbox, self.user, self.act_as)
                tag("span", "role", self.sandbox.workspace.users[self.user].title)
            self._places = tag("div", "places")
        self.refresh()

    def refresh(self) -> None:
        space = self.sandbox.workspace
        mine = [c for c in space.channels.values() if self.user in c.members and not c.is_im]
        mine.sort(key=lambda c: c.name)
        app = space.im_with(self.user)
        unread = {c.id: space.unread(self.user, c.id) for c in (*mine, app)}
        signature = (self.here, [c.id for c in mine], unread)
        if signature == self._signature:
            return
        self._signature = signature
        self._places.clear()
        with self._places:
            tag("h2", "", texts.APPS)
            self._place(app, unread[app.id])
            if mine:
                tag("h2", "", texts.CHANNELS)
            for channel in mine:
                self._place(channel, unread[channel.id])

    def _place(self, channel: Channel, unread: int) -> None:
        name = people.place_name(self.sandbox.workspace, channel)
        classes = " ".join(
            filter(None, ("place", "here" if channel.id == self.here else "", "unread" if unread else ""))
        )
        says = f"{name}, {texts.unread(unread)}" if unread else name
        here = "page" if channel.id == self.here else None
        with tag("button", classes, type="button", aria_label=says, aria_current=here) as shown:
            markup(name, name="span")
            if unread:
                # A direct message rings the phone and carries a number; a channel is only bold.
                tag("span", "count" if channel.is_im else "dot", str(unread) if channel.is_im else "")
        shown.on("click", lambda: self.go(channel.id))


def select_person(sandbox: Sandbox, user: str, chosen: Callable[[str], Awaitable[None]]) -> None:
    """Everybody of the workspace, by team, with what they do."""
    with tag("select", "person", aria_label=texts.ACT_AS) as select:
        for team, members in people.by_team(sandbox.workspace).items():
            with tag("optgroup", label=team):
                for user_id, name in members:
                    tag("option", "", name, value=user_id, selected=user_id == user)

    async def picked(event: events.GenericEventArguments) -> None:
        await chosen(str(event.args))

    select.on("change", picked, js_handler="(event) => emit(event.target.value)")
