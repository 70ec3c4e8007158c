"""What may have to go to quality: there at once, saved nowhere else, and only when whoever typed it says so."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.journal.tables import JournalEntry
from bot.leads.tables import Offer
from bot.people.tables import PersonRole
from sandbox.client import Refused
from tests.conftest import TurnedClock
from tests.feedback.kit import GUARDED, RASH, duties, reports, says
from tests.sla.kit import ANA, DANA, JONAS, LIAM, NOAH, PETRA, lead_for, newest, rang
from tests.world import World, at, words, world

Json = dict[str, Any]


@pytest.fixture
def guarded(database_url: str, clock: TurnedClock) -> Iterator[World]:
    """On a Saturday, at two in the morning."""
    clock.turn_to(at("2026-11-28T01:00:00+00:00"))
    with world(database_url, clock, GUARDED) as made:
        made.tick()
        yield made


def test_what_may_be_for_quality_goes_there_at_once_and_is_saved_nowhere_else(guarded: World) -> None:
    here = guarded
    says(here, JONAS, RASH)
    assert reports(here) == []
    form = str(here.slack.sees(JONAS)["modal"])
    for told in (
        "I stopped at “rash”",
        "Noah Berg in quality, or Petra Sommer for them, must hear of it within 24 hours",
        "Telling Tandem is not reporting",
    ):
        assert told in form
    here.slack.submit(JONAS)
    here.slack.again()
    assert [(one.said, one.received_at) for one in duties(here)] == [(RASH, None)] and reports(here) == []
    here.tick()
    assert rang(here, NOAH) == ["Sat 02:00 A report that may be for you. Please say Received by Sun 02:00."]
    assert len(rang(here, PETRA)) == 1
    assert RASH in newest(here, NOAH)
    before = len(rang(here, JONAS))
    here.tap(NOAH, "duty_received")
    here.tick()
    assert "✓ Noah has it since Sat 02:00" in newest(here, PETRA)
    assert len(rang(here, JONAS)) == before + 1
    assert "✓ Passed on: Noah has it since Sat 02:00.\n*Telling Tandem is not reporting.*" in newest(here, JONAS)
    here.pass_time("2026-11-29T12:00:00+00:00", 240)
    assert len(rang(here, NOAH)) == 1


def test_until_it_is_received_both_hear_of_it_again(guarded: World) -> None:
    here = guarded
    says(here, JONAS, RASH)
    here.slack.submit(JONAS)
    here.tick()
    here.pass_time("2026-11-29T03:00:00+00:00", 60)
    assert [line[:9] for line in rang(here, NOAH)] == ["Sat 02:00", "Sat 14:00", "Sat 23:00", "Sun 02:00"]
    assert rang(here, NOAH)[-1].endswith("waits since Sun 02:00. Please say Received.")


def test_when_the_time_is_over_and_nobody_has_it_its_reporter_and_the_administrator_hear(guarded: World) -> None:
    here = guarded
    with here.services.begin() as session:
        session.add(PersonRole(person_id=3, role="administrator"))
    says(here, JONAS, RASH)
    here.slack.submit(JONAS)
    here.pass_time("2026-11-29T02:00:00+00:00", 60)
    assert newest(here, JONAS).startswith("What you wrote Sat 02:00 was sent to Noah Berg and Petra Sommer, and nobody")
    assert "https://q.example/r" in newest(here, JONAS)
    assert "Noah Berg and Petra Sommer did not say *Received*" in newest(here, DANA)
    assert RASH not in "".join(words(card) for card in here.cards(DANA))
    here.pass_time("2026-11-30T02:00:00+00:00", 240)
    assert len(rang(here, NOAH)) == 5  # and it goes on
    here.tap(NOAH, "duty_received")
    here.tick()
    assert "✓ Passed on: Noah has it since" in newest(here, JONAS)
    here.pass_time("2026-12-02T02:00:00+00:00", 240)
    assert len(rang(here, NOAH)) == 5
    with here.services.reading() as session:
        shown = session.scalars(select(JournalEntry).where(JournalEntry.verb == "passed_to_contact")).one()
    assert shown.facts["shown_to"] == [6, 1]


def test_what_is_for_quality_is_kept_as_it_was_written(guarded: World) -> None:
    here = guarded
    says(here, JONAS, f"{RASH}.\n\n  Second line")
    here.slack.submit(JONAS)
    here.tick()
    assert f"{RASH}.\n\n  Second line" in newest(here, NOAH)


def test_a_third_form_is_checked_for_each_lead(guarded: World) -> None:
    """My leads, one of them, why it comes back: the check takes the form's place, and it is to be filled in again."""
    here = guarded
    for number in (1, 2):
        lead_for(here, "jonas", number)
    here.pass_time("2026-11-30T08:00:00+00:00", 240)
    for number, asked in ((1, 1), (2, 2)):
        here.slack.shortcut(JONAS, "lead_mine")
        here.slack.tap_in_view(JONAS, "lead_open", block_id=f"row-{number}")
        here.slack.tap_in_view(JONAS, "lead_reject")
        here.slack.submit(JONAS, lead_reject_reason="no_budget", lead_reject_sentence=RASH)
        here.slack.submit(JONAS)
        assert len(duties(here)) == asked
        assert "please fill it in once more" in str(here.slack.sees(JONAS)["modal"])
        here.slack.close_modal(JONAS)


