"""What a digest and a home tab cost: no big table is read whole, and the number of statements does not grow."""

from random import Random

import pytest

from bench import council as year
from bot import store
from bot.services import Services
from tests.world import settings_for


@pytest.fixture
def services(sqlite_url: str) -> Services:
    """Some months of history, with the statistics that a planner goes by."""
    made = Services.build(settings_for(sqlite_url, "http://127.0.0.1:9"), year.TurnedClock(year.NOW))
    made.put_policy_in_force(year.Policy.load(year.POLICY), year.BEGAN)
    year.make_people(made)
    with made.engine.begin() as connection:
        year.fill(connection, Random(3), 3_000, 3_000, 600)
        connection.exec_driver_sql("ANALYZE")
    return made


def test_no_big_table_is_read_whole(services: Services) -> None:
    for work in (lambda: year.digest(services), lambda: year.home_tab(services)):
        statements = year.asked_by(services.engine, work)
        assert 20 < len(statements) < 110
        assert list(year.scans(services.engine, statements)) == []


def test_twice_the_history_asks_no_more(services: Services, sqlite_url: str) -> None:
    before = len(year.asked_by(services.engine, lambda: year.digest(services)))
    with services.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE leads SET campaign = 'other-' || (id % 7) WHERE id % 3 = 0")
    assert len(year.asked_by(services.engine, lambda: year.digest(services))) <= before + 2


def test_the_check_would_see_a_whole_table(services: Services) -> None:
    with store.reading(services.engine):
        found = year.scans(services.engine, [("SELECT count(*) FROM lead_steps WHERE reason = ?", ("x",))])
    assert len(list(found)) == 1
