"""The digest: once a week, complete, corrected in place; what one person may look at before."""

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from bot.council import gather, service
from bot.council.rules import Week
from bot.council.tables import CouncilDigest, Picture
from bot.journal.service import rules_in_force
from bot.leads.tables import LeadStep
from bot.outbox.limits import check_message
from bot.sla import board
from jobs.council import brief_council
from tests.council.kit import BRIEFED, COUNCIL, brief, channel, everything_said, play_a_week, settle, thread
from tests.sla.kit import ANA, DANA, JONAS, PETRA, lead_for
from tests.world import World, at, changed, words


def test_the_week_is_told_once_with_everything_below_it(anywhere: World) -> None:
    here = anywhere
    play_a_week(here)
    assert channel(here) == []
    brief(here)
    (page,) = channel(here)
    assert page["text"] == "Week 48: promises kept, 7 of 16. “Too expensive” came up twice."
    told = words(page)
    assert "*Sales kept 7 of 10 promises, marketing 0 of 6; “Too expensive” came up twice.*" in told
    assert "> “Who trains my night shift, and at that price?”\nHead of laboratory, haematology, via" in told
    assert "*1 of 120 SQLs*\nDay 60 of 92; this pace gives 2" in told
    assert "Thanks to Jonas and Ana: download." in told and "Lab 1, €84k" in told
    assert "usually" not in told  # there are no four weeks to compare with yet
    table = next(block for block in page["blocks"] if block["type"] == "table")
    assert [[cell["text"] for cell in row][:2] for row in table["rows"]] == [
        [" ", "Sales"],
        ["In time", "7 of 10"],
        ["Median", "40 min"],
        ["Open now", "3"],
    ]
    below = thread(here, page)
    pictures = [m for m in below if any(block["type"] == "image" for block in m["blocks"])]
    assert [m["text"] for m in pictures] == [
        "6 leads came in, 1 won",
        "In time: sales 7 of 10, marketing 0 of 6",
        "“Too expensive” twice",
    ]
    assert all(block.get("alt_text", "x") for m in pictures for block in m["blocks"])
    assert [m["files"][0]["name"] for m in below if m.get("files")] == ["tandem-council-2026-W48.xlsx"]
    assert "Sales, first contacts: 1 of 4 in time; 3 open now" in everything_said(below)
    settle(here)
    assert brief_council(here.services) == 0
    assert len(channel(here)) == 1 and len(thread(here, page)) == len(below) == 5


def test_every_message_of_it_is_within_slacks_limits(here: World) -> None:
    play_a_week(here)
    brief(here)
    (page,) = channel(here)
    for message in (page, *thread(here, page)):
        assert not list(check_message({"text": message["text"], "blocks": message["blocks"]}))


def test_a_quiet_week_gives_a_short_digest(here: World) -> None:
    brief(here)
    (page,) = channel(here)
    assert page["text"] == "Week 48: no lead came in."
    assert len(page["blocks"]) < 10 and not any(block["type"] == "table" for block in page["blocks"])


def test_a_week_before_the_rules_is_not_told(here: World) -> None:
    settle(here)
    assert channel(here) == []


def test_a_clock_that_jumps_tells_nothing_twice_and_a_missed_week_only_the_newest(here: World) -> None:
    here.pass_time(BRIEFED, 600)
    for hours in (0, 30, 3):  # over the hour, and on
        here.clock.at += timedelta(hours=hours)
        settle(here)
    here.clock.at -= timedelta(hours=40)  # and back before it
    settle(here)
    assert [m["text"][:7] for m in channel(here)] == ["Week 48"]
    here.clock.at = at("2026-12-27T03:00:00+00:00")  # a standstill ends on a Sunday night: nobody is told then
    settle(here)
    here.clock.at = at("2026-12-28T10:00:00+00:00")
    settle(here)
    with here.services.reading() as session:
        weeks = session.scalars(select(CouncilDigest.week).order_by(CouncilDigest.id)).all()
    assert weeks == ["2026-W48", "2026-W52"]


