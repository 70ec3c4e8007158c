"""Slack's rate limits, enforced: tiers as sliding minutes, one post a second in a conversation, a workspace's own."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from sandbox.errors import SlackError
from sandbox.limits import limits

MINUTE = 60.0
POSTS_A_MINUTE = 300
POSTING = "chat.postMessage"
# Tier 1 is "1+ a minute" with bursts; an app may hold ten connections, each of which is opened by a call.
BURSTS = {POSTING: POSTS_A_MINUTE, "apps.connections.open": 10}


@dataclass
class Rates:
    """Raises `ratelimited` with `retry_after` for a call too many. A refused call does not count."""

    _calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _last_post: dict[str, float] = field(default_factory=dict)

    def check(self, method: str, channel: str | None, now: float) -> None:
        waits = [self._window_wait(method, now)]
        if method == POSTING and channel:
            waits.append(self._last_post.get(channel, -MINUTE) + 1.0 - now)
        wait = max(waits)
        if wait > 1e-6:
            raise SlackError("ratelimited", retry_after=max(1, math.ceil(wait)))
        self._calls[method].append(now)
        if method == POSTING and channel:
            self._last_post[channel] = now

    def _window_wait(self, method: str, now: float) -> float:
        allowed = _a_minute(method)
        calls = self._calls[method]
        while calls and calls[0] <= now - MINUTE + 1e-6:
            calls.popleft()
        return calls[-allowed] + MINUTE - now if len(calls) >= allowed else 0.0


def _a_minute(method: str) -> int:
    if method in BURSTS:
        return BURSTS[method]
    rates = limits()["rate_limits"]
    tier = rates["method_tiers"].get(method, "Tier3")
    return int(rates["tiers_per_minute"].get(tier, 600))
