import pytest

from sandbox.page.dates import day_words, formatted

MONDAY_9 = 1_763_971_200  # 2025-11-24 09:00 in Berlin


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("{date}", "24 November 2025"),
        ("{date_num} {time_secs}", "2025-11-24 09:00:00"),
        ("{date_long}", "Monday, 24 November 2025"),
        ("{date_pretty} at {time}", "Yesterday at 09:00"),
        ("{ago}", "1 day ago"),
        ("{unknown} stays", "{unknown} stays"),
    ],
)
def test_each_token_is_filled_in(pattern: str, told: str) -> None:
    assert formatted(MONDAY_9, pattern, "Europe/Berlin", MONDAY_9 + 86400) == told


def test_a_day_begins_at_the_readers_midnight() -> None:
    assert day_words(MONDAY_9, "Europe/Berlin", MONDAY_9) == "Today"
    assert day_words(MONDAY_9, "America/Los_Angeles", MONDAY_9) == "Today"
    assert day_words(MONDAY_9 - 10 * 3600, "Europe/Berlin", MONDAY_9) == "Yesterday"
    assert formatted(MONDAY_9, "{ago}", "UTC", MONDAY_9 - 7200) == "in 2 hours"
