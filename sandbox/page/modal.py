"""The modal on top of a person's stack, with what they typed and what needs a correction."""

import json
from typing import Any

from nicegui import ui
from nicegui.element import Element

from sandbox.page import people, texts
from sandbox.page.blocks import BlockList
from sandbox.page.elements import busy
from sandbox.page.html import tag
from sandbox.page.surface import Surface
from sandbox.persons import Person
from sandbox.slack import Sandbox
from sandbox.state import View

Json = dict[str, Any]


class Modal:
    """Draws the modal on top into `holder`; `behind` cannot be reached while there is one."""

    def __init__(self, sandbox: Sandbox, user: str, holder: Element, behind: Element) -> None:
        self._sandbox, self._user, self._holder, self._behind = sandbox, user, holder, behind
        self._signature: tuple[Any, ...] = ()
        self._framed: tuple[str, ...] = ()
        self._notice: Element
        self._blocks: BlockList

    def refresh(self) -> None:
        view = Person(self._sandbox, self._user).modal()
        signature = (view.id, view.hash, tuple(view.errors.items())) if view else ()
        if signature == self._signature:
            return
        before, self._signature = self._signature, signature
        if view is None:
            self._holder.clear()
            self._behind.props.pop("inert", None)
            self._behind.update()
            ui.run_javascript("leave()")
            return
        frame = (view.id, *(json.dumps(view.payload.get(part)) for part in ("title", "submit", "close")))
        if not before or frame != self._framed:
            self._framed = frame
            self._holder.clear()
            self._behind.props["inert"] = ""
            with self._holder:
                self._frame(view)
        self._fill(view)
        ui.run_javascript(f"enter({self._holder.id}, {'true' if view.errors else 'false'})")

    def _frame(self, view: View) -> None:
        """Everything around the blocks: it stays while they change, so that no tap on it goes astray."""
        payload, person = view.payload, Person(self._sandbox, self._user)
        title = payload["title"]["text"]
        # A tap beside the modal leaves the keyboard where it is.
        tag("div", "veil").on("mousedown", js_handler="(event) => event.preventDefault()")
        with tag("div", "modal", role="dialog", aria_modal="true", aria_label=title) as box:
            with tag("div", "head"):
                tag("h2", "", title)
                close = tag("button", "close", "✕", type="button", aria_label=texts.CLOSE)
                close.on("click", person.close)
            with tag("div", "fields-of-form"):
                self._notice = tag("div")
                self._blocks = BlockList(tag("div"))
            with tag("div", "foot"):
                no = tag("button", "button", (payload.get("close") or {}).get("text", texts.CANCEL), type="button")
                no.on("click", lambda: person.close(all_of_them=False))
                if submit := payload.get("submit"):
                    yes = tag("button", "button primary", submit["text"], type="button")
                    yes.on("click", lambda: self._submit(person, yes))
            box.on("keydown.escape", lambda: person.close(all_of_them=False))

    def _fill(self, view: View) -> None:
        self._notice.clear()
        if "" in view.errors:
            with self._notice:
                tag("p", "error", view.errors[""], role="alert")
        self._blocks.show(view.payload["blocks"], self._surface(view))

    async def _submit(self, person: Person, button: Element) -> None:
        with busy(button):
            await person.submit({})

    def _surface(self, view: View) -> Surface:
        sandbox, user = self._sandbox, self._user
        person, space = Person(sandbox, user), sandbox.workspace

        async def use(block: Json, element: Json, chosen: Json) -> None:
            await person.tap_in_view(element["action_id"], block.get("block_id"), **chosen)
            sandbox.changed()

        def fill(block: Json, element: Json, given: Any) -> None:
            person.fill(element["action_id"], given, block.get("block_id"))

        async def suggest(element: Json, typed: str) -> list[Json]:
            return await person.suggestions(element["action_id"], typed)

        def upload(name: str, content: bytes) -> Json:
            return person.upload(name, content).as_slack()

        reading = people.reading(space, user, sandbox.time.now())
        return Surface(
            f"v{view.id}", reading, space, use, fill, suggest, upload, values=view.values, errors=view.errors
        )
