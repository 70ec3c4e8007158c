"""The monthly letter: four numbers, two sentences, one picture, what is asked; once a month."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from bot.people.tables import PersonRole
from tests.conftest import TurnedClock
from tests.council.kit import COUNCIL, play_a_week, settle
from tests.council.test_decisions import decide
from tests.sla.kit import PETRA
from tests.world import World, words, world


@pytest.fixture
def sponsored(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    """Petra is the sponsor, for want of another."""
    with world(sqlite_url, clock, COUNCIL) as here:
        with here.services.begin() as session:
            session.execute(update(PersonRole).where(PersonRole.role == "council").values(role="sponsor"))
        here.tick()
        yield here


def letters(here: World) -> list[str]:
    return [words(m) for m in here.cards(PETRA) if m["text"].startswith("Sales and marketing in")]


def test_the_sponsor_reads_of_the_month_once_in_their_own_hours(sponsored: World) -> None:
    here = sponsored
    play_a_week(here)
    decide(here, council_due="2026-11-27")
    here.pass_time("2026-12-01T06:30:00+00:00", 240)
    settle(here)
    assert letters(here) == []
    here.pass_time("2026-12-01T07:10:00+00:00", 10)
    settle(here)
    (letter,) = letters(here)
    assert letter.startswith("November 2026, for the sponsor\n*6* leads came in\n")
    assert "*4 of 6 (67 %)* were taken by sales" in letter
    assert "*€84k* won in 1 deal" in letter
    assert "Of its promises sales kept 7 of 10 (70 %) in time, marketing 0 of 7 (0 %)." in letter
    assert "Customers most often said “Too expensive”: 2 times." in letter
    assert "*What would help*\nAsk both teams what stands in the way of “Ask webinar guests about budget”" in letter
    message = next(m for m in here.cards(PETRA) if m["text"].startswith("Sales and marketing in"))
    assert sum(block["type"] == "image" for block in message["blocks"]) == 1
    here.pass_time("2026-12-03T09:00:00+00:00", 600)
    settle(here)
    assert len(letters(here)) == 1


def test_nobody_is_written_to_of_a_month_before_the_rules(sponsored: World) -> None:
    settle(sponsored)
    assert letters(sponsored) == []
