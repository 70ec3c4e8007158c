"""Reporting from the field, over signed HTTP as people do: short forms, undo, what others heard, what comes back."""

from typing import Any

from sqlalchemy import select

from bot.feedback.tables import FieldReport, FieldStep
from bot.people.tables import Person
from bot.sla.tables import Obligation
from jobs.field import bring_reports
from tests.feedback.kit import owed, reports, says, settle, whisper
from tests.sla.kit import ANA, DANA, JONAS, LIAM, NOAH, choose, lead_for, newest, rang
from tests.world import World

Json = dict[str, Any]


def test_one_form_one_record_and_nobody_hears_before_the_undo_is_over(anywhere: World) -> None:
    here = anywhere
    lead_for(here, "jonas")
    here.tick()
    says(here, JONAS, "They want <night shifts> trained & certified")
    told = reports(here)[0]
    assert (told.said, told.reporter_id, told.lead_id, told.state) == (
        "They want <night shifts> trained & certified", 2, 1, "new",
    )  # fmt: skip
    assert whisper(here, JONAS).startswith("✓ Saved. Ana hears of it after 09:05; until then you can undo it.")
    here.tick()
    assert bring_reports(here.services) == 0 and owed(here) == []
    settle(here)
    assert owed(here) == [("seen", 7, None), ("reply", 7, None)]
    assert bring_reports(here.services) == 0


def test_the_same_form_delivered_again_is_the_same_record(here: World) -> None:
    here.slack.command(JONAS, "/objection", "")
    here.slack.submit(JONAS, field_said="Too expensive")
    here.slack.again()
    assert len(reports(here)) == 1


def test_undo_within_five_minutes_and_not_after(here: World) -> None:
    says(here, JONAS, "They moved the tender to May")
    here.tap(JONAS, "field_undo")
    assert whisper(here, JONAS) == "✓ Taken back; nobody was told."
    assert reports(here)[0].state == "undone"
    settle(here)
    assert owed(here) == []
    says(here, JONAS, "They moved the tender to June")
    settle(here)
    here.tap(JONAS, "field_undo")
    assert here.whispers(JONAS)[-1] == "The time to undo this is over: it was passed on."
    assert [one.state for one in reports(here)] == ["undone", "new"]


def test_words_after_the_command_save_nothing_until_one_says_so(here: World) -> None:
    says(here, DANA, "Sysmex is cheaper on reagents", "/objection")
    settle(here)
    here.slack.command(JONAS, "/objection", "the reagents of Sysmex are cheaper")
    shown = whisper(here, JONAS)
    assert "1 colleague heard something like “the reagents of Sysmex are cheaper”" in shown
    assert "cheaper on reagents" not in shown
    assert len(reports(here)) == 1
    here.tap(JONAS, "field_save_as_heard")
    assert [one.said for one in reports(here)][1:] == ["the reagents of Sysmex are cheaper"]
    here.slack.command(JONAS, "/objection", "search sysmex reagents")
    assert "[Save as heard]" not in whisper(here, JONAS)
    assert len(reports(here)) == 2


def test_whoever_reports_hears_back_and_steps_in_between_ring_nobody(anywhere: World) -> None:
    here = anywhere
    says(here, JONAS, "Nobody can find the price guide", field_kind="pricing")
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    inbox = whisper(here, ANA)
    assert inbox.splitlines()[:2] == ["*1 report waits for you*", "> Nobody can find the price guide"]
    before = len(rang(here, JONAS))
    here.tap(ANA, "field_step_seen")
    assert "✓ Ana has seen it and answers by Fri 27 November" in whisper(here, ANA)
    here.tick()
    assert len(rang(here, JONAS)) == before
    here.tap(ANA, "field_step_answered")
    here.slack.submit(ANA, field_step_text="It stands on the first page from today.")
    here.pass_time("2026-11-23T09:00:00+00:00", 1)
    assert rang(here, JONAS)[before:] == ["Mon 09:07 Ana answers what you reported."]
    told = newest(here, JONAS)
    assert "You said Mon 09:00:\n> Nobody can find the price guide" in told
    assert "*Ana answers:*\n> It stands on the first page from today." in told
    assert owed(here) == [("seen", 7, "met"), ("reply", 7, "met")]


