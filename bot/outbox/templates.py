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
    is_older: bool = False  # a later message about the same thing stands below: this one points to it


@dataclass(frozen=True)
class Row:
    """A message as a part of another one: what it asks for (a code, "" for what asks nothing), by when, how it shows.

    `about` tells parts that say the same apart from others; `foot` is said once below all of them; `fresh_until` is as
    with `Rendered`. `greets` makes the whole a morning brief; what `heads` it stands above all others.
    """

    asks: str
    blocks: list[Json]
    by: datetime | None = None
    about: str | None = None
    foot: str | None = None
    fresh_until: datetime | None = None
    greets: bool = False
    heads: bool = False


@dataclass(frozen=True)
class Regard:
    """What is owed to the attention of one person now.

    `most` new messages a day, counted since `day_began`; none before `quiet_until`; when their work ends today, if they
    work; the next morning brief.
    """

    most: int
    day_began: datetime
    next_brief: datetime
    day_ends: datetime | None = None
    brief_is_due: bool = False  # and not laid out yet: what came overnight waits a moment for it
    quiet_until: datetime | None = None


def always_true(_session: Session, _request: RenderRequest) -> bool:
    return True


def counts(_session: Session, _request: RenderRequest) -> bool:
    return False


def at_once(_session: Session, request: RenderRequest) -> datetime:
    return request.now


def nothing_to_do(_session: Session, _request: RenderRequest, _reason: str) -> None:
    """The default when Slack will never take a message: the outbox's own list shows it."""


@dataclass(frozen=True)
class Template:
    """How a message is made; whether it is still worth sending; what follows when it can never be delivered.

    `may_ring_at` is when a new message may reach its recipient's phone, asked just before it is posted: what was
    held up in working hours is not to ring at night. `is_free` is for what does not count against the day's budget.
    `row` is how it shows within a bundle; without one it is whole there. `waits_for_company` minutes after it was said
    it goes out, together with what else waits then; what never `joins` is said alone.
    """

    name: str
    render: Callable[[Session, RenderRequest], Rendered]
    still_true: Callable[[Session, RenderRequest], bool] = always_true
    on_dead: Callable[[Session, RenderRequest, str], None] = nothing_to_do
    may_ring_at: Callable[[Session, RenderRequest], datetime] = at_once
    is_free: Callable[[Session, RenderRequest], bool] = counts
    row: Callable[[Session, RenderRequest], Row] | None = None
    joins: bool = True


@dataclass(frozen=True)
class Address:
    """Where a target is reached in Slack: a user (a direct message is opened) or a channel's id or #name."""

    user: str | None = None
    channel: str | None = None
    held: bool = False  # the pilot leaves this recipient out for now
    unreachable: str | None = None


class AddressBook(Protocol):
    def address(self, session: Session, target: str) -> Address: ...

    def regard(self, session: Session, target: str, now: datetime) -> Regard | None:
        """What is owed to the attention of a target; None for one that is no person's direct messages."""


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
