"""Take messages out of the queue and bring them to Slack: claim, send, settle.

A step is three parts. *Claim* is one committed transaction: it leases a conversation, picks its next message, renders
it from the present state and notes that a call begins. *Send* is one HTTP call, with no transaction held. *Settle* is
one transaction again. A worker that dies in between leaves a message in flight: after the lease, whoever comes next
looks in Slack's history before anything is posted a second time.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.outbox import calm, pace, service, tables
from bot.outbox.claims import (
    BUCKETS,
    CALLS,
    INTERVALS,
    Action,
    Claim,
    action_for,
    payload_of,
    problems_of,
    request_for,
    thread_of,
)
from bot.outbox.rules import (
    CANNOT_BE_SHOWN,
    LEASE,
    LOOK_BACK,
    SETTLING_WAIT,
    Ambiguous,
    Dead,
    Halt,
    Op,
    Outcome,
    Priority,
    RetryAfter,
    Sent,
    State,
    retry_delay,
)
from bot.outbox.slack import Calls
from bot.outbox.standing import fingerprint, halted_reason
from bot.outbox.tables import Conversation, Message, SlackLink
from bot.outbox.templates import AddressBook, Rendered, RenderRequest, Templates
from bot.store import LOCKED, PASSING, begin, reading

log = structlog.get_logger("tandem.outbox")
POISONED_AFTER = 5
T = TypeVar("T")


class Poisoned(Exception):
    """A template raised while a message was rendered."""

    def __init__(self, message_id: int) -> None:
        self.message_id = message_id
        super().__init__(f"message {message_id}")


@dataclass
class Sender:
    """Sends what is due. Any number of senders, in any number of processes, may work on one database."""

    engine: Engine
    clock: Clock
    slack: Calls
    templates: Templates
    addresses: AddressBook
    token: str
    posts_per_minute: int = 300
    after_claim: Callable[[Claim], None] = lambda _claim: None  # where a test cuts the power

    def step(self) -> bool:
        """Do one due thing; False when nothing is due now."""
        try:
            claim = self._claim()
        except Poisoned as error:
            log.exception("cannot_render", message_id=error.message_id)
            self._set_aside(error.message_id)
            return True
        if claim is None:
            return False
        self.after_claim(claim)
        outcome = self._send(claim)
        self._settle(claim, outcome)
        return True

    def has_work(self) -> bool:
        """Whether something may be due: asked without a lock, so that an idle worker is in nobody's way."""
        with reading(self.engine) as session:
            due = select(Conversation.id).where(Conversation.ready_at <= self.clock.now()).limit(1)
            return session.scalar(due) is not None

    def next_wake_at(self) -> datetime | None:
        """When there may be something to do again; None when nothing waits. May be early, is never late."""
        now = self.clock.now()
        with reading(self.engine) as session:
            if _halted(session, self.token):
                return None
            c = Conversation
            waits = session.execute(
                select(c.ready_at, c.next_send_at, c.leased_until).where(c.ready_at.is_not(None))
            ).all()
            if not waits:
                return None
            earliest: datetime = min(max(at for at in row if at is not None) for row in waits)
            if earliest > now:
                return earliest
            later = [at for op in Op if (at := self._op_allowed_at(session, op, now)) > now]
            return min(later, default=now)

    # -- claim ----------------------------------------

    def _claim(self) -> Claim | None:
        now = self.clock.now()
        with begin(self.engine) as session:
            # The one row also makes claims of several workers on PostgreSQL take turns: the budget is shared.
            session.execute(select(SlackLink.id).with_for_update(**LOCKED))
            if _halted(session, self.token):
                return None
            allowed = [op.value for op in Op if self._op_allowed_at(session, op, now) <= now]
            while conversation := session.scalar(tables.claimable(now, allowed)):
                if claim := self._claim_in(session, conversation, allowed, now):
                    return claim
        return None

    def _op_allowed_at(self, session: Session, op: Op, now: datetime) -> datetime:
        action = Action(op.value)
        return pace.allowed_at(session, BUCKETS[action], self._a_minute(action), now)

    def _a_minute(self, action: Action) -> int:
        return self.posts_per_minute if action == Action.POST else pace.calls_a_minute(BUCKETS[action])

    def _claim_in(
        self, session: Session, conversation: Conversation, allowed: list[str], now: datetime
    ) -> Claim | None:
        """The next step in this conversation, or None when what was due came to rest without a call."""
        firsts = (session.scalar(tables.next_message(conversation.id, now, op)) for op in allowed)
        message = min((m for m in firsts if m), key=lambda m: (m.priority, m.due_at, m.id))
        claim = self._prepared(session, conversation, message, now)
        if claim:
            pace.mark(session, claim.bucket, now)
            conversation.lease, conversation.leased_until = claim.lease, now + LEASE
        service.settle_readiness(session, conversation)
        return claim

    def _prepared(self, session: Session, conversation: Conversation, message: Message, now: datetime) -> Claim | None:
        address = self.addresses.address(session, conversation.target)
        request = request_for(message, conversation, now)
        template = self.templates[message.template]
        in_doubt = message.state in (State.IN_FLIGHT, State.AMBIGUOUS)
        if address.unreachable and (message.op == Op.PUBLISH or not in_doubt):
            self._bury(session, message, request, address.unreachable)
            return None
        if message.op == Op.PUBLISH or (message.op == Op.POST and not in_doubt):
            if address.held:
                service.rest(message, State.HELD, "not in the pilot")
                return None
            expired = message.expires_at is not None and message.expires_at <= now
            if expired or not _asked(template.still_true, session, request, message.id):
                service.expire(session, message)
                return None
            rings_at = _asked(template.may_ring_at, session, request, message.id)
            if rings_at > now:
                message.due_at = rings_at
                return None
            if message.op == Op.POST and not self._may_ring(session, conversation, message, request, now):
                return None
            request = replace(request, is_older=service.is_older(session, message))
        action = action_for(conversation, message)
        claim = Claim(
            lease=uuid4().hex,
            conversation_id=conversation.id,
            message_id=message.id,
            action=action,
            bucket=BUCKETS[action],
            address=address,
            delivery_id=message.delivery_id,
            channel=message.channel or conversation.channel,
            ts=message.ts,
            thread_ts=thread_of(session, message),
            since=(message.attempted_at or now) - LOOK_BACK,
        )
        if action in (Action.OPEN, Action.LOOK):
            allowed_at = pace.allowed_at(session, claim.bucket, self._a_minute(action), now)
            if allowed_at > now:
                message.due_at = allowed_at
                return None
            return claim
        if message.op == Op.UPDATE:
            request = replace(request, is_older=service.is_older(session, message))
        rendered = _asked(template.render, session, request, message.id)
        payload = payload_of(action, rendered)
        if problems := problems_of(action, payload):
            log.error("message_outside_limits", message_id=message.id, problem=str(problems[0]))
            self._bury(session, message, request, f"outside Slack's limits: {problems[0].where}")
            return None
        message.state, message.attempted_at = State.IN_FLIGHT, now
        message.attempts += 1
        message.due_at = now + LEASE  # whoever finds it then must look before posting
        return replace(claim, payload=payload, revision=message.revision, fresh_until=rendered.fresh_until)

    def _may_ring(
        self, session: Session, conversation: Conversation, message: Message, request: RenderRequest, now: datetime
    ) -> bool:
        """Whether a new message goes out now and by itself, or waits for its time or for company."""
        said = calm.Said(message, conversation, request, self.addresses.regard(session, conversation.target, now))

        def rings_at(session: Session, _request: RenderRequest) -> datetime:
            return calm.rings_at(session, said, self.templates, now)

        at = _asked(rings_at, session, request, message.id)
        if at > now:
            message.due_at = at
            return False
        return not calm.gather(session, said, self.templates, now)

    # -- send ----------------------------------------

    def _send(self, claim: Claim) -> Outcome | None:
        channel = claim.channel or ""
        if claim.action == Action.OPEN:
            if claim.address.user:
                return self.slack.open(claim.address.user)
            return self.slack.find_channel(claim.address.channel or "")
        if claim.action == Action.LOOK:
            since = claim.since.timestamp() if claim.since else 0.0
            return self.slack.look_for(channel, claim.delivery_id, since, claim.thread_ts)
        if claim.action == Action.PUBLISH:
            return self.slack.publish(claim.address.user or "", claim.payload or {})
        if claim.action == Action.UPDATE:
            return self.slack.update(channel, claim.ts or "", claim.payload or {}, claim.delivery_id)
        return self.slack.post(channel, claim.payload or {}, claim.delivery_id, claim.thread_ts)

    # -- settle ----------------------------------------

    def _settle(self, claim: Claim, outcome: Outcome | None) -> None:
        now = self.clock.now()
        with begin(self.engine) as session:
            conversation = session.get_one(Conversation, claim.conversation_id, with_for_update=LOCKED)
            message = session.get_one(Message, claim.message_id, with_for_update=LOCKED)
            if conversation.lease != claim.lease:
                log.warning("lease_lost", message_id=message.id)  # the one who took over looks for it
                return
            conversation.lease = conversation.leased_until = None
            if claim.action in INTERVALS and not _awaited(message, claim):
                conversation.next_send_at = now + INTERVALS[claim.action]
            self._apply(session, conversation, message, claim, outcome, now)
            service.settle_readiness(session, conversation)
        log.info("step", action=claim.action, message_id=claim.message_id, outcome=type(outcome).__name__)

    def _apply(
        self,
        session: Session,
        conversation: Conversation,
        message: Message,
        claim: Claim,
        outcome: Outcome | None,
        now: datetime,
    ) -> None:
        match outcome:
            case Sent() if claim.action == Action.OPEN:
                conversation.channel = outcome.channel
            case Sent():
                self._rang(session, conversation, message, now)
                _stand(session, message, claim, outcome, now)
            case None:  # looked, and it is not there
                message.state, message.due_at = State.WAITING, now
            case RetryAfter(seconds):
                pace.pause(session, claim.bucket, now + timedelta(seconds=seconds))
                if claim.action in CALLS:
                    message.state = _as_before(message)
                message.due_at = now + timedelta(seconds=seconds)
                message.outcome = f"{claim.bucket} asked to wait {seconds:g} s"
            case Ambiguous(why):
                _in_doubt(message, claim, why, now)
            case Dead(reason):
                self._bury(session, message, request_for(message, conversation, now), reason)
            case Halt(reason):
                self._halt(session, reason, now)
                if claim.action in CALLS:
                    message.state = _as_before(message)
                message.due_at = now

    def _rang(self, session: Session, conversation: Conversation, message: Message, now: datetime) -> None:
        """A new direct message reached somebody's phone."""
        if message.op != Op.POST or self.addresses.regard(session, conversation.target, now) is None:
            return
        request = request_for(message, conversation, now)
        tapped = message.priority == Priority.ANSWER_TO_A_TAP
        free = tapped or self.templates[message.template].is_free(session, request)
        calm.rang(session, conversation, message, free=free, now=now)

    def _bury(self, session: Session, message: Message, request: RenderRequest, reason: str) -> None:
        """Slack will never take it. What never stood there is handed back to the room it came from."""
        undelivered = message.op == Op.POST
        service.rest(message, State.DEAD, reason)
        log.error("message_dead", message_id=message.id, template=message.template, reason=reason)
        for child in session.scalars(tables.waiting_children(message.id)):
            service.rest(child, State.DEAD, service.HUNG_ON)
        if undelivered:
            self._hand_back(session, message, request, reason)

    def _hand_back(self, session: Session, message: Message, request: RenderRequest, reason: str) -> None:
        try:
            with session.begin_nested():
                self.templates[message.template].on_dead(session, request, reason)
        except PASSING:
            raise  # a lock, say: the whole step is done again
        except Exception:  # a room that cannot take bad news must not keep the sender from the others
            log.exception("not_handed_back", message_id=message.id)

    def _halt(self, session: Session, reason: str, now: datetime) -> None:
        link = session.scalars(select(SlackLink)).one()
        link.halted_token, link.halted_reason, link.halted_at = fingerprint(self.token), reason, now
        log.critical("sender_halted", reason=reason, help="mend the token or its scopes and restart")

    def _set_aside(self, message_id: int) -> None:
        """A template raised, which none should: keep its message from blocking the others."""
        now = self.clock.now()
        with begin(self.engine) as session:
            message = session.get_one(Message, message_id)
            message.attempts += 1
            if message.attempts >= POISONED_AFTER:
                conversation = session.get_one(Conversation, message.conversation_id)
                self._bury(session, message, request_for(message, conversation, now), CANNOT_BE_SHOWN)
            else:
                message.due_at = now + retry_delay(message.attempts + 4)
            service.settle_readiness(session, session.get_one(Conversation, message.conversation_id))