def test_what_comes_out_otherwise_later_is_corrected_in_place(here: World) -> None:
    play_a_week(here)
    brief(here)
    (page,) = channel(here)
    late = {"external_id": "late", "email": "late@lab.example", "company": "Late Lab"}
    here.lead(**late, received_at="2026-11-25T10:00:00Z")  # a file brings it afterwards
    here.clock.advance(hours=2)
    settle(here)
    (again,) = channel(here)
    assert again["ts"] == page["ts"]
    assert "Corrected Mon 10:0" in words(again) and "Came in 6 → 7" in words(again)
    assert "Came in: 7" in everything_said(thread(here, again))
    with here.services.reading() as session:
        funnel = session.scalars(select(Picture).where(Picture.name == "2026-W48:funnel")).one()
    shown = [b for m in thread(here, again) for b in m["blocks"] if b["type"] == "image"]
    assert funnel.file_id in {block["slack_file"]["id"] for block in shown}
    assert "7 leads came in, 1 won" in [m["text"] for m in thread(here, again)]
    here.clock.advance(hours=2)
    settle(here)
    assert words(channel(here)[0]).count("Corrected") == 1
    below = thread(here, again)
    assert len(below) == 6 and below[-1]["text"] == "The week’s figures as a workbook, corrected"
    here.clock.advance(minutes=30)
    settle(here)
    with here.services.reading() as session:  # the picture before left Slack, once nothing showed it any more
        assert session.scalars(select(Picture.replaced_id).where(Picture.replaced_id.is_not(None))).all() == []
    files = here.sandbox.workspace.files.values()
    assert len(files) == 4  # three pictures, and of the workbooks the corrected one
    (book,) = (file for file in files if file.name.endswith(".xlsx"))
    figures = load_workbook(BytesIO(book.content))["Figures"].values
    assert next(row for row in figures if row[1] == "Came in")[9] == 7


def test_who_is_handed_an_accepted_lead_brings_it_into_no_stage(here: World) -> None:
    """Jonas accepts, Dana gets it from him and accepts, too: accepted once. She sends it back: it was in hand."""
    lead_for(here, "jonas", 1)
    here.tick()
    here.tap(JONAS, "lead_accept")
    here.clock.advance(minutes=10)
    here.tick()
    here.tap(JONAS, "lead_more", selected_option="hand_over:1")
    here.slack.submit(JONAS, lead_receiver="3", lead_handed_with="Please")
    here.tick()
    here.tap(DANA, "lead_accept")
    here.clock.advance(minutes=10)
    here.tick()
    here.tap(DANA, "lead_reached")
    here.tick()
    here.tap(DANA, "lead_not_a_fit")
    here.slack.submit(DANA, lead_reject_reason="no_budget")
    with here.services.reading() as session:
        facts = gather.facts_of(session, Week.parse("2026-W48"), rules_in_force(session), here.clock.now())
    entered = {stage: count.now for stage, count in facts.flow.entered.items()}
    left = {stage: count.now for stage, count in facts.flow.left.items()}
    assert (entered["mql"], entered["sal"], entered["rejected"]) == (1, 1, 1)
    assert left == {"mql": 1, "sal": 1, "sql": 0}


def test_new_rules_correct_nothing_of_what_was_told(here: World) -> None:
    play_a_week(here)
    brief(here)
    goals = tuple(goal.model_copy(update={"target": goal.target / 2}) for goal in COUNCIL.council.goals)
    here.services.put_policy_in_force(changed(COUNCIL, council=COUNCIL.council.model_copy(update={"goals": goals})))
    here.clock.advance(hours=2)
    settle(here)
    (page,) = channel(here)
    assert "*1 of 120 SQLs*" in words(page) and "Corrected" not in words(page)


def test_a_won_deal_that_is_set_right_is_a_correction_and_renews_the_workbook(here: World) -> None:
    play_a_week(here)
    brief(here)
    with here.services.begin() as session:
        won = session.scalars(select(LeadStep).where(LeadStep.value == 8_400_000)).one()
        won.value = 2_000_000  # a file set it right
    here.clock.advance(hours=2)
    settle(here)
    (page,) = channel(here)
    assert "Value won, EUR €84k → €20k" in words(page)
    assert thread(here, page)[-1]["text"] == "The week’s figures as a workbook, corrected"


def test_the_facts_agree_with_the_scoreboard(anywhere: World) -> None:
    here = anywhere
    play_a_week(here)
    here.pass_time(BRIEFED, 240)
    with here.services.reading() as session:
        rules = rules_in_force(session)
        week = Week.parse("2026-W48")
        span = week.span(rules.policy.zone)
        facts = gather.facts_of(session, week, rules, here.clock.now())
        told = board.of(session, span.since, span.until, here.clock.now())
    for team in facts.promises.teams:
        measure = told.teams[team.team]
        assert (team.kept.hits.now, team.kept.of.now) == (measure.met, measure.due)
        assert facts.promises.medians[team.team].now.median == measure.median_minutes
        assert facts.promises.medians[team.team].now.p90 == measure.p90_minutes
    rang = facts.promises.rang
    assert (rang.of.now, rang.hits.now) == (told.pings, told.acted) and told.pings > 0


