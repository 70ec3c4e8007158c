"""The answer library: written for what many say, shown to who may see it, ranked by how surely it works, withdrawn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.feedback import answers, triage
from bot.feedback.answer_tables import AnswerUse, AnswerVersion
from bot.feedback.answers import AnswerView, State, Written, surely_works
from bot.feedback.rules import Step
from bot.feedback.tables import FieldReport
from bot.feedback.triage import Deed
from bot.journal.service import OPERATOR
from bot.people import service as people
from bot.sla.tables import Obligation
from jobs.field import withdraw_answers
from tests.conftest import TurnedClock
from tests.feedback.kit import says, settle, whisper
from tests.sla.kit import ANA, DANA, JONAS, LIAM, POLICY
from tests.world import World, at, world


@pytest.fixture
def here(database_url: str, clock: TurnedClock) -> Iterator[World]:
    """Two reps heard that the price is too high: Ana owes an answer that everybody can use."""
    with world(database_url, clock, POLICY) as made:
        made.tick()
        says(made, DANA, "The price of reagents is too high", "/objection", field_answer_given="My own words")
        settle(made)
        says(made, JONAS, "Reagent prices too high", "/objection")
        made.tap(JONAS, "field_add_yours")
        settle(made)
        yield made


def owed(here: World) -> list[str | None]:
    with here.services.reading() as session:
        found = select(Obligation.outcome).where(Obligation.kind == "answer_card").order_by(Obligation.id)
        return list(session.scalars(found))


def write(here: World, text: str, **more: str) -> None:
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open")
    here.slack.tap_in_view(ANA, "field_answer_write")
    here.slack.submit(ANA, field_answer_text=text, **more)
    here.slack.close_modal(ANA)


def search(here: World, user: str, text: str = "search reagents price") -> str:
    here.slack.command(user, "/objection", text)
    return whisper(here, user)


def test_what_many_say_is_owed_an_answer_and_an_internal_one_is_marked(here: World) -> None:
    assert owed(here) == [None]
    write(here, "Count the cost per reportable result.")
    assert owed(here) == ["met"]
    shown = search(here, JONAS)
    assert "*“The price of reagents is too high”*" in shown
    assert "> Count the cost per reportable result.\n⚠ *Not for customers*\nNot used yet" in shown
    assert "My own words" not in shown


def test_a_draft_is_seen_by_marketing_only_and_keeps_no_promise(here: World) -> None:
    write(here, "Perhaps we could say…", field_answer_who="draft")
    assert owed(here) == [None]
    assert "Perhaps" not in search(here, JONAS)
    assert "Draft: seen by marketing only" in search(here, ANA)


def test_for_customers_it_needs_its_ground_and_a_day_and_is_withdrawn_after_it(here: World) -> None:
    write(here, "Our study shows 12 % less.", field_answer_who="approved")
    write(here, "Our study shows 12 % less.", field_answer_who="approved", field_answer_reference="Study 12")
    assert owed(here) == [None]  # twice refused
    approved = {"field_answer_reference": "Study 12", "field_answer_until": "2026-11-30"}
    write(here, "Our study shows 12 % less.", field_answer_who="approved", **approved)
    assert "✓ For customers, until 30 November 2026, approved by Ana Costa (Study 12)" in search(here, JONAS)
    assert withdraw_answers(here.services) == 0
    here.clock.turn_to(at("2026-12-01T08:00:00+00:00"))
    assert withdraw_answers(here.services) == 1
    assert withdraw_answers(here.services) == 0
    assert "12 %" not in search(here, JONAS)
    assert owed(here) == ["met", None]


def test_each_change_is_a_version_and_the_newest_is_shown(here: World) -> None:
    write(here, "First words.")
    write(here, "Better words.")
    shown = search(here, JONAS)
    assert "Better words." in shown and "First words." not in shown
    with here.services.reading() as session:
        assert session.scalars(select(AnswerVersion.number).order_by(AnswerVersion.id)).all() == [1, 2]


def test_what_is_approved_stays_while_a_draft_is_written(here: World) -> None:
    write(here, "Approved words.", field_answer_who="internal")
    write(here, "A draft.", field_answer_who="draft")
    shown = search(here, JONAS)
    assert "Approved words." in shown and "A draft." not in shown


def test_an_internal_answer_ends_with_its_day_as_well(here: World) -> None:
    write(here, "Until November only.", field_answer_until="2026-11-30")
    here.clock.turn_to(at("2026-12-01T08:00:00+00:00"))
    assert withdraw_answers(here.services) == 1
    assert "November only" not in search(here, JONAS)


def test_what_is_approved_stays_approved_when_it_is_written_anew(here: World) -> None:
    approved = {"field_answer_reference": "Study 12", "field_answer_until": "2026-11-30"}
    write(here, "Our study show 12 % less.", field_answer_who="approved", **approved)
    write(here, "Our study shows 12 % less.")
    shown = search(here, JONAS)
    assert (
        "> Our study shows 12 % less.\n✓ For customers, until 30 November 2026, approved by Ana Costa (Study 12)"
        in shown
    )


def test_a_colleagues_own_answer_is_what_a_first_version_begins_with(here: World) -> None:
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open")
    here.slack.tap_in_view(ANA, "field_answer_write")
    here.slack.submit(ANA)  # as it stands there
    assert "> My own words\n⚠ *Not for customers*" in search(here, JONAS)


def test_how_it_went_counts_once_a_day_and_the_newer_tap_holds(here: World) -> None:
    write(here, "Count the cost per result.")
    search(here, JONAS)
    for tap, told in (("worked", "resolved 1"), ("worked", "resolved 1"), ("did_not", "resolved 0")):
        here.tap(JONAS, f"field_answer_{tap}")
        assert here.whispers(JONAS)[-1] == f"✓ Noted. Used 1 time, {told}."
    here.clock.advance(days=1)
    here.tap(JONAS, "field_answer_worked")
    assert here.whispers(JONAS)[-1] == "✓ Noted. Used 2 times, resolved 1."


def test_how_it_went_is_counted_once_a_tap(here: World) -> None:
    write(here, "Count the cost per result.")
    search(here, JONAS)
    here.tap(JONAS, "field_answer_worked")
    here.slack.again()
    assert here.whispers(JONAS)[-1] == "✓ Noted. Used 1 time, resolved 1."
    search(here, DANA)
    here.tap(DANA, "field_answer_did_not")
    assert here.whispers(DANA)[-1] == "✓ Noted. Used 2 times, resolved 1."
    assert "Used 2 times, resolved 1" in search(here, JONAS)
    with here.services.reading() as session:
        assert len(session.scalars(select(AnswerUse)).all()) == 2


VIEW = AnswerView(1, 1, "", "", State.INTERNAL, 1, "", None, None, None, 0, 0)


def test_nine_of_fourteen_are_surer_than_one_of_one() -> None:
    assert surely_works(replace(VIEW, used=14, worked=9)) > surely_works(replace(VIEW, used=1, worked=1))


@given(st.integers(1, 500), st.data())
def test_how_sure_lies_below_the_share_and_grows_with_what_worked(used: int, data: st.DataObject) -> None:
    worked = data.draw(st.integers(0, used))
    sure = surely_works(replace(VIEW, used=used, worked=worked))
    assert 0 <= sure <= worked / used + 1e-9
    if worked < used:
        assert surely_works(replace(VIEW, used=used, worked=worked + 1)) > sure


def report_id(here: World, said: str) -> int:
    with here.services.reading() as session:
        return session.scalars(select(FieldReport.id).where(FieldReport.said == said)).one()


def merge(here: World, found: int, other: int) -> None:
    with here.services.under_rules() as (session, rules):
        deed, ana = Deed(Step.MERGED, other_id=other), people.by_id(session, 7)
        triage.do(session, found, deed, ana, rules, OPERATOR, here.clock.now())


def test_what_is_merged_leaves_no_answer_owed_to_nobody(here: World) -> None:
    """It was withdrawn and is owed again: so it is of the report that the other goes along with."""
    write(here, "Until November only.", field_answer_until="2026-11-30")
    says(here, LIAM, "Everything of yours costs too much for us", "/objection")
    settle(here)
    here.clock.turn_to(at("2026-12-01T08:00:00+00:00"))
    assert withdraw_answers(here.services) == 1 and owed(here) == ["met", None]
    merge(here, 1, report_id(here, "Everything of yours costs too much for us"))
    assert owed(here) == ["met", "cancelled", None]


def test_of_two_answers_that_meet_the_one_in_use_stays_and_is_owed_once(here: World) -> None:
    write(here, "Count the cost per result.", field_answer_until="2026-11-30")
    says(here, LIAM, "Everything of yours costs too much for us", "/objection")
    settle(here)
    other = report_id(here, "Everything of yours costs too much for us")
    with here.services.under_rules() as (session, rules):
        words_ = Written("Ask for the five-year plan.", State.INTERNAL, valid_until=date(2026, 11, 30))
        answers.write(session, other, words_, people.by_id(session, 7), rules, OPERATOR, here.clock.now())
    merge(here, 1, other)
    assert "five-year plan" in search(here, JONAS) and "cost per result" in search(here, JONAS)
    here.clock.turn_to(at("2026-12-01T08:00:00+00:00"))
    assert withdraw_answers(here.services) == 2
    running = [outcome for outcome in owed(here) if outcome is None]
    assert len(running) == 1
    with here.services.under_rules() as (session, rules):
        words_ = Written("Anew.", State.INTERNAL)
        answers.write(session, other, words_, people.by_id(session, 7), rules, OPERATOR, here.clock.now())
    assert None not in owed(here)


def test_an_answer_brought_along_by_a_merge_keeps_the_promise(here: World) -> None:
    says(here, LIAM, "Everything of yours costs too much for us", "/objection")
    settle(here)
    other = report_id(here, "Everything of yours costs too much for us")
    with here.services.under_rules() as (session, rules):
        written = Written("Count the cost per result.", State.INTERNAL)
        answers.write(session, other, written, people.by_id(session, 7), rules, OPERATOR, here.clock.now())
    assert owed(here) == [None]
    merge(here, other, 1)
    assert owed(here) == ["met"]
