"""Whether a text may report an adverse event, a complaint or off-label use; and what identifies a patient. Pure.

A help, and no judgement: it looks for the words of the policy, whole ones, lets negated and harmless ones pass, and
weighs what else is said by the words that were learned.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.feedback.learned import CLAUSE, NEGATION_REACHES, WORD, plain, weighed
from config.field import Guard, Sign, SignWords

LONGEST = 5000  # more than any form takes: what is longer is refused there
NEAR = 14  # words, for what must stand together
Options = tuple[tuple[str, ...], ...]
Parts = tuple[Options, ...]
ORDER = (Sign.ADVERSE_EVENT, Sign.COMPLAINT, Sign.OFF_LABEL)


@dataclass(frozen=True)
class Found:
    """A sign, and the words of the text that show it."""

    sign: Sign
    words: str


def sign_in(text: str, guard: Guard) -> Found | None:
    """The gravest sign in a text by the policy's words, else by what its words weigh; None where there is none."""
    found = [one for words in guard.words for one in _signs(plain(text), words)]
    return min(found, key=lambda one: ORDER.index(one.sign), default=None) or _learned(text, guard)


def _learned(text: str, guard: Guard) -> Found | None:
    if guard.learned_from is None or len(text) > LONGEST:
        return None
    for words in guard.words:
        text = _without(plain(text), words.harmless)
    told = weighed(text)
    if told is None or told.points < guard.learned_from or not told.words:
        return None
    return Found(told.sign, " … ".join(told.words))


def _signs(text: str, words: SignWords) -> Iterator[Found]:
    said = _without(text, words.harmless)
    read = Read([WORD.findall(clause) for clause in CLAUSE.split(said)], frozenset(words.not_before))
    for sign in ORDER:
        hit = next((hit for entry in words.of(sign) if (hit := _hit(read, _parts(entry)))), None)
        if hit:
            yield Found(sign, hit)


def _without(text: str, harmless: Sequence[str]) -> str:
    for phrase in harmless:
        text = _as_pattern(phrase).sub(" … ", text)
    return text


def _hit(read: "Read", parts: Parts) -> str | None:
    """The words of an entry in a text: one of the phrases of each part, none turned into its opposite, all near."""
    found = []
    for options in parts:
        places = [place for phrase in options for place in read.places(phrase)]
        if not places:
            return None
        found.append(places)
    for first in found[0]:
        near = [first, *(min(others, key=lambda place: abs(place.at - first.at)) for others in found[1:])]
        if all(abs(place.at - first.at) <= NEAR for place in near):
            return " … ".join(dict.fromkeys(place.words for place in sorted(near, key=lambda place: place.at)))
    return None


@dataclass(frozen=True)
class Place:
    """Where a phrase stands in a text, counted in words, and how it stands there."""

    at: int
    words: str


class Read:
    """A text by its clauses, with the places of its words, so that long lists are looked up and not searched for."""

    def __init__(self, clauses: list[list[str]], not_before: frozenset[str]) -> None:
        self._not_before = not_before
        self._words = [word for clause in clauses for word in clause]
        self._begins = [begin for begin, clause in _with_begin(clauses) for _ in clause]
        self._ends = [begin + len(clause) for begin, clause in _with_begin(clauses) for _ in clause]
        self._at: dict[str, list[int]] = {}
        for number, word in enumerate(self._words):
            self._at.setdefault(word, []).append(number)

    def places(self, phrase: tuple[str, ...]) -> list[Place]:
        """Where a phrase stands in one clause, with nothing before it that turns it into its opposite."""
        return [
            Place(at, " ".join(self._words[at : at + len(phrase)]))
            for at in self._of_word(phrase[0])
            if at + len(phrase) <= self._ends[at]
            and all(map(_fits, self._words[at + 1 : at + len(phrase)], phrase[1:]))
            and not self._not_before.intersection(self._words[max(self._begins[at], at - NEGATION_REACHES) : at])
        ]

    def _of_word(self, wanted: str) -> list[int]:
        if wanted.endswith("*") and wanted not in self._at:
            beginning = wanted[:-1]
            self._at[wanted] = [at for at, word in enumerate(self._words) if word.startswith(beginning)]
        return self._at.get(wanted, [])


def _with_begin(clauses: list[list[str]]) -> Iterator[tuple[int, list[str]]]:
    begin = 0
    for clause in clauses:
        yield begin, clause
        begin += len(clause)


def _fits(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


@lru_cache(maxsize=4096)
def _parts(entry: str) -> Parts:
    """`wrong | false + result` are two parts, the first with two options; each is a word or a phrase."""
    return tuple(tuple(tuple(plain(option).split()) for option in part.split("|")) for part in entry.split(" + "))


@lru_cache(maxsize=4096)
def _as_pattern(phrase: str) -> re.Pattern[str]:
    words = [
        re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in plain(phrase).split()
    ]
    return re.compile(r"(?<!\w)" + r"\W+".join(words) + r"(?!\w)")


# -- what identifies a patient ----------------------------------------

MONTH = r"(?:jan|feb|mar|mär|maer|apr|mai|may|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]{0,7}\.?"  # in both languages
FIGURES = r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2}-\d{2}-\d{2}"
SPELT = rf"\d{{1,2}}(?:st|nd|rd|th)?\.?\s+(?:of\s+)?{MONTH},?\s+(?:19|20)\d{{2}}"
SPELT_AFTER = rf"{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d{{2}}"
DATE = rf"{FIGURES}|{SPELT}|{SPELT_AFTER}"
BORN = re.compile(
    r"\b(?:born|d\.?o\.?b\.?|date of birth|birth date|birthday|geb(?:oren|\.?-?datum|\.)?|geburts(?:datum|tag))(?!\w)"
    rf"\W{{0,3}}(?:on|am|is|ist)?\W{{0,3}}(?:the )?(?P<what>{DATE})",
    re.IGNORECASE,
)
# A date of long ago right after a person's name, or after a star, which means born in German.
LONG_AGO = r"\d{1,2}[./-]\d{1,2}[./-](?:19\d{2}|20[01]\d|[3-9]\d)(?!\d)"
OF_SOMEBODY = re.compile(
    r"(?:(?<![\w*])\*\s?(?=\d{1,2}\.)|\b(?:mrs?|ms|herrn?|frau|hr|fr|pat|pt|patient(?:in)?)\b\.?\s+(?:[\w.-]+\s+){0,3}[\w-]+[\s,(]{1,3})"
    rf"(?P<what>{LONG_AGO})",
    re.IGNORECASE,
)
RECORD = re.compile(
    r"\b(?:mrn|(?:medical |patient )?record (?:number|no)\.?(?=\W{0,3}\d{5})|hospital (?:no|number)|"
    r"patient(?:en)?[- ]?(?:id|nr|no|number|nummer)|pat\.?[- ]?(?:id|nr)|patient(?:in)?(?=\W{0,2}#?\W?\d{6}(?!\d* \w))|"
    r"fall(?:nummer|[- ]?nr)|case (?:id|no|number)|nhs (?:no|number)|versichertennummer)\.?"
    r"\W{0,3}(?P<what>[a-z]{0,3}\d[\d /-]{3,})",
    re.IGNORECASE,
)


def identifier_in(text: str) -> str | None:
    """A date of birth or a record number of a patient, as it was typed; None where none is obvious."""
    found = BORN.search(text) or OF_SOMEBODY.search(text) or RECORD.search(text)
    return found["what"].strip() if found else None
