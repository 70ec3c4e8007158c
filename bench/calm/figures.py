"""What a run comes to, and whether the goals hold."""

from dataclasses import dataclass, field
from datetime import timedelta

A_DAY, AN_HOUR = timedelta(hours=9), timedelta(hours=1)


@dataclass
class Figures:
    """Counted over one month; times until heard are the manager's working time."""

    pings: int = 0
    acted: int = 0
    items: int = 0
    outside: int = 0
    absent: int = 0
    after_done: int = 0
    missed: int = 0
    unheard: int = 0
    slowest: timedelta = timedelta(0)
    slowest_hot: timedelta = timedelta(0)
    kinds: dict[str, int] = field(default_factory=dict)

    @property
    def per_item(self) -> float:
        return self.pings / max(1, self.items)

    @property
    def acted_share(self) -> float:
        return self.acted / max(1, self.pings)

    def heard(self, after: timedelta | None, *, hot: bool) -> None:
        """A missed deadline, and how long until the manager heard of it; None for never."""
        self.missed += 1
        if after is None or after > (AN_HOUR if hot else A_DAY):
            self.unheard += 1
        if after is not None and hot:
            self.slowest_hot = max(self.slowest_hot, after)
        elif after is not None:
            self.slowest = max(self.slowest, after)
