"""Whether a text may report an adverse event, a product complaint or off-label use; and what identifies a patient. Pure.

A help, and no judgement: it looks for the words of the policy, whole ones, and lets negated and harmless ones pass.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from config.field import Guard, Sign, SignWords

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
CLAUSE = re.compile(r"[.;:!?\n]|,\s|\s[–—-]\s|\b(?:but|aber|sondern|however|though)\b")
NEGATION_REACHES = 4  # words
NEAR = 12  # words, for what must stand together
ORDER = (Sign.ADVERSE_EVENT, Sign.COMPLAINT, Sign.OFF_LABEL)


@dataclass(frozen=True)
class Found:
    """A sign, and the words of the text that show it."""

    sign: Sign
    words: str


def sign_in(text: str, guard: Guard) -> Found | None:
    """The gravest sign in a text; None where there is none."""
    found = [one for words in guard.words for one in _signs(plain(text), words)]
    return min(found, key=lambda one: ORDER.index(one.sign), default=None)


def plain(text: str) -> str:
    """Lower case, one kind of apostrophe, full letters: `Ｐatient’s` and `patient's` are the same."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def _signs(text: str, words: SignWords) -> Iterator[Found]:
    said = _without(text, words.harmless)
    clauses = [WORD.findall(clause) for clause in CLAUSE.split(said)]
    whole = [word for clause in clauses for word in clause]
    not_before = frozenset(words.not_before)
    for sign in ORDER:
        for entry in words.of(sign):
            parts = _parts(entry)
            hit = _together(whole, parts) if len(parts) > 1 else _alone(clauses, parts[0], not_before)
            if hit:
                yield Found(sign, hit)
                break


def _without(text: str, harmless: Sequence[str]) -> str:
    for phrase in harmless:
        text = _as_pattern(phrase).sub(" … ", text)
    return text


def _alone(clauses: list[list[str]], phrase: tuple[str, ...], not_before: frozenset[str]) -> str | None:
    """A word or phrase in one clause that nothing before it turns into its opposite."""
    for clause in clauses:
        for at in _places(clause, phrase):
            before = clause[max(0, at - NEGATION_REACHES) : at]
            if not not_before.intersection(before):
                return " ".join(clause[at : at + len(phrase)])
    return None


def _together(words: list[str], parts: list[tuple[str, ...]]) -> str | None:
    """All of these, not far from each other."""
    places = [list(_places(words, part)) for part in parts]
    for first in places[0]:
        near = [next((at for at in others if abs(at - first) <= NEAR), None) for others in places[1:]]
        if all(at is not None for at in near):
            return " … ".join(words[at] for at in sorted([first, *(at for at in near if at is not None)]))
    return None


def _places(words: list[str], phrase: tuple[str, ...]) -> Iterator[int]:
    for at in range(len(words) - len(phrase) + 1):
        if all(_fits(word, wanted) for word, wanted in zip(words[at:], phrase, strict=False)):
            yield at


def _fits(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


@lru_cache(maxsize=4096)
def _parts(entry: str) -> list[tuple[str, ...]]:
    """`wrong + result` are two parts, each a word or a phrase."""
    return [tuple(plain(part).split()) for part in entry.split(" + ")]


@lru_cache(maxsize=4096)
def _as_pattern(phrase: str) -> re.Pattern[str]:
    words = [
        re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in plain(phrase).split()
    ]
    return re.compile(r"(?<!\w)" + r"\W+".join(words) + r"(?!\w)")


# -- what identifies a patient ------------------------------------------------------------------------------------------

DATE = r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2}-\d{2}-\d{2}"
BORN = re.compile(
    rf"\b(?:born|d\.?o\.?b\.?|date of birth|birth date|birthday|geb(?:oren|\.)?|geburtsdatum)\b\W{{0,3}}(?:on|am|is|ist)?\W{{0,3}}"
    rf"(?P<what>{DATE})",
    re.IGNORECASE,
)
RECORD = re.compile(
    r"\b(?:mrn|medical record(?: number)?|patient(?:en)?[- ]?(?:id|nr|no|number|nummer)|pat\.?[- ]?(?:id|nr)|"
    r"fall(?:nummer|[- ]?nr)|case (?:id|no|number)|nhs (?:no|number)|versichertennummer)\.?\W{0,3}(?P<what>[a-z]{0,3}\d[\d /-]{3,})",
    re.IGNORECASE,
)


def identifier_in(text: str) -> str | None:
    """A date of birth or a record number of a patient, as it was typed; None where none is obvious."""
    found = BORN.search(text) or RECORD.search(text)
    return found["what"].strip() if found else None
