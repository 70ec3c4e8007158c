"""What is drawn beforehand, the same for Tandem and for the plain ladder: leads, absences, moods."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bench.calm.company import ZONES

BEGINS = date(2026, 11, 2)  # a Monday, with no change of clocks in the four weeks for any of the zones
WEEKS, A_DAY = 4, 200
HOT, OF_TERRITORY, BY_DAY = 0.15, 0.6, 0.6
IGNORED, MEDIAN, SIGMA = 0.2, 25.0, 0.5
SENT_BACK, CALLED_ANYWAY, CALL_MEDIAN, CALL_SIGMA = 0.25, 0.7, 90.0, 0.7
AWAY = 0.10


@dataclass(frozen=True)
class Coming:
    """A lead: when, from where (None: of no territory), and whether it is hot."""

    number: int
    at: datetime
    zone: str | None
    hot: bool


@dataclass(frozen=True)
class Spell:
    """Working days somebody is away, from a midnight to a midnight of their zone."""

    email: str
    starts_at: datetime
    ends_at: datetime


def workdays() -> list[date]:
    return [BEGINS + timedelta(days=n) for n in range(7 * WEEKS) if (BEGINS + timedelta(days=n)).weekday() < 5]


def leads(seed: int) -> list[Coming]:
    dice, found = Random(f"leads {seed}"), []
    for day in workdays():
        for _ in range(A_DAY):
            zone = dice.choice(list(ZONES)) if dice.random() < OF_TERRITORY else None
            place = ZoneInfo(ZONES[zone or "Berlin"][0])
            minute = dice.uniform(8 * 60, 17 * 60) if dice.random() < BY_DAY else dice.uniform(0, 24 * 60)
            at = datetime.combine(day, time(), place) + timedelta(minutes=minute)
            found.append((at.astimezone(UTC), zone, dice.random() < HOT))
    return [Coming(n, *told) for n, told in enumerate(sorted(found, key=lambda one: one[0]))]


def absences(seed: int, reps: Sequence[tuple[str, str]]) -> list[Spell]:
    """Spells of one to five working days, so that 10 % of rep-days are away. `reps` are e-mails with their zones."""
    dice, days, found = Random(f"absences {seed}"), workdays(), []
    for email, zone in reps:
        number = 0
        while number < len(days):
            if dice.random() < AWAY / 3 / (1 - AWAY):  # a spell of three days on average
                length = dice.randint(1, 5)
                last = days[min(number + length, len(days)) - 1]
                place = ZoneInfo(zone)
                starts = datetime.combine(days[number], time(), place)
                ends = datetime.combine(last + timedelta(days=1), time(), place)
                found.append(Spell(email, starts.astimezone(UTC), ends.astimezone(UTC)))
                number += length + 1
            else:
                number += 1
    return found


@dataclass
class Mood:
    """Draws of one kind, by what they are for: the same however the rest goes."""

    seed: int

    def _dice(self, *what: object) -> Random:
        return Random(f"{self.seed} {what}")

    def ignores(self, ping: object) -> bool:
        return self._dice("ignores", ping).random() < IGNORED

    def reaction(self, ping: object) -> timedelta:
        return timedelta(minutes=self._dice("reaction", ping).lognormvariate(math.log(MEDIAN), SIGMA))

    def sends_back(self, lead: object) -> bool:
        return self._dice("sends back", lead).random() < SENT_BACK

    def calls_after(self, lead: object) -> timedelta | None:
        """Working time until somebody calls by themselves; None for who forgets."""
        dice = self._dice("calls", lead)
        if dice.random() >= CALLED_ANYWAY:
            return None
        return timedelta(minutes=dice.lognormvariate(math.log(CALL_MEDIAN), CALL_SIGMA))
