"""Times, names, counts and foreign text as a reader meets them."""

import html
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.wording import counted, day_and_time, escape, first_name, listed, on_date, shorten, when

NOW = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)  # a Wednesday, 9 o'clock in Berlin
quick = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize(
    "at, zone, told",
    [
        ("2026-12-02 08:12", "Europe/Berlin", "09:12"),
        ("2026-12-02 08:12", "Asia/Kolkata", "13:42"),
        ("2026-12-02 23:30", "Europe/Berlin", "Thu 00:30"),
        ("2026-12-02 23:30", "America/New_York", "18:30"),
        ("2026-12-03 04:30", "America/New_York", "23:30"),
        ("2026-12-01 08:12", "Europe/Berlin", "Tue 09:12"),
        ("2026-12-08 08:12", "Europe/Berlin", "Tue 09:12"),
        ("2026-12-09 08:12", "Europe/Berlin", "Wed 9 Dec 09:12"),
        ("2026-11-25 08:12", "Europe/Berlin", "Wed 25 Nov 09:12"),
    ],
)
def test_an_instant_is_told_in_the_readers_zone_with_as_much_date_as_needed(at: str, zone: str, told: str) -> None:
    assert when(datetime.fromisoformat(at).replace(tzinfo=UTC), zone, NOW) == told


def test_what_stays_on_a_screen_names_its_weekday_also_today() -> None:
    assert day_and_time(NOW, "Europe/Berlin", NOW) == "Wed 09:00"
    assert day_and_time(NOW + timedelta(days=1), "Europe/Berlin", NOW) == "Thu 09:00"
    assert day_and_time(NOW + timedelta(days=9), "Europe/Berlin", NOW) == "Fri 11 Dec 09:00"


def test_a_date_is_said_in_full() -> None:
    assert on_date(date(2026, 12, 3)) == "3 December"


def test_nothing_from_outside_comes_alive() -> None:
    assert escape("<!channel> <@U1> R&D &amp;") == "&lt;!channel&gt; &lt;@U1&gt; R&amp;D &amp;amp;"


@given(st.text("<>&;#ampltgqu! \"'"))
@quick
def test_escaped_text_reads_as_it_was_written(text: str) -> None:
    assert html.unescape(escape(text)) == text
    assert not set("<>") & set(escape(text))


@pytest.mark.parametrize(
    "text, most, short",
    [
        ("as it is", 8, "as it is"),
        ("  spaces \n and\tlines ", 40, "spaces and lines"),
        ("cut at a word, please", 12, "cut at a…"),
        ("a comma, then more", 10, "a comma…"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
        ("ab", 1, "…"),
        ("", 5, ""),
        ("nul\x00byte", 20, "nulbyte"),
    ],
)
def test_long_text_is_cut_at_a_word(text: str, most: int, short: str) -> None:
    assert shorten(text, most) == short


@given(st.text("ab ,.;:\n\x00…ß"), st.integers(1, 60))
@quick
def test_shortened_text_fits_and_says_when_something_is_missing(text: str, most: int) -> None:
    whole, short = shorten(text, len(text) + 1), shorten(text, most)
    assert len(short) <= most
    assert short == whole if len(whole) <= most else short.endswith("…") and whole.startswith(short[:-1])


@pytest.mark.parametrize(
    "words, told", [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_in_words(words: list[str], told: str) -> None:
    assert listed(words) == told


def test_one_lead_two_leads() -> None:
    assert [counted(n, "lead", "leads") for n in (0, 1, 2)] == ["0 leads", "1 lead", "2 leads"]


@pytest.mark.parametrize("name, first", [("Dana Fischer", "Dana"), ("  Dana  Fischer", "Dana"), ("Cher", "Cher")])
def test_people_are_called_by_their_first_name(name: str, first: str) -> None:
    assert first_name(name) == first


def test_somebody_without_a_name_breaks_nothing() -> None:
    assert first_name("") == ""
