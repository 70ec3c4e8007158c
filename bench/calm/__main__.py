"""`python -m bench.calm`: a month of 50 reps for each seed, beside the plain ladder; a quarter of an hour each."""

import logging
import sys
from datetime import timedelta

import structlog
from rich.console import Console
from rich.table import Table

from bench.calm import plain, play
from bench.calm.figures import Figures

SEEDS = (1, 2, 3)


def main(seeds: tuple[int, ...]) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    table = Table("Seed, ladder", "Pings", "Per item", "Acted on", "Outside hours", "To absent", "After done", box=None)
    for name in ("Missed", "Not heard in time", "Slowest, working time", "Hot"):
        table.add_column(name)
    held = []
    for seed in seeds:
        ours, theirs = play.month(seed), plain.month(seed)
        held.append(holds(ours))
        table.add_row(f"{seed}, Tandem", *shown(ours))
        table.add_row(f"{seed}, plain", *shown(theirs)[:6], str(theirs.missed), "–", "–", "–")
    table.add_row("goal", "", "≤ 1.20", "≥ 70 %", "0", "0", "0", "", "0", "≤ 9 h", "≤ 1 h")
    Console(width=160).print(table)
    Console().print(f"holds: {'yes' if all(held) else 'no'}")


def shown(told: Figures) -> list[str]:
    return [
        str(told.pings),
        f"{told.per_item:.2f}",
        f"{100 * told.acted_share:.0f} %",
        str(told.outside),
        str(told.absent),
        str(told.after_done),
        str(told.missed),
        str(told.unheard),
        _hours(told.slowest),
        _hours(told.slowest_hot),
    ]


def holds(told: Figures) -> bool:
    calm = told.per_item <= 1.2 and told.acted_share >= 0.7
    return calm and not (told.outside or told.absent or told.after_done or told.unheard)


def _hours(time: timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02d}"


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SEEDS)
