"""Marketing hears once a day what became of its leads: what was good first, then what came back, by reason."""

from collections.abc import Iterator

import pytest

from jobs.daily import tell_marketing
from tests.conftest import TurnedClock
from tests.world import World, words, world

LIAM, ANA = "U04", "U07"
ACCEPT, REJECT, REASON, UNDO = "lead_accept", "lead_reject", "lead_reject_reason", "lead_undo"


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest, clock: TurnedClock) -> Iterator[World]:
    with world(request.getfixturevalue(f"{request.param}_url"), clock) as made:
        yield made


def lead(here: World, n: int, **said: object) -> None:
    told = {"country": "Ireland", "email": f"n{n}@lab{n}.example", "company": f"Lab {n}", "external_id": f"crm-{n}"}
    here.lead(**{**told, **said})
    here.deliver()


def back(here: World, reason: str) -> None:
    here.tap(LIAM, REJECT)
    here.slack.tap_in_view(LIAM, REASON, selected_option=reason)
    here.slack.submit(LIAM)
    here.deliver()


def told(here: World) -> list[str]:
    here.deliver()
    return [words(m) for m in here.cards(ANA)]


def test_one_line_a_day_with_what_was_good_first(here: World) -> None:
    lead(here, 1)
    here.tap(LIAM, ACCEPT)
    lead(here, 2)
    here.tap(LIAM, ACCEPT)
    for n, reason in ((3, "no_budget"), (4, "no_budget"), (5, "duplicate")):
        lead(here, n)
        back(here, reason)
    here.clock.advance(hours=6)
    assert tell_marketing(here.services) == 0  # three in the afternoon: not yet
    here.clock.advance(hours=1)
    assert tell_marketing(here.services) == 1
    assert tell_marketing(here.services) == 0
    assert told(here) == [
        "*Your leads since Mon 16 Nov 16:00: 2 accepted*\n"
        "What made them good: hospital lab (2), 600+ beds (2), heads the lab (2)\n"
        "*3 came back:* No budget this year (2), Already known, somebody works on it (1)"
    ]
    (rang,) = here.slack.notifications(ANA)
    assert rang["text"] == "Your leads since Mon 16 Nov 16:00: 2 accepted, 3 came back."


def test_a_day_without_answers_is_a_day_without_a_line(here: World) -> None:
    lead(here, 1)
    here.clock.advance(hours=8)
    assert tell_marketing(here.services) == 0
    assert told(here) == []


def test_what_was_undone_is_not_told_and_what_can_be_waits_for_tomorrow(here: World) -> None:
    lead(here, 1)
    here.tap(LIAM, ACCEPT)
    here.deliver()
    here.tap(LIAM, UNDO)
    lead(here, 2)
    here.clock.advance(hours=6, minutes=58)
    here.tap(LIAM, ACCEPT)
    here.clock.advance(minutes=2)
    assert tell_marketing(here.services) == 0
    here.clock.advance(days=1)
    assert tell_marketing(here.services) == 1
    assert told(here)[0].startswith("*Your leads since Mon 15:55: 1 accepted*")


def test_not_on_a_day_off(here: World) -> None:
    here.clock.advance(days=4)  # Friday
    lead(here, 1)
    here.tap(LIAM, ACCEPT)
    here.clock.advance(days=1, hours=7)
    assert tell_marketing(here.services) == 0
    here.clock.advance(days=2)
    assert tell_marketing(here.services) == 1


def test_two_workers_tell_once(here: World) -> None:
    lead(here, 1)
    here.tap(LIAM, ACCEPT)
    here.clock.advance(hours=7)
    assert sorted([tell_marketing(here.services), tell_marketing(here.services)]) == [0, 1]
    assert len(told(here)) == 1
