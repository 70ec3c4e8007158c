"""Read a CSV or XLSX file whose encoding, delimiter and header row nobody told us."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import charset_normalizer
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = ",;\t|"
LOOKED_AT, LARGEST = 60, 100 << 20
XLSX = "xlsx"
LEGACY = ["cp1252", "cp1250", "utf_16", "mac_roman"]


class SheetError(Exception):
    """The file cannot be read; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Shape:
    """How a file is written. `header_line` counts from 1; `headers` are told apart where the file repeats one."""

    encoding: str  # or "xlsx"
    delimiter: str
    header_line: int
    headers: tuple[str, ...]


def shape_of(path: Path) -> Shape:
    """Find out how a file is written. Raises SheetError."""
    if _is_workbook(path):
        rows = _workbook_rows(path)
        return _shaped(XLSX, ",", [row for row, _ in zip((cells for _, cells in rows), range(LOOKED_AT), strict=False)])
    encoding = _encoding(path)
    head = _text(path, encoding)[: 1 << 18]
    delimiter = _delimiter(head)
    return _shaped(encoding, delimiter, _first_rows(head, delimiter))


def headers_at(path: Path, encoding: str, delimiter: str, line: int) -> Shape:
    """The headers of a file that is written as somebody says. Raises SheetError, UnicodeDecodeError."""
    if _is_workbook(path):
        found = next((cells for number, cells in _workbook_rows(path) if number == line), [])
        return Shape(XLSX, delimiter, line, unique(found))
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        found = next((row for row in reader if reader.line_num >= line), [])
    return Shape(encoding, delimiter, line, unique(found))


def lines(path: Path, shape: Shape) -> Iterator[tuple[int, dict[str, str]]]:
    """Every row after the header with its line in the file; rows without anything in them are left out."""
    for number, cells in _rows(path, shape):
        if number > shape.header_line and any(cell.strip() for cell in cells):
            yield number, dict(zip(shape.headers, [*cells, *[""] * len(shape.headers)], strict=False))


def unique(headers: Sequence[str]) -> tuple[str, ...]:
    """Headers told apart: the second "E-mail" is "E-mail (2)"; one without a name is called by its place."""
    seen: Counter[str] = Counter()
    found = []
    for place, header in enumerate(headers, start=1):
        name = " ".join(header.split()) or f"column {place}"
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)


# -- text ----------------------------------------


def _encoding(path: Path) -> str:
    raw = path.read_bytes()[:LARGEST]
    if raw.startswith(OLD_EXCEL):
        raise SheetError(f"{path.name} is an old Excel file (.xls); save it as .xlsx or CSV")
    for bom, name in BOMS:
        if raw.startswith(bom):
            return name
    try:
        raw.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return _legacy(raw)


def _legacy(raw: bytes) -> str:
    """The likeliest of the encodings that old spreadsheets write, which reads the whole file."""
    best = charset_normalizer.from_bytes(raw[: 1 << 16], cp_isolation=LEGACY).best()
    western = _decoded(raw, "cp1252")
    if best and (found := _decoded(raw, best.encoding)) is not None and found != western:
        return best.encoding
    return "cp1252" if western is not None else "latin-1"  # which reads everything


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _text(path: Path, encoding: str) -> str:
    return path.read_bytes().decode(encoding).replace("\x00", "")


def _delimiter(head: str) -> str:
    """The one that divides most rows into the same number of cells, more than one."""

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in _first_rows(head, delimiter) if row)
        width, rows = widths.most_common(1)[0] if widths else (1, 0)
        return (rows / max(1, widths.total()) if width > 1 else 0.0), width

    return max(DELIMITERS, key=evenness)


def _first_rows(head: str, delimiter: str) -> list[list[str]]:
    found: list[list[str]] = []
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            # A row is called by its last line, as everywhere: empty lines and breaks in cells count.
            found += [[] for _ in range(reader.line_num - len(found) - 1)]
            found.append(row)
            if len(found) >= LOOKED_AT:
                break
    except csv.Error:
        return found
    return found


def _rows(path: Path, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    if shape.encoding == XLSX:
        yield from _workbook_rows(path)
        return
    reader = csv.reader(io.StringIO(_text(path, shape.encoding), newline=""), delimiter=shape.delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise SheetError(f"{path.name}: line {reader.line_num}: {error}; is a quote left open?") from error


# -- workbooks ----------------------------------------


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == ZIP


def _workbook_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of the fullest sheet."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError, ValueError) as error:
        raise SheetError(f"{path.name} is no workbook that can be read: {error}") from error
    try:
        sheet = max(book.worksheets, key=_filled)
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, [_as_text(value) for value in row]
    finally:
        book.close()


def _filled(sheet: Any) -> int:
    """How many cells of its first rows hold something: a sheet may be formatted far beyond what is in it."""
    rows = islice(sheet.iter_rows(values_only=True), LOOKED_AT)
    return sum(value is not None for row in rows for value in row)


def _as_text(value: Any) -> str:
    """A cell as one would type it: numbers without a needless fraction, dates as ISO writes them."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime():
            return value.isoformat(sep=" ") if value.time() != time() else value.date().isoformat()
        case date() | time():
            return value.isoformat()
    return str(value)


# -- the header ----------------------------------------


def _shaped(encoding: str, delimiter: str, rows: list[list[str]]) -> Shape:
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise SheetError("the file has no rows")
    place = _header_place(rows)
    return Shape(encoding, delimiter, place + 1, unique(rows[place]))


def _header_place(rows: list[list[str]]) -> int:
    """The first row that is about as wide as the file and holds words rather than values."""
    width = Counter(len(_trimmed(row)) for row in rows if _trimmed(row)).most_common(1)[0][0]
    for place, row in enumerate(rows):
        cells = [cell.strip() for cell in _trimmed(row)]
        filled = [cell for cell in cells if cell]
        wordy = sum(not any(c.isdigit() for c in cell) and "@" not in cell and len(cell) <= 80 for cell in filled)
        if len(filled) >= max(1, width * 0.6) and wordy >= len(filled) * 0.7:
            return place
    return next(place for place, row in enumerate(rows) if _trimmed(row))


def _trimmed(row: list[str]) -> list[str]:
    """Without the empty cells at its end."""
    filled = [place for place, cell in enumerate(row, start=1) if cell.strip()]
    return row[: filled[-1]] if filled else []
