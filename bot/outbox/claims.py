"""What one step of the sender is to do: the call, and everything that is needed for it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.outbox import pace
from bot.outbox.limits import Problem, check_message, check_view
from bot.outbox.rules import POST_INTERVAL, PUBLISH_INTERVAL, Op, State
from bot.outbox.tables import Conversation, Message
from bot.outbox.templates import Address, Json, Rendered, RenderRequest, Subject


class Action(StrEnum):
    OPEN = "open"
    LOOK = "look"
    POST = "post"
    UPDATE = "update"
    PUBLISH = "publish"


CALLS = (Action.POST, Action.UPDATE, Action.PUBLISH)  # those that change what stands in Slack
BUCKETS = {
    Action.OPEN: "conversations.open",
    Action.LOOK: "conversations.history",
    Action.POST: pace.POSTING,
    Action.UPDATE: "chat.update",
    Action.PUBLISH: "views.publish",
}
INTERVALS = {Action.POST: POST_INTERVAL, Action.PUBLISH: PUBLISH_INTERVAL}


@dataclass(frozen=True)
class Claim:
    """What one step is to do, and everything it needs for it."""

    lease: str
    conversation_id: int
    message_id: int
    action: Action
    bucket: str
    address: Address
    delivery_id: str
    channel: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    since: datetime | None = None
    payload: Json | None = None
    revision: int = 0
    fresh_until: datetime | None = None


def request_for(message: Message, conversation: Conversation, now: datetime) -> RenderRequest:
    """What a template sees of a message."""
    return RenderRequest(Subject(message.subject_kind, message.subject_id), message.facts, conversation.target, now)


def payload_of(action: Action, rendered: Rendered) -> Json:
    """What goes to Slack."""
    if action == Action.PUBLISH:
        return {"type": "home", "blocks": rendered.blocks}
    return {"text": rendered.text, "blocks": rendered.blocks}


def problems_of(action: Action, payload: Json) -> list[Problem]:
    """What Slack would refuse in it."""
    return check_view(payload) if action == Action.PUBLISH else check_message(payload, update=action == Action.UPDATE)


def action_for(conversation: Conversation, message: Message) -> Action:
    """The call that a message needs next."""
    if message.op != Op.POST:
        return Action(message.op)
    if message.state in (State.IN_FLIGHT, State.AMBIGUOUS):
        return Action.LOOK
    return Action.POST if conversation.channel else Action.OPEN


def thread_of(session: Session, message: Message) -> str | None:
    """The message that a reply hangs on, by its ts in Slack."""
    if message.parent_id is None:
        thread = message.facts.get("thread_ts")  # of a message that is not ours
        return str(thread) if thread else None
    return session.scalar(select(Message.ts).where(Message.id == message.parent_id))
