"""Scripted faults: what goes wrong on a network and at Slack, by method, so that a test can order it."""

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    ERROR = "error"  # `ok: false` with the code given
    LATENCY = "latency"
    DROP = "drop"  # the connection ends before the call is accepted
    ACCEPT_AND_DROP = "accept_and_drop"  # accepted, but the answer is lost
    ACCEPT_LATE = "accept_late"  # the connection ends, and the call is accepted a while later


@dataclass
class Script:
    """One kind of fault for one method (`*` for all): for the next `times` calls, or for a `share` of all.

    The first `after` calls it lets pass.
    """

    fault: Fault
    method: str = "*"
    times: int | None = None
    share: float = 1.0
    seconds: float = 1.0
    code: str = "internal_error"
    after: int = 0
    happened: int = 0

    def fits(self, method: str) -> bool:
        if self.method not in ("*", method) or (self.times is not None and self.happened >= self.times):
            return False
        passes, self.after = self.after > 0, max(0, self.after - 1)
        return not passes


@dataclass
class Faults:
    scripts: list[Script] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(0))

    def set(self, scripts: list[dict[str, Any]], seed: int = 0) -> None:
        self.dice.seed(seed)
        self.scripts = [Script(**{**script, "fault": Fault(script["fault"])}) for script in scripts]

    def strikes(self, method: str) -> Script | None:
        """The fault that this call meets, if any."""
        for script in self.scripts:
            if script.fits(method) and self.dice.random() < script.share:
                script.happened += 1
                return script
        return None
