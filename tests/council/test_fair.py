"""What a week was stays what it was; page, thread and sheets agree; nothing is told twice."""

from datetime import date

import pytest
from sqlalchemy import select, update

from bot.council import corrections, details, gather, letter_texts, sheets, views
from bot.council.blocks import digest as page_blocks
from bot.council.facts import Away, Facts, Kept, Origin, Share
from bot.council.rules import Week
from bot.council.tables import AgendaItem
from bot.exports.sheets import Asked
from bot.feedback.tables import FieldReport
from bot.journal.service import OPERATOR, rules_in_force
from bot.leads import answers, handover
from bot.leads.answers import Rejection
from bot.leads.rules import Step
from bot.leads.tables import Lead, Offer
from bot.outbox.limits import check_message
from bot.people import service as people
from config.council import Measure
from jobs.field import bring_reports
from tests.council.kit import BRIEFED, brief, channel, everything_said, play_a_week, settle, thread
from tests.council.test_decisions import decide
from tests.council.test_page import page_of, share, weeks, with_history
from tests.sla.kit import JONAS, PETRA
from tests.world import World, at, words


def facts_of(here: World, week: str) -> Facts:
    with here.services.reading() as session:
        return gather.facts_of(session, Week.parse(week), rules_in_force(session), here.clock.now())


def told(here: World) -> World:
    play_a_week(here)
    brief(here)
    return here


def accepted_by_jonas(here: World) -> int:
    """The offer of a lead that he took and that is not further yet."""
    theirs = (Offer.person_id == 2, Offer.answer == "accepted", Lead.stage == "sal")
    with here.services.reading() as session:
        return session.scalars(select(Offer.id).join(Lead, Lead.id == Offer.lead_id).where(*theirs)).one()


def no_fit(here: World, offer_id: int) -> None:
    with here.services.under_rules() as (session, rules):
        said = Rejection("no_budget", step=Step.NOT_A_FIT)
        answers.reject(session, offer_id, said, people.by_id(session, 2), rules, OPERATOR, here.clock.now())


# -- acceptance ----------------------------------------


def test_what_is_found_out_later_changes_no_week_that_is_over(anywhere: World) -> None:
    here = told(anywhere)
    before = words(channel(here)[0])
    no_fit(here, accepted_by_jonas(here))
    here.clock.advance(hours=2)
    settle(here)
    assert words(channel(here)[0]) == before
    assert "Sales took 4 of 6" in everything_said(thread(here, channel(here)[0]))
    here.clock.advance(days=7)
    then, now = facts_of(here, "2026-W48").quality, facts_of(here, "2026-W49").quality
    assert (then.acceptance.hits.now, then.acceptance.of.now) == (4, 6)
    assert (now.acceptance.of.now, now.no_fit.now if now.no_fit else 0) == (0, 1)
    assert [(one.reason, one.count.now) for one in now.back] == [("no_budget", 1)]


def test_handing_on_what_was_accepted_is_no_answer_of_sales(anywhere: World) -> None:
    here = told(anywhere)
    before, offer_id = words(channel(here)[0]), accepted_by_jonas(here)
    with here.services.under_rules() as (session, rules):
        jonas, now = people.by_id(session, 2), here.clock.now()
        handover.hand_over(session, offer_id, 3, "Please", jonas, rules, OPERATOR, now)
    here.clock.advance(hours=1)
    here.tick()
    with here.services.under_rules() as (session, rules):
        answers.accept(session, 7, people.by_id(session, 3), rules, OPERATOR, here.clock.now())
    here.clock.advance(hours=1)
    settle(here)
    assert words(channel(here)[0]) == before
    assert facts_of(here, "2026-W49").quality.acceptance.of.now == 0


# -- the page ----------------------------------------


def test_who_is_away_without_cover_is_asked_about_behind_any_number_with_it(here: World) -> None:
    play_a_week(here)
    here.pass_time(BRIEFED, 240)
    covered = [Away(person=one, first=date(2026, 11, 30), last=date(2026, 12, 20), backup=1) for one in (2, 4, 5)]
    dana = Away(person=3, first=date(2026, 12, 1), last=date(2026, 12, 5), backup=None)
    facts = facts_of(here, "2026-W48").model_copy(update={"away": (*covered, dana)})
    assert "Cover for Dana, 1–5 December?" in page_of(here, facts).decide


