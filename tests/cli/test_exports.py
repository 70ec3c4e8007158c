"""`tandem export`: the same files as in Slack, and what it refuses."""

import csv

import pytest
from openpyxl import load_workbook

from jobs.field import bring_reports
from tests.cli.shell import Shell
from tests.sla.kit import JONAS


@pytest.fixture
def reported(shell: Shell) -> Shell:
    for text, kind in (("Too dear", "pricing"), ("=1+1", "praise")):
        shell.w.slack.command(JONAS, "/field-feedback", "")
        shell.w.slack.submit(JONAS, field_said=text, field_kind=kind)
    shell.w.clock.advance(minutes=6)
    bring_reports(shell.w.services)
    return shell


def test_a_workbook_and_one_sheet_as_csv(reported: Shell) -> None:
    book, sheet = reported.folder / "all.xlsx", reported.folder / "pricing.csv"
    said = reported.quick("export", "everything", "--days", "month", "--out", str(book))
    assert said.status == 0 and "Feedback: 2" in said.out
    rows = list(load_workbook(book)["Feedback"].iter_rows(min_row=2, values_only=True))
    assert [row[4] for row in rows] == ["Too dear", "=1+1"]
    only = ("--only", "kind=pricing", "--only", "state=new")
    assert reported.quick("export", "feedback", *only, "--out", str(sheet)).status == 0
    assert [row["Said"] for row in csv.DictReader(sheet.read_text("utf-8-sig").splitlines())] == ["Too dear"]


@pytest.mark.parametrize(
    "asked, told",
    [
        (("colour",), "'colour' is nothing that can be exported"),
        (("feedback", "--only", "colour=red"), "“colour” selects nothing here"),
        (("feedback", "--only", "kind=prcing"), "kind=prcing is not there. kind can be competitor"),
        (("feedback", "--only", "kind"), "--only 'kind' is no filter; for example --only kind=pricing"),
        (("feedback", "--days", "someday"), "--days 'someday' is no period"),
    ],
)
def test_what_it_refuses_it_names(shell: Shell, asked: tuple[str, ...], told: str) -> None:
    book = shell.folder / "no.xlsx"
    said = shell.quick("export", *asked, "--out", str(book))
    assert said.status == 2 and told in " ".join(said.err.split())
    assert not book.exists()
