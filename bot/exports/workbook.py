"""Write a workbook row by row, so that its size does not matter: Summary, a sheet for each subject, Guide.

What a person typed is always text, never a formula; instants are real ones of the reader's zone.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableStyleInfo
from sqlalchemy.orm import Session

from bot.exports import texts
from bot.exports.sheets import Asked, Column, Kind, Row, Sheet, Value

LONGEST = 32_767  # characters of a cell
MOST_BARS = 12
LEAST_WIDTH = {Kind.INSTANT: 20, Kind.DAY: 12}  # in characters: a narrower one shows no date at all
# What Excel would take for a formula or an error when it is opened, or when it is saved as CSV and opened again.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "#")


@dataclass(frozen=True)
class About:
    """For whom, by which rules and when a workbook was made."""

    company: str
    reader: str
    policy_version: str
    made_at: datetime


@dataclass(frozen=True)
class Written:
    """How many rows each sheet has."""

    rows: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


Progress = Callable[[str, int], None]


def write(
    session: Session,
    path: Path,
    sheets: Sequence[Sheet],
    asked: Asked,
    about: About,
    progress: Progress = lambda _sheet, _rows: None,
) -> Written:
    """Write the workbook to `path`."""
    book = Workbook(write_only=True)
    summary = book.create_sheet(texts.SUMMARY)  # the first sheet; filled at the end, when everything is counted
    told: dict[str, int] = {}
    counts: dict[str, Counter[str]] = {}
    for sheet in sheets:
        told[sheet.name], counts[sheet.name] = _sheet(session, book, sheet, asked, progress)
    _summary(summary, sheets, asked, told, counts)
    _guide(book, sheets, asked, about)
    book.save(path)
    return Written(told)


def _sheet(
    session: Session, book: Workbook, sheet: Sheet, asked: Asked, progress: Progress
) -> tuple[int, "Counter[str]"]:
    page = book.create_sheet(sheet.name)
    page.freeze_panes = "A2"
    for number, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(number)].width = max(column.width, LEAST_WIDTH.get(column.kind, 0))
    names = [column.name for column in sheet.columns]
    page.append([_bold(page, name) for name in names])
    counted = names.index(sheet.counted_by) if sheet.counted_by else None
    counts: Counter[str] = Counter()
    cells = _Cells(page, sheet.columns, asked.zone)
    rows = 0
    for row in sheet.rows(session, asked):
        page.append(cells.of(row))
        rows += 1
        if counted is not None:
            counts[str(row[counted] or "–")] += 1
        if rows % 500 == 0:
            progress(sheet.name, 500)
    progress(sheet.name, rows % 500)
    if not rows:
        page.append([None] * len(names))  # a table has a row
    _as_table(page, sheet.name, names, max(1, rows))
    return rows, counts


class _Cells:
    """Values as cells: one styled cell for each column, filled anew for each row, as a streamed sheet allows."""

    def __init__(self, page: Any, columns: Sequence[Column], zone: str) -> None:
        self._page, self._zone = page, ZoneInfo(zone)
        self._is_long = {number for number, column in enumerate(columns) if column.kind == Kind.LONG}
        self._long = [self._styled(Alignment(wrap_text=True, vertical="top")) for _ in columns]
        self._text = [self._styled(None) for _ in columns]

    def _styled(self, alignment: Alignment | None) -> WriteOnlyCell:
        cell = WriteOnlyCell(self._page, value="")
        if alignment:
            cell.alignment = alignment
        return cell

    def of(self, row: Row) -> list[object]:
        return [None if value is None else self._cell(number, value) for number, value in enumerate(row)]

    def _cell(self, number: int, value: Value) -> object:
        if isinstance(value, str):
            text = as_text(value)
            if number in self._is_long:
                return _filled(self._long[number], text)
            return _filled(self._text[number], text) if text.startswith(DANGEROUS) else text
        if isinstance(value, datetime):
            return value.astimezone(self._zone).replace(tzinfo=None, microsecond=0)
        return value


def _filled(cell: WriteOnlyCell, text: str) -> WriteOnlyCell:
    """Text, whatever it begins with. It is cleaned: set past openpyxl's own check, which takes as long again."""
    cell._value, cell.data_type = text, "s"
    return cell


def as_text(value: str) -> str:
    """What a cell can hold of a text: no control characters, and at most as long as a cell may be."""
    text = value if value.isprintable() else str(ILLEGAL_CHARACTERS_RE.sub("", value))  # lines are not, and stay
    return text[:LONGEST]


