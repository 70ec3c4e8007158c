"""Queues, not floods: who has many unanswered leads gets one message with all of them instead of a card for each.

The message is edited in place. A new one, which rings, comes at most as often as the policy says, and only when leads
came in that its person has not seen. Hot leads and leads handed over by a colleague always come as cards.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.journal.service import RulesInForce
from bot.leads import tables
from bot.leads.rules import Answer
from bot.leads.tables import Lead, LeadQueue, Offer, QueueMessage
from bot.outbox import service as outbox
from bot.outbox.rules import Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.store import insert_if_new, remembered
from config.policy import Policy

QUEUE, ABOUT = "lead_queue", "queue"


def takes(session: Session, lead: Lead, person: Person, policy: Policy, not_before: datetime) -> bool:
    """Whether a lead just offered goes into its person's queue. Once begun, a queue holds for that working day."""
    if lead.hot:
        return False
    queue, day = _queue_of(session, person.id), _day(not_before, person)
    if queue is None or queue.day < day:
        waiting = session.scalar(tables.UNANSWERED, {"person": person.id}) or 0
        if waiting <= policy.queue.from_unanswered:  # this one is among them
            return False
        queue = queue or _new(session, person.id, day)
        queue.day = day
    every = timedelta(minutes=policy.queue.ping_every_minutes)
    due = max(not_before, queue.pinged_at + every) if queue.pinged_at else not_before
    queue.ping_due_at = min(queue.ping_due_at, due) if queue.ping_due_at else due
    return True


def _queue_of(session: Session, person_id: int) -> LeadQueue | None:
    """Somebody's queue, asked once in a unit of work: of many leads that come in together most find it known."""
    return remembered(session, _row_key(person_id), lambda: session.scalar(tables.QUEUE_OF, {"person": person_id}))


def holds(session: Session, lead: Lead, made: Offer, now: datetime) -> bool:
    """Whether a card that was not posted yet is to stay in the queue instead."""
    if lead.hot or made.handed_by_id is not None:
        return False
    queue = session.scalar(tables.queue_of(made.person_id))
    return queue is not None and queue.day >= _day(now, people.by_id(session, made.person_id))


def any_due(session: Session, now: datetime) -> bool:
    return session.scalar(select(LeadQueue.id).where(LeadQueue.ping_due_at <= now).limit(1)) is not None


def ping_due(session: Session, rules: RulesInForce, now: datetime, limit: int = 50) -> int:
    """Send the queue messages that are due; how many were."""
    due = session.scalars(tables.queues_due(now, limit)).all()
    return sum(_ping(session, queue, rules.policy, now) for queue in due)


def _ping(session: Session, queue: LeadQueue, policy: Policy, now: datetime) -> bool:
    queue.ping_due_at = None
    seen = max((at for at in (queue.looked_at, queue.pinged_at) if at), default=None)
    if not session.scalar(tables.unseen_by(queue.person_id, seen)):
        return False
    at_work = people.next_at_work(people.by_id(session, queue.person_id), policy, now)
    if at_work > now:
        queue.ping_due_at = at_work
        return False
    renew(session, queue.person_id, now)  # the last one then points to the new one
    last = session.scalar(tables.newest_queue_message(queue.id))
    number = last.number + 1 if last else 1
    message_id = insert_if_new(session, QueueMessage, queue_id=queue.id, number=number)
    if message_id is None:
        return False
    session.info.pop(("queue of", queue.person_id), None)
    queue.pinged_at = now
    key = f"queue:{queue.id}:{number}"
    draft = Draft(outbox.person(queue.person_id), QUEUE, Subject("queue", message_id), key, about=ABOUT)
    outbox.enqueue(session, draft, now)
    return True


def renew(session: Session, person_id: int, now: datetime, priority: int = Priority.NORMAL) -> None:
    """Bring somebody's queue message up to date."""
    asked = {"person": person_id}
    newest = remembered(session, ("queue of", person_id), lambda: session.scalar(tables.QUEUE_MESSAGE_OF, asked))
    if message_id := newest:
        outbox.touch(session, Subject("queue", message_id), now, priority)


def look(session: Session, person_id: int, now: datetime) -> None:
    """They have seen what is in their queue by now: it need not ring for that."""
    queue = session.scalar(tables.queue_of(person_id))
    if queue:
        queue.looked_at = now


def is_outdated(session: Session, message_id: int) -> bool:
    """Whether a later message of the same queue was made."""
    message = session.get_one(QueueMessage, message_id)
    return session.scalars(tables.newest_queue_message(message.queue_id)).one().id != message_id


def forget_newest(session: Session, message_id: int, now: datetime) -> None:
    """A queue message that was not posted, for nothing waits any more: the last one is alive again."""
    message = session.get_one(QueueMessage, message_id)
    queue = session.get_one(LeadQueue, message.queue_id)
    session.delete(message)
    session.flush()
    session.info.pop(("queue of", queue.person_id), None)
    renew(session, queue.person_id, now)


def show_next(session: Session, person_id: int, after: int, now: datetime) -> None:
    """Show a lead of the queue in it: the next one after the offer that is shown now, else the most urgent one.

    `after` is what the tapped button stood beside, so that a second tap skips nothing.
    """
    queue = session.scalar(tables.queue_of(person_id))
    if queue is None:
        return
    waiting = list(session.scalars(tables.waiting_ids(person_id)))
    place = waiting.index(after) + 1 if after in waiting else 0
    queue.shown_id = waiting[place % len(waiting)] if waiting else None
    queue.looked_at = now
    renew(session, person_id, now, Priority.ANSWER_TO_A_TAP)


def first_waiting(session: Session, person_id: int, number: int) -> list[int]:
    """The most urgent unanswered offers of somebody."""
    return list(session.scalars(tables.waiting_ids(person_id).limit(number)))


def unanswered(session: Session, person_id: int) -> list[Offer]:
    """Every offer that waits for somebody's answer."""
    found = select(Offer).where(Offer.person_id == person_id, Offer.answer == Answer.PENDING)
    return list(session.scalars(found.order_by(Offer.id)))


def _new(session: Session, person_id: int, day: date) -> LeadQueue:
    insert_if_new(session, LeadQueue, person_id=person_id, day=day)
    session.info.pop(_row_key(person_id), None)
    return session.scalars(tables.queue_of(person_id)).one()


def _row_key(person_id: int) -> tuple[str, int]:
    return ("queue row of", person_id)


def _day(at: datetime, person: Person) -> date:
    return at.astimezone(ZoneInfo(person.zone)).date()
