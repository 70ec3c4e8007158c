"""The sandbox's time: rate limits, timestamps and lags run on it; signatures, triggers and acknowledgements do not."""

import asyncio
import heapq
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Tell = Callable[[], float]
OPENING = time_of_day(8)


@dataclass(frozen=True)
class ClockFile:
    """A clock that several processes read and this one turns.

    The file holds an ISO instant `at`, the Unix second `real` at which it was set, and its `rate`: seconds of this
    clock for a real one. It is replaced in one step, so that no reader ever sees half a setting.
    """

    path: Path

    def tell(self) -> float:
        setting = self._setting()
        began = datetime.fromisoformat(setting["at"]).timestamp()
        return float(began + (time.time() - setting["real"]) * setting["rate"])

    def start(self, at: datetime, rate: float) -> None:
        self._write(at, rate)

    def turn_to(self, at: float) -> None:
        """Move on to a Unix second; never back."""
        if at > self.tell():
            self._write(datetime.fromtimestamp(at, UTC), self._setting()["rate"])

    def _setting(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return found

    def _write(self, at: datetime, rate: float) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"at": at.isoformat(), "real": time.time(), "rate": rate}), "utf-8")
        fresh.replace(self.path)


def next_morning(now: float, zone: str, weekday: int | None = None) -> float:
    """Eight o'clock of the next working day in `zone`, or of the next such weekday (Monday 0). Unix seconds."""
    local = datetime.fromtimestamp(now, ZoneInfo(zone))
    wanted = range(5) if weekday is None else (weekday,)
    days = (local.date() + timedelta(days=number) for number in range(8))
    mornings = (datetime.combine(day, OPENING, ZoneInfo(zone)) for day in days if day.weekday() in wanted)
    return next(morning.timestamp() for morning in mornings if morning.timestamp() > now)


@dataclass
class Time:
    """Tells Unix seconds, and does things later. With a clock that stands still, `pump` does what has become due.

    `turn` moves it on to a Unix second; a clock without one goes by itself.
    """

    tell: Tell = time.time
    rate: float = 1.0
    turn: Callable[[float], None] | None = None
    _later: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: "itertools.count[int]" = field(default_factory=itertools.count)

    def now(self) -> float:
        return self.tell()

    async def sleep(self, seconds: float) -> None:
        """Sleep `seconds` of this clock; on one that stands still, not at all."""
        if self.rate:
            await asyncio.sleep(seconds / self.rate)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._later, (self.now() + seconds, next(self._number), do))

    def pump(self) -> None:
        now = self.now()
        while self._later and self._later[0][0] <= now:
            heapq.heappop(self._later)[2]()
