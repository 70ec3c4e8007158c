"""What was said before: offered, counted, searched for, merged; and what stays with an answer when it is done."""

import pytest
from sqlalchemy import insert

from bot.feedback import likeness, triage
from bot.feedback.rules import Heard, Step, is_pattern
from bot.feedback.tables import FieldReport, FieldWord
from bot.feedback.triage import Deed
from bot.journal.service import OPERATOR
from bot.people import service as people
from bot.people.tables import Person
from tests.feedback.kit import owed, reports, says, settle, whisper
from tests.sla.kit import ANA, DANA, JONAS, LIAM, PETRA, POLICY, lead_for, newest
from tests.world import World, at, words

SLOW = "The website is slow on a phone"
AT = at("2026-11-23T09:00:00+00:00")


def answers(here: World, text: str = "Soon.") -> None:
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_step_answered")
    here.slack.submit(ANA, field_step_text=text)
    here.clock.advance(minutes=10)
    here.tick()


def test_who_says_what_was_answered_before_gets_an_answer_and_counts_with_it(anywhere: World) -> None:
    """Marketing is prompt: each is answered before the next says the same. It is a pattern all the same."""
    here = anywhere
    says(here, JONAS, SLOW)
    settle(here)
    answers(here)
    says(here, DANA, "On phones the website is slow")
    assert f"1 colleague heard this (answered):\n> {SLOW}" in whisper(here, DANA)
    here.tap(DANA, "field_add_yours")
    settle(here)
    first, second = reports(here)
    assert (second.state, second.root_id, second.echo_of_id, first.pattern_at is not None) == ("new", None, 1, True)
    assert [(kind, outcome) for kind, _, outcome in owed(here)] == [
        ("seen", "met"), ("reply", "met"), ("seen", None), ("reply", None), ("answer_card", None),
    ]  # fmt: skip
    here.slack.command(ANA, "/field-feedback", "inbox")
    assert "Heard by 2" in whisper(here, ANA)


def test_whoever_said_what_was_answered_before_hears_too_when_it_is_done(anywhere: World) -> None:
    here = anywhere
    says(here, JONAS, SLOW)
    settle(here)
    answers(here)
    says(here, DANA, "On phones the website is slow")
    here.tap(DANA, "field_add_yours")
    settle(here)
    answers(here, "We look into it.")
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_answered_ones")
    here.tap(ANA, "field_step_done")
    here.slack.submit(ANA, field_step_text="The new website is live.")
    here.clock.advance(minutes=30)
    here.tick()
    for user in (JONAS, DANA):
        assert "*✓ Ana: this is done.*\n> The new website is live." in newest(here, user)
    assert [one.state for one in reports(here)] == ["done", "done"]


def test_what_is_asked_of_one_reporter_stays_between_the_two(anywhere: World) -> None:
    """Dana was asked something herself before hers went along with Jonas'."""
    here = anywhere
    says(here, JONAS, SLOW)
    says(here, DANA, "Nobody finds the price guide")
    settle(here)
    ask = (Step.ASKED_BACK, Step.MERGED, Step.ASKED_BACK)
    for number, (step, report_id, text) in enumerate(
        zip(ask, (2, 2, 1), ("Which guide?", "", "Which phone?"), strict=True)
    ):
        with here.services.under_rules() as (session, rules):
            deed = Deed(step, text or None, other_id=1 if step == Step.MERGED else None)
            triage.do(session, report_id, deed, people.by_id(session, 7), rules, OPERATOR, here.clock.now())
        here.clock.advance(minutes=11 + number)
        here.tick()
    with here.services.under_rules() as (session, rules):
        triage.reply(
            session, 1, "Between us: she is leaving", people.by_id(session, 2), rules, OPERATOR, here.clock.now()
        )
    here.clock.advance(minutes=30)
    here.tick()
    everything = str([words(message) for message in here.cards(DANA)])
    assert "Which guide?" in everything and "she is leaving" not in everything and "Which phone?" not in everything
    here.slack.command(DANA, "/field-feedback", "mine")
    here.tap(DANA, "field_open")
    assert "she is leaving" not in str(here.slack.sees(DANA)["modal"])