def test_only_the_council_looks_and_only_one_person_sees_it(here: World) -> None:
    play_a_week(here)
    here.slack.command(JONAS, "/council", "preview")
    assert "This is for the council. Petra Sommer can add you to it" in here.whispers(JONAS)[-1]
    here.slack.command(PETRA, "/council", "preview")
    assert here.whispers(PETRA)[-1].startswith("Week 48: ")
    assert "Week 48, 23–29 November, so far" in words(here.messages(PETRA)[-1])
    assert "Day 54 of 92" in words(here.messages(PETRA)[-1])
    for asked, answer in (
        ("digest 2026-W47", "Tandem was not at work in that week: nothing is known of it."),
        ("digest 2026-W60", "There is no such week. Write for example `/council digest 2026-W47`."),
        ("digest W48", "That week is not over yet. `/council preview` shows it as it stands."),
        ("digest 2027-W01", "That week has not begun yet."),
        ("nonsense", "I don't know `/council nonsense`. `/council help` shows what I know."),
    ):
        here.slack.command(PETRA, "/council", asked)
        assert here.whispers(PETRA)[-1] == answer
    assert channel(here) == []


def test_members_are_asked_in_their_own_morning_of_the_last_working_day(here: World) -> None:
    here.pass_time("2026-11-27T06:55:00+00:00", 240)
    settle(here)
    assert not [m for m in here.cards(PETRA) if "talk about" in m["text"]]
    here.pass_time("2026-11-27T07:05:00+00:00", 5)
    settle(here)
    asked = [m["text"] for m in here.cards(PETRA) if "talk about" in m["text"]]
    assert asked == ["What should the council talk about? Please say so before Monday."]
    assert not [m for m in here.cards(ANA) if "talk about" in m["text"]]
    here.tap(PETRA, "council_add")
    here.slack.submit(PETRA, council_said="Why do <webinar> leads come back?")
    settle(here)
    brief(here)
    (page,) = channel(here)
    assert "*Please decide*\n1. Why do &lt;webinar&gt; leads come back? (Petra)" in words(page)
    assert len([m for m in here.cards(PETRA) if "talk about" in m["text"]]) == 1


def test_without_a_channel_nobody_is_briefed(here: World) -> None:
    quiet = changed(COUNCIL, council=COUNCIL.council.model_copy(update={"channel": None}))
    here.services.put_policy_in_force(quiet)
    brief(here)
    assert channel(here) == []


def test_a_digest_is_made_once_by_whoever_comes_first(here: World) -> None:
    here.pass_time(BRIEFED, 600)
    with here.services.under_rules() as (session, rules):
        now = here.clock.now()
        due = service.due_digest(session, rules.policy, now)
        assert due is not None
        week, slot = due
        facts = gather.facts_of(session, week, rules, now)
        assert service.brief(session, facts, slot, rules.policy, now)
        assert not service.brief(session, facts, slot, rules.policy, now)
    settle(here)
    assert len(channel(here)) == 1


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
@pytest.mark.parametrize("fault", ["500", "accept_and_drop"])
def test_what_slack_does_not_take_is_brought_later(here: World, method: str, fault: str) -> None:
    play_a_week(here)
    here.pass_time(BRIEFED, 120)
    here.slack.faults({"method": method, "fault": fault, "times": 3})
    settle(here)
    for _ in range(4):  # each try waits longer than the one before
        here.clock.advance(minutes=8)
        settle(here)
    (page,) = channel(here)
    below = thread(here, page)
    assert len(below) == 5 and sum(bool(m.get("files")) for m in below) == 1


def test_a_workbook_that_slack_refuses_is_brought_anew(here: World) -> None:
    play_a_week(here)
    here.pass_time(BRIEFED, 120)
    refused = {"method": "files.completeUploadExternal", "fault": "error", "code": "file_not_found"}
    here.slack.faults({**refused, "after": 3, "times": 1})  # three pictures pass
    settle(here)
    (page,) = channel(here)
    assert not any(m.get("files") for m in thread(here, page))
    here.clock.advance(minutes=8)
    settle(here)
    assert sum(bool(m.get("files")) for m in thread(here, page)) == 1


def test_a_workbook_that_was_shared_before_anybody_heard_of_it_is_not_shared_again(here: World) -> None:
    play_a_week(here)
    here.pass_time(BRIEFED, 120)
    method = "files.completeUploadExternal"
    here.slack.faults({"method": method, "fault": "accept_and_drop", "after": 3, "times": 1})
    for _ in range(3):
        settle(here)
        here.clock.advance(minutes=8)
    (page,) = channel(here)
    assert sum(bool(m.get("files")) for m in thread(here, page)) == 1
    with here.services.reading() as session:
        digest = service.newest(session)
    assert digest is not None and digest.shared_at is not None


def test_a_week_without_its_year_is_the_last_of_that_number(here: World) -> None:
    here.clock.at = at("2027-01-12T09:00:00+00:00")
    here.slack.command(PETRA, "/council", "digest W53")
    assert here.whispers(PETRA)[-1].startswith("Week 53")
    here.slack.command(PETRA, "/council", "digest W01")
    assert "Week 1, 4–10 January" in words(here.messages(PETRA)[-1])
