"""Deadlines fall where a person with a calendar on the wall would put them, also over nights and clock changes."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.worktime import NeverOpens, WorkCalendar

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
quick = settings(max_examples=100, deadline=None)


def hours(text: str) -> Mapping[int, list[tuple[time, time]]]:
    """`0-4 09:00-17:00` or `5 22:00-06:00 08:00-09:00`; several days apart by `;`."""
    found: dict[int, list[tuple[time, time]]] = {}
    for part in text.split(";"):
        days, *spans = part.split()
        first, _, last = days.partition("-")
        for day in range(int(first), int(last or first) + 1):
            found[day] = [(time.fromisoformat(s[:5]), time.fromisoformat(s[6:])) for s in spans]
    return found


def local(text: str, zone: str = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OFFICE = WorkCalendar(BERLIN, hours("0-4 09:00-17:00"))
LUNCH = WorkCalendar(BERLIN, hours("0-4 08:00-12:30 13:00-18:00"))
NIGHT = WorkCalendar(BERLIN, hours("0-4 22:00-06:00"))
ALWAYS = WorkCalendar(BERLIN, hours("0-6 00:00-00:00"))
# 2026-11-20 is a Friday.
DUE = {
    "Saturday afternoon counts from Monday morning": (
        WorkCalendar(BERLIN, hours("0-4 10:00-18:00")), "2026-11-21 15:00", 60, "2026-11-23 11:00"),
    "what Friday leaves is done on Monday": (OFFICE, "2026-11-20 16:30", 60, "2026-11-23 09:30"),
    "done at closing time, not at the next opening": (OFFICE, "2026-11-20 16:00", 60, "2026-11-20 17:00"),
    "begun at closing time": (OFFICE, "2026-11-20 17:00", 1, "2026-11-23 09:01"),
    "begun before opening": (OFFICE, "2026-11-20 06:00", 30, "2026-11-20 09:30"),
    "lunch is no working time": (LUNCH, "2026-11-20 12:00", 60, "2026-11-20 13:30"),
    "begun at lunch": (LUNCH, "2026-11-20 12:45", 15, "2026-11-20 13:15"),
    "a night runs past midnight": (NIGHT, "2026-11-19 23:30", 60, "2026-11-20 00:30"),
    "begun after midnight, in yesterday's night": (NIGHT, "2026-11-20 05:30", 60, "2026-11-20 22:30"),
    "Friday's night ends on Saturday morning": (NIGHT, "2026-11-21 05:00", 120, "2026-11-23 23:00"),
    "round the clock": (ALWAYS, "2026-11-20 12:00", 48 * 60, "2026-11-22 12:00"),
    "overlapping spans count once": (
        WorkCalendar(BERLIN, hours("0-4 09:00-13:00 11:00-15:00 12:00-12:30")),
        "2026-11-20 09:00", 360, "2026-11-20 15:00"),
    "a night that meets the morning counts once": (
        WorkCalendar(BERLIN, hours("0-4 22:00-06:00 05:00-08:00")), "2026-11-20 04:00", 240, "2026-11-20 08:00"),
    "a holiday closes the day": (
        replace(OFFICE, holidays={date(2026, 11, 23)}), "2026-11-20 16:30", 60, "2026-11-24 09:30"),
    "a holiday closes the night that begins on it": (
        replace(NIGHT, holidays={date(2026, 11, 18)}), "2026-11-18 21:00", 60, "2026-11-19 23:00"),
    "a holiday leaves open the night that began the evening before": (
        replace(NIGHT, holidays={date(2026, 11, 18)}), "2026-11-18 01:00", 120, "2026-11-18 03:00"),
    "an absence is cut out of the day": (
        replace(OFFICE, closed=[(local("2026-11-20 10:00"), local("2026-11-20 14:00"))]),
        "2026-11-20 09:00", 120, "2026-11-20 15:00"),
    "an absence within an absence": (
        replace(OFFICE, closed=[(utc("2026-11-20 09:00"), utc("2026-11-20 14:00")),
                                (utc("2026-11-20 10:00"), utc("2026-11-20 11:00"))]),
        "2026-11-20 09:00", 120, "2026-11-20 16:00"),
    "absences that overlap are cut out once, whatever zone and order they come in": (
        replace(OFFICE, closed=[(utc("2026-11-20 10:00"), utc("2026-11-20 13:00")),
                                (local("2026-11-20 10:00"), local("2026-11-20 12:00"))]),
        "2026-11-20 09:00", 120, "2026-11-20 15:00"),
}  # fmt: skip


@pytest.mark.parametrize("calendar, start, minutes, due", DUE.values(), ids=DUE)
def test_due(calendar: WorkCalendar, start: str, minutes: int, due: str) -> None:
    assert calendar.due(local(start), minutes * MINUTE) == local(due)


# Berlin: 2026-03-29 02:00 → 03:00 and 2026-10-25 03:00 → 02:00. New York: 2026-03-08 and 2026-11-01, at 02:00.
CLOCK_CHANGES = {
    "spring takes an hour from Berlin's night": (BERLIN, "00:00-06:00", "2026-03-29", "23:00-1 04:00"),
    "autumn gives one": (BERLIN, "00:00-06:00", "2026-10-25", "22:00-1 05:00"),
    "a skipped start is the moment of the change": (BERLIN, "02:30-06:00", "2026-03-29", "01:00 04:00"),
    "a skipped end is the moment of the change": (BERLIN, "00:00-02:30", "2026-03-29", "23:00-1 01:00"),
    "a repeated start is the first": (BERLIN, "02:30-06:00", "2026-10-25", "00:30 05:00"),
    "a repeated end is the last": (BERLIN, "00:00-02:30", "2026-10-25", "22:00-1 01:30"),
    "a span within the repeated hour": (BERLIN, "02:15-02:30", "2026-10-25", "00:15 01:30"),
    "a night into the change": (BERLIN, "22:00-02:30", "2026-03-28", "21:00 01:00+1"),
    "New York: spring": (NEW_YORK, "00:00-06:00", "2026-03-08", "05:00 10:00"),
    "New York: autumn": (NEW_YORK, "00:00-06:00", "2026-11-01", "04:00 11:00"),
    "New York: a skipped start": (NEW_YORK, "02:15-04:00", "2026-03-08", "07:00 08:00"),
    "New York: a skipped end": (NEW_YORK, "01:00-02:59", "2026-03-08", "06:00 07:00"),
    "New York: a repeated start is the first": (NEW_YORK, "01:30-04:00", "2026-11-01", "05:30 09:00"),
    "New York: a repeated end is the last": (NEW_YORK, "00:30-01:30", "2026-11-01", "04:30 06:30"),
    "half an hour is skipped on Lord Howe": ("Australia/Lord_Howe", "02:15-04:00", "2026-10-04", "15:30-1 17:00-1"),
    "half an hour is repeated on Lord Howe": ("Australia/Lord_Howe", "01:45-02:00", "2026-04-05", "14:45-1 15:30-1"),
    "India, 5:30": ("Asia/Kolkata", "09:00-17:00", "2026-11-20", "03:30 11:30"),
    "Nepal, 5:45": ("Asia/Kathmandu", "09:00-17:00", "2026-11-20", "03:15 11:15"),
    "Chatham, 12:45, skips at 02:45": ("Pacific/Chatham", "03:00-09:00", "2026-09-27", "14:00-1 19:15-1"),
}


@pytest.mark.parametrize("zone, span, day, bounds", CLOCK_CHANGES.values(), ids=CLOCK_CHANGES)
def test_a_span_opens_and_closes_at(zone: str, span: str, day: str, bounds: str) -> None:
    """`bounds` are opening and closing in UTC, `+1` and `-1` the days beside `day`."""
    on = date.fromisoformat(day)
    calendar = WorkCalendar(zone, hours(f"{on.weekday()} {span}"))
    opens, closes = (
        datetime.combine(on + timedelta(days=int(b[5:] or 0)), time.fromisoformat(b[:5]), UTC) for b in bounds.split()
    )
    assert calendar.next_open(opens - 2 * HOUR) == opens
    assert calendar.due(opens, closes - opens) == closes
    assert calendar.next_open(closes) > closes
    assert (calendar.is_open(opens), calendar.is_open(closes)) == (True, False)


def test_the_second_pass_through_a_repeated_hour_is_told_from_the_first() -> None:
    calendar = WorkCalendar(BERLIN, hours("6 00:00-02:30"))
    first, second = local("2026-10-25 02:00"), local("2026-10-25 02:00", fold=1)
    assert calendar.due(first, 90 * MINUTE) == utc("2026-10-25 01:30")
    assert calendar.due(second, 30 * MINUTE) == utc("2026-10-25 01:30")


def test_no_work_is_done_at_once_also_at_night() -> None:
    night = local("2026-11-21 03:00")
    assert OFFICE.due(night, timedelta(0)) == night
    assert WorkCalendar(BERLIN, {}).due(night, timedelta(0)) == night


def test_answers_come_in_utc() -> None:
    assert OFFICE.due(local("2026-11-20 09:00"), HOUR).tzinfo is UTC
    assert OFFICE.due(local("2026-11-20 09:00"), timedelta(0)).tzinfo is UTC
    assert OFFICE.next_open(local("2026-11-20 09:00")).tzinfo is UTC


def test_negative_work_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        OFFICE.due(local("2026-11-20 09:00"), -MINUTE)


def test_times_without_a_zone_are_refused() -> None:
    naive = datetime(2026, 11, 20, 9)  # noqa: DTZ001
    absent = replace(OFFICE, closed=[(naive, naive + HOUR)])
    for ask in (
        lambda: OFFICE.due(naive, HOUR),
        lambda: OFFICE.due(naive, timedelta(0)),
        lambda: OFFICE.next_open(naive),
        lambda: OFFICE.is_open(naive),
        lambda: absent.next_open(local("2026-11-20 08:00")),
    ):
        with pytest.raises(ValueError, match="zone"):
            ask()


@pytest.mark.parametrize(
    "calendar",
    [
        WorkCalendar(BERLIN, {}),
        WorkCalendar(BERLIN, {0: []}),
        replace(OFFICE, closed=[(utc("2026-01-01 00:00"), utc("2099-01-01 00:00"))]),
    ],
    ids=["no hours", "an empty day", "away for good"],
)
def test_a_calendar_that_never_opens_says_so(calendar: WorkCalendar) -> None:
    at = local("2026-11-20 09:00")
    with pytest.raises(NeverOpens):
        calendar.due(at, MINUTE)
    with pytest.raises(NeverOpens):
        calendar.next_open(at)
    assert not calendar.is_open(at)


ELAPSED = {
    "from closing time to the next morning": (OFFICE, "2026-11-20 16:30", "2026-11-23 09:30", 60),
    "a weekend": (OFFICE, "2026-11-20 17:00", "2026-11-23 09:00", 0),
    "lunch does not count": (LUNCH, "2026-11-20 12:00", "2026-11-20 13:30", 60),
    "a night, from after midnight": (NIGHT, "2026-11-20 05:30", "2026-11-20 22:30", 60),
    "a holiday": (replace(OFFICE, holidays={date(2026, 11, 23)}), "2026-11-20 16:00", "2026-11-24 10:00", 120),
    "overlapping spans once": (
        WorkCalendar(BERLIN, hours("0-4 09:00-13:00 11:00-15:00")), "2026-11-20 08:00", "2026-11-20 18:00", 360),
    "the night that loses an hour": (NIGHT, "2026-03-27 22:00", "2026-03-28 06:00", 480),
    "the Saturday night that loses an hour": (
        WorkCalendar(BERLIN, hours("5 22:00-06:00")), "2026-03-28 22:00", "2026-03-29 06:00", 420),
    "the one that gains an hour": (
        WorkCalendar(BERLIN, hours("5 22:00-06:00")), "2026-10-24 22:00", "2026-10-25 06:00", 540),
    "no working hours, no working time": (WorkCalendar(BERLIN, {}), "2026-11-20 08:00", "2026-11-27 08:00", 0),
}  # fmt: skip


@pytest.mark.parametrize("calendar, start, end, minutes", ELAPSED.values(), ids=ELAPSED)
def test_elapsed(calendar: WorkCalendar, start: str, end: str, minutes: int) -> None:
    assert calendar.elapsed(local(start), local(end)) == minutes * MINUTE


def test_an_end_before_its_start_is_refused() -> None:
    with pytest.raises(ValueError, match="before"):
        OFFICE.elapsed(local("2026-11-20 10:00"), local("2026-11-20 09:00"))


# ---- Properties, over weeks with and without a clock change ----

WEEKS = [
    (BERLIN, date(2026, 3, 29)),
    (BERLIN, date(2026, 10, 25)),
    (NEW_YORK, date(2026, 3, 8)),
    (NEW_YORK, date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Pacific/Chatham", date(2026, 9, 27)),
    ("Asia/Kathmandu", date(2026, 11, 20)),
]
DAYS_AROUND = 10
clock_times = st.one_of(
    st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15)),
    st.integers(0, 23 * 60 + 59).map(lambda n: time(n // 60, n % 60)),
    st.integers(0, 3 * 60).map(lambda n: time(n // 60, n % 60)),  # where clocks are changed
)
spans = st.lists(st.tuples(clock_times, clock_times), max_size=3)


@st.composite
def cases(draw: st.DrawFn) -> tuple[WorkCalendar, datetime, date]:
    """A calendar of whole minutes, an instant near a clock change, and the day of that change."""
    zone, anchor = draw(st.sampled_from(WEEKS))
    week = draw(st.dictionaries(st.integers(0, 6), spans))
    week.setdefault(draw(st.integers(0, 6)), []).append((time(9), time(17)))  # enough that every work is done some day
    near = st.integers(-5 * 1440, 4 * 1440).map(lambda n: datetime.combine(anchor, time(0), UTC) + n * MINUTE)
    closed = [(a, a + n * MINUTE) for a, n in draw(st.lists(st.tuples(near, st.integers(0, 2000)), max_size=2))]
    days_off = draw(st.sets(st.integers(-5, 9).map(lambda n: anchor + timedelta(days=n)), max_size=2))
    return WorkCalendar(zone, week, days_off, closed), draw(near), anchor


minutes = st.integers(1, 4000).map(lambda n: n * MINUTE)
amounts = st.one_of(minutes, st.timedeltas(timedelta(microseconds=1), timedelta(days=5)))


@given(cases(), amounts, amounts)
@quick
def test_due_is_additive_and_grows_with_work(
    case: tuple[WorkCalendar, datetime, date], a: timedelta, b: timedelta
) -> None:
    calendar, start, _ = case
    whole = calendar.due(start, a + b)
    assert calendar.due(calendar.due(start, a), b) == whole
    assert start + a <= calendar.due(start, a) < whole


@given(cases(), amounts, st.timedeltas(timedelta(0), timedelta(days=9)))
@quick
def test_who_starts_later_is_not_done_earlier(
    case: tuple[WorkCalendar, datetime, date], work: timedelta, later: timedelta
) -> None:
    calendar, start, _ = case
    assert calendar.due(start, work) <= calendar.due(start + later, work)


@given(cases(), amounts)
@quick
def test_due_lies_in_working_time_or_on_its_closing(case: tuple[WorkCalendar, datetime, date], work: timedelta) -> None:
    calendar, start, _ = case
    assert calendar.is_open(calendar.due(start, work) - timedelta(microseconds=1))


@given(cases(), amounts)
@quick
def test_what_is_due_took_as_long_as_it_was_to_take(case: tuple[WorkCalendar, datetime, date], work: timedelta) -> None:
    calendar, start, _ = case
    assert calendar.elapsed(start, calendar.due(start, work)) == work


@given(cases(), st.timedeltas(timedelta(0), timedelta(days=9)), st.timedeltas(timedelta(0), timedelta(days=9)))
@quick
def test_elapsed_is_additive_and_never_more_than_passed(
    case: tuple[WorkCalendar, datetime, date], a: timedelta, b: timedelta
) -> None:
    calendar, start, _ = case
    between, end = start + a, start + a + b
    whole = calendar.elapsed(start, end)
    assert calendar.elapsed(start, between) + calendar.elapsed(between, end) == whole
    assert timedelta(0) <= whole <= a + b


@given(cases())
@quick
def test_the_next_opening_is_open_and_its_own_next_opening(case: tuple[WorkCalendar, datetime, date]) -> None:
    calendar, start, _ = case
    opens = calendar.next_open(start)
    assert opens >= start
    assert calendar.is_open(opens)
    assert calendar.next_open(opens) == opens
    assert calendar.is_open(start) == (opens == start)


# ---- The same by brute force: look at the wall clock in every minute and count ----


@lru_cache
def wall_clock(zone: str, anchor: date) -> tuple[datetime, dict[datetime, list[int]]]:
    """The first minute looked at, and for every local time the numbers of the minutes that show it."""
    begin = datetime.combine(anchor - timedelta(days=DAYS_AROUND), time(0), UTC)
    shown = defaultdict(list)
    for number in range(2 * DAYS_AROUND * 1440):
        shown[(begin + number * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)].append(number)
    return begin, dict(shown)


def open_minutes(calendar: WorkCalendar, anchor: date) -> bytearray:
    begin, shown = wall_clock(calendar.zone, anchor)
    is_open = bytearray(2 * DAYS_AROUND * 1440)

    def minutes_at(at: datetime) -> list[int]:
        while at not in shown:  # skipped: the clock jumps to the first time that exists
            at += MINUTE
        return shown[at]

    for offset in range(2 - DAYS_AROUND, DAYS_AROUND - 2):
        day = anchor + timedelta(days=offset)
        if day in calendar.holidays:
            continue
        for begins, ends in calendar.hours.get(day.weekday(), ()):
            until = day if begins < ends else day + timedelta(days=1)
            first = minutes_at(datetime.combine(day, begins))[0]
            last = minutes_at(datetime.combine(until, ends))[-1]
            is_open[first:last] = b"\1" * (last - first)
    for a, b in calendar.closed:
        first, last = (a - begin) // MINUTE, (b - begin) // MINUTE
        is_open[first:last] = bytes(last - first)
    return is_open


@given(cases(), st.integers(1, 3 * 1440))
@quick
def test_equals_a_count_minute_by_minute(case: tuple[WorkCalendar, datetime, date], work: int) -> None:
    calendar, start, anchor = case
    begin, _ = wall_clock(calendar.zone, anchor)
    is_open = open_minutes(calendar, anchor)
    now = (start - begin) // MINUTE
    looked_at = range(now, (DAYS_AROUND + 7) * 1440)
    worked = [number for number in looked_at if is_open[number]]
    edge = begin + looked_at.stop * MINUTE
    expected = begin + (worked[work - 1] + 1) * MINUTE if len(worked) >= work else None
    due = calendar.due(start, work * MINUTE)
    assert due == expected if expected else due > edge
    assert calendar.is_open(start) == bool(is_open[now])
    opens = calendar.next_open(start)
    assert opens == begin + worked[0] * MINUTE if worked else opens >= edge
    until = start + work * MINUTE
    counted = sum(is_open[now : now + work])
    assert calendar.elapsed(start, until) == counted * MINUTE
