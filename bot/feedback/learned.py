"""What the words of a text tell together: points learned from sentences, for what no list of words foresees.

`learned.csv` is made by `python -m bench.guard` from its sentences. A line is a word or the beginning of one (`leak*`),
as it stands or after a word that denies it (`!leak*`), or how many words there are (`#8`: up to eight), with its
hundredths of points: in all, and for each sign. From nought on lay most of what was to be found, in sentences that were
not learned from.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from config.field import Sign

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
CLAUSE = re.compile(r"[.;:!?\n]|,\s|\s[–—-]\s|\b(?:but|aber|sondern|however|though)\b")
NEGATION_REACHES = 4  # words
STEM = 5  # letters of a beginning
DENIES = frozenset(
    "no not never without nobody none neither nor zero didn't wasn't weren't hasn't haven't isn't doesn't don't cannot "
    "can't free kein keine keinen keiner keinem nicht nie niemand ohne nichts weder".split()
)
ALWAYS = ""  # what every text begins with
SIGNS = (Sign.ADVERSE_EVENT, Sign.COMPLAINT, Sign.OFF_LABEL)
LENGTHS = (4, 6, 8, 10, 13, 17, 99)  # words: of a short text little can be told
MOST_WORDS, TELLING = 3, 4
LEARNED = Path(__file__).with_name("learned.csv")


@dataclass(frozen=True)
class Points:
    """What an entry weighs: in all, and for each sign, in hundredths."""

    all: int
    of: tuple[int, ...]


@dataclass(frozen=True)
class Weighed:
    """A text: its points, the likeliest sign, and the words that weigh most."""

    points: int
    sign: Sign
    words: tuple[str, ...]


def plain(text: str) -> str:
    """Lower case, one kind of apostrophe, full letters: `Ｐatient’s` and `patient's` are the same."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def weighed(text: str) -> Weighed:
    """What a text weighs by all that was learned."""
    known, found = learned(), dict(entries(plain(text)))
    hits = [(entry, word, known[entry]) for entry, word in found.items() if entry in known]
    of = [sum(points.of[number] for _, _, points in hits) for number in range(len(SIGNS))]
    by_word: dict[str, int] = {}
    for _, word, points in hits:
        if word:
            by_word[word] = by_word.get(word, 0) + points.all
    weighty = sorted((word for word in by_word if by_word[word] > 0), key=lambda word: -by_word[word])
    told = [word for word in weighty if len(word) >= TELLING] or weighty  # little words tell a reader less
    return Weighed(sum(points.all for _, _, points in hits), SIGNS[of.index(max(of))], tuple(told[:MOST_WORDS]))


def entries(text: str) -> Iterator[tuple[str, str]]:
    """What of a plain text may have been learned, each with the word it comes from."""
    yield ALWAYS, ""
    length = len(WORD.findall(text))
    yield f"#{next((most for most in LENGTHS if length <= most), LENGTHS[-1])}", ""
    for clause in CLAUSE.split(text):
        words = WORD.findall(clause)
        for at, word in enumerate(words):
            if not any(letter.isalpha() for letter in word):
                continue  # hours and quantities tell nothing
            denied = "!" if _denied(words, at) else ""
            yield f"{denied}{word}", word
            if len(word) >= STEM:
                yield f"{denied}{word[:STEM]}*", word


def _denied(words: Sequence[str], at: int) -> bool:
    return not DENIES.isdisjoint(words[max(0, at - NEGATION_REACHES) : at])


@lru_cache(maxsize=1)
def learned() -> dict[str, Points]:
    with LEARNED.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        return {entry: Points(int(points), tuple(map(int, of))) for entry, points, *of in lines}