@pytest.mark.parametrize("kind, quoted", [("process", False), ("content", False), ("other", False), ("pricing", True)])
def test_only_what_customers_say_is_quoted_as_theirs(here: World, kind: str, quoted: bool) -> None:
    here.slack.command(JONAS, "/field-feedback", "")
    here.slack.submit(JONAS, field_said="The hand-over form takes ten minutes", field_kind=kind)
    here.clock.advance(minutes=10)
    bring_reports(here.services)
    here.pass_time(BRIEFED, 240)
    assert bool(facts_of(here, "2026-W48").field.quotes) is quoted


def test_a_campaign_that_came_out_worse_is_not_told_of_its_source_once_more(here: World) -> None:
    play_a_week(here)
    here.pass_time(BRIEFED, 240)
    worse, as_usual = share((5, 40), (30, 40), (30, 40)), share((30, 40), (30, 40), (30, 40))

    def changed(alone: Share) -> list[str]:
        came = weeks(40, 40, 40)
        fair = Origin(code="medica-2026", came=came, taken=worse, reasons=())
        source = Origin(code="website", came=came, taken=worse, reasons=(), alone=alone)
        facts = with_history(
            facts_of(here, "2026-W48"), quality={"campaigns": (fair,), "sources": (source,), "acceptance": as_usual}
        )
        with here.services.reading() as session:
            found = views.changes_of(facts, views.Words(session, facts, rules_in_force(session).policy))
            return [line for line in found if "came back" in line]

    assert changed(as_usual) == ["MEDICA 2026: 35 of 40 came back"]
    assert changed(worse) == ["MEDICA 2026: 35 of 40 came back", "Website: 35 of 40 came back"]


def test_the_lock_screen_counts_what_the_scorecard_shows(here: World) -> None:
    play_a_week(here)
    here.pass_time(BRIEFED, 240)
    facts = facts_of(here, "2026-W48")
    shared = Kept(team="both", kind=None, kept=share((0, 9), (0, 0), (0, 0)), open=3)
    promises = facts.promises.model_copy(update={"teams": (*facts.promises.teams, shared)})
    page = page_of(here, facts.model_copy(update={"promises": promises}))
    rows = [row for row in page.table if row[0] == "In time"]
    of = sum(int(cell.split(" of ")[1]) for cell in rows[0][1:] if " of " in cell)
    assert f"of {of}." in page.lock


def test_a_preview_before_the_hour_is_of_the_digest_that_comes_next(here: World) -> None:
    play_a_week(here)
    here.pass_time("2026-11-30T06:30:00+00:00", 240)  # Monday, half an hour before it is told
    here.slack.command(PETRA, "/council", "preview")
    assert words(here.messages(PETRA)[-1]).startswith("Week 48, 23–29 November")
    brief(here)
    here.slack.command(PETRA, "/council", "preview")
    assert words(here.messages(PETRA)[-1]).startswith("Week 49, 30 November – 6 December, so far")


# -- agenda and thread ----------------------------------------


def test_what_is_put_down_after_a_digest_that_came_early_stands_in_the_next(here: World) -> None:
    """A clock ran ahead: week 48 was told, and the hour it is told at is still to come."""
    play_a_week(here)
    brief(here)
    here.clock.at = at("2026-11-30T06:30:00+00:00")
    here.slack.command(PETRA, "/council", "agenda add Why do webinar leads come back?")
    here.slack.submit(PETRA)
    brief(here, "2026-12-07T07:00:30+00:00")
    assert "Why do webinar leads come back?" in words(channel(here)[-1])


