"""Reps who report and marketing that answers: the usual company, on one database or on each."""

from collections.abc import Iterator

import pytest

from tests.conftest import TurnedClock
from tests.sla.kit import POLICY
from tests.world import World, world


@pytest.fixture
def here(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock, POLICY) as made:
        made.tick()
        yield made


@pytest.fixture
def anywhere(database_url: str, clock: TurnedClock) -> Iterator[World]:
    """The same on each database."""
    with world(database_url, clock, POLICY) as made:
        made.tick()
        yield made
