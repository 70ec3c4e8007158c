"""Hostile texts in every field of every form of the field: shown as typed, or refused with a clear sentence."""

import re

import pytest
from sqlalchemy import select

from bot.feedback.tables import FieldReport
from bot.outbox.limits import check_message, check_view
from sandbox.client import Refused
from tests.feedback.kit import says, settle, whisper
from tests.sla.kit import ANA, JONAS
from tests.world import World, words

HOSTILE = {
    "mention": "<!channel> <@U01> <!subteam^S1> @here @everyone #general",
    "link": "<https://evil.example|the price list> https://evil.example",
    "marks": "*bold* _it_ ~no~ `code` ```block``` > quote & &amp; &lt;",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "emoji": "👩🏽‍🔬" * 428,  # nearly 3,000 of Slack's characters
    "right to left": "\u202eتقرير من الميدان\u202c",
    "nul": "one\x00two",
    "lines": "The price\n> and the price\n\n\nagain",
}
LIVE = re.compile(r"<(?:!|@|#|https?:)")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_field_shows_it_as_typed(here: World, text: str) -> None:
    """What was said, the account, the competitor, the answer given; a question back, its answer, the end."""
    short = text[:80]
    says(here, JONAS, text, "/objection", field_account=short, field_competitor=short, field_answer_given=text[:2000])
    shown_is_safe(here, JONAS)
    settle(here)
    with here.services.reading() as session:
        assert session.scalars(select(FieldReport.said)).one() == text.replace("\x00", "").strip()
    here.slack.command(ANA, "/field-feedback", "inbox")
    shown_is_safe(here, ANA)
    here.tap(ANA, "field_open")
    modal_is_safe(here, ANA)
    here.slack.tap_in_view(ANA, "field_step_asked_back")
    here.slack.submit(ANA, field_step_text=text[:1500])
    here.pass_time("2026-11-23T08:30:00+00:00", 2)
    shown_is_safe(here, JONAS)
    assert as_typed(text) in quotes(here, JONAS)
    here.tap(JONAS, "field_reply")
    here.slack.submit(JONAS, field_reply_text=text[:1500])
    here.pass_time("2026-11-23T08:45:00+00:00", 2)
    shown_is_safe(here, ANA)
    assert as_typed(text) in quotes(here, ANA)
    here.tap(ANA, "field_open")
    here.slack.tap_in_view(ANA, "field_answer_write")
    here.slack.submit(ANA, field_answer_text=text[:1500])
    here.slack.close_modal(ANA)
    here.slack.command(JONAS, "/objection", f"search {text[:200]}")
    shown_is_safe(here, JONAS)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_after_the_command_it_is_shown_as_typed(here: World, text: str) -> None:
    here.slack.command(JONAS, "/field-feedback", text)
    shown_is_safe(here, JONAS)


def test_fifty_kilobytes_are_refused_and_what_no_button_holds_goes_by_the_form(here: World) -> None:
    here.slack.command(JONAS, "/field-feedback", "")
    here.slack.submit(JONAS, field_said="x" * 50_000)
    with here.services.reading() as session:
        assert session.scalars(select(FieldReport)).all() == []
    assert here.slack.sees(JONAS)["modal"]["errors"]
    here.slack.close_modal(JONAS)
    here.slack.command(JONAS, "/objection", "too expensive " * 4000)
    assert here.whispers(JONAS)[-1].startswith("This is longer than a report can be")
    here.slack.command(JONAS, "/objection", "too expensive " * 200)
    assert "[Save as heard]" not in whisper(here, JONAS) and "[Add details…]" in whisper(here, JONAS)
    here.tap(JONAS, "field_open_form")
    assert here.slack.sees(JONAS)["modal"]


def as_typed(text: str) -> str:
    """NUL apart, which no database keeps and nobody sees."""
    return text[:1500].replace("\x00", "").strip()


def quotes(here: World, user: str) -> list[str]:
    """Whole texts of persons that stand in somebody's messages, to the letter: nothing in rich text is interpreted."""
    blocks = [block for message in here.cards(user) for block in message["blocks"] if block["type"] == "rich_text"]
    return [part["elements"][0]["text"] for block in blocks for part in block["elements"]]


def shown_is_safe(here: World, user: str) -> None:
    """Within Slack's limits, and nothing in it is alive that was not made by Tandem."""
    for message in here.messages(user):
        assert check_message({"text": message["text"], "blocks": message["blocks"]}) == []
        if message.get("bot_id"):
            assert not LIVE.search(words(message)), words(message)


def modal_is_safe(here: World, user: str) -> None:
    shown = here.slack.sees(user)["modal"]
    view = {key: shown[key] for key in ("type", "title", "close", "blocks", "callback_id") if key in shown}
    assert check_view(view) == []


def test_a_form_sent_with_too_much_by_hand_is_refused(here: World) -> None:
    """Slack keeps to the lengths of a form; what is sent past it is not taken."""
    here.slack.command(JONAS, "/field-feedback", "")
    with pytest.raises(Refused):
        here.slack.submit(JONAS, field_kind="no such kind")
