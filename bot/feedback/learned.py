"""What the words of a text tell together: points learned from sentences, for what no list of words foresees.

`learned.csv` is made by `python -m bench.guard` from its sentences. A line is an entry, how rare it is, and what it
weighs: in all, and for each sign (hundredths). An entry is a word (`_rash_`), a part of one (`_leak`, `wund`), so that
what is inflected, compounded or mistyped is known as well, any of them after a word that denies it (`!_leak`), or two
or three words that follow each other. The first line is what every text begins with.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path

from bot.feedback.likeness import FILLERS
from config.field import Sign

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
CLAUSE = re.compile(r"[.;:!?\n]|,\s|\s[–—-]\s|\b(?:but|aber|sondern|however|though)\b")
ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?;\n])")
NEGATION_REACHES = 4  # words
PARTS = range(4, 7)  # letters of a part of a word, its edges counted in
PHRASES = range(2, 4)  # words
DENIES = frozenset(
    "no not never without nobody none neither nor zero didn't wasn't weren't hasn't haven't isn't doesn't don't cannot "
    "can't free kein keine keinen keiner keinem nicht nie niemand ohne nichts weder".split()
)
ALWAYS = ""  # what every text begins with
SIGNS = (Sign.ADVERSE_EVENT, Sign.COMPLAINT, Sign.OFF_LABEL)
LEAST = 2  # words that mean something: one alone is what lists are for
AT_ONCE = 20  # words that are weighed together: in a longer text one sentence would not be heard
LIGHT = 40.0  # what about three words amount to: fewer, or little known ones, weigh less than their whole weight
MOST_WORDS, TELLING = 3, 4
LEARNED = Path(__file__).with_name("learned.csv")


@dataclass(frozen=True)
class Points:
    """What an entry weighs: in all, and for each sign, in hundredths; the rarer it is, the more it counts."""

    rarity: float
    all: float
    of: tuple[float, ...]


@dataclass(frozen=True)
class Weighed:
    """A text: its points, the likeliest sign, and the words that weigh most."""

    points: int
    sign: Sign
    words: tuple[str, ...]


@dataclass(frozen=True)
class Learned:
    """All that was learned, by its entries."""

    known: Mapping[str, Points]

    def weigh(self, text: str) -> Weighed:
        """What a text weighs: of a long one the part that weighs most."""
        return max(map(self._part, parts(plain(text))), key=lambda part: part.points)

    def _part(self, text: str) -> Weighed:
        hits = [(words, self.known[entry]) for entry, words in entries(text).items() if entry in self.known]
        size = max(LIGHT, sqrt(sum(points.rarity**2 for _, points in hits)))
        always = self.known[ALWAYS]
        of = [always.of[sign] + sum(points.of[sign] for _, points in hits) / size for sign in range(len(SIGNS))]
        told = always.all + sum(points.all for _, points in hits) / size
        return Weighed(round(told), SIGNS[of.index(max(of))], _weightiest(hits))


def _weightiest(hits: Sequence[tuple[tuple[str, ...], Points]]) -> tuple[str, ...]:
    by_word: dict[str, float] = {}
    for words, points in hits:
        for word in words:
            by_word[word] = by_word.get(word, 0) + points.all / len(words)
    telling = (word for word in by_word if by_word[word] > 0 and word not in DENIES)
    weighty = sorted(telling, key=lambda word: (word in FILLERS, -by_word[word]))
    weighty = [word for word in weighty if word not in FILLERS] or weighty
    return tuple([word for word in weighty if len(word) >= TELLING][:MOST_WORDS] or weighty[:MOST_WORDS])


def plain(text: str) -> str:
    """Lower case, one kind of apostrophe, full letters: `Ｐatient’s` and `patient's` are the same."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def weighed(text: str) -> Weighed | None:
    """What a text weighs by all that was learned, web addresses apart; None for one that is too short to tell."""
    text = ADDRESS.sub(" ", text)
    meaning = sum(word not in FILLERS for word in WORD.findall(plain(text)))
    return learned().weigh(text) if meaning >= LEAST else None


def parts(text: str) -> Iterator[str]:
    """A text by its sentences, as many together as are weighed at once; one that is longer than that stays whole."""
    together, length = "", 0
    for sentence in SENTENCE.split(text):
        words = len(WORD.findall(sentence))
        if together and length + words > AT_ONCE:
            yield together
            together, length = "", 0
        together, length = together + sentence, length + words
    yield together


def entries(text: str) -> dict[str, tuple[str, ...]]:
    """What of a plain text may have been learned, each with the words it comes from; numbers tell nothing."""
    found: dict[str, tuple[str, ...]] = {}
    for clause in CLAUSE.split(text):
        words = WORD.findall(clause)
        for at, word in enumerate(words):
            if any(letter.isalpha() for letter in word):
                denied = "!" if _denied(words, at) else ""
                found |= {denied + part: (word,) for part in _of_word(word)}
        for length in PHRASES:
            phrases = (words[at : at + length] for at in range(len(words) - length + 1))
            found |= {" ".join(phrase): tuple(phrase) for phrase in phrases}
    return found


def _of_word(word: str) -> set[str]:
    edged = f"_{word}_"
    return {edged, *(edged[at : at + length] for length in PARTS for at in range(len(edged) - length + 1))}


def _denied(words: Sequence[str], at: int) -> bool:
    return not DENIES.isdisjoint(words[max(0, at - NEGATION_REACHES) : at])


@lru_cache(maxsize=1)
def learned() -> Learned:
    with LEARNED.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        return Learned(
            {entry: Points(float(rare), float(points), tuple(map(float, of))) for entry, rare, points, *of in lines}
        )
