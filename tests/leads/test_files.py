"""Leads from a CSV file: the mapping, the rows, and what is wrong with either."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.leads.files import Mapped, MappingError, Row, count_lines, rows
from bot.leads.intake import ConsentIn, LeadIn, TouchIn

FULL = """
source = "event"
delimiter = ";"
[columns]
external_id = "Nr"
email = "E-Mail"
received_at = "Datum"
[constants]
country = "Germany"
[consent]
call = "Anruf"
do_not_contact = "Sperre"
[extra]
beds = "Betten"
[touch]
kind = "event"
asset_column = "Stand"
[dates]
formats = ["%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S%z"]
zone = "Europe/Berlin"
"""
PLAIN = 'source = "event"\n[columns]\nexternal_id = "id"\nname = "name"\nreceived_at = "at"\n'


def mapping(folder: Path, text: str) -> Mapped:
    path = folder / "mapping.toml"
    path.write_text(text, "utf-8")
    return Mapped.load(path)


def read(folder: Path, text: str, toml: str = PLAIN) -> list[Row]:
    path = folder / "leads.csv"
    path.write_bytes(text.encode())
    return list(rows(path, mapping(folder, toml)))


def lead(row: Row) -> LeadIn:
    assert row.problems == ()
    assert row.lead is not None
    return row.lead


# -- the mapping ----------------------------------------

WRONG = {
    'source = "event"': ["columns: Field required"],
    'source = "Trade fairs"\n[columns]\n': ["source: String should match"],
    'source = "event"\ncolour = "red"\n[columns]\n': ["colour: Extra inputs"],
    'source = "event"\ndelimiter = ";;"\n[columns]\n': ["delimiter: String should have at most 1"],
    'source = "event"\n[columns]\n[dates]\nzone = "Berlin"': ["dates.zone: 'Berlin' is no IANA zone"],
    'source = "event"\n[columns]\n[touch]\nknd = "x"': ["touch.knd: Extra inputs"],
    'source = "event"\n[columns]\nmail = "a"\nemail = "b"\nnam = "c"': ["mail is no field", "nam is no field"],
    'source = "event"\n[columns]\n[constants]\ntouches = "a"': ["touches is no field"],
    'source = "event"\n[columns]\n[consent]\nfax = "a"': ["fax is no field"],
    "source = ": ["Invalid value"],
    'source = "event"\nsource = "event"': ["Cannot overwrite"],
}


@pytest.mark.parametrize("text, told", WRONG.items())
def test_a_wrong_mapping_is_explained_by_name(tmp_path: Path, text: str, told: list[str]) -> None:
    with pytest.raises(MappingError) as caught:
        mapping(tmp_path, text)
    assert len(caught.value.problems) == len(told)
    for problem, wanted in zip(caught.value.problems, told, strict=True):
        assert problem.startswith("mapping.toml: ")
        assert wanted in problem


def test_every_problem_of_a_mapping_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as caught:
        mapping(tmp_path, 'source = "A B"\ndelimiter = ""\n[dates]\nzone = "x"')
    assert [p.split(": ")[1] for p in caught.value.problems] == ["source", "delimiter", "columns", "dates.zone"]


def test_a_mapping_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    with pytest.raises(MappingError, match=r"mapping\.toml"):
        Mapped.load(path)
    path.write_bytes(b'source = "\xff"')
    with pytest.raises(MappingError, match=r"mapping\.toml"):
        Mapped.load(path)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as caught:
        read(tmp_path, "Nr;E-Mail;Datum\n1;a@b.de;\n", FULL)
    told = [problem.split(";")[0] for problem in caught.value.problems]
    assert told == [f"leads.csv has no column {c!r}" for c in ("Anruf", "Betten", "Sperre", "Stand")]
    assert "it has 'Nr', 'E-Mail', 'Datum'" in caught.value.problems[0]


def test_an_empty_file_has_no_columns(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="no column 'at'"):
        read(tmp_path, "")


# -- the rows ----------------------------------------


def test_a_row_becomes_a_lead(tmp_path: Path) -> None:
    head = "Nr;E-Mail;Datum;Anruf;Sperre;Betten;Stand;Rest\n"
    (row,) = read(tmp_path, head + "17; M.Weber@Example.org ;03.11.2026 09:30;ja;nein; 600 ;MEDICA;x\n", FULL)
    at = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
    assert lead(row) == LeadIn(
        external_id="17",
        email="m.weber@example.org",
        received_at=at,
        country="Germany",
        consent=ConsentIn(call=True, do_not_contact=False),
        fields={"beds": "600"},
        touches=(TouchIn(kind="event", asset="MEDICA", at=at),),
    )


@pytest.mark.parametrize(
    "written, instant",
    [
        ("01.07.2026", "2026-06-30T22:00:00Z"),  # summer time in Berlin
        ("01.12.2026", "2026-11-30T23:00:00Z"),
        ("01.12.2026 12:15", "2026-12-01T11:15:00Z"),
        ("2026-12-01T12:15:00+05:30", "2026-12-01T06:45:00Z"),  # its own zone goes before the mapping's
        ("2026-12-01T12:15:00Z", "2026-12-01T12:15:00Z"),
    ],
)
def test_dates_are_read_as_the_mapping_says(tmp_path: Path, written: str, instant: str) -> None:
    (row,) = read(tmp_path, f"Nr;E-Mail;Datum;Anruf;Sperre;Betten;Stand\n1;;{written};;;;\n", FULL)
    assert lead(row).received_at == datetime.fromisoformat(instant)


def test_without_formats_dates_are_iso_and_in_utc(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name,at\n1,,2026-11-03\n2,,2026-11-03 09:30:00\n3,,\n")
    assert [lead(row).received_at for row in found] == [
        datetime(2026, 11, 3, tzinfo=UTC),
        datetime(2026, 11, 3, 9, 30, tzinfo=UTC),
        None,
    ]


@pytest.mark.parametrize("written", ["31.12.2026", "2026-02-30", "soon", "20261103", "20261103093000"])
def test_a_date_that_fits_no_format_makes_its_row_unusable(tmp_path: Path, written: str) -> None:
    bad, good = read(tmp_path, f"id,name,at\n1,,{written}\n2,,2026-11-03\n")
    assert bad.lead is None
    assert bad.problems[0].startswith("received_at: ")
    assert lead(good).external_id == "2"


@pytest.mark.parametrize("written", ["0001-01-01", "9999-12-31 23:59:59"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_the_first_and_the_last_day_of_time_break_nothing(tmp_path: Path, written: str, zone: str) -> None:
    """Databases export them where a date is missing."""
    found = read(tmp_path, f"id,name,at\n1,,{written}\n2,,2026-11-03\n", f'{PLAIN}[dates]\nzone = "{zone}"')
    assert [row.line for row in found] == [2, 3]
    assert lead(found[1]).external_id == "2"


@pytest.mark.parametrize(
    "words, meant",
    [
        (("yes", "Y", " TRUE ", "1", "ja", "Ja", "x", "X"), True),
        (("no", "N", "False", "0", " nein "), False),
        (("", "  "), None),
    ],
)
def test_consent_is_read_as_people_write_it(tmp_path: Path, words: tuple[str, ...], meant: bool | None) -> None:
    head = "Nr;E-Mail;Datum;Anruf;Sperre;Betten;Stand\n"
    found = read(tmp_path, head + "".join(f"{n};;;{word};{word};;\n" for n, word in enumerate(words)), FULL)
    consents = {(lead(row).consent.call, lead(row).consent.do_not_contact, lead(row).consent.email) for row in found}
    assert consents == {(meant, meant, None)}


def test_a_word_that_is_neither_yes_nor_no_is_asked_about(tmp_path: Path) -> None:
    head = "Nr;E-Mail;Datum;Anruf;Sperre;Betten;Stand\n"
    (row,) = read(tmp_path, head + "1;;;maybe;perhaps;;\n", FULL)
    assert row.lead is None
    assert [problem.split(":")[0] for problem in row.problems] == ["consent.call", "consent.do_not_contact"]


def test_a_column_goes_before_a_constant_unless_it_is_empty(tmp_path: Path) -> None:
    toml = 'source = "event"\n[columns]\nexternal_id = "id"\ncountry = "land"\n[constants]\ncountry = "Brazil"'
    found = read(tmp_path, "id,land\n1,Chile\n2,\n3\n", toml)
    assert [lead(row).country for row in found] == ["Chile", "Brazil", "Brazil"]


def test_the_kind_of_touch_may_come_from_a_column(tmp_path: Path) -> None:
    toml = 'source = "event"\n[columns]\nexternal_id = "id"\n[touch]\nkind_column = "what"\nasset = "the stand"'
    good, bad = read(tmp_path, "id,what\n1, demo_request \n2,Demo please\n", toml)
    assert lead(good).touches == (TouchIn(kind="demo_request", asset="the stand"),)
    assert bad.problems[0].startswith("touches.0.kind: ")


def test_unusable_rows_tell_their_line_and_why_and_keep_what_they_said(tmp_path: Path) -> None:
    toml = 'source = "event"\n[columns]\nemail = "mail"\nurl = "url"'
    text = "mail,url,no\nnobody,not a url,\n,,1\na@b.de,https://b.de,\n,,\n"  # the last row says nothing at all
    first, second, third = read(tmp_path, text, toml)
    assert first.line == 2
    assert [problem.split(":")[0] for problem in first.problems] == ["email", "url"]
    assert first.raw == {"mail": "nobody", "url": "not a url", "no": ""}
    assert (second.line, second.problems) == (3, ("lead: external_id or email is needed, to know this lead again",))
    assert (third.line, lead(third).email) == (4, "a@b.de")


def test_a_quoted_line_break_belongs_to_its_cell(tmp_path: Path) -> None:
    text = 'id,name,at\r\n1,"Dr. Weber\r\nHaematology, ""ward 3""",\r\n2,"a\nb",never\r\n3,Ana,\r\n'
    first, second, third = read(tmp_path, text)
    assert lead(first).name == 'Dr. Weber\r\nHaematology, "ward 3"'
    assert second.lead is None
    assert second.line in (4, 5), "somewhere in the row, which has two lines"
    assert (third.line, lead(third).name) == (6, "Ana")


def test_blank_lines_count_as_lines_but_not_as_rows(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name,at\n1,,\n\n\n2,,never\n")
    assert [(row.line, row.lead is None) for row in found] == [(2, False), (5, True)]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "\ufeffid,name,at\n1,Zoë,\n")
    assert (lead(row).external_id, lead(row).name) == ("1", "Zoë")


def test_another_encoding_is_read_when_the_mapping_names_it(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes("id;name;at\n1;Müller;\n".encode("cp1252"))
    windows = mapping(tmp_path, 'delimiter = ";"\nencoding = "cp1252"\n' + PLAIN)
    assert [lead(row).name for row in rows(path, windows)] == ["Müller"]


def test_the_rows_are_counted_for_the_progress_bar(tmp_path: Path) -> None:
    read(tmp_path, "id,name,at\n1,,\n2,,\n")
    assert count_lines(tmp_path / "leads.csv") == 2
