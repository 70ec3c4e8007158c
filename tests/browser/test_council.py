"""The council in the demo's story week: the digest at both widths, its thread, a decision, home tabs by role.

With TANDEM_SCREENSHOTS=FOLDER each screen is kept there as a picture.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bot.demo import story
from bot.demo.stage import Stage
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_whole_lead import keep

Visit = Callable[..., Page]
TALL = {"width": PHONE["width"], "height": 1700}


@pytest.mark.parametrize(("name", "size"), [("phone", TALL), ("desk", {**DESK, "height": 1250})])
def test_the_digest_of_the_story_week_stands_with_its_thread(
    visit: Visit, stage: Stage, name: str, size: dict[str, int]
) -> None:
    page = visit("Petra", at="C02", size=size)
    digest = page.locator("article.message").filter(has_text="Week 47, 16–22 November").first
    expect(digest).to_contain_text("Please decide")
    expect(digest.locator("table")).to_contain_text("In time")
    expect(digest).to_contain_text("5 replies", timeout=30_000)
    keep(page, f"digest-{name}", size["width"])
    digest.get_by_text("5 replies").click()
    expect(page.locator("img.picture")).to_have_count(3)
    for picture in page.locator("img.picture").all():
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
        assert picture.get_attribute("alt")
    expect(page.get_by_text("tandem-council-2026-W47.xlsx").first).to_be_visible()
    page.locator("img.picture").last.scroll_into_view_if_needed()
    keep(page, f"thread-{name}", size["width"])


def test_a_decision_is_written_down_from_the_digest(visit: Visit, stage: Stage) -> None:
    page = visit("Helena", at="C02", size=PHONE)
    page.get_by_role("button", name="Decide…").first.click()
    form = page.get_by_role("dialog", name="Write down a decision")
    form.get_by_label("What is to be done?").fill("A page for the night shift")
    form.get_by_label("Who does it?").select_option(label="Marc Dubois")
    keep(page, "decide-form")
    form.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("dialog")).to_contain_text("Marc owes it by 8 Dec, and is reminded.")
    stage.settle()


@pytest.mark.parametrize("who", ["Petra", "Jonas", "Ana", "Sofia"])
def test_home_tabs_by_role(visit: Visit, stage: Stage, who: str) -> None:
    page = visit(who, at="home", size=TALL)
    told = {
        "Petra": "Your team’s promises",
        "Jonas": "Your open leads",
        "Ana": "What resonates, last four weeks",
        "Sofia": "Both teams this week",
    }
    expect(page.get_by_text(told[who]).first).to_be_visible(timeout=30_000)
    if who in ("Petra", "Sofia"):
        expect(page.locator("img.picture").first).to_be_visible()
    keep(page, f"home-{who.lower()}")


def test_the_sponsor_reads_a_letter_with_one_picture(visit: Visit) -> None:
    page = visit("Sofia", size=TALL)
    letter = page.locator("article.message").filter(has_text="October 2026, for the sponsor").first
    expect(letter).to_contain_text("What would help", timeout=30_000)
    expect(letter.locator("img.picture")).to_have_count(1)
    keep(page, "letter")


def test_any_message_goes_on_the_agenda_and_facts_are_shown_in_its_thread(visit: Visit, stage: Stage) -> None:
    """By what the app offers to do with a message."""
    page = visit("Petra", at="C02", size=DESK)
    stage.slack.say(story.named("Helena").slack_id, "Do the fair leads pay off at all?", "C02")
    message = page.locator("article.message").filter(has_text="Do the fair leads pay off").last
    message.hover()
    message.get_by_role("button", name="Use on this message").click()
    keep(page, "message-menu", DESK["width"])
    page.get_by_role("menuitem", name="Add to agenda").or_(page.get_by_text("Add to agenda", exact=True)).first.click()
    form = page.get_by_role("dialog", name="Add to agenda")
    expect(form.get_by_label("What should the council talk about?")).to_have_value("Do the fair leads pay off at all?")
    form.get_by_role("button", name="Add").click()
    expect(page.get_by_role("dialog").get_by_text("It is on the agenda")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").first.click()
    message.hover()
    message.get_by_role("button", name="Use on this message").click()
    page.get_by_text("Show the facts", exact=True).first.click()
    expect(page.get_by_role("dialog", name="Show the facts")).to_be_visible()
