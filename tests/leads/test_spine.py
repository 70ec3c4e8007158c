"""A lead's way: in, judged, routed, shown to its rep, answered."""

from collections.abc import Iterator

import pytest

from tests.conftest import TurnedClock
from tests.world import World, words, world


@pytest.fixture
def here(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock) as made:
        yield made


def test_a_lead_reaches_its_rep_and_is_accepted(here: World) -> None:
    here.lead()
    here.deliver()
    (card,) = here.cards("U02")
    print(card["text"])
    print(words(card))
    assert here.tap("U02", "lead_accept")["status"] == 200
    here.deliver()
    (card,) = here.cards("U02")
    print(words(card))
    print(here.messages("U02", "C01"))
    print(here.whispers("U02"))
    print(here.slack.command("U02", "/lead", "mine"))
    assert "Yours since" in words(card)
