"""Say something: put it into the queue, in the transaction of what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Integer, Table, Update, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.outbox import tables
from bot.outbox.rules import Kind, Op, Priority, State
from bot.outbox.tables import Conversation, Message
from bot.outbox.templates import Subject
from bot.store import LOCKED, UtcDateTime, at_end, insert_if_new, remembered

TOUCHED, WOKEN, ABOUT = "outbox_touched", "outbox_woken", "outbox_about"
AT_REST = (State.DEAD, State.DROPPED, State.EXPIRED)


class OutboxError(Exception):
    """Something an operator asked of the outbox cannot be done."""


@dataclass(frozen=True)
class Draft:
    """One thing to say. `dedupe_key` makes it happen once, whoever says it again."""

    target: str
    template: str
    subject: Subject
    dedupe_key: str
    kind: Kind = Kind.CARD
    facts: dict[str, Any] = field(default_factory=dict)
    priority: int = Priority.NORMAL
    not_before: datetime | None = None
    expires_at: datetime | None = None
    parent_id: int | None = None
    op: Op = Op.POST
    about: str | None = None
    gathers_at: datetime | None = None


def person(person_id: int) -> str:
    return f"person:{person_id}"


def channel(name: str) -> str:
    return f"channel:{name}"


def home(person_id: int) -> str:
    """The home tab of a person."""
    return f"home:{person_id}"


def slack_user(user_id: str) -> str:
    """Somebody who is not among the people, by their Slack id."""
    return f"user:{user_id}"


def enqueue(session: Session, draft: Draft, now: datetime) -> int | None:
    """Queue a message; its id, or None when its `dedupe_key` was queued before."""
    conversation_id = _conversation(session, draft.target)
    not_before = max(draft.not_before or now, now)
    # A message of a thread waits for the message that it hangs on to stand in Slack; with a dead one it ends.
    if draft.parent_id:
        hold(session, conversation_id)
    parent = session.get_one(Message, draft.parent_id, with_for_update=LOCKED) if draft.parent_id else None
    # What waits for working hours meets company there; hot leads come alone.
    waits = not_before > now and draft.priority >= Priority.NORMAL and not draft.parent_id
    due_at = not_before if parent is None or parent.ts is not None else None
    state = State.WAITING if parent is None or parent.state not in AT_REST else State(parent.state)
    message_id = insert_if_new(
        session,
        Message,
        conversation_id=conversation_id,
        parent_id=draft.parent_id,
        dedupe_key=draft.dedupe_key,
        about=draft.about,
        gathers_at=draft.gathers_at or (not_before if waits else None),
        kind=draft.kind,
        template=draft.template,
        subject_kind=draft.subject.kind,
        subject_id=draft.subject.id,
        facts=draft.facts,
        priority=draft.priority,
        not_before=not_before,
        expires_at=draft.expires_at,
        state=state,
        op=draft.op,
        due_at=due_at,
        revision=1,
        sent_revision=0,
        attempts=0,
        delivery_id=uuid4().hex,
        created_at=now,
    )
    if message_id is None:
        return _revived(session, draft, not_before)
    if due_at is not None and state == State.WAITING:
        wake(session, conversation_id, due_at, draft.priority)
    return message_id


def _revived(session: Session, draft: Draft, not_before: datetime) -> int | None:
    """What came to rest unsaid because nobody needed it, and is needed again, is said after all; else None."""
    known = session.scalars(select(Message).where(Message.dedupe_key == draft.dedupe_key)).one()
    unsaid = known.op == Op.POST and known.state == State.EXPIRED
    rested = known.op == Op.PUBLISH and known.state in AT_REST  # whatever ended it: it is asked for again
    if not (unsaid or rested):
        return None
    known.state, known.not_before, known.due_at, known.outcome = State.WAITING, not_before, not_before, None
    known.priority = draft.priority
    session.flush()
    wake(session, known.conversation_id, not_before, known.priority)
    return known.id


def place_of(session: Session, message_id: int) -> tuple[str, str] | None:
    """Where a message stands in Slack: its channel and ts; None while it does not."""
    found = session.get(Message, message_id)
    return (found.channel, found.ts) if found and found.channel and found.ts else None


def standing(session: Session, dedupe_key: str) -> int | None:
    """The message that was queued under this key, if it stands in Slack: something may hang on it."""
    found = select(Message.id).where(Message.dedupe_key == dedupe_key, Message.ts.is_not(None))
    return session.scalar(found)


def standing_at(session: Session, target: str, ts: str) -> list[tuple[str, Subject]]:
    """What a message in Slack tells, by template and subject: itself, or, where it is a bundle, its parts."""
    there = (Message.conversation_id == _conversation(session, target), Message.ts == ts)
    found = session.scalar(select(Message).where(*there))
    if found is None:
        return []
    parts = session.scalars(tables.parts_of(found.id)).all() or [found]
    return [(one.template, Subject(one.subject_kind, one.subject_id)) for one in parts]


def said_to(session: Session, target: str, dedupe_key: str) -> tuple[Subject, dict[str, Any]] | None:
    """What was queued under this key for a target: its subject and its facts."""
    mine = (Message.conversation_id == _conversation(session, target), Message.dedupe_key == dedupe_key)
    found = session.scalar(select(Message).where(*mine))
    return (Subject(found.subject_kind, found.subject_id), found.facts) if found else None


def kept(session: Session, about: str, target: str | None = None) -> Sequence[Message]:
    """Messages that say something of a kind that is not kept for long, by what they are about; to one, or to all."""
    there = [Message.conversation_id == _conversation(session, target)] if target else []
    return session.scalars(select(Message).where(Message.about == about, *there)).all()


def forget_said_to(session: Session, target: str, dedupe_key: str) -> None:
    """The same for what was queued under one key for a target."""
    mine = (Message.conversation_id == _conversation(session, target), Message.dedupe_key == dedupe_key)
    for message in session.scalars(select(Message).where(*mine)):
        forget(message)


def forget(message: Message) -> None:
    """Nothing of what it told is left; what stands in Slack is its reader's."""
    message.facts, message.about = {}, None


