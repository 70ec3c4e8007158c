"""One person's client: where they are, what they see there, and the modal on top."""

from collections.abc import Callable

from nicegui.element import Element

from sandbox.page import people, texts
from sandbox.page.composer import Composer
from sandbox.page.conversation import Conversation
from sandbox.page.home import Home
from sandbox.page.html import markup, tag
from sandbox.page.modal import Modal
from sandbox.page.phone import Phone, rings
from sandbox.page.sidebar import Sidebar
from sandbox.persons import Person
from sandbox.slack import Sandbox

HOME = "home"


class Pane:
    """Built anew for each person; `moved` is told when the person or the place changes."""

    def __init__(self, sandbox: Sandbox, user: str, place: str, moved: Callable[[], None]) -> None:
        self._sandbox, self.user, self.place, self._moved = sandbox, user, place, moved
        self._thread: Conversation | None = None
        self._phone: Phone | None = None
        self._listing = False  # on a narrow screen: the list of places instead of one of them
        self._rang, self._looked = -1, 0
        self._drafts: dict[tuple[str, str | None], str] = {}

    # -- drawing -------------------------------------------------------------------------------------------------

    def build(self) -> None:
        with tag("section", "pane", data_user=self.user) as self._root:
            self._fill()

    def _fill(self) -> None:
        space = self._sandbox.workspace
        self._root.props["aria-label"] = space.users[self.user].real_name
        self._root.props["data-user"] = self.user
        self._thread = self._phone = None
        with self._root:
            with tag("div", "client") as self._client:
                self._sidebar = Sidebar(self._sandbox, self.user, self.channel, self._act_as, self.go)
                self._sidebar.build()
                with tag("div", "main"):
                    self._main = tag("div", "place-holder")
                self._side = tag("div", "side-holder")
            holder = tag("div", "modal-holder")
        self._modal = Modal(self._sandbox, self.user, holder, self._client)
        self._show_place()
        self._modal.refresh()

    @property
    def channel(self) -> str:
        return self._sandbox.workspace.im_with(self.user).id if self.place == HOME else self.place

    def _show_place(self) -> None:
        space = self._sandbox.workspace
        name = people.place_name(space, space.channel(self.channel))
        self._root.classes(add="listing" if self._listing else "", remove="" if self._listing else "listing")
        self._main.clear()
        self._rang = -1
        with self._main:
            self._header(name)
            if self.place == HOME:
                self._talk: Conversation | Home = Home(self._sandbox, self.user)
                self._talk.build()
                return
            since = space.last_read(self.user, self.channel) if space.unread(self.user, self.channel) else None
            self._talk = Conversation(self._sandbox, self.user, self.channel, None, self._open_thread, since)
            self._talk.build()
            Composer(self._sandbox, self.user, self.channel, name, None, self._drafts).build()

    def _header(self, name: str) -> None:
        space = self._sandbox.workspace
        with tag("header", "title"):
            first_name = space.users[self.user].real_name.partition(" ")[0]
            back = tag("button", "back", f"‹ {first_name}", type="button", aria_label=f"{first_name}: {texts.BACK}")
            back.on("click", self._to_list)
            tag("h1", "", name)
            if space.channel(self.channel).is_im and space.app_has_home:
                with tag("nav", "tabs", aria_label=name):
                    self._tab(texts.HOME, HOME)
                    self._tab(texts.MESSAGES, space.im_with(self.user).id)
            self._bell: Element = tag("button", "bell", type="button", aria_label=texts.LOCK_SCREEN)
            self._bell.on("click", self._toggle_phone)
        self._ring()

    def _tab(self, label: str, place: str) -> None:
        shown = tag("button", "tab", label, type="button", aria_current="page" if place == self.place else None)
        shown.on("click", lambda: self.go(place))

    def _ring(self) -> None:
        """How often the phone rang since one last looked at it."""
        every = len(rings(self._sandbox, self.user))
        if self._phone:
            self._looked = every
        number = every - self._looked
        if number == self._rang:
            return
        self._rang = number
        self._bell.clear()
        with self._bell:
            markup("🔔", name="span")
            if number:
                tag("span", "rang", str(number))
        self._bell.props["aria-label"] = f"{texts.LOCK_SCREEN}: {texts.rang(number)}"

    # -- staying up to date --------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Something has changed: bring every part up to date."""
        self._talk.refresh()
        if self._thread:
            self._thread.refresh()
        if self._phone:
            self._phone.refresh()
        if self.place != HOME and not self._listing:
            self._sandbox.workspace.mark_read(self.user, self.channel)
        self._sidebar.refresh()
        self._ring()
        self._modal.refresh()

    # -- moving --------------------------------------------------------------------------------------------------

    async def go(self, place: str) -> None:
        self.place, self._listing = place, False
        with self._root:  # what was tapped may be gone by now
            self._close_side()
            self._sidebar.here = self.channel
            self._show_place()
            self._moved()
            self.refresh()
        if place == HOME:
            await Person(self._sandbox, self.user).open_home()

    async def _act_as(self, user: str) -> None:
        space = self._sandbox.workspace
        at_home, in_channel = self.place == HOME, not space.channel(self.channel).is_im
        self.user, self._drafts, self._looked = user, {}, 0
        if not (at_home or (in_channel and user in space.channel(self.place).members)):
            self.place = space.im_with(user).id
        with self._root:
            self._root.clear()
            self._fill()
        await self.go(self.place)

    def _to_list(self) -> None:
        self._listing = True
        self._root.classes(add="listing")

    def _open_thread(self, ts: str) -> None:
        self._close_side()
        with self._side, tag("aside", "side", aria_label=texts.THREAD):
            with tag("div", "head"):
                tag("h2", "", texts.THREAD)
                tag("button", "close", "✕", type="button", aria_label=texts.CLOSE).on("click", self._close_side)
            self._thread = Conversation(self._sandbox, self.user, self.channel, ts)
            self._thread.build()
            Composer(self._sandbox, self.user, self.channel, texts.THREAD.lower(), ts, self._drafts).build()

    def _toggle_phone(self) -> None:
        was_open = self._phone is not None
        self._close_side()
        if not was_open:
            with self._side:
                self._phone = Phone(self._sandbox, self.user, self._close_side)
                self._phone.build()
            self._ring()

    def _close_side(self) -> None:
        self._thread = self._phone = None
        self._side.clear()