def test_any_number_of_agenda_items_fits(here: World) -> None:
    play_a_week(here)
    here.pass_time(BRIEFED, 240)
    with here.services.begin() as session:
        for number in range(700):
            said, key = f"{number} {'why do webinar leads come back ' * 6}"[:200], f"k{number}"
            session.add(AgendaItem(week="2026-W48", said=said, by_id=1, at=here.clock.now(), view_key=key))
    settle(here)
    (page,) = channel(here)
    every_figure = next(m for m in thread(here, page) if "and 675 more" in words(m))
    assert check_message({"text": every_figure["text"], "blocks": every_figure["blocks"]}) == []
    facts = facts_of(here, "2026-W48")
    with here.services.reading() as session:
        policy = rules_in_force(session).policy
        whole = details.of(session, facts, policy, most=None)
        assert check_message({"text": "x", "blocks": page_blocks(views.of(session, facts, policy))}) == []
    assert max(len(part.lines) for part in whole) == 700


def test_a_report_that_is_filed_anew_is_a_correction(here: World) -> None:
    here.slack.command(JONAS, "/field-feedback", "")
    here.slack.submit(JONAS, field_said="Too dear they say", field_kind="pricing")
    here.clock.advance(minutes=10)
    play_a_week(here)
    brief(here)
    with here.services.begin() as session:
        session.execute(update(FieldReport).where(FieldReport.kind == "pricing").values(kind="process"))
    here.clock.advance(hours=2)
    settle(here)
    assert "Feedback, Pricing 1 → –" in words(channel(here)[0])


# -- the letter and the sheets ----------------------------------------


@pytest.mark.parametrize(
    "kept, told_as",
    [
        (("7 of 10", "2 of 3"), "Of its promises sales kept 7 of 10 in time, marketing 2 of 3."),
        (("7 of 10", None), "Sales kept 7 of 10 of its promises in time; marketing had none that was due."),
        ((None, "2 of 3"), "Marketing kept 2 of 3 of its promises in time; sales had none that was due."),
        ((None, None), "No promise was due."),
    ],
)
def test_the_letters_sentence_is_one_whoever_owed_nothing(kept: tuple[str | None, str | None], told_as: str) -> None:
    assert letter_texts.both(*kept) == told_as


@pytest.mark.parametrize(
    "now, before, told_as",
    [
        (("€84k", 1), None, "*€84k* won in 1 deal"),
        ((None, 1), None, "*1 deal* won, none with a value in EUR"),
        ((None, 3), (None, 2), "*3 deals* won, none with a value in EUR, 2 the month before"),
        (("€84k", 2), ("€5k", 1), "*€84k* won in 2 deals, €5k in 1 the month before"),
        ((None, 0), (None, 0), "*0 deals* won, 0 the month before"),
    ],
)
def test_deals_in_other_currencies_are_deals(
    now: tuple[str | None, int], before: tuple[str | None, int] | None, told_as: str
) -> None:
    assert letter_texts.won(now, before, "EUR") == told_as


def test_a_week_told_by_the_count_of_before_is_not_corrected_for_it(here: World) -> None:
    play_a_week(here)
    here.pass_time(BRIEFED, 240)
    now = facts_of(here, "2026-W48")
    quality = now.quality.model_copy(update={"no_fit": None, "acceptance": share((3, 6), (0, 0), (0, 0))})
    before = now.model_copy(update={"quality": quality})
    with here.services.reading() as session:
        policy = rules_in_force(session).policy
    assert corrections.differences(before, corrections.as_it_stood(before, now), policy) == {}


def test_a_share_of_few_is_no_percentage_in_a_sheet_either(here: World) -> None:
    play_a_week(here)
    decide(here, council_due="2026-12-11", council_measure=Measure.ACCEPTANCE.value)
    with here.services.begin() as session:
        asked = Asked(at("2026-11-01T00:00:00+00:00"), at("2026-12-31T00:00:00+00:00"), "Europe/Berlin")
        sheet = sheets.decisions()
        columns = [column.name for column in sheet.columns]

        def then() -> tuple[object, object]:
            (row,) = list(sheet.rows(session, asked))
            return row[columns.index("Then")], row[columns.index("Then, of")]

        assert then() == (66.7, 6)
        session.execute(update(sheets.Decision).values(then_value=50.0, then_of=2))
        assert then() == (None, 2)