def touch(session: Session, subject: Subject, now: datetime, priority: int = Priority.NORMAL) -> None:
    """What `subject`'s cards show has changed: bring each up to date. Updates still pending collapse into one."""
    touched = session.info.setdefault(TOUCHED, {})
    known = touched.get(subject, (now, priority))
    touched[subject] = (now, min(known[1], priority))
    at_end(session, "outbox", lambda: _stir(session))


def touch_about(session: Session, about: str, now: datetime, priority: int = Priority.NORMAL) -> None:
    """The same for every card about a thing, whatever its subject: a reminder of it, say, or a bundle that tells it."""
    touch(session, Subject(ABOUT, 0), now, priority)
    session.info.setdefault(ABOUT, {})[about] = (now, priority)


def at_once(session: Session, target: str) -> None:
    """Let a home tab be published without waiting for its turn: in answer to a tap in it."""
    conversation_id = _conversation(session, target)
    hold(session, conversation_id)
    session.get_one(Conversation, conversation_id).next_send_at = None


def hold(session: Session, conversation_id: int) -> None:
    """Lock a conversation, always before its messages: the sender does so too, and neither waits for the other."""
    session.execute(tables.HELD, {"conversation": conversation_id})


def refresh(card: Message, now: datetime, priority: int) -> bool:
    """A card has a newer revision; whether it is due for an update now."""
    card.revision += 1
    if card.op == Op.POST or card.state in AT_REST:
        return False  # it is rendered when it is sent, or never
    card.priority = min(card.priority, priority)
    if card.state == State.SENT:
        card.due_at = now
    return card.state == State.SENT


