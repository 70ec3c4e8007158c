"""The queue: what is said once, what is touched, and what an operator may do. On both databases."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot.outbox import service as outbox
from bot.outbox import tables
from bot.outbox.rules import Op, Priority, State
from bot.outbox.service import Draft, OutboxError
from bot.outbox.tables import Conversation, Message
from bot.outbox.templates import Subject, Template, Templates
from bot.store import begin, make_engine, reading
from tests.conftest import MONDAY_9

NOW = MONDAY_9
LATER = NOW + timedelta(hours=1)


def put(engine: Engine, key: str = "k", number: int = 1, **more: Any) -> int | None:
    draft = Draft(more.pop("target", "person:1"), "card", Subject("thing", number), key, **more)
    with begin(engine) as session:
        return outbox.enqueue(session, draft, NOW)


def row(engine: Engine, message_id: int | None) -> Message:
    with reading(engine) as session:
        return session.get_one(Message, message_id)


def ready(engine: Engine, target: str = "person:1") -> tuple[datetime | None, int]:
    with reading(engine) as session:
        found = session.scalars(select(Conversation).where(Conversation.target == target)).one()
        return found.ready_at, found.ready_priority


def change(engine: Engine, message_id: int | None, **to: Any) -> None:
    with begin(engine) as session:
        message = session.get_one(Message, message_id)
        for name, value in to.items():
            setattr(message, name, value)


def touch(engine: Engine, now: datetime = NOW, priority: int = Priority.NORMAL) -> None:
    with begin(engine) as session:
        outbox.touch(session, Subject("thing", 1), now, priority)


def test_a_key_is_queued_once_also_in_another_conversation(engine: Engine) -> None:
    first = put(engine)
    assert first is not None
    assert put(engine) is None
    assert put(engine, target="person:2") is None
    assert put(engine, key="other") not in (None, first)


def test_two_messages_share_a_conversation_and_its_earliest_time(engine: Engine) -> None:
    put(engine, "late", not_before=LATER)
    assert ready(engine) == (LATER, Priority.NORMAL)
    put(engine, "now", priority=Priority.HOT)
    assert ready(engine) == (NOW, Priority.HOT)
    put(engine, "later still", not_before=LATER + timedelta(hours=1), priority=Priority.CHANNEL)
    assert ready(engine) == (NOW, Priority.HOT)


def test_a_time_in_the_past_is_now(engine: Engine) -> None:
    assert row(engine, put(engine, not_before=NOW - timedelta(days=1))).due_at == NOW


def test_what_is_queued_and_undone_was_never_queued(engine: Engine) -> None:
    with pytest.raises(RuntimeError), begin(engine) as session:
        outbox.enqueue(session, Draft("person:1", "card", Subject("thing", 1), "k"), NOW)
        raise RuntimeError("what it is about did not happen")
    with reading(engine) as session:
        assert outbox.counts(session) == {}


def test_touching_makes_a_standing_card_due_and_only_that(engine: Engine) -> None:
    waiting, standing, dead = put(engine, "a", not_before=LATER), put(engine, "b"), put(engine, "c")
    letter = put(engine, "d", kind=outbox.Kind.LETTER)
    for message_id in (standing, letter):
        change(engine, message_id, state=State.SENT, op=Op.UPDATE, due_at=None, sent_revision=1)
    change(engine, dead, state=State.DEAD, due_at=None)
    touch(engine, LATER, Priority.ANSWER_TO_A_TAP)
    assert (row(engine, standing).due_at, row(engine, standing).priority) == (LATER, Priority.ANSWER_TO_A_TAP)
    assert (row(engine, waiting).due_at, row(engine, waiting).revision) == (LATER, 2)
    assert row(engine, waiting).priority == Priority.NORMAL
    assert (row(engine, dead).due_at, row(engine, letter).due_at) == (None, None)


def test_touching_what_is_on_its_way_only_renews_its_revision(engine: Engine) -> None:
    message_id = put(engine)
    change(engine, message_id, state=State.IN_FLIGHT, op=Op.UPDATE, due_at=LATER)
    touch(engine)
    found = row(engine, message_id)
    assert (found.state, found.due_at, found.revision) == (State.IN_FLIGHT, LATER, 2)


def test_a_reply_is_not_due_before_its_parent_stands(engine: Engine) -> None:
    parent = put(engine)
    assert row(engine, put(engine, "child", parent_id=parent)).due_at is None
    change(engine, parent, ts="1.0", channel="D1", state=State.SENT, op=Op.UPDATE)
    assert row(engine, put(engine, "late child", parent_id=parent)).due_at == NOW


@pytest.mark.parametrize("state", [State.DEAD, State.DROPPED, State.WAITING])
def test_an_operator_may_try_again_what_was_not_sent(engine: Engine, state: State) -> None:
    message_id = put(engine) or 0
    change(engine, message_id, state=state, due_at=None, attempts=9, outcome="channel_not_found")
    with begin(engine) as session:
        outbox.retry(session, message_id, LATER)
    found = row(engine, message_id)
    assert (found.state, found.due_at, found.attempts, found.outcome) == (State.WAITING, LATER, 0, None)


def test_an_operator_may_not_repeat_what_may_stand(engine: Engine) -> None:
    message_id = put(engine) or 0
    for state in (State.IN_FLIGHT, State.AMBIGUOUS):
        change(engine, message_id, state=state)
        with begin(engine) as session, pytest.raises(OutboxError, match="may already stand"):
            outbox.retry(session, message_id, NOW)
        with begin(engine) as session, pytest.raises(OutboxError, match="on its way"):
            outbox.drop(session, message_id)
    change(engine, message_id, state=State.SENT, op=Op.UPDATE, sent_revision=1, due_at=None)
    with begin(engine) as session, pytest.raises(OutboxError, match="nothing to try again"):
        outbox.retry(session, message_id, NOW)


def test_an_operator_may_try_a_dead_update_again(engine: Engine) -> None:
    message_id = put(engine) or 0
    change(engine, message_id, state=State.DEAD, op=Op.UPDATE, revision=3, sent_revision=2, due_at=None)
    with begin(engine) as session:
        outbox.retry(session, message_id, NOW)
    assert (row(engine, message_id).state, row(engine, message_id).due_at) == (State.SENT, NOW)


def test_what_was_dropped_is_listed_and_not_expected_in_slack(engine: Engine) -> None:
    dropped, kept = put(engine, "a") or 0, put(engine, "b") or 0
    with begin(engine) as session:
        outbox.drop(session, dropped)
    with reading(engine) as session:
        listed = outbox.listing(session, [State.DROPPED, State.DEAD], 10)
        assert [(m.id, c.target) for m, c in listed] == [(dropped, "person:1")]
        assert outbox.counts(session) == {State.DROPPED: 1, State.WAITING: 1}
        assert outbox.expected_to_stand(session) == {row(engine, kept).delivery_id}
        assert outbox.listing(session, [State.WAITING], 10, "person:2") == []


def test_an_unknown_message_is_said_so_with_what_to_do(engine: Engine) -> None:
    with begin(engine) as session, pytest.raises(OutboxError, match="tandem outbox list"):
        outbox.retry(session, 99, NOW)


def test_a_template_is_registered_once() -> None:
    templates = Templates()
    templates.register(Template("card", lambda *_: None))  # type: ignore[arg-type,return-value]
    with pytest.raises(ValueError, match="registered twice"):
        templates.register(Template("card", lambda *_: None))  # type: ignore[arg-type,return-value]


def test_the_next_message_is_looked_up_in_its_turn_and_not_sorted(sqlite_url: str) -> None:
    """However many wait: the index of turns holds them in the order in which they are sent."""
    sqlite_engine = make_engine(sqlite_url)
    number = put(sqlite_engine)
    with reading(sqlite_engine) as session:
        conversation_id = row(sqlite_engine, number).conversation_id
        wanted = tables.next_message(conversation_id, LATER, Op.POST)
        assert session.scalars(wanted).one().id == number
        compiled = wanted.compile(sqlite_engine, compile_kwargs={"render_postcompile": True})
        told = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", ("x",) * len(compiled.params))
        plan = [step.detail for step in told]
    sqlite_engine.dispose()
    assert len(plan) == 1 and "ix_outbox_messages_turn" in plan[0], plan
