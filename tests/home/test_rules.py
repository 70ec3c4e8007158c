from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.home.rules import Part, is_kept_fresh, page_within, parts_for
from tests.conftest import MONDAY_9


@pytest.mark.parametrize(
    ("roles", "team", "holds_leads", "parts"),
    [
        ({"rep"}, "sales", False, (Part.MINE,)),
        ({"sdr"}, "sales", False, (Part.MINE,)),
        ({"marketer"}, "marketing", False, (Part.GOOD,)),
        ({"product_manager"}, "marketing", False, (Part.GOOD,)),
        ({"manager"}, "sales", False, (Part.TEAM,)),
        ({"manager"}, "sales", True, (Part.MINE, Part.TEAM)),  # the fallback, with a lead of their own
        ({"manager", "rep"}, "sales", False, (Part.MINE, Part.TEAM)),
        ({"manager"}, "marketing", False, (Part.GOOD,)),
        ({"manager"}, "both", False, (Part.GOOD, Part.TEAM)),
        ({"sponsor", "quality"}, "both", False, (Part.COUNCIL,)),
    ],
)
def test_each_role_sees_its_own_work_first(roles: set[str], team: str, holds_leads: bool, parts: tuple) -> None:
    assert parts_for(roles, team, holds_leads=holds_leads) == parts


def test_a_home_tab_is_kept_fresh_for_a_week() -> None:
    assert is_kept_fresh(MONDAY_9, MONDAY_9 + timedelta(days=6, hours=23))
    assert not is_kept_fresh(MONDAY_9, MONDAY_9 + timedelta(days=7))


@given(page=st.integers(-3, 500), total=st.integers(0, 2000), size=st.integers(1, 20))
def test_a_page_always_shows_something_if_there_is_something(page: int, total: int, size: int) -> None:
    number = page_within(page, total, size)
    assert number >= 0
    assert number * size < max(total, 1)
    assert number == page or page < 0 or page * size >= total
