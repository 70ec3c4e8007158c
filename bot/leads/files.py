"""Leads from a CSV file or workbook, by a mapping: which column is what, what is constant, how dates are written.

[columns]            # our field = the file's column
external_id = "mql_id"
received_at = "first_contact_date"
campaign = "landing_page_id"
[constants]
country = "Brazil"
[touch]              # every row is one touch of this kind; the asset from a column or constant
kind = "form"
asset_column = "landing_page_id"
[dates]
formats = ["%Y-%m-%d"]
zone = "America/Sao_Paulo"   # of dates without a zone
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.leads.intake import LeadIn, problems_of
from bot.sheets import reading as sheets
from bot.sheets.reading import Shape, SheetError
from config.parts import Code
from config.policy import Zone

FIELDS = frozenset(LeadIn.model_fields) - {"touches", "consent", "fields"}
CONSENTS = frozenset({"call", "email", "do_not_contact"})
REFUSALS = {"no_call": "call", "no_email": "email"}  # asked the other way round
AND = " + "  # several columns that make one field, such as first and last name
YES, NO = frozenset({"yes", "y", "true", "1", "ja", "x"}), frozenset({"no", "n", "false", "0", "nein"})


class MappingError(Exception):
    """The mapping cannot be used; one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


M = TypeVar("M", bound=BaseModel)


def from_toml(model: type[M], path: Path) -> M:
    """A mapping of any kind from its file. Raises MappingError with every problem."""
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError([f"{path.name}: {error}"]) from error
    except ValidationError as error:
        raise MappingError([f"{path.name}: {p['field']}: {p['message']}" for p in problems_of(error)]) from error


class TouchMapping(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "form"
    kind_column: str | None = None
    asset: str = ""
    asset_column: str | None = None


class DateMapping(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    formats: tuple[str, ...] = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
    zone: Zone = "UTC"


class Written(Protocol):
    """How a file is written."""

    @property
    def delimiter(self) -> str: ...
    @property
    def encoding(self) -> str: ...
    @property
    def header_line(self) -> int: ...


class Mapped(BaseModel):
    """How a file's columns become leads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Code
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: str = "utf-8-sig"
    header_line: Annotated[int, Field(ge=1)] = 1
    blanks: tuple[str, ...] = ()  # what stands for nothing, such as "Select"
    columns: dict[str, str]
    constants: dict[str, str] = {}
    consent: dict[str, str] = {}
    extra: dict[str, str] = {}
    touch: TouchMapping | None = None
    dates: DateMapping = DateMapping()

    @classmethod
    def load(cls, path: Path) -> "Mapped":
        """Raises MappingError with every problem."""
        mapping = from_toml(cls, path)
        unknown = sorted((set(mapping.columns) | set(mapping.constants)) - FIELDS)
        unknown += sorted(set(mapping.consent) - CONSENTS - set(REFUSALS))
        if unknown:
            raise MappingError([f"{path.name}: {name} is no field; there are {_fields()}" for name in unknown])
        return mapping

    @cached_property
    def nothing(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.blanks)

    def wanted(self) -> set[str]:
        """The columns that a file must have."""
        joined = {one for several in self.columns.values() for one in several.split(AND)}
        named = {*joined, *self.consent.values(), *self.extra.values()}
        touch = {self.touch.kind_column, self.touch.asset_column} if self.touch else set()
        return named | {column for column in touch if column}


@dataclass(frozen=True)
class Row:
    """A row of a file: the lead in it, or why it cannot be used."""

    line: int
    raw: Mapping[str, str]
    lead: LeadIn | None
    problems: tuple[str, ...] = ()


def count_lines(path: Path) -> int:
    """About how many rows a file has, for a progress bar."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) - 1


def rows(path: Path, mapping: Mapped) -> Iterator[Row]:
    """Every row of the file in order. Raises MappingError when the file has not the columns that the mapping names."""
    for number, line in lines_of(path, mapping, mapping.wanted()):
        yield _row(number, line, mapping)


def lines_of(path: Path, mapping: "Written", wanted: set[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The file's rows as the mapping says it is written. Raises MappingError for missing columns and open quotes."""
    try:
        shape = _as_told(path, mapping)
        missing = sorted(wanted - set(shape.headers))
        if missing:
            has = f"; it has {', '.join(repr(name) for name in shape.headers)}"
            if len(shape.headers) == 1:
                has += '. Is another delimiter used? Name it in the mapping, for example delimiter = ";"'
            raise MappingError([f"{path.name} has no column {name!r}{has}" for name in missing])
        yield from sheets.lines(path, shape)
    except SheetError as error:
        raise MappingError([str(error)]) from error


def _as_told(path: Path, mapping: "Written") -> Shape:
    """A file's shape where a mapping tells it; a workbook tells its own."""
    found = sheets.headers_at(path, mapping.encoding, mapping.delimiter, mapping.header_line)
    return Shape(found.encoding, mapping.delimiter, mapping.header_line, found.headers)


def _row(number: int, line: dict[str, str], mapping: Mapped) -> Row:
    try:
        return Row(number, line, LeadIn.model_validate(_said(line, mapping)))
    except ValidationError as error:
        told = tuple(f"{p['field']}: {p['message']}" for p in problems_of(error))
        return Row(number, line, None, told)


def _said(line: Mapping[str, str], mapping: Mapped) -> dict[str, Any]:
    said: dict[str, Any] = dict(mapping.constants)
    line = {name: "" if text.strip().casefold() in mapping.nothing else text for name, text in line.items()}
    for ours, theirs in mapping.columns.items():
        if text := " ".join(line[one].strip() for one in theirs.split(AND) if line[one].strip()):
            said[ours] = text
    if "received_at" in said:
        said["received_at"] = instant_of(said["received_at"], mapping.dates)
    said["consent"] = _consent(line, mapping)
    said["fields"] = {ours: line[theirs].strip() for ours, theirs in mapping.extra.items() if line[theirs].strip()}
    if mapping.touch:
        kind = line[mapping.touch.kind_column] if mapping.touch.kind_column else mapping.touch.kind
        asset = line[mapping.touch.asset_column] if mapping.touch.asset_column else mapping.touch.asset
        said["touches"] = [{"kind": kind.strip(), "asset": asset.strip(), "at": said.get("received_at")}]
    return said


def _consent(line: Mapping[str, str], mapping: Mapped) -> dict[str, bool | str | None]:
    """What they agreed to. A column that asks the other way round, "Do not call", is turned."""
    found: dict[str, bool | str | None] = {}
    for ours, theirs in mapping.consent.items():
        answer = _yes_or_no(line[theirs])
        if ours in REFUSALS:
            found[REFUSALS[ours]] = not answer if isinstance(answer, bool) else answer
        else:
            found[ours] = answer
    return found


def instant_of(text: str, dates: DateMapping) -> datetime | str:
    """The instant a cell tells, in the mapping's zone where it names none; the text itself when no format fits."""
    for pattern in dates.formats:
        try:
            found = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(dates.zone))
    return text


def _yes_or_no(text: str) -> bool | str | None:
    word = text.strip().casefold()
    if not word:
        return None
    return True if word in YES else False if word in NO else text


def _fields() -> str:
    return ", ".join(sorted(FIELDS))
