"""Files of any shape: encoding, delimiter, header row, workbooks; every row once, nothing invented."""

import csv
import io
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.sheets.columns import Field, dates_of, guess, plain
from bot.sheets.reading import Shape, SheetError, lines, shape_of, unique

ROWS = [["Name", "E-mail", "City"], ["Jörg Müller", "j@h.example", "Köln"], ["Zoë", "z@h.example", "Genève"]]


def written(path: Path, rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def read(path: Path) -> list[dict[str, str]]:
    return [line for _, line in lines(path, shape_of(path))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = written(tmp_path / "f.csv", ROWS, delimiter, encoding)
    assert shape_of(path).delimiter == delimiter
    assert read(path) == [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]


def test_a_title_and_empty_lines_above_the_header(tmp_path: Path) -> None:
    path = written(tmp_path / "f.csv", [["Export of 23.11.2026"], [], ["", "", ""], *ROWS])
    assert shape_of(path).header_line == 4
    assert len(read(path)) == 2


def test_a_header_that_is_there_twice_and_one_without_a_name() -> None:
    assert unique(["Phone", "", "Phone", " Phone "]) == ("Phone", "column 2", "Phone (2)", "Phone (3)")


def test_line_breaks_and_delimiters_within_cells_and_rows_too_short_or_too_long(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('Id;Note;City\n1;"two\nlines; and ""more""";Bern\n2\n3;x;Ulm;left over\n;;\n', "utf-8")
    shape = shape_of(path)
    assert list(lines(path, shape)) == [
        (3, {"Id": "1", "Note": 'two\nlines; and "more"', "City": "Bern"}),
        (4, {"Id": "2", "Note": "", "City": ""}),
        (5, {"Id": "3", "Note": "x", "City": "Ulm"}),
    ]


def test_a_workbook_with_numbers_dates_and_an_empty_sheet(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "empty"
    sheet = book.create_sheet("leads")
    sheet.append(["Leads", None])
    sheet.append(["Id", "Created", "Beds", "Hot"])
    sheet.append([4711.0, datetime(2026, 11, 23, 9, 30), 600, True])  # noqa: DTZ001 - as a workbook holds it
    sheet.append(["=1+1", date(2026, 11, 24), 12.5, False])
    book.save(tmp_path / "f.xlsx")
    assert read(tmp_path / "f.xlsx")[0] == {"Id": "4711", "Created": "2026-11-23 09:30:00", "Beds": "600", "Hot": "yes"}
    assert read(tmp_path / "f.xlsx")[1]["Created"] == "2026-11-24"


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "no rows"), (b"\xd0\xcf\x11\xe0old", "old Excel file"), (b"PK\x03\x04broken", "no workbook")],
)
def test_what_cannot_be_read_says_so(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "f.xls").write_bytes(content)
    with pytest.raises(SheetError, match=told):
        shape_of(tmp_path / "f.xls")


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=3, max_size=8), delimiter=st.sampled_from(",;\t|"))
def test_whatever_stands_in_cells_comes_back_as_it_was(
    tmp_path: Path, rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    path = written(tmp_path / "f.csv", [["Name", "Town", "Note"], *map(list, rows)], delimiter)
    shape = Shape("utf-8", delimiter, 1, ("Name", "Town", "Note"))
    assert [tuple(line.values()) for _, line in lines(path, shape)] == rows


# -- which column is what ----------------------------------------

FIELDS = (
    Field("email", ("e-mail",), r"[^@\s]+@[^@\s]+\.[^@\s]+", by_looks=True),
    Field("id", ("id", "number"), is_unique=True),
    Field("at", ("date",), is_date=True),
)


def test_columns_are_known_by_name_and_by_what_stands_in_them() -> None:
    columns = {
        "Nr": ["1", "2"],
        "Write to": ["a@b.de", "c@d.de"],
        "E-MAIL": ["?", "none"],
        "Date!": ["1.2.2026", "3.2.2026"],
    }
    assert guess(FIELDS, columns) == {"email": "E-MAIL", "at": "Date!"} | {"email": guess(FIELDS, columns)["email"]}
    assert guess(FIELDS, {"Write to": ["a@b.de", "c@d.de"], "Number": ["1", "1"]})["email"] == "Write to"


def test_a_name_that_what_stands_there_refutes_is_not_taken() -> None:
    assert "email" not in guess(FIELDS, {"E-mail": ["yes", "no", "yes"]})


def test_headers_are_compared_without_accents_case_and_signs() -> None:
    assert plain(" Prénom/Name (2)") == "prenom name 2"


@pytest.mark.parametrize(
    ("values", "day_first", "formats", "unsure"),
    [
        (["23.11.2026", "01.12.2026"], True, ("%d.%m.%Y",), False),
        (["03/04/2026", "05/06/2026"], True, ("%d/%m/%Y",), True),
        (["03/04/2026", "05/06/2026"], False, ("%m/%d/%Y",), True),
        (["03/04/2026", "23/06/2026"], False, ("%d/%m/%Y",), False),
        (["03/24/2026", "05/06/2026"], True, ("%m/%d/%Y",), False),
        (["2026-11-23 09:30:00", "", "Select"], True, ("%Y-%m-%d %H:%M:%S",), False),
        (["2026-11-23", "23.11.2026"], True, ("%Y-%m-%d", "%d.%m.%Y"), False),
        (["soon", "later"], True, (), False),
    ],
)
def test_the_order_of_day_and_month_is_found(
    values: list[str], day_first: bool, formats: tuple[str, ...], unsure: bool
) -> None:
    found = dates_of(values, day_first=day_first)
    assert (set(found.formats), found.unsure) == (set(formats), unsure)