def wake(session: Session, conversation_id: int, due_at: datetime, priority: int) -> None:
    """Let a conversation know that something in it is due at `due_at`."""
    woken = session.info.setdefault(WOKEN, {})
    due, urgency = woken.get(conversation_id, (due_at, priority))
    woken[conversation_id] = (min(due, due_at), min(urgency, priority))
    at_end(session, "outbox", lambda: _stir(session))


def ask_again(session: Session, target: str, now: datetime) -> None:
    """Something keeps new messages from somebody no longer: each is asked again when it may ring."""
    conversation = session.scalar(select(Conversation).where(Conversation.target == target))
    if conversation is None:
        return
    for message in session.scalars(tables.put_off(conversation.id, now)).all():
        message.due_at = max(message.not_before, now)
        wake(session, conversation.id, message.due_at, message.priority)


def _stir(session: Session) -> None:
    """Bring cards up to date and wake conversations: at the end, one conversation after the other in one order.

    Two units of work that speak in the same conversations would otherwise lock each other out.
    """
    cards = _touched_cards(session)
    woken = session.info.pop(WOKEN, {})
    for conversation_id in sorted({*woken, *cards}):
        hold(session, conversation_id)
        for card, now, priority in cards.get(conversation_id, ()):
            session.refresh(card, with_for_update=LOCKED)
            if refresh(card, now, priority):
                due, urgency = woken.get(conversation_id, (now, priority))
                woken[conversation_id] = (min(due, now), min(urgency, priority))
        session.flush()
        # What was to be said may have come to rest meanwhile, in this same unit of work.
        if conversation_id in woken and session.scalar(tables.EARLIEST_DUE, {"conversation": conversation_id}):
            due, urgency = woken[conversation_id]
            values = {"conversation": conversation_id, "due": due, "priority_of_it": urgency}
            session.connection().execute(_WAKE, values)


def _touched_cards(session: Session) -> dict[int, list[tuple[Message, datetime, int]]]:
    touched: dict[Subject, tuple[datetime, int]] = session.info.pop(TOUCHED, {})
    by_kind: dict[str, list[int]] = {}
    for subject in touched:
        by_kind.setdefault(subject.kind, []).append(subject.id)
    found: dict[int, list[tuple[Message, datetime, int]]] = {}
    by_kind.pop(ABOUT, None)
    for kind, ids in by_kind.items():
        for card in session.scalars(tables.cards_of(kind, ids)):
            _add_touched(session, found, card, *touched[Subject(card.subject_kind, card.subject_id)])
    abouts: dict[str, tuple[datetime, int]] = session.info.pop(ABOUT, {})
    for card in session.scalars(tables.cards_about(list(abouts))) if abouts else ():
        _add_touched(session, found, card, *abouts[card.about or ""])
    return found


def _add_touched(
    session: Session, found: dict[int, list[tuple[Message, datetime, int]]], card: Message, now: datetime, priority: int
) -> None:
    """What only points to a later message stays as it is; a part of a bundle shows in that."""
    whole = session.get_one(Message, card.joined_id) if card.joined_id else card
    if card.about and whole.ts is not None and is_older(session, card):
        return
    listed = found.setdefault(card.conversation_id, [])
    if all(known is not whole for known, *_ in listed):
        listed.append((whole, now, priority))


def _wake_statement() -> Update:
    """Only an earlier instant or a more urgent message changes a conversation."""
    c, due, urgency = Conversation, bindparam("due", type_=UtcDateTime()), bindparam("priority_of_it", type_=Integer())
    sooner = case((c.ready_at.is_(None), due), (c.ready_at > due, due), else_=c.ready_at)
    more_urgent = case((c.ready_at.is_(None), urgency), (c.ready_priority > urgency, urgency), else_=c.ready_priority)
    changes = or_(c.ready_at.is_(None), c.ready_at > due, c.ready_priority > urgency)
    table = update(cast(Table, c.__table__)).where(c.id == bindparam("conversation"), changes)
    return table.values(ready_at=sooner, ready_priority=more_urgent)


_WAKE = _wake_statement()