def test_ones_own_report_is_no_colleagues(here: World) -> None:
    says(here, JONAS, SLOW)
    settle(here)
    says(here, JONAS, SLOW)
    assert f"You heard this:\n> {SLOW}" in whisper(here, JONAS) and "colleague" not in whisper(here, JONAS)


def test_an_open_report_is_found_behind_any_number_of_closed_ones(here: World) -> None:
    says(here, JONAS, SLOW)
    settle(here)
    with here.services.begin() as session:
        row = {c.name: getattr(session.get_one(FieldReport, 1), c.name) for c in FieldReport.__table__.columns}
        said = likeness.words_of(SLOW, POLICY.field.same_words)
        for number in range(2, 165):
            closed = {
                "id": number,
                "view_key": f"x{number}",
                "state": "answered",
                "closed_at": AT,
            }
            session.execute(insert(FieldReport).values(**(row | closed)))
            session.execute(insert(FieldWord), [{"report_id": number, "word": word} for word in said])
    says(here, DANA, SLOW)
    assert "1 colleague heard this:" in whisper(here, DANA)


def test_one_word_finds_a_long_report_also_once_it_is_answered(here: World) -> None:
    long = "The price of the reagent contract is far above what their purchasing department planned for next year"
    says(here, JONAS, long, "/objection")
    settle(here)
    here.slack.command(ANA, "/objection", "search price")
    assert f"> {long}" in whisper(here, ANA)
    answers(here)
    here.slack.command(PETRA, "/objection", "search price")  # who leads him
    assert "1 colleague heard this (answered):" in whisper(here, PETRA)
    here.slack.command(ANA, "/objection", "search parking")
    assert whisper(here, ANA).startswith("Nothing like “parking” was reported yet.")


@pytest.mark.parametrize("typed", ["search price", "the price"])
def test_what_one_colleague_heard_is_nobody_elses_to_find(here: World, typed: str) -> None:
    """But once many said so, and for whoever saves the same."""
    says(here, JONAS, "The price, said Dr Weber in confidence", "/objection")
    settle(here)
    here.slack.command(JONAS, "/objection", typed)
    assert "You heard this:\n> The price, said Dr Weber" in whisper(here, JONAS)
    here.slack.command(DANA, "/objection", typed)
    assert "Weber" not in whisper(here, DANA) and "*1 colleague heard something like" in whisper(here, DANA)
    says(here, DANA, "The price, they say", "/objection")
    assert "1 colleague heard this:" in whisper(here, DANA)
    here.tap(DANA, "field_add_yours")
    settle(here)
    here.slack.command(LIAM, "/objection", typed)
    assert "2 colleagues heard this (many said so):" in whisper(here, LIAM)


def test_how_many_heard_it_counts_people(here: World) -> None:
    for number in range(3):
        says(here, JONAS, f"The price of item {number} is too high", "/objection")
    settle(here)
    here.slack.command(DANA, "/objection", "the price is too high")
    assert "*1 colleague heard something like" in whisper(here, DANA)


@pytest.mark.parametrize("typed", ["help texts are wrong", "mine is the third", "inbox of the portal is full"])
def test_what_begins_as_a_subcommand_may_be_what_was_heard(here: World, typed: str) -> None:
    here.slack.command(JONAS, "/field-feedback", typed)
    here.tap(JONAS, "field_save_as_heard")
    assert [one.said for one in reports(here)] == [typed]


def test_a_search_that_finds_nothing_can_be_saved_as_it_was_typed(here: World) -> None:
    here.slack.command(JONAS, "/objection", "search engine does not show our product")
    here.tap(JONAS, "field_save_as_heard")
    assert [one.said for one in reports(here)] == ["search engine does not show our product"]


def test_what_no_report_can_hold_is_refused_before_it_is_compared(here: World) -> None:
    here.slack.command(JONAS, "/field-feedback", " ".join(f"word{n}" for n in range(5000)))
    assert here.whispers(JONAS)[-1].startswith("This is longer than a report can be")


