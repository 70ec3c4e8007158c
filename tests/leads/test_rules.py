"""The one table of transitions, what a lead waits for, and when to try again."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leads.rules import (
    FURTHER_STEPS,
    NEXT_STEPS,
    TRANSITIONS,
    Answer,
    NotPossible,
    Stage,
    Step,
    Waits,
    Who,
    later_times,
    stage_after,
    waits_for,
)
from bot.worktime import WorkCalendar

HANDS = (Who.HOLDER, Who.MANAGER)
EIGHT_TO_FIVE = [(time(8), time(17))]
BERLIN = WorkCalendar("Europe/Berlin", dict.fromkeys(range(5), EIGHT_TO_FIVE))


@pytest.mark.parametrize("who", HANDS)
@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        (Step.ACCEPTED, Stage.MQL, Stage.SAL),
        (Step.ACCEPTED, Stage.SQL, Stage.SQL),
        (Step.REJECTED, Stage.MQL, Stage.REJECTED),
        (Step.REACHED, Stage.SAL, Stage.SAL),
        (Step.NO_ANSWER, Stage.SAL, Stage.SAL),
        (Step.QUALIFIED, Stage.SAL, Stage.SQL),
        (Step.NOT_A_FIT, Stage.SAL, Stage.REJECTED),
        (Step.WON, Stage.SQL, Stage.WON),
        (Step.LOST, Stage.SQL, Stage.LOST),
        (Step.HANDED_OVER, Stage.SQL, Stage.SQL),
    ],
)
def test_the_way_of_a_lead(step: Step, before: Stage, after: Stage, who: Who) -> None:
    assert stage_after(step, before, who) == after


@pytest.mark.parametrize(
    ("step", "before", "who"),
    [
        (Step.WON, Stage.SAL, Who.HOLDER),  # not before it is qualified
        (Step.QUALIFIED, Stage.SQL, Who.HOLDER),  # not twice
        (Step.REACHED, Stage.WON, Who.HOLDER),
        (Step.ACCEPTED, Stage.RAW, Who.HOLDER),
        (Step.GIVEN_BACK, Stage.SAL, Who.MANAGER),  # only whoever got it gives it back
        (Step.ACCEPTED, Stage.MQL, Who.RULES),
        (Step.DISQUALIFIED, Stage.REJECTED, Who.HOLDER),
        (Step.WON, Stage.WON, Who.OPERATOR),
    ],
)
def test_what_is_not_possible(step: Step, before: Stage, who: Who) -> None:
    with pytest.raises(NotPossible):
        stage_after(step, before, who)


def test_every_step_stands_in_the_table_and_every_stage_has_a_way_out_but_the_last_ones() -> None:
    assert {t.step for t in TRANSITIONS} == set(Step)
    by_people = [t for t in TRANSITIONS if Who.OPERATOR not in t.who]
    left = {stage for t in by_people for stage in t.before}
    assert set(Stage) - left == {Stage.WON}


@given(
    st.sampled_from(list(Answer)), st.sampled_from([Stage.MQL, Stage.SAL, Stage.SQL]), st.integers(0, 9), st.booleans()
)
def test_every_button_that_is_shown_leads_somewhere(answer: Answer, stage: Stage, attempts: int, reached: bool) -> None:
    waits = waits_for(answer, stage, attempts, reached=reached)
    accepted = answer != Answer.PENDING
    before = stage if accepted and stage != Stage.MQL else Stage.SAL if accepted else stage
    for step in NEXT_STEPS[waits] if accepted else (Step.ACCEPTED, Step.REJECTED):
        stage_after(step, before, Who.HOLDER)
    for step in FURTHER_STEPS[waits]:
        if waits != Waits.ANSWER:  # on an unanswered card these accept first
            stage_after(step, before, Who.HOLDER)


@pytest.mark.parametrize(
    ("answer", "stage", "attempts", "reached", "waits"),
    [
        ("pending", "mql", 0, False, Waits.ANSWER),
        ("pending", "sql", 2, True, Waits.ANSWER),  # handed over: whoever gets it answers first
        ("accepted", "sal", 0, False, Waits.FIRST_CONTACT),
        ("accepted", "sal", 2, False, Waits.TRY_AGAIN),
        ("accepted", "sal", 2, True, Waits.QUALIFYING),
        ("accepted", "sql", 0, True, Waits.DEAL),
    ],
)
def test_what_a_lead_waits_for(answer: str, stage: str, attempts: int, reached: bool, waits: Waits) -> None:
    assert waits_for(answer, stage, attempts, reached=reached) == waits


@pytest.mark.parametrize(
    ("now", "times"),
    [
        ("2026-11-24T09:02:00+01:00", ["24T12:15", "25T08:00", "26T08:00"]),
        ("2026-11-24T15:00:00+01:00", ["25T08:00", "26T08:00"]),  # three hours on the day is over
        ("2026-11-27T10:00:00+01:00", ["27T13:00", "30T08:00", "01T08:00"]),  # over the weekend
        ("2026-11-28T10:00:00+01:00", ["30T08:00", "01T08:00"]),
    ],
)
def test_times_to_try_again_lie_in_working_hours(now: str, times: list[str]) -> None:
    found = later_times(BERLIN, datetime.fromisoformat(now))
    assert [at.astimezone(datetime.fromisoformat(now).tzinfo).strftime("%dT%H:%M") for at in found] == times


def test_somebody_without_hours_tries_again_on_the_next_days() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert later_times(WorkCalendar("UTC", {}), now) == [now + timedelta(days=1), now + timedelta(days=2)]


@given(st.integers(0, 730 * 24 * 60))
def test_times_to_try_again_are_later_in_order_and_open(minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = later_times(BERLIN, now)
    assert found == sorted(found) and found[0] > now
    assert all(BERLIN.is_open(at) for at in found)
