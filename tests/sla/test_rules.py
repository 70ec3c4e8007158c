"""A promise on somebody's clock: deadlines, steps, what is left after a pause, when managers hear, and measures."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sla.rules import Outcome, Run, Rung, Tally, frozen, manager_hears_at, outcome_at, percentile, thawed
from bot.worktime import WorkCalendar
from config.policy import LadderStep, Policy
from tests.test_worktime import BERLIN, HOUR, LUNCH, MINUTE, NIGHT, OFFICE, cases, local, utc
from tests.world import ROOT

POLICY = Policy.load(ROOT / "config" / "policy.toml")
LADDER = POLICY.ladder_for("answer", hot=False)
quick = settings(max_examples=80, deadline=None)


def run(start: str, target: timedelta, calendar: WorkCalendar = OFFICE, used: timedelta = timedelta(0)) -> Run:
    return Run(calendar, local(start), target, used)


def test_the_ladder_stands_at_shares_of_the_target_in_working_time() -> None:
    steps = run("2026-11-20 16:00", 8 * HOUR).climbs(LADDER)
    assert steps == [
        (Rung.REMIND, local("2026-11-23 12:00")),
        (Rung.WARN, local("2026-11-23 14:00")),
        (Rung.LATE, local("2026-11-23 16:00")),
        (Rung.MOVE, local("2026-11-24 12:00")),
    ]


def test_steps_may_stand_at_fixed_working_times_before_and_after() -> None:
    ladder = (
        LadderStep(does="warn", minutes=-60),
        LadderStep(does="late", minutes=0),
        LadderStep(does="move", minutes=120),
    )
    assert run("2026-11-20 15:00", 3 * HOUR).climbs(ladder) == [
        (Rung.WARN, local("2026-11-20 17:00")),
        (Rung.LATE, local("2026-11-23 10:00")),
        (Rung.MOVE, local("2026-11-23 12:00")),
    ]
    # An hour before a promise of a quarter of an hour is before it was made: no such step.
    assert [rung for rung, _ in run("2026-11-20 15:00", 15 * MINUTE).climbs(ladder)] == [Rung.LATE, Rung.MOVE]


def test_each_promise_may_have_a_ladder_of_its_own() -> None:
    own = (LadderStep(does="warn", percent=90, promise="review"), *POLICY.ladder)
    policy = POLICY.model_copy(update={"ladder": own})
    assert [s.percent for s in policy.ladder_for("review", hot=False)] == [90, 50, 100, 150]
    assert [s.percent for s in policy.ladder_for("answer", hot=False)] == [50, 75, 100, 150]


def test_somebody_without_hours_owes_by_the_wall_clock() -> None:
    nobody = WorkCalendar(BERLIN, {})
    made = run("2026-11-21 10:00", 2 * HOUR, nobody)
    assert made.deadline == local("2026-11-21 12:00")
    assert made.worked(local("2026-11-21 11:30")) == 90 * MINUTE


def test_what_had_gone_before_counts() -> None:
    again = run("2026-11-23 09:00", 8 * HOUR, used=6 * HOUR)
    assert again.deadline == local("2026-11-23 11:00")
    assert again.worked(local("2026-11-23 10:00")) == 7 * HOUR
    # Three quarters had gone: it is told at once that it runs again.
    assert dict(again.climbs(LADDER))[Rung.WARN] == local("2026-11-23 09:00")


def test_late_is_after_the_deadline_and_the_deadline_itself_is_in_time() -> None:
    at = utc("2026-11-23 10:00")
    assert outcome_at(at, at) == Outcome.MET
    assert outcome_at(at + timedelta(microseconds=1), at) == Outcome.MISSED


amounts = st.integers(1, 3000).map(lambda n: n * MINUTE)


@given(cases(), amounts, st.integers(0, 100))
@quick
def test_a_pause_costs_no_working_time(
    case: tuple[WorkCalendar, datetime, object], target: timedelta, share: int
) -> None:
    """Run until some share is used, stand still, run on: together it took the target."""
    calendar, start, _ = case
    whole = Run(calendar, start, target)
    paused_at = whole.at(target * share / 100)
    used = whole.worked(paused_at)
    again = Run(calendar, paused_at + timedelta(days=2), target, used)
    assert again.worked(again.deadline) == target if used < target else again.deadline == again.since


@given(cases(), amounts)
@quick
def test_steps_come_in_order_and_the_deadline_is_the_end_of_the_target(
    case: tuple[WorkCalendar, datetime, object], target: timedelta
) -> None:
    calendar, start, _ = case
    made = Run(calendar, start, target)
    times = dict(made.climbs(LADDER))
    assert times[Rung.REMIND] <= times[Rung.WARN] <= times[Rung.LATE] <= times[Rung.MOVE]
    assert times[Rung.LATE] == made.deadline
    assert made.worked(made.deadline) == target


@given(cases(), amounts)
@quick
def test_a_calendar_kept_with_a_promise_measures_as_it_did(
    case: tuple[WorkCalendar, datetime, object], target: timedelta
) -> None:
    """What was kept gives the same deadline and the same time taken, weeks on as well."""
    calendar, start, _ = case
    deadline = Run(calendar, start, target).deadline
    kept = thawed(frozen(calendar, start, deadline))
    assert kept.due(start, target) == deadline
    later = deadline + timedelta(days=14)
    assert kept.elapsed(start, later) == calendar.elapsed(start, later)


TIMES = (time(11), time(16))
HEARS = {
    "with the next one of the day": (OFFICE, "2026-11-20 09:30", "2026-11-20 11:00"),
    "at the time itself": (OFFICE, "2026-11-20 11:00", "2026-11-20 11:00"),
    "in the afternoon": (OFFICE, "2026-11-20 11:01", "2026-11-20 16:00"),
    "not on a weekend": (OFFICE, "2026-11-20 16:30", "2026-11-23 11:00"),
    "not on a holiday": (
        WorkCalendar(BERLIN, OFFICE.hours, {datetime(2026, 11, 23, tzinfo=UTC).date()}),
        "2026-11-20 16:30", "2026-11-24 11:00"),
    "who works nights hears at the next opening": (NIGHT, "2026-11-20 12:00", "2026-11-20 22:00"),
    "not in the break": (
        WorkCalendar(BERLIN, {d: ((time(8), time(10, 30)), (time(12), time(17))) for d in range(5)}),
        "2026-11-20 09:00", "2026-11-20 16:00"),
    "without hours at once": (WorkCalendar(BERLIN, {}), "2026-11-21 03:00", "2026-11-21 03:00"),
}  # fmt: skip


@pytest.mark.parametrize("calendar, at, hears", HEARS.values(), ids=HEARS)
def test_when_a_manager_hears(calendar: WorkCalendar, at: str, hears: str) -> None:
    assert manager_hears_at(TIMES, calendar, local(at)) == local(hears)


def test_measures_are_of_what_was_due_and_percentiles_of_what_was_taken() -> None:
    tally = Tally(met=3, late=1, open=2, minutes=[10, 20, 30, 40, 50, 60, 70, 80, 90, 1000])
    told = tally.measure()
    assert (told.met, told.late, told.open, told.due) == (3, 1, 2, 4)
    assert (told.median_minutes, told.p90_minutes) == (50, 90)
    assert (percentile([], 50), percentile([7], 90)) == (None, 7)
    assert LUNCH.elapsed(local("2026-11-20 12:00"), local("2026-11-20 13:30")) == HOUR
