"""What a sheet of an export is made of: columns with their meaning, and rows that come one by one."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from bot.exports import texts
from config.policy import Policy


class NotLimited(Exception):
    """A filter that selects nothing; its words say what can stand there."""


Value = str | int | float | bool | date | datetime | None
Row = Sequence[Value]


class Kind(StrEnum):
    """What a column holds. Instants are stored aware, and written in the reader's own zone."""

    TEXT = "text"
    LONG = "long"  # somebody's words: wrapped
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"


@dataclass(frozen=True)
class Column:
    """`says` is its definition, as the Guide tells it."""

    name: str
    kind: Kind
    says: str
    width: int = 14


@dataclass(frozen=True)
class Asked:
    """What is exported: from when until when (aware, the end not included), of whom, and which words select it.

    `people` are those whose rows the reader may see; None for everybody's. `now` is when it is asked, for what runs
    now; None for a time that is over.
    """

    since: datetime
    until: datetime
    zone: str
    people: frozenset[int] | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None


@dataclass(frozen=True)
class Sheet:
    """One subject: its columns, how many rows there are, and the rows, read as they are written."""

    name: str
    columns: tuple[Column, ...]
    count: Callable[[Session, Asked], int]
    rows: Callable[[Session, Asked], Iterable[Row]]
    counted_by: str | None = None  # a column whose values the Summary counts and draws
    # The names it can be limited by, each with what can stand there; None for anything.
    limited_by: Mapping[str, Callable[[Policy], Collection[str]] | None] = field(default_factory=dict)


def check_filters(sheets: Sequence[Sheet], filters: Mapping[str, str], policy: Policy) -> None:
    """Raises NotLimited where a filter would select nothing of what is exported, or names what is not there."""
    for name, value in filters.items():
        able = [sheet for sheet in sheets if name in sheet.limited_by]
        if not able:
            raise NotLimited(texts.not_limited(name, sorted({one for sheet in sheets for one in sheet.limited_by})))
        known = [sheet.limited_by[name] for sheet in able]
        codes = sorted({code for of in known if of is not None for code in of(policy)})
        if None not in known and value not in codes:
            raise NotLimited(texts.no_such_value(name, value, codes))


@dataclass
class Sheets:
    """The sheets of all rooms, registered where the services are put together."""

    _by_name: dict[str, Sheet] = field(default_factory=dict)

    def register(self, code: str, sheet: Sheet) -> None:
        if code in self._by_name:
            raise ValueError(f"sheet {code!r} is registered twice")
        self._by_name[code] = sheet

    def __getitem__(self, code: str) -> Sheet:
        return self._by_name[code]

    def codes(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)
