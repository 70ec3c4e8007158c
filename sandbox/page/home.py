"""The app's home tab, as it was published for one person."""

import json
from typing import Any

from nicegui.element import Element

from sandbox.page import people, texts
from sandbox.page.blocks import BlockList
from sandbox.page.html import tag
from sandbox.page.surface import Surface
from sandbox.persons import Person
from sandbox.slack import Sandbox

Json = dict[str, Any]


class Home:
    def __init__(self, sandbox: Sandbox, user: str) -> None:
        self._sandbox, self._user = sandbox, user
        self._signature: str | None = None
        self._notice: Element
        self._blocks: BlockList

    def build(self) -> None:
        with tag("div", "scroller home"), tag("div", "home-blocks", tabindex="0", aria_label=texts.HOME):
            self._notice = tag("div")
            self._blocks = BlockList(tag("div"))
        self.refresh()

    def refresh(self) -> None:
        view = self._sandbox.workspace.homes.get(self._user)
        signature = json.dumps([view.hash, view.errors]) if view else ""
        if signature == self._signature:
            return
        self._signature = signature
        self._notice.clear()
        with self._notice:
            if view is None:
                tag("p", "empty", texts.NO_HOME)
            elif "" in view.errors:
                tag("p", "error", view.errors[""], role="alert")
        if view:
            self._blocks.show(view.payload["blocks"], self._surface(view.id, view.values))

    def _surface(self, key: str, values: Json) -> Surface:
        space = self._sandbox.workspace
        person = Person(self._sandbox, self._user)

        async def use(block: Json, element: Json, chosen: Json) -> None:
            await person.tap_in_view(element["action_id"], block.get("block_id"), **chosen)
            self._sandbox.changed()

        def fill(block: Json, element: Json, given: Any) -> None:
            person.fill(element["action_id"], given, block.get("block_id"))

        reading = people.reading(space, self._user, self._sandbox.time.now())
        return Surface(f"v{key}", reading, space, use, fill, values=values)
