"""Exports as people ask for them, opened again and compared with the database."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, select

from bot.exports import service as exports
from bot.exports import workbook
from bot.exports.rules import Days, Every, NotUnderstood, days_before, days_of, next_after
from bot.exports.tables import ExportOrder
from bot.feedback.tables import FieldReport
from bot.journal.tables import JournalEntry
from bot.people.tables import Person, PersonRole
from jobs.exports import bring_exports
from jobs.field import bring_reports
from tests.conftest import TurnedClock
from tests.sla.kit import ANA, DANA, JONAS, LIAM, NOAH, PETRA, POLICY, lead_for
from tests.world import World, at, changed, world

Json = dict[str, Any]
HOSTILE = {
    "formula": '=HYPERLINK("http://evil.example","click")',
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(A1:A2)",
    "mention": "<!channel> <@U01> @here",
    "link": "<https://evil.example|the price list>",
    "emoji": "👩🏽‍🔬" * 600,
    "right to left": "\u202eتقرير من الميدان",
    "control": "bell\x07 and tab\t",
    "lines": "one\ntwo\r\nthree",
    "error": "#N/A",
}


@pytest.fixture
def here(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock, POLICY) as made:
        made.tick()
        yield made


def reported(here: World, user: str, text: str, command: str = "/field-feedback") -> None:
    here.slack.command(user, command, "")
    here.slack.submit(user, field_said=text)
    here.clock.advance(minutes=5, seconds=1)
    bring_reports(here.services)


def files(here: World) -> list[Any]:
    return [file for file in here.sandbox.workspace.files.values() if file.completed]


def opened(content: bytes, folder: Path) -> Any:
    path = folder / "got.xlsx"
    path.write_bytes(content)
    return load_workbook(path)


def test_a_manager_gets_a_workbook_once_and_it_leaves_slack_after_a_fortnight(here: World, tmp_path: Path) -> None:
    lead_for(here, "jonas")
    reported(here, JONAS, "They want night training")
    reported(here, DANA, "Too expensive", "/objection")
    here.slack.command(PETRA, "/tandem", "export everything month")
    here.slack.again()
    assert here.whispers(PETRA)[-1] == "✓ Everything: the file comes here in a moment."
    assert bring_exports(here.services) == 1
    assert bring_exports(here.services) == 0
    here.clock.advance(seconds=5)
    (file,) = files(here)
    assert file.name == "tandem-everything-2026-10-24-2026-11-23.xlsx"
    book = opened(file.content, tmp_path)
    rows = sum(page.max_row - 1 for page in book if page.tables)
    told = [m["text"] for m in here.messages(PETRA) if m.get("files")]
    assert told == [f"Everything, 2026-10-24 to 2026-11-23: {rows} rows"]
    assert book.sheetnames == [
        "Summary",
        "Feedback",
        "Objections",
        "Leads",
        "Promises",
        "Scoreboard",
        "Decisions",
        "Guide",
    ]
    assert [row[4] for row in book["Feedback"].iter_rows(min_row=2, values_only=True)] == ["They want night training"]
    here.clock.advance(days=14, minutes=1)
    assert bring_exports(here.services) == 1
    assert files(here) == []
    with here.services.reading() as session:
        verbs = session.scalars(select(JournalEntry.verb).where(JournalEntry.subject_kind == "export")).all()
    assert list(verbs) == ["exported", "export_removed"]


def test_what_runs_is_open_on_the_scoreboard_and_not_late_before_its_time(here: World, tmp_path: Path) -> None:
    lead_for(here, "jonas", 1)
    lead_for(here, "dana", 2)
    here.tick()
    here.slack.command(PETRA, "/tandem", "export scoreboard month")
    assert bring_exports(here.services) == 1
    here.clock.advance(minutes=1)
    rows = list(opened(files(here)[-1].content, tmp_path)["Scoreboard"].iter_rows(values_only=True))
    assert rows[1][:6] == ("Sales", None, 0, 0, 0, 2)  # due, in time, late, open


def test_with_figures_of_single_people_off_no_sheet_tells_what_somebody_kept(here: World, tmp_path: Path) -> None:
    lead_for(here, "jonas")
    here.tick()
    here.tap(JONAS, "lead_accept")
    here.clock.advance(minutes=1)

    def exported() -> Any:
        here.slack.command(PETRA, "/tandem", "export everything month")
        assert bring_exports(here.services) == 1
        here.clock.advance(minutes=1)
        return opened(files(here)[-1].content, tmp_path)

    def read(book: Any, name: str) -> str:
        return str(list(book[name].iter_rows(values_only=True)))

    before = exported()
    assert "Jonas Brandt" in read(before, "Promises") and "Jonas Brandt" in read(before, "Scoreboard")
    here.services.put_policy_in_force(changed(POLICY, people_figures=False))
    after = exported()
    assert "Jonas" not in read(after, "Promises") + read(after, "Scoreboard") + read(after, "Summary")
    assert after["Promises"].max_row == before["Promises"].max_row  # the promises themselves stand there
    assert "'Sales'" in read(after, "Scoreboard")


def test_every_value_is_the_databases_and_no_text_is_a_formula(here: World, tmp_path: Path) -> None:
    lead_for(here, "jonas")
    for text in HOSTILE.values():
        reported(here, JONAS, text)
    path = tmp_path / "feedback.xlsx"
    with here.services.reading() as session:
        sheet = here.services.sheets["feedback"]
        days = Days(here.clock.now().date(), here.clock.now().date())
        asked = workbook.Asked(*days.span("Europe/Berlin"), "Europe/Berlin")
        about = workbook.About("Helix", "Petra", "abc", here.clock.now())
        exports.make(session, path, [sheet], asked, about, "xlsx")
        saved = session.scalars(select(FieldReport).order_by(FieldReport.id)).all()
    page = load_workbook(path)["Feedback"]
    rows = list(page.iter_rows(min_row=2))
    assert len(rows) == len(saved) == len(HOSTILE)
    for row, one in zip(rows, saved, strict=True):
        assert row[4].data_type == "s" and row[4].value == workbook.as_text(one.said)
        assert row[0].value == one.id and row[2].value == "Jonas Brandt" and row[7].value == 1
        local = (one.created_at + timedelta(hours=1)).replace(tzinfo=None, microsecond=0)
        assert row[1].value == local
    assert page.freeze_panes == "A2" and page.tables["Feedback"].ref == f"A1:T{len(HOSTILE) + 1}"
    assert page.column_dimensions["E"].width == 60 and rows[0][4].alignment.wrap_text


def test_the_summary_counts_and_draws_and_the_guide_explains(here: World, tmp_path: Path) -> None:
    reported(here, JONAS, "One")
    reported(here, JONAS, "Two")
    here.slack.command(PETRA, "/tandem", "export feedback")
    bring_exports(here.services)
    book = opened(files(here)[0].content, tmp_path)
    cells = [tuple(row) for row in book["Summary"].iter_rows(values_only=True)]
    assert ("Feedback", 2) in [row[:2] for row in cells] and ("Something else", 2) in [row[:2] for row in cells]
    guide = [row[:3] for row in book["Guide"].iter_rows(values_only=True)]
    assert ("Feedback", "Said", "What was said, word for word") in guide
    assert any(row[0] == "Rules in force" and row[1] for row in guide)


def test_only_what_a_filter_leaves_by_command_and_by_form(here: World, tmp_path: Path) -> None:
    reported(here, JONAS, "One")
    here.slack.command(JONAS, "/field-feedback", "")
    here.slack.submit(JONAS, field_said="Two", field_kind="pricing")
    here.clock.advance(minutes=6)
    bring_reports(here.services)
    here.slack.command(PETRA, "/tandem", "export feedback week kind=pricing")
    here.slack.command(PETRA, "/tandem", "export")
    here.slack.submit(PETRA, export_what="feedback", export_only="kind=pricing")
    bring_exports(here.services)
    for file in files(here):
        book = opened(file.content, tmp_path)
        assert [row[4] for row in book["Feedback"].iter_rows(min_row=2, values_only=True)] == ["Two"]
        assert ("Only kind (in Feedback)", "pricing") in [
            row[:2] for row in book["Summary"].iter_rows(values_only=True)
        ]
    assert len(files(here)) == 2


@pytest.mark.parametrize(
    "only, told",
    [
        ("colour=red", "“colour” selects nothing here. It can be limited by importance, kind, product, stage, state."),
        ("source=event", "“source” selects nothing here."),
        ("kind=prcing", "kind=prcing is not there. kind can be competitor, content, "),
        ("stage=one", "stage=one is not there. stage can be lost, mql, raw, sal, sql, won."),
    ],
)
def test_a_filter_that_selects_nothing_says_what_can_stand_there(here: World, only: str, told: str) -> None:
    here.slack.command(PETRA, "/tandem", f"export feedback week {only}")
    assert here.whispers(PETRA)[-1].startswith(told)
    here.slack.command(PETRA, "/tandem", "export")
    here.slack.submit(PETRA, export_what="feedback", export_only=only)
    assert here.slack.sees(PETRA)["modal"]["errors"]["only"].startswith(told)
    assert bring_exports(here.services) == 0


def test_feedback_by_stage_and_promises_by_team(here: World, tmp_path: Path) -> None:
    lead_for(here, "jonas")
    here.tick()
    reported(here, JONAS, "Of the lead I have")
    reported(here, DANA, "Of no lead")
    here.slack.command(PETRA, "/tandem", "export feedback week stage=mql")
    here.slack.command(PETRA, "/tandem", "export promises week team=marketing")
    bring_exports(here.services)
    feedback, promises = (opened(file.content, tmp_path) for file in files(here))
    assert [row[4] for row in feedback["Feedback"].iter_rows(min_row=2, values_only=True)] == ["Of the lead I have"]
    assert {row[4] for row in promises["Promises"].iter_rows(min_row=2, values_only=True)} == {"Marketing"}


def test_what_comes_by_itself_keeps_its_filter_and_ends_with_who_asked_for_it(here: World, tmp_path: Path) -> None:
    for text, kind in (("It is praised", "praise"), ("It is dear", "pricing")):
        here.slack.command(JONAS, "/field-feedback", "")
        here.slack.submit(JONAS, field_said=text, field_kind=kind)
    here.clock.advance(minutes=6)
    bring_reports(here.services)
    here.slack.command(PETRA, "/tandem", "export")
    here.slack.submit(PETRA, export_what="feedback", export_only="kind=pricing", export_again="monday")
    bring_exports(here.services)
    here.clock.turn_to(at("2026-11-30T07:01:00Z"))
    bring_exports(here.services)
    for file in files(here):
        book = opened(file.content, tmp_path)
        assert [row[4] for row in book["Feedback"].iter_rows(min_row=2, values_only=True)] == ["It is dear"]
    assert len(files(here)) == 2
    with here.services.begin() as session:
        session.get_one(Person, 1).active = False
    here.clock.turn_to(at("2026-12-07T09:01:00Z"))
    while bring_exports(here.services):
        here.clock.advance(minutes=1)
    assert [file.name[16:26] for file in files(here)] == ["2026-11-23"]  # the first has left Slack; no third came


@pytest.mark.parametrize(
    "who, roles, team, sees",
    [
        (1, ("manager",), "sales", ["Jonas's"]),
        (6, ("manager",), "marketing", ["Jonas's", "Dana's", "Liam's"]),
        (6, ("council",), "sales", ["Jonas's", "Dana's", "Liam's"]),
        (6, ("manager",), "sales", []),
    ],
)
def test_managers_get_what_is_of_their_people_marketings_all_reports_and_the_council_everything(
    here: World, tmp_path: Path, who: int, roles: tuple[str, ...], team: str, sees: list[str]
) -> None:
    users = {1: PETRA, 6: NOAH}
    with here.services.begin() as session:
        session.execute(delete(PersonRole).where(PersonRole.person_id == who))
        session.add_all([PersonRole(person_id=who, role=role) for role in roles])
        session.get_one(Person, who).team = team
        for other in (3, 4, 5):
            session.get_one(Person, other).manager_id = None
        session.get_one(Person, 2).manager_id = 1
    for user, name in ((JONAS, "Jonas's"), (DANA, "Dana's"), (LIAM, "Liam's")):
        reported(here, user, name)
    here.slack.command(users[who], "/tandem", "export feedback week")
    bring_exports(here.services)
    book = opened(files(here)[0].content, tmp_path)
    assert [row[4] for row in book["Feedback"].iter_rows(min_row=2, values_only=True) if row[4]] == sees


def test_one_sheet_of_ones_own_as_csv(here: World) -> None:
    reported(here, JONAS, "Mine")
    reported(here, DANA, "Hers")
    here.slack.command(JONAS, "/tandem", "export mine csv")
    assert here.whispers(JONAS)[-1].startswith("CSV holds one sheet: `/tandem export mine feedback csv`")
    here.slack.command(JONAS, "/tandem", "export mine feedback csv")
    bring_exports(here.services)
    (file,) = files(here)
    assert file.name.startswith("tandem-mine-feedback-") and file.name.endswith(".csv")
    assert [row["Said"] for row in csv.DictReader(file.content.decode("utf-8-sig").splitlines())] == ["Mine"]


def test_csv_has_its_mark_and_no_formula(here: World, tmp_path: Path) -> None:
    reported(here, JONAS, "=1+1")
    here.slack.command(PETRA, "/tandem", "export feedback 2026-11 csv")
    bring_exports(here.services)
    content = files(here)[0].content
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [row["Said"] for row in rows] == ["'=1+1"]


def test_who_gets_what(here: World, tmp_path: Path) -> None:
    """A rep what is their own; marketing no more than that; a manager what is of their people."""
    reported(here, JONAS, "Mine")
    reported(here, DANA, "Hers")
    here.slack.command(JONAS, "/tandem", "export feedback")
    assert here.whispers(JONAS)[-1].startswith("Exports are for managers and the council.")
    here.slack.command(ANA, "/tandem", "export everything")
    assert here.whispers(ANA)[-1].startswith("Exports are for managers and the council.")
    here.slack.command(JONAS, "/tandem", "export mine")
    bring_exports(here.services)
    book = opened(files(here)[0].content, tmp_path)
    assert [row[4] for row in book["Feedback"].iter_rows(min_row=2, values_only=True)] == ["Mine"]


def test_by_the_form_and_again_each_monday(here: World) -> None:
    here.slack.command(PETRA, "/tandem", "export")
    here.slack.submit(PETRA, export_what="leads", export_again="monday")
    bring_exports(here.services)
    assert len(files(here)) == 1
    here.clock.turn_to(at("2026-11-30T06:30:00Z"))
    bring_exports(here.services)
    assert len(files(here)) == 1  # not before her day begins
    here.clock.turn_to(at("2026-11-30T07:01:00Z"))
    bring_exports(here.services)
    bring_exports(here.services)
    assert [file.name for file in files(here)][1:] == ["tandem-leads-2026-11-23-2026-11-29.xlsx"]
    here.slack.command(PETRA, "/tandem", "export stop leads")
    here.clock.turn_to(at("2026-12-07T09:00:00Z"))
    bring_exports(here.services)
    assert here.whispers(PETRA)[-1] == "✓ It does not come by itself any more."


def test_a_worker_that_died_between_upload_and_sharing_shares_it_once(here: World) -> None:
    here.slack.command(PETRA, "/tandem", "export leads")
    here.slack.faults({"fault": "500", "method": "files.completeUploadExternal", "times": 1})
    assert bring_exports(here.services) == 0
    here.clock.advance(minutes=3)
    assert bring_exports(here.services) == 1
    here.clock.advance(seconds=5)
    assert len([m for m in here.messages(PETRA) if m.get("files")]) == 1


@pytest.mark.parametrize("first", ["500", "accept_and_drop"])  # nobody knows whether it was shared
def test_what_slack_refuses_to_share_again_is_looked_for(here: World, first: str) -> None:
    here.slack.command(PETRA, "/tandem", "export leads")
    method = "files.completeUploadExternal"
    refused = {"method": method, "fault": "error", "code": "file_not_found", "times": 1}
    here.slack.faults({"method": method, "fault": first, "times": 1}, refused)
    for _ in range(3):
        bring_exports(here.services)
        here.clock.advance(minutes=3)
    assert len([m for m in here.messages(PETRA) if m.get("files")]) == 1


def test_what_slack_never_takes_is_given_up_and_said(here: World) -> None:
    here.slack.command(PETRA, "/tandem", "export leads")
    here.slack.faults({"fault": "500", "method": "files.getUploadURLExternal", "times": 9})
    for _ in range(6):
        bring_exports(here.services)
        here.clock.advance(minutes=3)
    here.tick()
    with here.services.reading() as session:
        assert session.scalars(select(ExportOrder.state)).all() == ["failed"]
    assert any("could not be brought to Slack" in m["text"] for m in here.cards(PETRA))


@pytest.mark.parametrize(
    "typed", ["nonsense", "feedback 2026-13", "leads 2026-11-05..2026-11-01", "feedback yesterday"]
)
def test_what_is_not_understood_says_how(here: World, typed: str) -> None:
    here.slack.command(PETRA, "/tandem", f"export {typed}")
    assert here.whispers(PETRA)[-1].startswith(
        "What shall I export? For example `/tandem export feedback 2026-11 kind=pricing`"
    )


@pytest.mark.parametrize(
    "text, first, last",
    [
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2026-11-01..2026-11-15", "2026-11-01", "2026-11-15"),
        ("week", "2026-11-17", "2026-11-23"),
        ("", "2026-08-26", "2026-11-23"),
    ],
)
def test_periods(text: str, first: str, last: str) -> None:
    today = at("2026-11-23T09:00:00Z").date()
    days = days_of(text, today)
    assert (days.first.isoformat(), days.last.isoformat()) == (first, last)


def test_what_is_no_period() -> None:
    with pytest.raises(NotUnderstood):
        days_of("2026-02-30..2026-03-01", at("2026-11-23T09:00:00Z").date())


def test_what_comes_by_itself_covers_what_came_before() -> None:
    now = at("2026-11-25T12:00:00Z")
    monday, first = next_after(Every.MONDAY, now, "Europe/Berlin"), next_after(Every.MONTH, now, "Europe/Berlin")
    assert (monday.isoformat(), first.isoformat()) == ("2026-11-30T06:00:00+01:00", "2026-12-01T06:00:00+01:00")
    days = days_before(Every.MONTH, first, "Europe/Berlin")
    assert (days.first.isoformat(), days.last.isoformat()) == ("2026-11-01", "2026-11-30")
