"""Leads from a CSV file, by a mapping: which column is what, which values are constant, how dates are written.

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

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.leads.intake import LeadIn, problems_of
from config.policy import Code, Zone

FIELDS = frozenset(LeadIn.model_fields) - {"touches", "consent", "fields"}
CONSENTS = frozenset({"call", "email", "do_not_contact"})
YES, NO = frozenset({"yes", "y", "true", "1", "ja", "x"}), frozenset({"no", "n", "false", "0", "nein"})


class MappingError(Exception):
    """The mapping cannot be used; one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


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


class Mapped(BaseModel):
    """How a file's columns become leads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Code
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: str = "utf-8-sig"
    columns: dict[str, str]
    constants: dict[str, str] = {}
    consent: dict[str, str] = {}
    extra: dict[str, str] = {}
    touch: TouchMapping | None = None
    dates: DateMapping = DateMapping()

    @classmethod
    def load(cls, path: Path) -> "Mapped":
        """Raises MappingError with every problem."""
        try:
            mapping = cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise MappingError([f"{path.name}: {error}"]) from error
        except ValidationError as error:
            raise MappingError([f"{path.name}: {p['field']}: {p['message']}" for p in problems_of(error)]) from error
        unknown = sorted((set(mapping.columns) | set(mapping.constants)) - FIELDS)
        unknown += sorted(set(mapping.consent) - CONSENTS)
        if unknown:
            raise MappingError([f"{path.name}: {name} is no field; there are {_fields()}" for name in unknown])
        return mapping

    def wanted(self) -> set[str]:
        """The columns that a file must have."""
        named = {*self.columns.values(), *self.consent.values(), *self.extra.values()}
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
    with path.open(encoding=mapping.encoding, newline="") as file:
        lines = csv.DictReader(file, delimiter=mapping.delimiter)
        missing = sorted(mapping.wanted() - set(lines.fieldnames or ()))
        if missing:
            has = f"; it has {', '.join(repr(name) for name in lines.fieldnames or ())}"
            if len(lines.fieldnames or ()) == 1:
                has += '. Is another delimiter used? Name it in the mapping, for example delimiter = ";"'
            raise MappingError([f"{path.name} has no column {name!r}{has}" for name in missing])
        try:
            for line in lines:
                yield _row(lines.line_num, {key: value or "" for key, value in line.items() if key}, mapping)
        except csv.Error as error:
            raise MappingError([f"{path.name}: line {lines.line_num}: {error}; is a quote left open?"]) from error


def _row(number: int, line: dict[str, str], mapping: Mapped) -> Row:
    try:
        return Row(number, line, LeadIn.model_validate(_said(line, mapping)))
    except ValidationError as error:
        told = tuple(f"{p['field']}: {p['message']}" for p in problems_of(error))
        return Row(number, line, None, told)


def _said(line: Mapping[str, str], mapping: Mapped) -> dict[str, Any]:
    said: dict[str, Any] = dict(mapping.constants)
    said |= {ours: line[theirs].strip() for ours, theirs in mapping.columns.items() if line[theirs].strip()}
    if "received_at" in said:
        said["received_at"] = _instant(said["received_at"], mapping.dates)
    said["consent"] = {ours: _yes_or_no(line[theirs]) for ours, theirs in mapping.consent.items()}
    said["fields"] = {ours: line[theirs].strip() for ours, theirs in mapping.extra.items() if line[theirs].strip()}
    if mapping.touch:
        kind = line[mapping.touch.kind_column] if mapping.touch.kind_column else mapping.touch.kind
        asset = line[mapping.touch.asset_column] if mapping.touch.asset_column else mapping.touch.asset
        said["touches"] = [{"kind": kind.strip(), "asset": asset.strip(), "at": said.get("received_at")}]
    return said


def _instant(text: str, dates: DateMapping) -> datetime | str:
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
