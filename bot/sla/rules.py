"""What is owed by when, the steps on the way there, and what was measured. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.worktime import NeverOpens, WorkCalendar
from config.policy import LadderStep

NOTHING = timedelta(0)


class Kind(StrEnum):
    """What somebody owes."""

    ANSWER = "answer"  # accept a lead, or send it back
    FIRST_CONTACT = "first_contact"
    NEXT_STEP = "next_step"  # on a lead that has been quiet for long
    REVIEW = "review"  # marketing looks at a lead that came back
    DATA = "data"  # marketing completes a lead sent back for bad data
    SEEN = "seen"  # marketing looks at a report from the field
    REPLY = "reply"  # and answers it
    ANSWER_CARD = "answer_card"  # an answer everybody can use, to what many heard
    DECISION = "decision"  # what the council decided


OF_SALES = frozenset({Kind.ANSWER, Kind.FIRST_CONTACT, Kind.NEXT_STEP})
OF_MARKETING = frozenset({Kind.REVIEW, Kind.DATA, Kind.SEEN, Kind.REPLY, Kind.ANSWER_CARD})


def team_of(kind: Kind, owners: str) -> str:
    """Whose promise it is: the owner's team's; of who is in both, that of the team it belongs to by its kind."""
    if owners != "both":
        return owners
    return "sales" if kind in OF_SALES else "marketing" if kind in OF_MARKETING else owners


class Outcome(StrEnum):
    MET = "met"
    MISSED = "missed"  # done, but late, or moved on to somebody else; what is still open has no outcome
    CANCELLED = "cancelled"


class Rung(StrEnum):
    """A step of the ladder. The first four are the policy's; a pause ends with RESUME."""

    REMIND = "remind"  # silent: what is there changes
    WARN = "warn"
    LATE = "late"
    MOVE = "move"
    RESUME = "resume"


@dataclass(frozen=True)
class Run:
    """A promise on somebody's clock: `used` of its working time had gone when it began to run at `since`.

    For somebody without any working time it runs by the wall clock.
    """

    calendar: WorkCalendar
    since: datetime
    target: timedelta
    used: timedelta = NOTHING

    @property
    def deadline(self) -> datetime:
        """When the target is used up; for one that was used up before, when it began to run."""
        return self.at(self.target)

    def at(self, worked: timedelta) -> datetime:
        """When `worked` of working time has gone since the promise was made, but not before this run began."""
        rest = max(NOTHING, worked - self.used)
        try:
            return self.calendar.due(self.since, rest)
        except NeverOpens:
            return self.since + rest

    def worked(self, at: datetime) -> timedelta:
        """How much working time has gone by `at`."""
        if at <= self.since:
            return self.used
        if not any(self.calendar.hours.values()):
            return self.used + (at - self.since)
        return self.used + self.calendar.elapsed(self.since, at)

    def climbs(self, ladder: Sequence[LadderStep]) -> list[tuple[Rung, datetime]]:
        """The steps with their instants, in order; what is past its time comes after the deadline, not with it."""
        times = [(Rung(step.does), self.at(_worked_at(step, self.target))) for step in ladder if _is_within(step, self)]
        return sorted(times, key=lambda one: (one[1], list(Rung).index(one[0])))


def _worked_at(step: LadderStep, target: timedelta) -> timedelta:
    if step.percent is not None:
        return target * step.percent / 100
    return target + timedelta(minutes=step.minutes or 0)


def _is_within(step: LadderStep, run: Run) -> bool:
    """A step before the promise was made, such as "an hour before" of a promise of half an hour, is none."""
    return _worked_at(step, run.target) > NOTHING


def outcome_at(done_at: datetime, deadline_at: datetime) -> Outcome:
    return Outcome.MET if done_at <= deadline_at else Outcome.MISSED


# -- calendars, kept with the promise -------------------------------------------------------------------------------


def frozen(calendar: WorkCalendar, begun_at: datetime, until: datetime) -> dict[str, Any]:
    """The calendar as it stands, as far as it matters to a promise; a late one runs on into the next months."""
    last = until.date() + timedelta(days=60)
    near = sorted(day for day in calendar.holidays if begun_at.date() - timedelta(days=1) <= day <= last)
    return {
        "zone": calendar.zone,
        "hours": {
            str(day): [f"{a:%H:%M}-{b:%H:%M}" for a, b in spans] for day, spans in calendar.hours.items() if spans
        },
        "holidays": [day.isoformat() for day in near],
        "closed": [[a.isoformat(), b.isoformat()] for a, b in calendar.closed if b > begun_at],
    }


def thawed(kept: Mapping[str, Any]) -> WorkCalendar:
    """The calendar that a promise was made under."""
    hours = {int(day): tuple(_span(span) for span in spans) for day, spans in kept["hours"].items()}
    closed = tuple((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in kept["closed"])
    return WorkCalendar(kept["zone"], hours, frozenset(map(date.fromisoformat, kept["holidays"])), closed)


def _span(told: str) -> tuple[time, time]:
    return time.fromisoformat(told[:5]), time.fromisoformat(told[6:])


# -- when managers hear ----------------------------------------------------------------------------------------------


def manager_hears_at(times: Sequence[time], calendar: WorkCalendar, at: datetime) -> datetime:
    """The first of the agreed times of day, from `at` on, on which this manager is at work that day.

    A manager whose hours do not reach any of the times hears at their next opening; one without hours at once.
    """
    zone = ZoneInfo(calendar.zone)
    try:
        opens = calendar.next_open(at)
    except NeverOpens:
        return at
    first = at.astimezone(zone).date()
    for number in range(40):
        day = first + timedelta(days=number)
        for clock in times:
            slot = datetime.combine(day, clock, zone)
            if slot >= at and calendar.is_open(slot):
                return slot
    return opens


# -- measures --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measure:
    """How promises of one kind, team or person were kept in a period; times are working time, in minutes."""

    met: int = 0
    late: int = 0  # done late, moved on, or still open past the agreed time
    open: int = 0  # not due yet
    median_minutes: float | None = None
    p90_minutes: float | None = None

    @property
    def due(self) -> int:
        return self.met + self.late


@dataclass
class Tally:
    """Counts promises on their way to a Measure."""

    met: int = 0
    late: int = 0
    open: int = 0
    minutes: list[float] = field(default_factory=list)

    def measure(self) -> Measure:
        return Measure(self.met, self.late, self.open, percentile(self.minutes, 50), percentile(self.minutes, 90))


def percentile(values: Sequence[float], share: int) -> float | None:
    """The smallest value that `share` percent of them do not exceed; None of none."""
    if not values:
        return None
    place = -(-len(values) * share // 100)
    return sorted(values)[max(1, place) - 1]
