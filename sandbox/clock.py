"""The sandbox's time: rate limits, timestamps and lags run on it; signatures, triggers and acknowledgements do not."""

import asyncio
import heapq
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

Tell = Callable[[], float]


def file_time(path: Path) -> Tell:
    """Unix seconds told by a clock file: an ISO instant `at`, the Unix second `real` it was set, and its `rate`."""

    def tell() -> float:
        setting = json.loads(path.read_text("utf-8"))
        began = datetime.fromisoformat(setting["at"]).timestamp()
        return float(began + (time.time() - setting["real"]) * setting["rate"])

    return tell


@dataclass
class Time:
    """Tells Unix seconds, and does things later. With a clock that stands still, `pump` does what has become due."""

    tell: Tell = time.time
    rate: float = 1.0
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
