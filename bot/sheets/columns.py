"""Which column is what, guessed from its name and from what stands in it. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

BLANKS = frozenset(
    {"", "select", "n/a", "na", "#n/a", "-", "--", "null", "none", "nan", "unknown", "?", "not provided", "k.a."}
)
NAMED, NAMED_IN_PART, LOOKS_LIKE = 3.0, 1.4, 1.0
ENOUGH, MOSTLY = 1.0, 0.6
WORD = re.compile(r"[a-z0-9]+")
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
PHONE = r"\+?[\d][\d\s()/.\-]{6,20}"
URL = r"https?://\S+"
DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%b %d, %Y"),
    *("%d %B %Y", "%B %d, %Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y"),
)
TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", "T%H:%M:%S%z", "T%H:%M:%S.%f%z", " %I:%M %p", " %H:%M:%S%z")
MOST_TRIED, MOST_SCORED = 300, 40
MONTH_FIRST = ("%m/%d", "%m-%d")


@dataclass(frozen=True)
class Field:
    """One of our fields: what others call it, and what its values look like."""

    name: str
    called: tuple[str, ...]
    looks: str | None = None  # a pattern that most of its values match
    by_looks: bool = False  # the pattern alone is enough, whatever the column is called
    is_date: bool = False
    is_unique: bool = False  # no two rows share a value


@dataclass(frozen=True)
class Dates:
    """How dates are written. `unsure` when day and month could be read either way: both orders fit every value."""

    formats: tuple[str, ...]
    unsure: bool = False


def blank(text: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether a cell says nothing: empty, or what a form shows before one chooses."""
    return text.strip().casefold() in BLANKS | more


def plain(text: str) -> str:
    """A header as it is compared: small letters and digits, accents gone, one space between words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c))))


def guess(fields: Sequence[Field], columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Field to column: each column once, the surest first. `columns` are headers with some of their values."""
    scored = [
        (_score(field, header, [v for v in values if not blank(v)]), -place, field.name, header)
        for place, field in enumerate(fields)
        for header, values in columns.items()
    ]
    found: dict[str, str] = {}
    for score, _, name, header in sorted(scored, key=lambda one: (-one[0], -one[1])):
        if score >= ENOUGH and name not in found and header not in found.values():
            found[name] = header
    return found


def _score(field: Field, header: str, values: Sequence[str]) -> float:
    """How sure it is that a column is this field: by its name, supported or refuted by what stands in it."""
    name = plain(header)
    called = [plain(word) for word in field.called]
    score = NAMED if name in called else NAMED_IN_PART if any(f" {word} " in f" {name} " for word in called) else 0.0
    if not values:
        return score
    if field.looks:
        fits = sum(bool(re.fullmatch(field.looks, value.strip())) for value in values) / len(values)
        score += LOOKS_LIKE * (score > 0 or field.by_looks) if fits >= MOSTLY else -NAMED
    if field.is_date:
        score += LOOKS_LIKE if _parsed_share(values) >= MOSTLY else -NAMED
        score -= 0.5 * (score < NAMED)  # a date alone may be any date
    if field.is_unique and len(set(values)) < len(values):
        score -= NAMED_IN_PART
    return score


def _parsed_share(values: Sequence[str]) -> float:
    values = values[:MOST_SCORED]
    formats = dates_of(values, day_first=True).formats
    return sum(any(_parses(value, one) for one in formats) for value in values) / len(values) if formats else 0.0


def dates_of(values: Sequence[str], *, day_first: bool) -> Dates:
    """How a column's dates are written: the fewest formats that read them all, or as many as can be.

    `day_first` decides where 03/04/2026 could be either.
    """
    left = {value.strip(): None for value in values if not blank(value)}  # each once, in order
    some = list(left)[:MOST_TRIED]
    candidates = [one for day in DATES for clock in TIMES if any(_parses(value, one := day + clock) for value in some)]
    fits = {one: {value for value in left if _parses(value, one)} for one in candidates}
    chosen: list[str] = []
    unsure, open_ = False, set(left)
    while open_ and fits:
        best = max(fits, key=lambda one: (len(fits[one] & open_), _preferred(one, day_first), -candidates.index(one)))
        if not fits[best] & open_:
            break
        other = _swapped(best)
        unsure |= other in fits and fits[other] >= fits[best] & open_
        chosen.append(best)
        open_ -= fits[best]
    return Dates(tuple(chosen), unsure)


def _preferred(pattern: str, day_first: bool) -> bool:
    return pattern.startswith(MONTH_FIRST) != day_first


def _swapped(pattern: str) -> str:
    """The same with day and month the other way round."""
    return pattern.replace("%d", "%·").replace("%m", "%d").replace("%·", "%m")


def _parses(text: str, pattern: str) -> bool:
    try:
        datetime.strptime(text, pattern)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True
