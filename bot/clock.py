"""The only reader of the system time. Everything else is given `now`."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the time, in UTC and aware."""

    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class FileClock:
    """A clock that several processes share and a demo turns.

    The file holds `{"at": ISO instant, "real": Unix seconds, "rate": virtual seconds a real one}`; it is
    replaced in one step, so that a reader sees the old setting or the new one and nothing between.
    """

    path: Path

    def now(self) -> datetime:
        setting = json.loads(self.path.read_text("utf-8"))
        passed = (time.time() - setting["real"]) * setting["rate"]
        return datetime.fromisoformat(setting["at"]) + timedelta(seconds=passed)


def clock_for(path: Path | None) -> Clock:
    return FileClock(path) if path else SystemClock()