def preview_of(session: Session, templates: Templates, message_id: int, now: datetime) -> Rendered:
    """What a message would say if it were sent now. Raises OutboxError for an unknown one."""
    message = session.get(Message, message_id)
    if message is None:
        raise service.OutboxError(f"there is no message {message_id}; `tandem outbox list` shows those there are")
    conversation = session.get_one(Conversation, message.conversation_id)
    return templates[message.template].render(session, request_for(message, conversation, now))


def _asked(
    template_part: Callable[[Session, RenderRequest], T],
    session: Session,
    request: RenderRequest,
    message_id: int,
) -> T:
    try:
        return template_part(session, request)
    except PASSING:
        raise  # a lock, say: the whole step is done again
    except Exception as error:  # whatever a template does wrong concerns its own message only
        raise Poisoned(message_id) from error


def _halted(session: Session, token: str) -> bool:
    return halted_reason(session, token) is not None


def _as_before(message: Message) -> State:
    """What a message was before a call that Slack did not take."""
    return State.WAITING if message.op == Op.POST else State.SENT


def _awaited(message: Message, claim: Claim) -> bool:
    """Somebody tapped in their home tab while it was being published: they do not wait another ten seconds."""
    newer = message.op == Op.PUBLISH and message.revision > claim.revision
    return newer and message.priority == Priority.ANSWER_TO_A_TAP