def _bold(page: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value=text)
    cell.font = Font(bold=True)
    return cell


def _as_table(page: Any, name: str, names: Sequence[str], rows: int) -> None:
    """A real table of Excel, with filters."""
    table = Table(displayName=name.replace(" ", ""), ref=f"A1:{get_column_letter(len(names))}{rows + 1}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight9", showRowStripes=True)
    table._initialise_columns()  # what a streamed sheet needs; openpyxl names no other way
    for column, header in zip(table.tableColumns, names, strict=True):
        column.name = header
    with warnings.catch_warnings():  # openpyxl says so of every streamed sheet, whether or not its columns are named
        warnings.filterwarnings("ignore", "In write-only mode")
        page.add_table(table)


def _summary(
    page: Any,
    sheets: Sequence[Sheet],
    asked: Asked,
    rows: dict[str, int],
    counts: "dict[str, Counter[str]]",
) -> None:
    """What is in the workbook, and for each subject a chart of what it counts."""
    zone = ZoneInfo(asked.zone)
    lines: list[list[object]] = [[_bold(page, texts.SUMMARY)]]
    first, last = asked.since.astimezone(zone).date(), _last_day(asked.until, zone)
    lines.append([texts.PERIOD, f"{first.isoformat()} – {last.isoformat()}"])
    for name, value in asked.filters.items():
        able = [sheet.name for sheet in sheets if name in sheet.limited_by]
        lines += [[texts.limited_to(name, able), as_text(value)]] if able else []
    lines += [[], [_bold(page, texts.SUBJECT), _bold(page, texts.ROWS)]]
    lines += [[name, number] for name, number in rows.items()]
    charts = []
    for sheet in sheets:
        told = counts[sheet.name].most_common(MOST_BARS)
        if sheet.counted_by and told:
            lines += [[], [_bold(page, f"{sheet.name}: {sheet.counted_by}"), _bold(page, texts.ROWS)]]
            charts.append((sheet, len(lines), len(told)))
            lines += [[_text(page, label), number] for label, number in told]
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 34, 28
    for line in lines:
        page.append(line)
    for place, (sheet, header, number) in enumerate(charts):
        _chart(page, sheet, header, number, place)


def _text(page: Any, text: str) -> object:
    return _filled(WriteOnlyCell(page, value=""), as_text(text))


def _chart(page: Any, sheet: Sheet, header: int, number: int, place: int) -> None:
    chart = BarChart()
    chart.type, chart.legend = "bar", None
    chart.title = f"{sheet.name}: {sheet.counted_by}"
    chart.add_data(Reference(page, min_col=2, min_row=header + 1, max_row=header + number))
    chart.set_categories(Reference(page, min_col=1, min_row=header + 1, max_row=header + number))
    chart.height, chart.width = 1.5 + 0.7 * max(4, number), 16
    chart.y_axis.delete = chart.x_axis.delete = False
    page.add_chart(chart, f"D{2 + place * 22}")


def _guide(book: Workbook, sheets: Sequence[Sheet], asked: Asked, about: About) -> None:
    """Columns and what they mean; by which rules, when and for whom."""
    page = book.create_sheet(texts.GUIDE)
    for letter, width in zip("ABC", (22, 26, 90), strict=True):
        page.column_dimensions[letter].width = width
    made = about.made_at.astimezone(ZoneInfo(asked.zone)).strftime("%Y-%m-%d %H:%M")
    for told in (
        (texts.MADE_FOR, about.reader, ""),
        (texts.MADE_AT, f"{made}, {asked.zone}", ""),
        (texts.COMPANY, about.company, ""),
        (texts.RULES, about.policy_version, ""),
        (),
    ):
        page.append([_text(page, text) for text in told])
    page.append([_bold(page, name) for name in (texts.SHEET, texts.COLUMN, texts.MEANS)])
    for sheet in sheets:
        for column in sheet.columns:
            page.append([_text(page, part) for part in (sheet.name, column.name, column.says)])
    page.append([])
    page.append([texts.TIMES_ARE.format(zone=asked.zone)])


def _last_day(until: datetime, zone: ZoneInfo) -> date:
    """The last day of a period whose end does not belong to it."""
    local = until.astimezone(zone)
    return date.fromordinal(local.toordinal() - 1) if local.time() == datetime.min.time() else local.date()
