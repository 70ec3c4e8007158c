"""`tandem digest`: the same week as text, JSON, a page by itself, and a workbook."""

import json
import re

from openpyxl import load_workbook

from bot.council.tables import AgendaItem
from tests.cli.shell import Shell
from tests.council.kit import play_a_week

LINK = "https://helix.slack.com/archives/C01/p1"


def test_a_week_in_every_form(shell: Shell) -> None:
    play_a_week(shell.w)
    with shell.w.services.begin() as session:
        session.add(
            AgendaItem(week="2026-W48", said="Talk about it", by_id=1, at=shell.w.clock.now(), link=LINK, view_key="k")
        )
    shell.w.clock.advance(days=7)
    said = shell.quick("digest")
    assert (said.status, said.out.splitlines()[0]) == (0, "Week 48, 23–29 November")
    assert "Sales, answers to leads: 6 of 6 (100 %) in time" in said.out
    facts = json.loads(shell.quick("digest", "--week", "2026-W48", "--format", "json").out)
    assert facts["flow"]["entered"]["came"]["weeks"][-1] == 6
    assert "Who trains my night shift" not in json.dumps(facts)  # facts hold no words of persons
    page = shell.folder / "digest.html"
    assert shell.quick("digest", "--week", "2026-W48", "--format", "html", "--out", str(page)).status == 0
    html = page.read_text("utf-8")
    assert html.startswith("<!doctype html>") and html.count("data:image/png;base64,") == 3
    assert "Who trains my night shift" in html
    assert not re.search(r"<(?:script|link|iframe)|src=\"(?!data:)", html)  # it needs nothing else
    assert f'Talk about it (Petra, <a href="{LINK}">message</a>)' in html
    assert f"Talk about it (Petra, message {LINK})" in shell.quick("digest", "--week", "2026-W48").out
    book = shell.folder / "digest.xlsx"
    assert shell.quick("digest", "--week", "2026-W48", "--format", "xlsx", "--out", str(book)).status == 0
    sheets = load_workbook(book)
    assert sheets.sheetnames == ["Summary", "Figures", "Digest", "Decisions", "Guide"]
    rows = list(sheets["Figures"].values)
    assert ("Leads", "Came in", *(None,) * 7, 6, None, None) in rows


def test_what_became_of_leads_is_broken_down_as_one_asks(shell: Shell) -> None:
    play_a_week(shell.w)
    shell.w.clock.advance(days=7)
    said = shell.quick("facts", "--by", "source", "--by", "month", "--format", "csv")
    assert said.out.replace("\r", "").splitlines() == [
        "source,month,leads,accepted,qualified,won,won of 100,half closed within days",
        "website,2026-11,6,4,1,1,16.7,0.1",
    ]
    told = shell.quick("facts", "--by", "won_by").out
    assert "Jonas Brandt" in told and "16.7" not in told  # of those that he won, all were won
    assert "half closed" in shell.quick("facts", "--by", "campaign", "--since", "2026-11-01").out
    for words, part in (
        (("--by", "colour"), "--by colour is not known: source, campaign, month, won_by, or field:NAME"),
        (("--by", "source", "--since", "soon"), "--since 'soon' is no day; for example 2026-11-23"),
        (("--by", "source", "--since", "2027-01-01", "--until", "2026-01-01"), "is after --until"),
    ):
        refused = shell.quick("facts", *words)
        assert refused.status == 2 and part in refused.err


def test_what_cannot_be_told_names_the_option_and_the_fix(shell: Shell) -> None:
    for words, part in (
        (("--week", "47"), "--week '47' is no week; for example 2026-W47"),
        (("--week", "2027-W09"), "--week 2027-W09 has not begun yet"),
        (("--format", "xlsx"), "a workbook needs a file: --out digest.xlsx"),
    ):
        said = shell.quick("digest", *words)
        assert said.status == 2 and part in said.err