def _stand(session: Session, message: Message, claim: Claim, sent: Sent, now: datetime) -> None:
    """The message stands in Slack. Found again after a doubt, which revision stands there is unknown: it is renewed."""
    if message.op == Op.POST:
        message.channel, message.ts, message.sent_at = sent.channel, sent.ts, now
        message.op = Op.UPDATE
        for child in session.scalars(tables.waiting_children(message.id)):
            child.due_at = max(child.not_before, now)
    message.state, message.attempts, message.outcome = State.SENT, 0, None
    message.priority = max(message.priority, Priority.NORMAL)  # a tap's haste ends with its answer
    message.sent_revision = claim.revision if claim.action != Action.LOOK else 0
    message.due_at = None
    if message.kind == "letter":
        message.sent_revision = message.revision
    elif message.revision > message.sent_revision:
        message.due_at = now
    elif claim.fresh_until is not None:
        message.revision += 1
        message.due_at = claim.fresh_until


def _in_doubt(message: Message, claim: Claim, why: str, now: datetime) -> None:
    message.outcome = f"{claim.bucket}: {why}"
    if claim.action in (Action.OPEN, Action.PUBLISH):  # done twice it is done once: nothing to look for
        message.attempts += claim.action == Action.OPEN
        message.state = _as_before(message)
        message.due_at = now + retry_delay(message.attempts)
        return
    message.state = State.AMBIGUOUS
    wait = SETTLING_WAIT if claim.action != Action.LOOK else retry_delay(1)
    message.due_at = now + wait
