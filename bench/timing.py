"""How long something takes: the median of some times."""

import statistics
import time
from collections.abc import Callable


def median_seconds(do: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
