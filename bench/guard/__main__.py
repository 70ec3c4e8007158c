"""Learn what words weigh for the guardrail, from sentences: `python -m bench.guard` writes bot/feedback/learned.csv.

`sentences.csv` holds notes as reps write them, made up for this: none of them is among the 200 that the guardrail is
measured by. Of those the two thirds that are not held out are learned from as well; before that they tell how good the
words are on sentences that were not learned from. The 200 it was measured by before are learned from, all of them. Some
words of notes that are nothing are learned from, too: a text of which little is known is to weigh little.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from math import log
from pathlib import Path
from random import Random

import numpy as np
from rich.console import Console
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from bot.feedback.learned import ALWAYS, LEARNED, SIGNS, Learned, Points, entries, plain

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "tests" / "feedback" / "data"
SENTENCES, MEASURED_BEFORE, MEASURED_BY = HERE / "sentences.csv", DATA / "guardrail.csv", DATA / "guardrail_anew.csv"
OFTEN = 3  # sentences an entry must stand in to be learned
LOOSE = 15  # how closely the points follow the sentences: the inverse of how small they are kept
LINE = -140  # on sentences not learned from nearly all that must be stopped lies above: it becomes nought


FRAGMENTS, WORDS = 2000, 4  # so many pieces, of at most so many words


@dataclass(frozen=True)
class Sentence:
    text: str
    kind: str


def read(path: Path, held_out: str | None = None) -> list[Sentence]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if held_out is None or row["held_out"] == held_out]
    return [Sentence(plain(row["text"]), row["kind"]) for row in rows]


def fragments(sentences: list[Sentence]) -> list[Sentence]:
    """A few words each of sentences that are nothing."""
    dice, harmless = Random(5), [one.text.split() for one in sentences if one.kind == "none"]
    found = []
    for _ in range(FRAGMENTS):
        words, length = dice.choice(harmless), dice.randint(1, WORDS)
        begins = dice.randrange(max(1, len(words) - length + 1))
        found.append(Sentence(" ".join(words[begins : begins + length]), "none"))
    return found


def rarity(sentences: list[Sentence]) -> dict[str, float]:
    """What stands in some sentences at least, and how rare it is."""
    counted = Counter(entry for one in sentences for entry in entries(one.text))
    return {
        entry: round(log(len(sentences) / number), 2) for entry, number in sorted(counted.items()) if number >= OFTEN
    }


def table(sentences: list[Sentence], rare: dict[str, float]) -> csr_matrix:
    """A row for each sentence: its entries by how rare they are, all rows of one length."""
    place = {entry: number for number, entry in enumerate(rare)}
    rows = [sorted(place[entry] for entry in entries(one.text) if entry in place) for one in sentences]
    columns = np.fromiter((number for row in rows for number in row), dtype=np.int32)
    ends = np.cumsum([0, *map(len, rows)], dtype=np.int32)
    weight = np.array(list(rare.values()))
    return normalize(csr_matrix((weight[columns], columns, ends), shape=(len(rows), len(rare))))


def learn(sentences: list[Sentence]) -> Learned:
    """Logistic regression, in all and for each sign by itself."""
    rare = rarity(sentences)
    found = table(sentences, rare)
    wanted = [[one.kind != "none" for one in sentences], *([one.kind == sign for one in sentences] for sign in SIGNS)]
    told = [LogisticRegression(C=LOOSE, solver="liblinear", random_state=0).fit(found, one) for one in wanted]
    weight = np.array([100 * one.coef_[0] for one in told]) * np.array(list(rare.values()))
    always = [100 * one.intercept_[0] for one in told]
    points = {ALWAYS: _points(0, always)}
    return Learned(points | {entry: _points(rare[entry], weight[:, number]) for number, entry in enumerate(rare)})


def _points(rare: float, told: "np.ndarray[tuple[int], np.dtype[np.float64]] | list[float]") -> Points:
    everything, *of = (round(float(one)) for one in told)
    return Points(rare, everything, tuple(of))


def shares(learned: Learned, sentences: list[Sentence], stops_from: int) -> tuple[float, float]:
    """Recall and precision on sentences, of a text that is stopped from so many points on."""
    stopped = [one.kind != "none" for one in sentences if learned.weigh(one.text).points >= stops_from]
    return sum(stopped) / sum(one.kind != "none" for one in sentences), sum(stopped) / max(1, len(stopped))


def write(learned: Learned) -> None:
    always = learned.known[ALWAYS]
    lines = dict(learned.known) | {ALWAYS: Points(0, always.all - LINE, always.of)}
    with LEARNED.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["entry", "rarity", "points", *(sign.value for sign in SIGNS)])
        out.writerows([entry, one.rarity, one.all, *one.of] for entry, one in lines.items())


def main() -> None:
    made, tuned = [*read(SENTENCES), *read(MEASURED_BEFORE)], read(MEASURED_BY, "no")
    made += fragments(made)
    learned = learn(made)
    for stops_from in range(-300, 51, 10):
        recall, precision = shares(learned, tuned, stops_from)
        Console().print(f"from {stops_from:4}: recall {recall:.1%}, precision {precision:.1%} on the tuned two thirds")
    write(learn([*made, *tuned]))


if __name__ == "__main__":
    main()
