"""Learn what words weigh for the guardrail, from sentences: `python -m bench.guard` writes bot/feedback/learned.csv.

`sentences.csv` holds notes as reps write them, made up for this: none of them is among the 200 that the guardrail is
measured by. Of those the two thirds that are not held out are learned from as well; before that they tell how good the
words are on sentences that were not learned from.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from bot.feedback.learned import ALWAYS, LEARNED, SIGNS, entries, plain

HERE = Path(__file__).parent
SENTENCES, MEASURED_BY = HERE / "sentences.csv", HERE.parents[1] / "tests" / "feedback" / "data" / "guardrail.csv"
TWICE, SMOOTH, STEPS, RATE = 2, 2.0, 350, 0.05
LINE = -140  # where most of what must be stopped lies above, on sentences not learned from: it becomes nought
Matrix = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Sentence:
    text: str
    kind: str


def read(path: Path, held_out: str | None = None) -> list[Sentence]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if held_out is None or row["held_out"] == held_out]
    return [Sentence(plain(row["text"]), row["kind"]) for row in rows]


def known_in(sentences: list[Sentence]) -> list[str]:
    """What stands in two sentences at least."""
    counted = Counter(entry for one in sentences for entry in dict(entries(one.text)))
    return sorted(entry for entry, number in counted.items() if number >= TWICE)


def table(sentences: list[Sentence], known: list[str]) -> Matrix:
    place = {entry: number for number, entry in enumerate(known)}
    found = np.zeros((len(sentences), len(known)), dtype=np.float32)
    for row, one in enumerate(sentences):
        found[row, [place[entry] for entry in dict(entries(one.text)) if entry in place]] = 1
    return found


def weights(found: Matrix, wanted: Matrix, free: int) -> Matrix:
    """Logistic regression, each column of `wanted` for itself; the entry at `free` is not kept small. Adam's steps."""
    told = np.zeros((found.shape[1], wanted.shape[1]), dtype=np.float32)
    mean, spread = np.zeros_like(told), np.zeros_like(told)
    for step in range(1, STEPS + 1):
        chance = 1 / (1 + np.exp(-found @ told))
        small = SMOOTH * told
        small[free] = 0
        slope = (found.T @ (chance - wanted) + small) / len(found)
        mean, spread = 0.9 * mean + 0.1 * slope, 0.999 * spread + 0.001 * slope**2
        told -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return told


def learn(sentences: list[Sentence]) -> dict[str, tuple[int, ...]]:
    """Points of each entry, in hundredths: in all, and for each sign."""
    known = known_in(sentences)
    wanted = np.array(
        [[one.kind != "none", *(one.kind == sign for sign in SIGNS)] for one in sentences], dtype=np.float32
    )
    told = weights(table(sentences, known), wanted, known.index(ALWAYS))
    return {entry: tuple(round(100 * value) for value in told[number]) for number, entry in enumerate(known)}


def shares(points: dict[str, tuple[int, ...]], sentences: list[Sentence], stops_from: int) -> tuple[float, float]:
    """Recall and precision on sentences, of a text that is stopped from so many points on."""
    weighed = [sum(points[entry][0] for entry in dict(entries(one.text)) if entry in points) for one in sentences]
    stopped = [one.kind != "none" for one, weight in zip(sentences, weighed, strict=True) if weight >= stops_from]
    return sum(stopped) / sum(one.kind != "none" for one in sentences), sum(stopped) / max(1, len(stopped))


def main() -> None:
    made, tuned = read(SENTENCES), read(MEASURED_BY, "no")
    points = learn(made)
    for stops_from in range(-250, 51, 10):
        recall, precision = shares(points, tuned, stops_from)
        Console().print(f"from {stops_from:4}: recall {recall:.0%}, precision {precision:.0%} on the tuned two thirds")
    final = learn([*made, *tuned])
    final[ALWAYS] = (final[ALWAYS][0] - LINE, *final[ALWAYS][1:])
    with LEARNED.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["entry", "points", *(sign.value for sign in SIGNS)])
        lines.writerows([entry, *told] for entry, told in sorted(final.items()) if any(told))


if __name__ == "__main__":
    main()
