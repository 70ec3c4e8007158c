"""Where blocks are drawn: who reads them, and what using an element of them does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sandbox.page.mrkdwn import Reading
from sandbox.state import Workspace

Json = dict[str, Any]


async def no_suggestions(_element: Json, _typed: str) -> list[Json]:
    return []


@dataclass(frozen=True)
class Surface:
    """A message, a modal or a home tab, as its blocks need it.

    `use` sends an action to the app: block, element, what was chosen. `fill` only keeps what was typed; without it,
    as in a message, everything is sent at once. `values` is what is chosen so far, `errors` are by block.
    """

    key: str
    reading: Reading
    space: Workspace
    use: Callable[[Json, Json, Json], Awaitable[None]]
    fill: Callable[[Json, Json, Any], None] | None = None
    suggest: Callable[[Json, str], Awaitable[list[Json]]] = no_suggestions
    upload: Callable[[str, bytes], Json] | None = None
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def image_url(self, block: Json) -> str:
        """Of an image by its address, or by a file that was uploaded."""
        if block.get("image_url"):
            return str(block["image_url"])
        file = self.space.files.get(str((block.get("slack_file") or {}).get("id")))
        return file_url(file.id, file.name) if file else ""


def file_url(file_id: str, name: str) -> str:
    return f"/files/{file_id}/{quote(name, safe='')}"