def test_a_tap_on_a_later_page_of_the_inbox_stays_on_it(here: World) -> None:
    for word in ("brochure", "plug", "hotline", "colour", "invoice", "tray", "manual", "noise", "night shift"):
        says(here, JONAS, f"They ask about the {word}")
        here.clock.advance(minutes=1)
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    assert "the night shift" not in whisper(here, ANA)
    here.tap(ANA, "field_inbox")
    assert "the night shift" in whisper(here, ANA) and "the brochure" not in whisper(here, ANA)
    here.tap(ANA, "field_step_seen")
    shown = whisper(here, ANA)
    assert "the night shift" in shown and "✓ Ana has seen it" in shown and "the brochure" not in shown


def test_what_waits_of_a_report_is_one_row_by_what_is_due_first(here: World) -> None:
    says(here, JONAS, "Nobody can find the price guide")
    settle(here)
    here.slack.command(ANA, "/sla", "mine")
    shown = whisper(here, ANA)
    assert shown.count("Nobody can find the price guide") == 1 and "*Tue 08:05* Look at: Jonas:" in shown
    here.tap(ANA, "field_step_seen")
    here.slack.command(ANA, "/sla", "mine")
    assert "*Fri 13:05* Answer: Jonas:" in whisper(here, ANA)


def test_the_receipt_is_one_message_that_is_edited_and_comes_with_the_brief(here: World) -> None:
    says(here, JONAS, "They miss plastics in the brochure")
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_step_seen")
    here.pass_time("2026-11-24T07:10:00+00:00", 30)
    assert "✓ Ana has seen it and answers by Fri 27 November" in newest(here, JONAS)
    number = len(here.cards(JONAS))
    here.tap(ANA, "field_open")
    here.slack.tap_in_view(ANA, "field_step_planned")
    here.slack.submit(ANA, field_step_day="2026-12-01", field_step_text="With the next print")
    here.tick()
    assert len(here.cards(JONAS)) == number
    assert "✓ Ana plans it for Tue 1 December" in newest(here, JONAS)


def test_what_several_heard_goes_together_and_everybody_hears_the_end(anywhere: World) -> None:
    here = anywhere
    says(here, DANA, "The training for the night shift is missing")
    settle(here)
    says(here, JONAS, "Night shifts: no training!")
    assert "1 colleague heard this:\n> The training for the night shift is missing" in whisper(here, JONAS)
    here.tap(JONAS, "field_add_yours")
    settle(here)
    first, second = reports(here)
    assert (second.state, second.root_id) == ("merged", first.id)
    assert [o[0] for o in owed(here)] == ["seen", "reply", "answer_card"]  # two of a small team: a pattern
    here.slack.command(ANA, "/field-feedback", "inbox")
    assert "Heard by 2" in whisper(here, ANA)
    here.tap(ANA, "field_open")
    here.slack.tap_in_view(ANA, "field_step_done")
    here.slack.submit(ANA, field_step_text="Marc trains them by video from January.")
    here.pass_time("2026-11-23T09:00:00+00:00", 1)
    for user in (DANA, JONAS):
        assert "*✓ Ana: this is done.*\n> Marc trains them by video from January." in newest(here, user)


def test_praise_needs_thanks_only_and_is_not_forgotten_once_seen(here: World) -> None:
    says(here, LIAM, "The new demo case is great", field_kind="praise")
    settle(here)
    assert owed(here) == [("reply", 7, None)]
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_step_thanked")
    here.slack.submit(ANA)
    here.pass_time("2026-11-23T09:10:00+00:00", 5)
    assert "*Ana says thank you.*" in newest(here, LIAM)