def test_nobody_else_may_say_received(guarded: World) -> None:
    here = guarded
    says(here, JONAS, RASH)
    here.slack.submit(JONAS)
    here.tick()
    (card,) = here.cards(NOAH)
    with pytest.raises(Refused):
        here.slack.tap(DANA, f"D{NOAH[1:]}", card["ts"], "duty_received")
    assert duties(here)[0].received_at is None
    assert not any(RASH in words(m) for user in (DANA, ANA, LIAM) for m in here.messages(user))


def test_whoever_typed_it_decides_whether_it_is_such_a_report(guarded: World) -> None:
    here = guarded
    says(here, JONAS, RASH)
    here.slack.submit(JONAS, duty_is="none")
    assert duties(here) == []
    here.slack.submit(JONAS)  # the form that waited below
    assert [one.said for one in reports(here)] == [RASH]


def test_every_free_text_passes_the_guardrail(guarded: World) -> None:
    """A reason for sending a lead back, say: it is sent there, and the lead goes back without it."""
    here = guarded
    lead_for(here, "jonas")
    here.pass_time("2026-11-30T08:00:00+00:00", 240)
    here.tap(JONAS, "lead_reject")
    here.slack.submit(JONAS, lead_reject_reason="no_budget", lead_reject_sentence=RASH)
    here.slack.submit(JONAS)
    here.slack.close_modal(JONAS, top=True)
    here.slack.submit(JONAS)
    with here.services.reading() as session:
        assert session.scalars(select(Offer.sentence)).one() == "(left out here: sent to quality)"
    assert [one.said for one in duties(here)] == [RASH]


def test_a_text_after_the_command_passes_it_as_well(guarded: World) -> None:
    here = guarded
    here.slack.command(JONAS, "/objection", RASH)
    here.tap(JONAS, "field_save_as_heard")
    here.slack.submit(JONAS)
    assert [one.said for one in duties(here)] == [RASH] and reports(here) == []
    here.slack.close_modal(JONAS)
    here.tap(JONAS, "field_save_as_heard")  # once more: it was sent
    assert "This was sent to quality, and is saved nowhere else." in str(here.slack.sees(JONAS)["modal"])
    assert len(duties(here)) == 1


def test_what_is_none_of_these_after_a_command_is_saved_and_not_asked_again(guarded: World) -> None:
    here = guarded
    here.slack.command(JONAS, "/objection", RASH)
    here.tap(JONAS, "field_save_as_heard")
    here.slack.submit(JONAS, duty_is="none")
    here.slack.submit(JONAS)  # the form, with what was typed in it
    assert [one.said for one in reports(here)] == [RASH] and duties(here) == []


@pytest.mark.parametrize("text", ["They made a rash decision", "No rash, no complaints", "A trash bin"])
def test_harmless_words_pass(guarded: World, text: str) -> None:
    says(guarded, JONAS, text)
    assert [one.said for one in reports(guarded)] == [text]


def test_a_contact_who_cannot_be_reached_is_replaced_by_who_looks_after_tandem(guarded: World) -> None:
    here = guarded
    here.sandbox.workspace.users[NOAH].deleted = True
    with here.services.begin() as session:
        session.add(PersonRole(person_id=3, role="administrator"))
    says(here, JONAS, RASH)
    here.slack.submit(JONAS)
    here.pass_time("2026-11-28T02:00:00+00:00", 15)
    assert RASH in newest(here, DANA)
    here.tap(DANA, "duty_received")
    assert duties(here)[0].received_by_id == 3


def test_what_identifies_a_patient_is_pointed_out_after_the_command_as_well(here: World) -> None:
    here.slack.command(JONAS, "/objection", "case number 20341: too expensive")
    here.tap(JONAS, "field_save_as_heard")
    assert reports(here) == [] and "looks as if it identified a patient" in str(here.slack.sees(JONAS)["modal"])
    here.slack.close_modal(JONAS)
    here.tap(JONAS, "field_save_as_heard")  # it may be something else
    assert len(reports(here)) == 1


def test_what_identifies_a_patient_is_pointed_out_before_saving(here: World) -> None:
    here.slack.command(JONAS, "/field-feedback", "")
    here.slack.submit(JONAS, field_said="Mrs K, born 12.03.1951, liked the demo")
    told = here.slack.sees(JONAS)["modal"]["errors"]["said"]
    assert told.startswith("“12.03.1951” looks as if it identified a patient. Please leave it out.")
    assert reports(here) == []
    here.slack.submit(JONAS, field_said="Case number 20341 of our service desk")  # nor is this a patient's
    here.slack.submit(JONAS, field_said="Case number 20341 of our service desk")
    assert [one.said for one in reports(here)] == ["Case number 20341 of our service desk"]