def rest(message: Message, state: State, outcome: str | None = None) -> None:
    """Take a message out of what is to be sent."""
    message.state, message.due_at, message.outcome = state, None, outcome


def expire(session: Session, message: Message) -> None:
    """Nobody needs it any more, nor what hangs on it."""
    for expired in (message, *session.scalars(tables.waiting_children(message.id))):
        rest(expired, State.EXPIRED, "nobody needs it any more")


def drop_waiting(session: Session, templates: str, until: datetime) -> int:
    """Take out what waits since before an instant, of templates that begin so: it is not to be said. How many."""
    then = (Message.state == State.WAITING, Message.template.startswith(templates), Message.created_at < until)
    found = session.scalars(select(Message).where(*then)).all()
    for message in found:
        rest(message, State.DROPPED, "of the past")
    for conversation_id in sorted({message.conversation_id for message in found}):
        settle_readiness(session, session.get_one(Conversation, conversation_id))
    return len(found)


def alone(session: Session, part: Message, now: datetime) -> None:
    """What was to be told within another message is told by itself."""
    part.joined_id, part.gathers_at, part.state, part.due_at, part.outcome = None, None, State.WAITING, now, None
    session.flush()
    wake(session, part.conversation_id, now, part.priority)


def is_older(session: Session, message: Message) -> bool:
    """Whether a later message about the same thing stands in this conversation."""
    if message.about is None:
        return False
    asked = {"conversation": message.conversation_id, "about": message.about, "than": message.id}
    return session.scalar(tables.A_NEWER_ONE, asked) is not None


def has_company(session: Session, target: str, now: datetime) -> bool:
    """Whether at least two messages wait there to go out together."""
    waiting = session.scalars(tables.waiting_for_company(_conversation(session, target), now)).all()
    return len(waiting) > 1


def subjects_of(session: Session, target: str, template: str, since: datetime, until: datetime) -> list[int]:
    """The subjects of what was to be told there after an instant and up to another, whether it was or not."""
    mine = (Message.conversation_id == _conversation(session, target), Message.template == template)
    then = (Message.not_before > since, Message.not_before <= until)
    return list(session.scalars(select(Message.subject_id).where(*mine, *then).order_by(Message.id)))


def said_before(session: Session, target: str, template: str, before: datetime) -> datetime:
    """When something of this kind was to be told there last, before an instant; a week before it if never."""
    mine = (Message.conversation_id == _conversation(session, target), Message.template == template)
    week_ago = before - timedelta(days=7)
    last = select(func.max(Message.not_before, type_=UtcDateTime())).where(*mine, Message.not_before < before)
    return max(session.scalar(last) or week_ago, week_ago)


def told_since(session: Session, target: str, about: str, since: datetime) -> bool:
    """Whether a message about this thing was posted there lately, by itself or within another one."""
    whole = aliased(Message)
    found = select(Message.id).outerjoin(whole, whole.id == Message.joined_id)
    lately = or_(Message.sent_at >= since, whole.sent_at >= since)
    mine = (Message.conversation_id == _conversation(session, target), Message.about == about)
    return session.scalar(found.where(*mine, lately).limit(1)) is not None


def was_said(session: Session, dedupe_key: str) -> bool:
    """Whether a message reached its reader, by itself or within another one."""
    whole = aliased(Message)
    found = select(Message.id).outerjoin(whole, whole.id == Message.joined_id)
    stands = or_(Message.ts.is_not(None), whole.ts.is_not(None))
    return session.scalar(found.where(Message.dedupe_key == dedupe_key, stands)) is not None


def company_at(session: Session, target: str, now: datetime, within: timedelta) -> datetime:
    """When something that may wait so long goes out: together with what waits there already, else after that time."""
    waiting = select(func.min(Message.gathers_at, type_=UtcDateTime())).where(
        Message.conversation_id == _conversation(session, target),
        Message.state == State.WAITING,
        Message.op == Op.POST,
        Message.gathers_at >= now - within,
        Message.gathers_at <= now + within,
    )
    session.flush()
    found = session.scalar(waiting)
    return max(found, now) if found else now + within