def test_of_what_fits_as_well_the_pattern_stands_first(here: World) -> None:
    says(here, JONAS, "The price list is dear", "/objection")
    says(here, DANA, "The price of cuvettes", "/objection")
    settle(here)
    says(here, LIAM, "The price of cuvettes", "/objection")
    here.tap(LIAM, "field_add_yours")
    settle(here)
    here.slack.command(PETRA, "/objection", "search price")
    shown = whisper(here, PETRA)
    assert shown.index("2 colleagues heard this (many said so):\n> The price of cuvettes") < shown.index("price list")


@pytest.mark.parametrize("places, told", [(("a1", "a2"), True), (("a1", "a1"), False), (("a1", None), False)])
def test_a_deal_breaker_at_two_places_is_a_pattern(places: tuple[str, str | None], told: bool) -> None:
    heard = [Heard(2, place, "deal_breaker", AT) for place in places]
    assert is_pattern(heard, 20, POLICY.field, AT) == told


def test_a_place_that_was_typed_counts_as_one(here: World) -> None:
    """One rep hears it at two hospitals that no lead is of: nobody else has to, it breaks deals."""
    for account in ("St. Josef  Hospital", "Klinik Nord"):
        breaks = {"field_account": account, "field_importance": "deal_breaker"}
        says(here, JONAS, "No tender without a LIS driver", **breaks)
        if len(reports(here)) > 1:
            with here.services.begin() as session:
                session.get_one(FieldReport, 2).root_id = 1
        settle(here)
        assert (reports(here)[0].pattern_at is not None) == (account == "Klinik Nord")


def test_what_is_said_in_other_words_can_be_merged_and_a_late_reply_finds_who_answers(here: World) -> None:
    with here.services.begin() as session:
        session.get_one(Person, 6).team = "marketing"
    says(here, JONAS, "Nobody finds the price guide")
    says(here, DANA, "Our homepage search brings up nothing useful")
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open", block_id="field-1")
    here.slack.tap_in_view(ANA, "field_step_asked_back")
    here.slack.submit(ANA, field_step_text="Where did they look?")
    here.slack.close_modal(ANA)
    here.tap(ANA, "field_open", block_id="field-2")
    here.slack.tap_in_view(ANA, "field_step_passed_on")
    here.slack.submit(ANA, field_step_other="6")
    here.slack.close_modal(ANA)
    here.tap(ANA, "field_open", block_id="field-1")
    here.slack.tap_in_view(ANA, "field_step_merged")
    here.slack.submit(ANA, field_step_other="2")
    assert [(one.state, one.root_id) for one in reports(here)] == [("merged", 2), ("new", None)]


def test_an_answer_stays_when_it_is_done_and_is_found_where_answered_ones_are(here: World) -> None:
    says(here, JONAS, "Nobody finds the guide")
    settle(here)
    answers(here, "It stands on page 1, ask Marc for the PDF.")
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_answered_ones")
    assert "> Nobody finds the guide" in whisper(here, ANA)
    here.tap(ANA, "field_step_done")
    here.slack.submit(ANA, field_step_text="The new brochure is printed.")
    here.pass_time("2026-11-23T10:00:00+00:00", 1)
    told = newest(here, JONAS)
    assert "*Ana answers:*\n> It stands on page 1, ask Marc for the PDF." in told
    assert "*✓ Ana: this is done.*\n> The new brochure is printed." in told
    here.slack.command(JONAS, "/field-feedback", "mine")
    here.tap(JONAS, "field_open")
    assert "ask Marc for the PDF" in str(here.slack.sees(JONAS)["modal"])


def test_what_nobody_is_named_for_goes_to_who_looks_after_tandem(here: World) -> None:
    with here.services.begin() as session:
        session.get_one(Person, 7).active = False
    says(here, JONAS, "The flyer is wrong")
    settle(here)
    assert owed(here) == [("seen", 1, None), ("reply", 1, None)]


def test_a_long_report_is_read_whole_and_all_of_ones_own_are_there(here: World) -> None:
    long = "First line\n\n  second line " + "long word " * 290
    says(here, JONAS, long)
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open")
    assert here.slack.sees(ANA)["modal"]["blocks"][0]["text"]["text"] == long.strip()
    for number in range(9):
        says(here, JONAS, f"Report {number}")
    here.slack.command(JONAS, "/field-feedback", "mine")
    assert "*What you reported, the latest first* (10)" in whisper(here, JONAS)
    assert "First line" not in whisper(here, JONAS)
    here.tap(JONAS, "field_mine")
    assert "First line" in whisper(here, JONAS)


