"""What the rooms above hand to the outbox: templates that render, and an address book that resolves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

Json = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What a message is about: a kind and an id, as in the journal."""

    kind: str
    id: int


@dataclass(frozen=True)
class Rendered:
    """A message as Slack gets it. `text` is what a lock screen shows: no personal data of a lead in it.

    `fresh_until` says when this rendering stops being right, such as the end of an undo; it is rendered again then.
    """

    text: str
    blocks: list[Json]
    fresh_until: datetime | None = None


@dataclass(frozen=True)
class RenderRequest:
    """What a renderer sees of the message it is to render."""

    subject: Subject
    facts: Json
    target: str
    now: datetime


def always_true(_session: Session, _request: RenderRequest) -> bool:
    return True


def at_once(_session: Session, request: RenderRequest) -> datetime:
    return request.now


def nothing_to_do(_session: Session, _request: RenderRequest, _reason: str) -> None:
    """The default when Slack will never take a message: the outbox's own list shows it."""


@dataclass(frozen=True)
class Template:
    """How a message is made; whether it is still worth sending; what follows when it can never be delivered.

    `may_ring_at` is when a new message may reach its recipient's phone, asked just before it is posted: what was
    held up in working hours is not to ring at night.
    """

    name: str
    render: Callable[[Session, RenderRequest], Rendered]
    still_true: Callable[[Session, RenderRequest], bool] = always_true
    on_dead: Callable[[Session, RenderRequest, str], None] = nothing_to_do
    may_ring_at: Callable[[Session, RenderRequest], datetime] = at_once


@dataclass(frozen=True)
class Address:
    """Where a target is reached in Slack: a user (a direct message is opened) or a channel's id or #name."""

    user: str | None = None
    channel: str | None = None
    held: bool = False  # the pilot leaves this recipient out for now
    unreachable: str | None = None


class AddressBook(Protocol):
    def address(self, session: Session, target: str) -> Address: ...


@dataclass
class Templates:
    """The templates of all rooms, registered where the services are put together."""

    _by_name: dict[str, Template] = field(default_factory=dict)

    def register(self, template: Template) -> None:
        if template.name in self._by_name:
            raise ValueError(f"template {template.name!r} is registered twice")
        self._by_name[template.name] = template

    def __getitem__(self, name: str) -> Template:
        return self._by_name[name]
