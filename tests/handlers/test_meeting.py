"""The first meeting: one question, asked once, of nobody who did not come by themselves."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.people import roster
from bot.people.rules import as_typed, in_words, parse_hours, zones_like
from bot.people.tables import Person
from config.policy import WEEKDAYS, WorkingHours
from tests.conftest import TurnedClock
from tests.world import World, roster_rows, words, world

LIAM = "U04"
YES, CHANGE = "people_hours_yes", "people_hours_change"


@pytest.fixture
def here(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock) as made:
        with made.services.begin() as session:
            session.execute(update(Person).values(met_at=None))
        yield made


def told(here: World) -> list[str]:
    here.deliver()
    return [words(m) for m in here.cards(LIAM)]


def liam(here: World) -> Person:
    with here.services.reading() as session:
        return session.scalars(select(Person).where(Person.slack_user_id == LIAM)).one()


def test_nobody_is_messaged_before_they_come(here: World) -> None:
    here.clock.advance(days=1)
    assert told(here) == []
    here.slack.home(LIAM)
    (asked,) = told(here)
    assert asked.splitlines() == [
        "Hello Liam. I write to you in your working hours, and am quiet outside.",
        "*Your hours: Mon–Fri 8–17, London. Right?*",
        "[Yes]",
        "[Change…]",
    ]
    here.slack.home(LIAM)
    here.slack.command(LIAM, "/lead", "mine")
    here.slack.say(LIAM, "hello")
    assert len([text for text in told(here) if "Your hours" in text]) == 1
    assert here.slack.notifications("U02") == []


@pytest.mark.parametrize("way", ["command", "say"])
def test_a_command_and_a_message_are_meetings_too(here: World, way: str) -> None:
    here.slack.command(LIAM, "/lead", "mine") if way == "command" else here.slack.say(LIAM, "hi")
    assert any("Right?" in text for text in told(here))


def test_yes_is_all_it_takes(here: World) -> None:
    here.slack.home(LIAM)
    told(here)
    here.tap(LIAM, YES)
    assert told(here) == ["✓ Your hours: Mon–Fri 8–17, London. I am quiet outside of them."]


def test_change_asks_for_hours_and_place_and_leads_come_then(here: World) -> None:
    here.slack.home(LIAM)
    told(here)
    here.tap(LIAM, CHANGE)
    shown: Any = here.slack.sees(LIAM)["modal"]
    assert shown["blocks"][0]["element"]["initial_value"] == "Mon-Fri 08:00-17:00"
    assert here.slack.suggestions(LIAM, "people_zone", "dubl")[0]["value"] == "Europe/Dublin"
    here.slack.submit(LIAM, people_hours="whenever")
    assert "is not understood" in here.slack.sees(LIAM)["modal"]["errors"]["hours"]
    here.slack.submit(LIAM, people_hours="Mon-Thu 10:00-12:00, 13:00-18:00; Fri 10-14")
    assert told(here) == ["✓ Your hours: Mon–Thu 10–12 and 13–18, Fri 10–14, London. I am quiet outside of them."]
    here.lead(country="Ireland")  # nine in the morning in Berlin, eight in London
    assert len(told(here)) == 1
    here.clock.advance(hours=2)
    assert len(told(here)) == 2


def test_what_somebody_said_of_themselves_survives_the_next_list_of_people(here: World) -> None:
    here.slack.home(LIAM)
    told(here)
    here.tap(LIAM, CHANGE)
    here.slack.submit(LIAM, people_hours="Mon-Wed 10:00-12:00")
    with here.services.begin() as session:
        rows = roster_rows()
        members = {row.email: here.services.find_member(row.email) for row in rows}
        roster.write(session, roster.match(rows, members.get))
    assert set(liam(here).hours or {}) == {"mon", "tue", "wed"}


SPANS = st.just(["08:00-12:30", "13:15-17:00"])


@given(st.dictionaries(st.sampled_from(WEEKDAYS), SPANS, min_size=1))
def test_hours_as_typed_are_read_back_the_same(hours: dict[str, list[str]]) -> None:
    known = WorkingHours.model_validate(hours).by_weekday
    again = WorkingHours.model_validate(parse_hours(as_typed(known))).by_weekday
    assert {d: s for d, s in again.items() if s} == {d: s for d, s in known.items() if s}


def test_hours_in_words() -> None:
    hours = WorkingHours.model_validate({d: ["08:00-12:30", "13:00-18:00"] for d in ("mon", "tue", "thu")})
    assert in_words(hours.by_weekday, "America/New_York") == (
        "Mon–Tue 8–12:30 and 13–18, Thu 8–12:30 and 13–18, New York"
    )


def test_places_are_found_by_their_beginning_first() -> None:
    assert zones_like("berl")[0] == "Europe/Berlin"
    assert zones_like("new yo") == ["America/New_York"]
    assert zones_like("nowhere at all") == []
