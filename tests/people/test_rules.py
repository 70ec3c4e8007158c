"""Working hours as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.people.rules import parse_hours
from config.policy import WEEKDAYS, WorkingHours

WEEK = ("mon", "tue", "wed", "thu", "fri")
UNDERSTOOD = {
    "Mon-Fri 09:00-17:00": {day: ["09:00-17:00"] for day in WEEK},
    "Mon-Fri 08:00-12:00, 13:00-17:00; Sat 9:00-12:00": {
        **{day: ["08:00-12:00", "13:00-17:00"] for day in WEEK},
        "sat": ["09:00-12:00"],
    },
    "mon 8-12": {"mon": ["08:00-12:00"]},
    "Monday – Tuesday 8:30–12:30": {"mon": ["08:30-12:30"], "tue": ["08:30-12:30"]},
    "  WED 22:00 - 06:00 ": {"wed": ["22:00-06:00"]},
    "Fri 14:00-24:00": {"fri": ["14:00-24:00"]},
    "Mon 08:00-12:00; Mon 13:00-17:00": {"mon": ["08:00-12:00", "13:00-17:00"]},
    "Sun-Tue 09:00-17:00": {day: ["09:00-17:00"] for day in ("sun", "mon", "tue")},
    "Sat-Sun 10:00-14:00; Fri-Fri 10:00-12:00": {
        "sat": ["10:00-14:00"],
        "sun": ["10:00-14:00"],
        "fri": ["10:00-12:00"],
    },
}


@pytest.mark.parametrize("text, hours", UNDERSTOOD.items(), ids=UNDERSTOOD)
def test_hours_are_understood(text: str, hours: dict[str, list[str]]) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9 to 5",
        "Mon-Fri",
        "Mon-Fry 08:00-17:00",
        "Mon 08:00",
        "Mon 08:00-12:00-17:00",
        "Mon 8.00-17.00",
        "Mon 08:00-25:00",
        "Mon 08:60-17:00",
        "Mon 08:00-17:00, ",
        "Mon ²-5",
    ],
)
def test_what_is_not_understood_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write for example") as caught:
        parse_hours(text)
    assert "\n" not in str(caught.value)


times = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]:02d}:{at[1]:02d}")
days_of_hours = st.lists(st.tuples(times, times).map("-".join), min_size=1, max_size=3)


@given(st.dictionaries(st.sampled_from(WEEKDAYS), days_of_hours, min_size=1))
@settings(max_examples=100, deadline=None)
def test_any_hours_can_be_written_and_are_usable(hours: dict[str, list[str]]) -> None:
    text = "; ".join(f"{day.title()} {', '.join(spans)}" for day, spans in hours.items())
    assert parse_hours(text) == hours
    by_weekday = WorkingHours.model_validate(parse_hours(text)).by_weekday
    assert {WEEKDAYS[day] for day, spans in by_weekday.items() if spans} == set(hours)


def test_hours_as_people_type_them() -> None:
    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    for typed in ("9-17", "Mo-Fr 9-17", "Monday–Friday 09:00-17:00", "montag - freitag 9-17:00"):
        assert parse_hours(typed) == week, typed