def test_it_can_be_undone_from_the_list_of_ones_own(here: World) -> None:
    here.slack.shortcut(JONAS, "field_feedback")
    here.slack.submit(JONAS, field_said="Too early")
    here.slack.close_modal(JONAS)
    here.slack.command(JONAS, "/field-feedback", "mine")
    here.tap(JONAS, "field_open")
    here.slack.tap_in_view(JONAS, "field_undo")
    assert reports(here)[0].state == "undone"


# -- forms ------------------------------------------------------------------------------------------------------------


def test_the_stage_of_a_lead_is_not_another_ones(here: World) -> None:
    for number in (1, 2):
        lead_for(here, "jonas", number)
    here.tick()
    here.tap(JONAS, "lead_accept", which=-1)
    here.tick()
    says(here, JONAS, "They like the brochure", field_account="Klinik Nord")
    says(here, JONAS, "They like the website", field_lead="1")
    says(here, JONAS, "They like the price guide")
    assert [(one.lead_id, one.stage) for one in reports(here)] == [(None, None), (1, "mql"), (2, "sal")]


def test_the_other_form_keeps_what_was_filled_in(here: World) -> None:
    for number in (1, 2):
        lead_for(here, "jonas", number)
    here.tick()
    here.slack.command(JONAS, "/field-feedback", "")
    view = here.sandbox.workspace.stacks[JONAS][-1]  # as it stands when Slack sends the tap
    view.values["said"] = {"field_said": {"type": "plain_text_input", "value": "Too dear"}}
    view.values["competitor"] = {"field_competitor": {"type": "plain_text_input", "value": "Sysmex"}}
    for block, action, value in (("importance", "field_importance", "deal_breaker"), ("lead", "field_lead", "1")):
        element = next(one["element"] for one in view.payload["blocks"] if one["block_id"] == block)
        chosen = next(one for one in element["options"] if one["value"] == value)
        view.values[block] = {action: {"type": element["type"], "selected_option": chosen}}
    here.slack.tap_in_view(JONAS, "field_switch")
    here.slack.submit(JONAS)
    (told,) = reports(here)
    assert (told.form, told.said, told.competitor, told.importance, told.lead_id) == (
        "objection",
        "Too dear",
        "Sysmex",
        "deal_breaker",
        1,
    )


def test_a_form_that_was_open_for_long_says_so_itself(here: World) -> None:
    here.slack.command(JONAS, "/field-feedback", "")
    here.clock.advance(minutes=31)
    here.slack.submit(JONAS, field_said="It took a while")
    modal = str(here.slack.sees(JONAS)["modal"])
    assert "✓ Saved. Ana hears of it after" in modal and "field_undo" in modal


def test_a_message_is_taken_as_it_is_read(here: World) -> None:
    here.slack.say(JONAS, "CRP < 5 & rising")
    said = here.messages(JONAS)[-1]
    here.slack.shortcut(JONAS, "field_message", f"D{JONAS[1:]}", said["ts"])
    here.slack.submit(JONAS)
    (told,) = reports(here)
    assert (told.said, told.author) == ("CRP < 5 & rising", "Jonas Brandt")


def test_of_a_message_that_is_too_long_the_form_says_what_is_left_out(here: World) -> None:
    here.slack.say(JONAS, "long word " * 400)
    said = here.messages(JONAS)[-1]
    here.slack.shortcut(JONAS, "field_message", f"D{JONAS[1:]}", said["ts"])
    assert "its end is left out here" in str(here.slack.sees(JONAS)["modal"])


# -- what a visitor stumbled over -------------------------------------------------------------------------------------


def test_what_is_said_in_the_same_words_is_named_once_and_what_was_answered_again_counts_with_the_first(
    here: World,
) -> None:
    says(here, JONAS, "Who trains my night shift?", "/objection")
    settle(here)
    answers(here)
    says(here, DANA, "Who trains  my night shift?", "/objection")
    here.tap(DANA, "field_add_yours")
    settle(here)
    here.slack.command(LIAM, "/objection", "search night shift")
    shown = whisper(here, LIAM)
    assert shown.count("trains") == 1 and "2 colleagues heard this" in shown


