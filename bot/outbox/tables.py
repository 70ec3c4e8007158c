"""The queue: conversations, the messages in them, the marks of past calls."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, bindparam, case, func, or_, select, text
from sqlalchemy.orm import Mapped, aliased, mapped_column

from bot.outbox.rules import State
from bot.store import LOCKED, Base, UtcDateTime


class Conversation(Base):
    """A place Tandem writes to. It, not a single message, is claimed: so order holds within it.

    `target` names it in our own words (`person:12`, `channel:#leads`); `channel` is Slack's id once known.
    `ready_at` is the earliest `due_at` of its messages, so that a claim looks only at what is due.
    """

    __tablename__ = "outbox_conversations"
    id: Mapped[int] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(String(80), unique=True)
    channel: Mapped[str | None] = mapped_column(String(20), index=True)
    ready_at: Mapped[datetime | None] = mapped_column(index=True)
    ready_priority: Mapped[int] = mapped_column(default=9)
    next_send_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(32))


DUE_ONLY: dict[str, Any] = {"sqlite_where": text("due_at IS NOT NULL"), "postgresql_where": text("due_at IS NOT NULL")}


ABOUT_ONLY: dict[str, Any] = {"sqlite_where": text("about IS NOT NULL"), "postgresql_where": text("about IS NOT NULL")}


class Message(Base):
    """A card or a letter. What is due has `due_at`; a message at rest has none.

    `about` names what it is about within its conversation (`lead:12`): only the newest message about a thing is whole,
    earlier ones point to it. `joined_id` is the message that tells it as one of its parts. `gathers_at` is set on what
    waits for company: from then on it goes out together with whatever else waits for it in this conversation.
    `put_off_at` is when it was put off for the sake of calm: that happens once.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        # Only what is due or will be is in these two, so that they stay small however much was said.
        Index("ix_outbox_messages_due", "conversation_id", "due_at", **DUE_ONLY),
        Index("ix_outbox_messages_turn", "conversation_id", "op", "priority", "due_at", "id", **DUE_ONLY),
        Index("ix_outbox_messages_subject", "subject_kind", "subject_id"),
        Index("ix_outbox_messages_state", "state", "id"),
        Index("ix_outbox_messages_about", "about", "conversation_id", **ABOUT_ONLY),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("outbox_conversations.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_messages.id"), index=True)
    joined_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_messages.id"), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    about: Mapped[str | None] = mapped_column(String(60))
    gathers_at: Mapped[datetime | None]
    put_off_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(String(8))
    template: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    facts: Mapped[dict[str, Any]]
    priority: Mapped[int]
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10))
    op: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[datetime | None]
    revision: Mapped[int]
    sent_revision: Mapped[int]
    attempts: Mapped[int]
    attempted_at: Mapped[datetime | None]
    delivery_id: Mapped[str] = mapped_column(String(32), unique=True)
    channel: Mapped[str | None] = mapped_column(String(20))
    ts: Mapped[str | None] = mapped_column(String(20), index=True)
    outcome: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Ping(Base):
    """A new direct message that reached a person's phone; whether it counted against their day, and was acted on."""

    __tablename__ = "outbox_pings"
    __table_args__ = (Index("ix_outbox_pings_day", "conversation_id", "at"), Index("ix_outbox_pings_at", "at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("outbox_conversations.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_messages.id"), unique=True)
    at: Mapped[datetime]
    counted: Mapped[bool]
    acted_at: Mapped[datetime | None]


class CallMark(Base):
    """When a rate-limited method was called; marks older than a minute are swept."""

    __tablename__ = "outbox_call_marks"
    __table_args__ = (Index("ix_outbox_call_marks_bucket", "bucket", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]


class Pause(Base):
    """Until when Slack asked us not to call a method."""

    __tablename__ = "outbox_pauses"
    id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(String(60), unique=True)
    until: Mapped[datetime]


class SlackLink(Base):
    """Our standing with Slack: one row. `halted_token` is the fingerprint of the token that Slack refused."""

    __tablename__ = "outbox_slack_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    bot_user_id: Mapped[str | None] = mapped_column(String(20))
    team_id: Mapped[str | None] = mapped_column(String(20))
    halted_token: Mapped[str | None] = mapped_column(String(64))
    halted_reason: Mapped[str | None] = mapped_column(String(80))
    halted_at: Mapped[datetime | None]


def claimable(now: datetime, allowed_ops: list[str]) -> Select[Conversation]:
    """The conversation to serve next: a tap's answer first, then the oldest ready; none that is leased or paced."""
    free = or_(Conversation.leased_until.is_(None), Conversation.leased_until <= now)
    paced = or_(Conversation.next_send_at.is_(None), Conversation.next_send_at <= now)
    has_work = (
        select(Message.id)
        .where(Message.conversation_id == Conversation.id, Message.op.in_(allowed_ops), Message.due_at <= now)
        .exists()
    )
    # Ready since its message was due or its last pause ended: so a long backlog in one does not starve the next.
    ready_since = case(
        (Conversation.next_send_at > Conversation.ready_at, Conversation.next_send_at), else_=Conversation.ready_at
    )
    return (
        select(Conversation)
        .where(Conversation.ready_at <= now, free, paced, has_work)
        .order_by(Conversation.ready_priority, ready_since, Conversation.id)
        .limit(1)
        .with_for_update(skip_locked=True, **LOCKED)
    )


def next_message(conversation_id: int, now: datetime, op: str) -> Select[Message]:
    """The next message of a conversation that wants `op`: by priority, then by how long it is due.

    The index of turns gives the first at once. Were `due_at` compared as it is, SQLite would rather look up all that is
    due, and sort it.
    """
    due = func.coalesce(Message.due_at, Message.due_at) <= now
    return (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.op == op, Message.due_at.is_not(None), due)
        .order_by(Message.priority, Message.due_at, Message.id)
        .limit(1)
    )


# Asked for each conversation something is said in: made once, for such a statement costs more to build than to run.
EARLIEST_DUE: Select[datetime | None] = (
    select(Message.due_at)
    .where(Message.conversation_id == bindparam("conversation"), Message.due_at.is_not(None))
    .order_by(Message.due_at)
    .limit(1)
)
HELD: Select[int] = (
    select(Conversation.id).where(Conversation.id == bindparam("conversation")).with_for_update(**LOCKED)
)
AT: Select[int] = select(Conversation.id).where(Conversation.target == bindparam("target"))


def best_priority(conversation_id: int, op: str) -> Select[int]:
    waits = (Message.conversation_id == conversation_id, Message.op == op, Message.due_at.is_not(None))
    return select(Message.priority).where(*waits).order_by(Message.priority).limit(1)


def by_state(states: list[str], limit: int, target: str | None = None) -> Select[Message, Conversation]:
    found = (
        select(Message, Conversation)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.state.in_(states))
        .order_by(Message.id)
        .limit(limit)
    )
    return found.where(Conversation.target == target) if target else found


def cards_of(subject_kind: str, subject_ids: list[int]) -> Select[Message]:
    return select(Message).where(
        Message.subject_kind == subject_kind, Message.subject_id.in_(subject_ids), Message.kind == "card"
    )


def parts_of(message_id: int) -> Select[Message]:
    """The messages that a bundle tells, in the order they came."""
    return select(Message).where(Message.joined_id == message_id).order_by(Message.id)


def waiting_for_company(conversation_id: int, now: datetime) -> Select[Message]:
    """What waits to go out with others, and may go by now."""
    waits = (Message.conversation_id == conversation_id, Message.op == "post", Message.due_at <= now)
    mine = (Message.state == State.WAITING, Message.gathers_at <= now, Message.parent_id.is_(None))
    return select(Message).where(*waits, *mine).order_by(Message.id)


# Every message about a thing in a conversation, the oldest first.
ABOUT_IT = (
    select(Message)
    .where(Message.conversation_id == bindparam("conversation"), Message.about == bindparam("about"))
    .order_by(Message.id)
)


def cards_about(abouts: list[str]) -> Select[Message]:
    return select(Message).where(Message.about.in_(abouts), Message.kind == "card")


def _a_newer_one() -> Select[int]:
    newer, whole = aliased(Message), aliased(Message)
    stands = or_(
        newer.ts.is_not(None), select(whole.id).where(whole.id == newer.joined_id, whole.ts.is_not(None)).exists()
    )
    same = (newer.conversation_id == bindparam("conversation"), newer.about == bindparam("about"))
    return select(newer.id).where(*same, newer.id > bindparam("than"), stands).limit(1)


# Whether a later message about the same thing stands in a conversation, by itself or within a bundle. Made once: every
# card that is rendered asks it.
A_NEWER_ONE = _a_newer_one()


# How many pings counted against somebody's day.
PINGS_SINCE = select(func.count()).where(
    Ping.conversation_id == bindparam("conversation"), Ping.at >= bindparam("since", type_=UtcDateTime()), Ping.counted
)


def ping_totals(edges: Sequence[datetime]) -> Select[int, int, int]:
    """How many pings went out between one edge and the next, and how many of them were acted on in time."""
    ends = [(Ping.at < edge, number) for number, edge in enumerate(edges[1:-1])]
    span = (case(*ends, else_=len(edges) - 2) if ends else case((Ping.at.is_not(None), 0))).label("span")
    found = select(span, func.count(), func.count(Ping.acted_at))
    return found.where(Ping.at >= edges[0], Ping.at < edges[-1]).group_by(span)


def waiting_children(parent_id: int) -> Select[Message]:
    child = aliased(Message)
    return select(child).where(child.parent_id == parent_id, child.state == State.WAITING, child.due_at.is_(None))


def buried_with(parent_id: int, outcome: str) -> Select[Message]:
    child = aliased(Message)
    return select(child).where(child.parent_id == parent_id, child.state == State.DEAD, child.outcome == outcome)


def put_off(conversation_id: int, now: datetime) -> Select[Message]:
    """New messages of a conversation that wait for a later time than the one they were made for."""
    waits = (Message.conversation_id == conversation_id, Message.op == "post", Message.state == State.WAITING)
    return select(Message).where(*waits, Message.due_at > now, Message.not_before < Message.due_at)


def state_counts() -> Select[str, int]:
    return select(Message.state, func.count()).group_by(Message.state)
