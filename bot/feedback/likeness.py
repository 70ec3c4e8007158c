"""How alike two reports are: their words without accents, case, endings and fillers, compared. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from math import log
from typing import Any

import snowballstemmer
from rapidfuzz import fuzz, process

WORD = re.compile(r"[^\W_]+")
FILLERS = frozenset(
    """a an and are as at be been but by can cannot could did do does don for from get gets got had has have he
    her his how i if in into is it its just like me more most my no not of off on one only or our out over said
    say says she should so some still than that the their them then there these they this those to too up us
    very want wants was we were what when where which who why will with would you your about after again all
    also any because before being between both down during each few further here him itself myself nor now other
    own same such under until while aber als am an auch auf aus bei bin bis das dass dem den der des die dies
    diese dieser doch ein eine einem einen einer eines er es fuer gibt hat haben ich ihr im in ist ja kein keine
    man mehr mit nach nicht noch nur ob oder schon sein sich sie sind so soll ueber um und uns unser unsere
    unserer vom von vor war waren was weil wenn werden wie will wir wird wollen wurde zu zum zur""".split()
)
GERMAN = frozenset("der die das und ist nicht ein eine zu mit fuer auf wir sie ich es im den dem von haben hat".split())
LONGEST, PART = 40, 5  # letters of a word; of a part of one that has a meaning


def words_of(text: str, same_words: Sequence[Sequence[str]] = ()) -> tuple[str, ...]:
    """The words that carry meaning, each as its stem; words that the policy calls the same become one."""
    plain = [_plain(word) for word in WORD.findall(text)]
    language = "german" if sum(word in GERMAN for word in plain) >= 2 else "english"
    meaning = [word for word in plain if word not in FILLERS and (len(word) > 1 or word.isdigit())]
    known = _known_as(tuple(tuple(group) for group in same_words))
    stems = [_stem(word, language) for word in meaning]
    of_parts = [known[part] for stem in stems if stem not in known for part in _parts(stem) if part in known]
    return tuple(dict.fromkeys([known.get(stem, stem)[:LONGEST] for stem in stems] + of_parts))


def _parts(stem: str) -> tuple[str, ...]:
    """How a compound may begin or end, the longest first: `testpreis` ends in `preis`."""
    cuts = range(len(stem) - 1, PART - 1, -1)
    return (*(stem[-length:] for length in cuts), *(stem[:length] for length in cuts))


def rarity(words: Iterable[str], common: Mapping[str, int], total: int) -> dict[str, float]:
    """How much each word tells: the rarer among all reports, the more."""
    return {word: log(1 + total / (1 + common.get(word, 0))) for word in words}


def likeness(mine: Sequence[str], other: Collection[str], weight: Mapping[str, float]) -> float:
    """From 0 to 100: how much of the meaning of the shorter one the other has too; near spellings count almost."""
    if not mine or not other:
        return 0.0
    usual = max(weight.values(), default=1.0)
    told = {word: weight.get(word, usual) for word in mine}
    shared = sum(told[word] * _found(word, other) for word in mine)
    others = sum(weight.get(word, usual) for word in other)
    return 100.0 * shared / max(1e-9, min(sum(told.values()), others) * 0.6 + max(sum(told.values()), others) * 0.4)


def covered(wanted: Sequence[str], other: Collection[str], weight: Mapping[str, float]) -> float:
    """From 0 to 100: how much of what is searched for the other one has."""
    told = sum(weight[word] for word in wanted)
    return 100.0 * sum(weight[word] * _found(word, other) for word in wanted) / told if told and other else 0.0


def _found(word: str, others: Collection[str]) -> float:
    """1 for the same word, less for one that is nearly spelt so or is part of it, 0 for none."""
    if word in others:
        return 1.0
    if len(word) < 4:
        return 0.0
    if any(len(other) >= 5 and (word in other or other in word) for other in others):
        return 0.75
    best = process.extractOne(word, others, scorer=fuzz.ratio, score_cutoff=82)
    return best[1] / 120 if best else 0.0


def _plain(word: str) -> str:
    """Lower case, without accents; German umlauts as they are written without."""
    told = word.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return "".join(c for c in unicodedata.normalize("NFKD", told) if not unicodedata.combining(c))


@lru_cache(maxsize=2)
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(language)


@lru_cache(maxsize=20_000)
def _stem(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word))


@lru_cache(maxsize=8)
def _known_as(same_words: tuple[tuple[str, ...], ...]) -> dict[str, str]:
    """Each stem of a group stands for the first of it."""
    found: dict[str, str] = {}
    for group in same_words:
        stems = [_stem(_plain(word), language) for word in group for language in ("english", "german")]
        found |= dict.fromkeys(stems, stems[0])
    return found