def test_passed_on_merged_and_declined(anywhere: World) -> None:
    here = anywhere
    says(here, JONAS, "The website is slow on a phone")
    says(here, DANA, "On phones the website is slow")
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open", block_id="field-2")
    here.slack.tap_in_view(ANA, "field_step_merged")
    here.slack.submit(ANA, field_step_other="1")
    assert [(one.state, one.root_id) for one in reports(here)] == [("new", None), ("merged", 1)]
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open", block_id="field-1")
    here.slack.tap_in_view(ANA, "field_step_declined")
    here.slack.submit(ANA, field_step_text="A new one comes in March.")
    here.pass_time("2026-11-23T09:00:00+00:00", 5)
    for user in (JONAS, DANA):
        assert "*Ana decided against it:*\n> A new one comes in March." in newest(here, user)
    with here.services.reading() as session:
        assert [one.step for one in session.scalars(select(FieldStep))] == ["merged", "declined"]


def test_a_report_passed_on_is_new_to_who_gets_it_and_goes_there_whole(anywhere: World) -> None:
    here = anywhere
    with here.services.begin() as session:
        session.get_one(Person, 6).team = "marketing"
    says(here, JONAS, "The flyer has the old phone number")
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_step_seen")
    here.tap(ANA, "field_open")
    here.slack.tap_in_view(ANA, "field_step_passed_on")
    here.slack.submit(ANA, field_step_other="6")
    assert [o for o in owed(here) if o[2] is None] == [("seen", 6, None), ("reply", 6, None)]
    here.slack.command(NOAH, "/field-feedback", "inbox")
    assert "[Seen]" in whisper(here, NOAH)


def test_a_report_handed_over_from_a_reminder_goes_whole(here: World) -> None:
    with here.services.begin() as session:
        session.get_one(Person, 6).team = "marketing"
    says(here, JONAS, "The flyer has the old phone number")
    settle(here)
    here.pass_time("2026-11-23T14:20:00+00:00", 10)
    choose(here, ANA, "hand_over")
    here.slack.submit(ANA, sla_give_to="6")
    assert [o for o in owed(here) if o[2] is None] == [("seen", 6, None), ("reply", 6, None)]
    assert reports(here)[0].owner_id == 6


def test_merging_makes_a_pattern_and_only_into_what_is_open(anywhere: World) -> None:
    here = anywhere
    says(here, JONAS, "The website is slow on a phone")
    says(here, DANA, "On phones the website is slow")
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open", block_id="field-2")
    here.slack.tap_in_view(ANA, "field_step_merged")
    here.slack.submit(ANA, field_step_other="1")
    assert [o[0] for o in owed(here) if o[2] is None] == ["seen", "reply", "answer_card"]


def test_what_goes_along_with_a_merged_report_follows_it(here: World) -> None:
    """Liam adds his to Dana's; before his undo is over hers is merged into Jonas's: his goes there, too."""
    says(here, JONAS, "The website is slow on a phone")
    says(here, DANA, "On phones the website is slow")
    settle(here)
    says(here, LIAM, "The site is slow on phones")
    report_id = reports(here)[2].id
    with here.services.begin() as session:
        session.get_one(FieldReport, report_id).root_id = 2
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open", block_id="field-2")
    here.slack.tap_in_view(ANA, "field_step_merged")
    here.slack.submit(ANA, field_step_other="1")
    settle(here)
    assert [(one.state, one.root_id) for one in reports(here)] == [("new", None), ("merged", 1), ("merged", 1)]


def test_a_message_is_saved_with_its_link_and_author(here: World) -> None:
    here.slack.say(JONAS, "Labs ask for a sustainability sheet")
    said = here.messages(JONAS)[-1]
    here.slack.shortcut(JONAS, "field_message", f"D{JONAS[1:]}", said["ts"])
    here.slack.submit(JONAS)
    told = reports(here)[0]
    assert told.said == "Labs ask for a sustainability sheet" and told.author == "Jonas Brandt"
    assert told.link and told.link.startswith("https://")


def test_what_nobody_answers_is_heard_of(here: World) -> None:
    says(here, JONAS, "They want a LIS driver")
    settle(here)
    here.pass_time("2026-11-25T09:00:00+00:00", 60)
    with here.services.reading() as session:
        seen = session.scalars(select(Obligation).where(Obligation.kind == "seen")).one()
    assert seen.late_owner_id == 7
    assert any("thing" in line or "report" in line for line in rang(here, ANA))