def test_ones_own_report_is_not_offered_to_be_joined(here: World) -> None:
    says(here, JONAS, SLOW)
    settle(here)
    says(here, JONAS, SLOW)
    assert "You heard this:" in whisper(here, JONAS) and "[Add yours]" not in whisper(here, JONAS)


def test_what_is_typed_after_the_command_is_filed_by_its_words(here: World) -> None:
    for text, kind in (("too expensive compared with the others", "price"), ("parking is bad there", "other")):
        here.slack.command(JONAS, "/objection", text)
        here.tap(JONAS, "field_save_as_heard")
        assert reports(here)[-1].kind == kind


def test_a_complaint_is_never_filed_as_praise(here: World) -> None:
    says(here, JONAS, "The training was great", field_kind="praise")
    settle(here)
    here.slack.command(DANA, "/field-feedback", "The training was a waste of time, great")
    here.tap(DANA, "field_save_as_heard")
    assert reports(here)[-1].kind != "praise"


def test_a_pattern_is_found_behind_any_number_of_newer_reports(here: World) -> None:
    says(here, DANA, "The price of cuvettes", "/objection")
    settle(here)
    says(here, LIAM, "The price of cuvettes", "/objection")
    here.tap(LIAM, "field_add_yours")
    settle(here)
    with here.services.begin() as session:
        row = {c.name: getattr(session.get_one(FieldReport, 1), c.name) for c in FieldReport.__table__.columns}
        for number in range(3, 165):
            newer = {"id": number, "view_key": f"x{number}", "pattern_at": None, "said": f"The price, number {number}"}
            session.execute(insert(FieldReport).values(**(row | newer)))
            session.execute(insert(FieldWord), [{"report_id": number, "word": "price"}])
    here.slack.command(PETRA, "/objection", "search price")
    assert "2 colleagues heard this (many said so):\n> The price of cuvettes" in whisper(here, PETRA)


def test_a_report_can_be_of_no_lead(here: World) -> None:
    lead_for(here, "jonas")
    here.tick()
    says(here, JONAS, "Everybody at the congress liked the brochure", field_lead="none")
    (told,) = reports(here)
    assert (told.lead_id, told.stage) == (None, None)


def test_a_day_that_is_over_is_not_told_as_one_to_come(here: World) -> None:
    says(here, JONAS, "Nobody finds the guide")
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_step_seen")
    here.pass_time("2026-12-02T09:00:00+00:00", 240)
    here.slack.command(JONAS, "/field-feedback", "mine")
    assert "✓ Ana has seen it; the answer was due Fri 27 November" in whisper(here, JONAS)


def test_the_list_and_the_report_below_a_form_show_what_was_done(here: World) -> None:
    says(here, JONAS, "Nobody finds the guide")
    says(here, DANA, "The flyer is wrong")
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_step_answered", block_id="field-1")
    here.slack.submit(ANA, field_step_text="It stands on page one.")
    assert "*1 report waits for you*" in whisper(here, ANA) and "guide" not in whisper(here, ANA)
    here.tap(ANA, "field_open")
    here.slack.tap_in_view(ANA, "field_step_declined")
    here.slack.submit(ANA, field_step_text="It is as it should be.")
    below = str(here.slack.sees(ANA)["modal"])
    assert "Ana decided against it" in below and "field_step_answered" not in below


def test_a_question_that_waits_is_not_covered_by_a_receipt(here: World) -> None:
    says(here, JONAS, "Nobody finds the guide")
    says(here, DANA, "No one can find the guide")
    settle(here)
    here.slack.command(ANA, "/field-feedback", "inbox")
    here.tap(ANA, "field_open", block_id="field-1")
    here.slack.tap_in_view(ANA, "field_step_asked_back")
    here.slack.submit(ANA, field_step_text="Which guide is it?")
    here.slack.tap_in_view(ANA, "field_step_merged")
    here.slack.submit(ANA, field_step_other="2")
    here.pass_time("2026-11-24T08:00:00+00:00", 30)
    asked = [card for card in here.cards(JONAS) if "Which guide is it?" in words(card)]
    assert len(asked) == 1 and "[Reply…]" in words(asked[0])
