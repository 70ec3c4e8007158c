"""Slack's limits over sliding minutes, shared through the database."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select

from bot.outbox import pace
from bot.outbox.tables import CallMark
from bot.store import begin, make_engine, reading
from tests.conftest import MONDAY_9

NOW = MONDAY_9


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_call_may_begin_until_the_minute_is_full(engine: Engine) -> None:
    with begin(engine) as session:
        for n in range(3):
            assert pace.allowed_at(session, "x", 3, NOW + seconds(n)) == NOW + seconds(n)
            pace.mark(session, "x", NOW + seconds(n))
        assert pace.allowed_at(session, "x", 3, NOW + seconds(3)) == NOW + pace.WINDOW
        assert pace.allowed_at(session, "x", 4, NOW + seconds(3)) == NOW + seconds(3)
        assert pace.allowed_at(session, "y", 3, NOW + seconds(3)) == NOW + seconds(3)


def test_what_is_a_minute_old_counts_no_more(engine: Engine) -> None:
    with begin(engine) as session:
        pace.mark(session, "x", NOW)
        just_before = NOW + pace.WINDOW - seconds(0.01)
        assert pace.allowed_at(session, "x", 1, just_before) == NOW + pace.WINDOW
        assert pace.allowed_at(session, "x", 1, NOW + pace.WINDOW) == NOW + pace.WINDOW


def test_a_pause_is_obeyed_and_never_shortened(engine: Engine) -> None:
    with begin(engine) as session:
        pace.pause(session, "x", NOW + seconds(30))
        pace.pause(session, "x", NOW + seconds(10))
        assert pace.allowed_at(session, "x", 9, NOW) == NOW + seconds(30)
        pace.pause(session, "x", NOW + seconds(60))
        assert pace.allowed_at(session, "x", 9, NOW) == NOW + seconds(60)
        assert pace.allowed_at(session, "y", 9, NOW) == NOW
        assert pace.allowed_at(session, "x", 9, NOW + seconds(61)) == NOW + seconds(61)


def test_old_marks_are_swept(engine: Engine) -> None:
    for n in range(20):
        with begin(engine) as session:
            pace.mark(session, "x", NOW + timedelta(minutes=n))
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(CallMark)) <= 3


@pytest.mark.parametrize("method", ["conversations.open", "conversations.history", "chat.update"])
def test_every_method_we_call_has_a_published_tier(method: str) -> None:
    assert 1 <= pace.calls_a_minute(method) <= 600


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Engine:  # type: ignore[misc]
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('pace') / 'x.sqlite3'}")
    CallMark.metadata.create_all(engine)
    yield engine
    engine.dispose()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(waits=st.lists(st.floats(0, 40), min_size=1, max_size=20), a_minute=st.integers(1, 5))
def test_whoever_obeys_never_calls_too_often(kept: Engine, waits: list[float], a_minute: int) -> None:
    now, calls = NOW, []
    with begin(kept) as session:
        session.execute(delete(CallMark))
        for wait in waits:
            now = pace.allowed_at(session, "x", a_minute, now + seconds(wait))
            pace.mark(session, "x", now)
            calls.append(now)
    windows = zip(calls, calls[a_minute:], strict=False)
    assert all(later - earlier >= seconds(60) for earlier, later in windows)
