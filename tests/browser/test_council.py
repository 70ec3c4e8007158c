"""The council in the demo's story week: the digest at both widths, its thread, a decision, home tabs by role.

With TANDEM_SCREENSHOTS=FOLDER each screen is kept there as a picture.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.council import details, gather, pictures, views
from bot.council.drawing import png
from bot.council.page import html
from bot.council.rules import Week
from bot.demo import story
from bot.demo.stage import Stage
from bot.journal.service import rules_in_force
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_whole_lead import keep
from tests.conftest import TurnedClock
from tests.council.kit import COUNCIL, play_a_week
from tests.world import World, world

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


@pytest.mark.parametrize("who", ["Petra", "Jonas", "Ana", "Helena", "Sofia"])
def test_home_tabs_by_role(visit: Visit, stage: Stage, who: str) -> None:
    page = visit(who, at="home", size=TALL)
    told = {
        "Petra": "Your team’s promises",
        "Jonas": "Your open leads",
        "Ana": "What resonates, last four weeks",
        "Helena": "To do now:",
        "Sofia": "Both teams this week",
    }
    expect(page.get_by_text(told[who]).first).to_be_visible(timeout=30_000)
    if who in ("Petra", "Sofia"):
        expect(page.locator("img.picture").first).to_be_visible()
    keep(page, f"home-{who.lower()}")


@pytest.fixture
def here(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock, COUNCIL) as made:
        made.tick()
        yield made


def test_the_digest_as_a_page_opens_by_itself(browser: Browser, here: World, tmp_path: Path) -> None:
    """As a file, with nothing else to be had: no request leaves it, and every picture shows."""
    play_a_week(here)
    here.pass_time("2026-11-30T07:00:30+00:00", 240)
    with here.services.reading() as session:
        rules = rules_in_force(session)
        facts = gather.facts_of(session, Week.parse("2026-W48"), rules, here.clock.now())
        view, parts = views.of(session, facts, rules.policy), details.of(session, facts, rules.policy)
    path = tmp_path / "digest.html"
    path.write_text(html(view, parts, pictures.of(facts, rules.policy), png, rules.policy.company), "utf-8")
    opened = browser.new_page(viewport=PHONE)
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(path.as_uri())
    expect(opened.get_by_role("heading", level=1)).to_have_text("Week 48, 23–29 November")
    expect(opened.get_by_role("figure")).to_have_count(3)
    assert opened.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")  # nothing sticks out
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    keep(opened, "digest-page")
    opened.close()


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
