"""What cannot be done keeps nobody else's waiting; what the database has no time for now is done at the next tick."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from bot.store import begin
from jobs.apart import apart
from jobs.field import bring_reports
from jobs.ladder import climb_ladders
from tests.sla.conftest import here
from tests.sla.kit import DANA, JONAS, lead_for, rang, steps
from tests.world import World, at

__all__ = ["here"]  # a fixture


@contextmanager
def another_writer(here: World) -> Iterator[None]:
    """Somebody else writes, and takes longer than one waits for it: a moment here, two seconds in earnest."""
    engine = here.services.engine

    def hurry(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA busy_timeout=20")

    event.listen(engine, "checkout", hurry)
    try:
        with begin(engine) as session:
            session.connection()
            yield
    finally:
        event.remove(engine, "checkout", hurry)


def test_a_report_that_meets_another_writer_is_brought_at_the_next_tick(here: World) -> None:
    here.slack.command(DANA, "/field-feedback", "")
    here.slack.submit(DANA, field_said="They want night shifts trained")
    here.clock.advance(minutes=5, seconds=1)
    with another_writer(here):
        assert bring_reports(here.services) == 0
    assert bring_reports(here.services) == 1


def test_a_ladder_that_meets_another_writer_is_climbed_at_the_next_tick(here: World) -> None:
    lead_for(here, "jonas")
    here.tick()
    here.clock.turn_to(at("2026-11-23T14:10:00Z"))
    before = steps(here)
    with another_writer(here), pytest.raises(Exception, match="locked"):
        climb_ladders(here.services)
    assert steps(here) == before
    assert climb_ladders(here.services) == 1
    here.clock.advance(minutes=2)
    here.tick()
    assert rang(here, JONAS)[-1] == "Mon 15:12 1 lead needs your answer by 17:00."


def test_what_raises_for_itself_is_put_off() -> None:
    put_off: list[int] = []

    def broken() -> int:
        raise ValueError("no such kind")

    assert apart(broken, lambda: put_off.append(7), "promise", 7) is None
    assert put_off == [7]
    assert apart(lambda: 3, lambda: put_off.append(8), "promise", 8) == 3
    assert put_off == [7]
