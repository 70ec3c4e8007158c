"""A company whose council is briefed: some leads, promises and reports of one week, told on the next Monday."""

from collections.abc import Iterator

import pytest

from tests.conftest import TurnedClock
from tests.council.kit import COUNCIL
from tests.world import World, world


@pytest.fixture
def here(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock, COUNCIL) as made:
        made.tick()
        yield made


@pytest.fixture
def anywhere(database_url: str, clock: TurnedClock) -> Iterator[World]:
    """The same on each database."""
    with world(database_url, clock, COUNCIL) as made:
        made.tick()
        yield made