def settle_readiness(session: Session, conversation: Conversation) -> None:
    session.flush()
    conversation.ready_at = session.scalar(tables.EARLIEST_DUE, {"conversation": conversation.id})
    found = [session.scalar(tables.best_priority(conversation.id, op)) for op in Op] if conversation.ready_at else []
    conversation.ready_priority = min((p for p in found if p is not None), default=Priority.NONE)


def release_held(session: Session, now: datetime) -> None:
    """The pilot may have grown: let every held message ask again whether its recipient is in it."""
    for message in session.scalars(select(Message).where(Message.state == State.HELD)):
        message.state, message.due_at = State.WAITING, now
        session.flush()
        wake(session, message.conversation_id, now, message.priority)


def listing(
    session: Session, states: Sequence[str], limit: int, target: str | None = None
) -> list[tuple[Message, Conversation]]:
    return [(m, c) for m, c in session.execute(tables.by_state(list(states), limit, target))]


def counts(session: Session) -> dict[str, int]:
    """How many messages are in each state."""
    return dict(session.execute(tables.state_counts()).all())


def expected_to_stand(session: Session, now: datetime | None = None) -> set[str]:
    """Delivery ids of every message that must stand in Slack: all but what nobody needs any more or what is held.

    With `now`, what waits for a later time is not expected yet.
    """
    not_expected = (State.EXPIRED, State.DROPPED, State.HELD, State.JOINED)
    wanted = select(Message.delivery_id).where(Message.state.not_in(not_expected), Message.op != Op.PUBLISH)
    if now is not None:
        wanted = wanted.where(or_(Message.state != State.WAITING, Message.due_at <= now))
    return set(session.scalars(wanted))


HUNG_ON = "what it hangs on never reached Slack"


def retry(session: Session, message_id: int, now: datetime) -> None:
    """An operator mended the cause: try a dead, dropped or waiting message again, and what was to hang below it.

    Raises OutboxError.
    """
    message = _existing(session, message_id)
    if message.state in (State.IN_FLIGHT, State.AMBIGUOUS):
        raise OutboxError(f"message {message_id} may already stand in Slack; Tandem is looking and will settle it")
    if message.op == Op.POST or message.revision > message.sent_revision:
        message.state = State.WAITING if message.op == Op.POST else State.SENT
        message.due_at, message.attempts, message.outcome = now, 0, None
        for child in session.scalars(tables.buried_with(message.id, HUNG_ON)):
            child.state, child.due_at, child.attempts, child.outcome = State.WAITING, None, 0, None
        session.flush()
        wake(session, message.conversation_id, now, message.priority)
    else:
        raise OutboxError(f"message {message_id} stands in Slack as it should; there is nothing to try again")


def drop(session: Session, message_id: int) -> None:
    """An operator does not want it sent. Raises OutboxError when it was sent or is on its way."""
    message = _existing(session, message_id)
    if message.op == Op.UPDATE or message.state in (State.IN_FLIGHT, State.AMBIGUOUS):
        raise OutboxError(f"message {message_id} was sent or is on its way; it cannot be dropped")
    for dropped in (message, *session.scalars(tables.waiting_children(message.id))):
        rest(dropped, State.DROPPED, "dropped by an operator")
    settle_readiness(session, session.get_one(Conversation, message.conversation_id))


def _existing(session: Session, message_id: int) -> Message:
    message = session.get(Message, message_id)
    if message is None:
        raise OutboxError(f"there is no message {message_id}; `tandem outbox list` shows those there are")
    return message


def _conversation(session: Session, target: str) -> int:
    return remembered(session, ("conversation", target), lambda: _conversation_of(session, target))


def _conversation_of(session: Session, target: str) -> int:
    asked = {"target": target}
    found = session.scalar(tables.AT, asked)
    found = found or insert_if_new(session, Conversation, target=target, ready_priority=Priority.NONE)
    return found or session.scalars(tables.AT, asked).one()
