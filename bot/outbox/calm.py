"""How often Tandem rings: one budget for each person and day, company for what can wait, and what came of each ping.

A ping is a new direct message; an edit of one that stands is none. Asked by the sender, just before it would post.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from bot.outbox import service, tables
from bot.outbox.rules import ACTED_WITHIN, LAST_MINUTES, OVERFLOW_WAIT, TIME_TO_ACT, Kind, Op, Priority, State
from bot.outbox.tables import Conversation, Message, Ping
from bot.outbox.templates import Regard, RenderRequest, Templates
from bot.store import insert_if_new

BUNDLE, A_MOMENT = "bundle", timedelta(seconds=5)


@dataclass(frozen=True)
class Said:
    """A message that is about to be posted, with everything that decides whether it rings now."""

    message: Message
    conversation: Conversation
    request: RenderRequest
    regard: Regard | None


def rings_at(session: Session, said: Said, templates: Templates, now: datetime) -> datetime:
    """When it may ring: now, when their quiet ends, or, over the day's budget, with the next bundle or brief.

    In the last minutes of somebody's day only what is due today rings.
    """
    message, regard = said.message, said.regard
    if regard is None or message.priority <= Priority.DUTY:
        return now
    if regard.quiet_until and regard.quiet_until > now:
        message.gathers_at = message.gathers_at or regard.quiet_until
        return regard.quiet_until
    template = templates[message.template]
    if regard.brief_is_due and message.gathers_at and message.template != BUNDLE:
        return now + A_MOMENT
    if message.template == BUNDLE or message.put_off_at or template.is_free(session, said.request):
        return now
    if regard.day_ends and regard.day_ends - now <= LAST_MINUTES:
        by = _due(session, said, templates)
        if by is None or by > regard.day_ends:
            message.gathers_at, message.put_off_at = regard.next_brief, now
            return regard.next_brief
    counted = {"conversation": said.conversation.id, "since": regard.day_began}
    used = session.scalar(tables.PINGS_SINCE, counted) or 0
    if used < regard.most:
        return now
    message.gathers_at, message.put_off_at = _overflows_to(session, said, templates, regard, now), now
    return message.gathers_at


def _overflows_to(session: Session, said: Said, templates: Templates, regard: Regard, now: datetime) -> datetime:
    """What is due before the next brief joins the bundle of this hour; everything else waits for the brief."""
    by = _due(session, said, templates)
    if by is None or by > regard.next_brief + TIME_TO_ACT:
        return regard.next_brief
    waiting = select(func.min(Message.gathers_at, type_=Message.gathers_at.type)).where(
        Message.conversation_id == said.conversation.id,
        Message.state == State.WAITING,
        Message.put_off_at.is_not(None),
        Message.gathers_at > now,
        Message.gathers_at <= now + OVERFLOW_WAIT,
    )
    hour = now.replace(minute=0, second=0, microsecond=0) + OVERFLOW_WAIT
    return min(session.scalar(waiting) or hour, max(by, now + timedelta(minutes=1)))


def _due(session: Session, said: Said, templates: Templates) -> datetime | None:
    """By when something is to be done about a message; None for what asks nothing."""
    row = templates[said.message.template].row
    return row(session, said.request).by if row else None


def gather(session: Session, said: Said, templates: Templates, now: datetime) -> bool:
    """Put everything that waits for company into one message; whether this one is told there and not by itself."""
    message = said.message
    if said.regard is None or message.gathers_at is None or not templates[message.template].joins:
        return False
    waiting = session.scalars(tables.waiting_for_company(said.conversation.id, now)).all()
    parts = [m for m in waiting if templates[m.template].joins and m.template != BUNDLE]
    if len(parts) < 2:
        return False
    bundle_id = insert_if_new(session, Message, **_bundle(parts, said.conversation, now))
    if bundle_id is None:
        return False
    for part in parts:
        part.joined_id = bundle_id
        service.rest(part, State.JOINED, f"told in message {bundle_id}")
    session.flush()
    return True


def _bundle(parts: list[Message], conversation: Conversation, now: datetime) -> dict[str, Any]:
    return {
        "conversation_id": conversation.id,
        "dedupe_key": f"{BUNDLE}:{parts[0].id}:{parts[0].revision}",
        "kind": Kind.CARD,
        "template": BUNDLE,
        "subject_kind": BUNDLE,
        "subject_id": parts[0].id,
        "facts": {},
        "priority": min(part.priority for part in parts),
        "not_before": now,
        "state": State.WAITING,
        "op": Op.POST,
        "due_at": now,
        "revision": 1,
        "sent_revision": 0,
        "attempts": 0,
        "delivery_id": uuid4().hex,
        "created_at": now,
    }


def rang(session: Session, conversation: Conversation, message: Message, *, free: bool, now: datetime) -> None:
    """A message stands: it counts, and earlier ones about the same point to it from now on."""
    insert_if_new(
        session, Ping, conversation_id=conversation.id, message_id=message.id, at=now, counted=not free, acted_at=None
    )
    parts = session.scalars(tables.parts_of(message.id)).all() if message.template == BUNDLE else [message]
    for part in parts:
        asked = {"conversation": conversation.id, "about": part.about}
        for older in session.scalars(tables.ABOUT_IT, asked) if part.about else ():
            whole = session.get_one(Message, older.joined_id) if older.joined_id else older
            if older.id < part.id and whole.id != message.id and whole.ts is not None:
                service.refresh(whole, now, Priority.NORMAL)


def acted(session: Session, target: str, about: str, now: datetime) -> int:
    """Somebody did something about a thing: the pings of the last hour that told them of it were worth it."""
    told = (
        select(func.coalesce(Message.joined_id, Message.id))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.target == target, Message.about == about)
    )
    fresh = (Ping.message_id.in_(told), Ping.acted_at.is_(None), Ping.at > now - ACTED_WITHIN)
    marked = session.execute(
        update(Ping).where(*fresh).values(acted_at=now).execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", marked).rowcount


def totals(session: Session, edges: Sequence[datetime]) -> list[tuple[int, int]]:
    """How many pings went out from each edge to the next, and how many of them were acted on within the hour."""
    found = {span: (sent, acted_on) for span, sent, acted_on in session.execute(tables.ping_totals(edges))}
    return [found.get(number, (0, 0)) for number in range(len(edges) - 1)]
