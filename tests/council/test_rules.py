"""Weeks, slots, what is a change, goals: tables of cases and properties."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council.rules import (
    NOISE,
    Direction,
    NotAWeek,
    Truth,
    Week,
    count_changed,
    median_changed,
    month_before,
    next_slot,
    pace,
    place_of,
    places_around_median,
    share_changed,
    slot_before,
    tells_the_truth,
    week_told_at,
)
from config.council import Council

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    "text, first", [("2026-W47", date(2026, 11, 16)), ("2026w1", date(2025, 12, 29)), ("2026-W53", date(2026, 12, 28))]
)
def test_a_week_is_read(text: str, first: date) -> None:
    assert Week.parse(text).first == first


@pytest.mark.parametrize("text", ["", "2026-W54", "2026-W00", "47", "2025-W53", "2026-W47x"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(NotAWeek):
        Week.parse(text)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-200, 200))
def test_weeks_follow_one_another(day: date, weeks: int) -> None:
    week = Week.of(day)
    assert week.first <= day <= week.last
    assert week.later(weeks).first - week.first == timedelta(weeks=weeks)
    assert Week.parse(week.code) == week
    assert week.span(BERLIN).until == week.later(1).span(BERLIN).since


@pytest.mark.parametrize(("week", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W47", 168)])
def test_a_week_with_a_change_of_the_clocks_has_an_hour_less_or_more(week: str, hours: int) -> None:
    span = Week.parse(week).span(BERLIN)
    assert span.until.astimezone(UTC) - span.since.astimezone(UTC) == timedelta(hours=hours)


@given(
    st.sampled_from("mon tue wed thu fri sat sun".split()),
    st.times(),
    st.integers(0, 10 * 365 * 24 * 60).map(
        lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
)
def test_a_slot_is_the_newest_of_its_hours_and_tells_a_week_that_is_over(day: str, at: object, now: datetime) -> None:
    council = Council.model_validate({"day": day, "at": at})
    slot = slot_before(council, BERLIN, now)
    assert slot <= now < next_slot(council, BERLIN, now) + timedelta(hours=1)
    assert (slot.strftime("%a").lower(), slot.time()) == (day, at)
    week = week_told_at(slot)
    assert week.last < slot.date() <= week.last + timedelta(days=7)


@pytest.mark.parametrize(
    "now, four, told",
    [
        (9, 16, Direction.MORE),
        (5, 16, Direction.SAME),
        (0, 16, Direction.LESS),
        (0, 0, Direction.SAME),
        (5, 0, Direction.MORE),
        (4, 0, Direction.SAME),
        (100, 400, Direction.SAME),
        (130, 400, Direction.MORE),
    ],
)
def test_a_count_is_a_change_only_beyond_chance(now: int, four: int, told: Direction) -> None:
    assert count_changed(now, four) == told


@given(st.integers(1, 60))
def test_noise_is_called_a_change_as_seldom_as_agreed(total: int) -> None:
    """Were each case to fall into this week with a chance of one in five, a change would be told as seldom as said."""
    from math import comb  # noqa: PLC0415 - the independent count

    wrong = sum(
        comb(total, now) * 0.2**now * 0.8 ** (total - now)
        for now in range(total + 1)
        if count_changed(now, total - now) != Direction.SAME
    )
    assert wrong <= NOISE + 1e-9


@pytest.mark.parametrize(
    "share, usual, told",
    [
        ((11, 31), (20, 120), Direction.MORE),
        ((5, 31), (20, 120), Direction.SAME),
        ((1, 31), (40, 120), Direction.LESS),
        ((1, 1), (0, 4), Direction.SAME),
        ((0, 0), (5, 10), Direction.SAME),
    ],
)
def test_a_share_is_a_change_only_beyond_chance(
    share: tuple[int, int], usual: tuple[int, int], told: Direction
) -> None:
    assert share_changed(*share, *usual) == told


@given(st.integers(0, 400))
def test_the_median_lies_between_its_places_nine_times_in_ten(n: int) -> None:
    from math import comb  # noqa: PLC0415 - the independent count

    low, high = places_around_median(n)
    if low:
        assert 1 <= low <= place_of(n, 50) <= high <= n
        assert 2 * sum(comb(n, k) for k in range(low)) / 2**n <= NOISE
    else:
        assert n < 5


def test_a_median_changes_when_the_usual_one_is_out_of_reach() -> None:
    assert median_changed(130, 30, 70) == Direction.LESS
    assert median_changed(20, 30, 70) == Direction.MORE
    assert median_changed(50, 30, 70) == Direction.SAME
    assert median_changed(None, 30, 70) == median_changed(50, None, None) == Direction.SAME


def test_the_pace_of_a_goal() -> None:
    told = pace(38, date(2026, 10, 1), date(2026, 12, 31), date(2026, 11, 23))
    assert (told.day, told.days, round(told.gives or 0)) == (53, 92, 66)
    assert pace(0, date(2026, 10, 1), date(2026, 12, 31), date(2026, 9, 1)).gives is None
    assert pace(5, date(2026, 10, 1), date(2026, 10, 2), date(2027, 1, 1)).gives == 5


def test_months_and_scores() -> None:
    assert month_before(date(2026, 1, 15)) == (date(2025, 12, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    "shares, told",
    [
        ([(1, 10), (5, 10), (9, 10)], Truth.TELLS),
        ([(9, 10), (1, 10)], Truth.TELLS_NOT),
        ([(5, 20), (18, 20), (6, 20), (19, 20)], Truth.TELLS_NOT),  # a band in between is turned round
        ([(90, 100), (89, 100)], Truth.UNCLEAR),  # that is chance
        ([(5, 10), (6, 10)], Truth.UNCLEAR),
        ([(5, 10)], None),
    ],
)
def test_the_score_tells_the_truth_only_by_more_than_chance(shares: list[tuple[int, int]], told: Truth | None) -> None:
    assert tells_the_truth(shares) == told
