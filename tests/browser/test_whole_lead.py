"""A whole lead on a phone, 390 pixels wide: every stage of its card, hand-over, a question, the queue, search.

With TANDEM_SCREENSHOTS=FOLDER each screen is kept there as a picture.
"""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from bot.demo import story
from bot.demo.stage import Stage
from tests.browser.conftest import PHONE, QUEUE_FROM

Visit = Callable[..., Page]
Company = Callable[..., str]


def card(page: Page, company: str) -> Locator:
    return page.locator("article.message").filter(has_text=company).last


def keep(page: Page, name: str, width: int = PHONE["width"]) -> None:
    """A picture, where somebody wants one. Nothing on a phone may stand out to the right."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if folder := os.environ.get("TANDEM_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def more(page: Page, company: str, item: str) -> None:
    card(page, company).get_by_role("button", name="More").click()
    page.locator(".q-menu").get_by_text(item, exact=True).click()


def tap(page: Page, company: str, name: str) -> None:
    card(page, company).get_by_role("button", name=name, exact=False).first.click()


def test_a_card_at_every_stage_to_won(visit: Visit, company: Company) -> None:
    name = company("Dana")
    page = visit("Dana", size=PHONE)
    expect(card(page, name)).to_contain_text("Please answer by")
    keep(page, "card-1-new")
    tap(page, name, f"Accept {name}")
    expect(card(page, name)).to_contain_text("✓ Yours since")
    keep(page, "card-2-accepted")
    tap(page, name, f"No answer {name}")
    form = page.get_by_role("dialog", name="Nobody answered")
    keep(page, "form-no-answer")
    form.get_by_role("button", name="Save").click()
    expect(card(page, name)).to_contain_text("Tried once")
    keep(page, "card-3-tried")
    tap(page, name, f"Reached {name}")
    expect(card(page, name)).to_contain_text("✓ Reached")
    keep(page, "card-4-reached")
    tap(page, name, f"Qualified {name}")
    expect(card(page, name)).to_contain_text("✓ Qualified")
    keep(page, "card-5-qualified")
    tap(page, name, f"Won {name}")
    form = page.get_by_role("dialog", name="Won")
    form.get_by_label("Value of the deal").fill("84000")
    keep(page, "form-won")
    form.get_by_role("button", name="Won!").click()
    expect(card(page, name)).to_contain_text("€84,000. Well done!")
    keep(page, "card-6-won")
    tap(page, name, "Undo")
    expect(card(page, name)).to_contain_text("✓ Qualified")


def test_lost_and_not_a_fit(visit: Visit, company: Company) -> None:
    lost, unfit = company("Dana"), company("Dana")
    page = visit("Dana", size=PHONE)
    for name in (lost, unfit):
        tap(page, name, f"Accept {name}")
        tap(page, name, f"Reached {name}")
        expect(card(page, name)).to_contain_text("✓ Reached")
    tap(page, lost, f"Qualified {lost}")
    tap(page, lost, f"Lost {lost}")
    form = page.get_by_role("dialog", name="Lost")
    form.get_by_label("Too expensive").check()
    form.get_by_role("button", name="Save").click()
    expect(card(page, lost)).to_contain_text(": Too expensive")
    keep(page, "card-7-lost")
    tap(page, unfit, f"Not a fit {unfit}")
    form = page.get_by_role("dialog", name="Not a fit")
    form.get_by_label("No budget this year").check()
    keep(page, "form-not-a-fit")
    form.get_by_role("button", name="Send back").click()
    expect(card(page, unfit)).to_contain_text("✓ Sent back: No budget this year")
    keep(page, "card-8-not-a-fit")


def test_a_lead_is_handed_over_and_given_back(visit: Visit, company: Company) -> None:
    name = company("Dana")
    page = visit("Dana", size=PHONE)
    tap(page, name, f"Accept {name}")
    expect(card(page, name)).to_contain_text("✓ Yours since")
    more(page, name, "Hand over…")
    form = page.get_by_role("dialog", name="Hand over")
    form.get_by_label("To whom?").select_option(label=story.named("Jonas").name)
    form.get_by_label("What should they know?").fill("They speak German only.")
    keep(page, "form-hand-over")
    form.get_by_role("button", name="Hand over").click()
    expect(card(page, name)).to_contain_text("✓ Handed to Jonas")
    keep(page, "hand-over-giver")
    jonas = visit("Jonas", size=PHONE)
    expect(card(jonas, name)).to_contain_text("Dana hands you this: “They speak German only.”")
    keep(jonas, "hand-over-receiver")
    more(jonas, name, "Give back to Dana…")
    form = jonas.get_by_role("dialog", name="Give back")
    form.get_by_label("Why do you give it back?").fill("I am away from Friday.")
    form.get_by_role("button", name="Give back").click()
    expect(card(page, name)).to_contain_text("Jonas gives this back")


def test_marketing_is_asked_and_answers(visit: Visit, company: Company) -> None:
    name = company("Dana", campaign="medica-2026")
    page = visit("Dana", size=PHONE)
    more(page, name, "Ask Ana…")
    form = page.get_by_role("dialog", name="Ask marketing")
    form.get_by_label("Your question").fill("Which analyser do they have?")
    keep(page, "form-ask")
    form.get_by_role("button", name="Ask").click()
    expect(card(page, name)).to_contain_text("Ana has not answered yet")
    keep(page, "ask-asked")
    ana = visit("Ana", size=PHONE)
    question = ana.locator("article.message").filter(has_text="Which analyser").last
    keep(ana, "ask-question")
    question.get_by_role("button", name="Answer Dana").click()
    form = ana.get_by_role("dialog", name="Your answer")
    form.get_by_label("Answer", exact=True).fill("A Sysmex XN, since 2019.")
    form.get_by_role("button", name="Answer").click()
    expect(ana.locator("article.message").filter(has_text="Which analyser").last).to_contain_text("✓ Ana answered")
    expect(page.locator("article.message").filter(has_text=name).first).to_contain_text("A Sysmex XN, since 2019.")
    keep(page, "ask-answered")


def test_details_tell_the_history(visit: Visit, company: Company) -> None:
    name = company("Dana")
    page = visit("Dana", size=PHONE)
    tap(page, name, f"Accept {name}")
    expect(card(page, name)).to_contain_text("✓ Yours since")
    more(page, name, "Details")
    shown = page.get_by_role("dialog", name="Lead ")
    expect(shown).to_contain_text("Came in from Website")
    expect(shown).to_contain_text("Dana accepted it")
    keep(page, "details")
    shown.get_by_role("button", name=f"Reached {name}").click()
    expect(shown).to_contain_text("✓ Reached")


def test_a_queue_is_worked_through_in_one_message(visit: Visit, stage: Stage) -> None:
    fair = [
        {**story.lead(f"queue-{n}", f"Praxis {n}", "France", "event", "our stand"), "name": f"Dr. Queue {n}"}
        for n in range(3 * QUEUE_FROM)
    ]
    stage.send("event", fair)
    stage.settle()
    page = visit("Noah", size=PHONE)
    queue = page.locator("article.message").filter(has_text="for your answer").last
    expect(queue.get_by_role("button", name="Take 5")).to_be_visible()
    keep(page, "queue")
    queue.get_by_role("button", name="Next lead").click()
    expect(queue).to_contain_text("Please answer by")
    keep(page, "queue-next-lead")
    queue.get_by_role("button", name="Take 5").click()
    expect(queue).to_contain_text(": yours")
    keep(page, "queue-took-five")


def test_search_shows_ones_own_and_of_others_only_with_whom_they_are(visit: Visit, company: Company) -> None:
    name = company("Dana")
    for who, told, not_told in (("Dana", name, ""), ("Jonas", "with Dana Fischer", name)):
        page = visit(who, size=PHONE)
        field = page.get_by_role("combobox", name="Message Tandem")
        field.fill("/lead find testlabor")
        field.press("Enter")
        found = page.locator("article.whisper").filter(has_text="testlabor").last
        expect(found).to_contain_text(told)
        assert not not_told or not_told not in found.inner_text()
        keep(page, f"find-{who.lower()}")


def test_the_first_meeting(visit: Visit) -> None:
    page = visit("Ravi", at="home", size=PHONE)
    expect(page.locator(".home-blocks")).to_be_visible()
    page.get_by_role("button", name="Messages", exact=True).click()
    asked = page.locator("article.message").filter(has_text="Your hours").last
    expect(asked).to_contain_text("Right?")
    keep(page, "first-meeting")
    asked.get_by_role("button", name="Change…").click()
    form = page.get_by_role("dialog", name="Your hours")
    keep(page, "first-meeting-change")
    form.get_by_label("When do you work?").fill("Mon-Thu 08:00-16:00")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("article.message").filter(has_text="Your hours").last).to_contain_text(
        "✓ Your hours: Mon–Thu 8–16"
    )
