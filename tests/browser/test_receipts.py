"""What a reporter sees of a report, from the next morning until it is done, on a phone.

A proof: it turns the clock over a night, which is long for a test. What it shows is tested without a browser as well.
"""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.demo.stage import Stage
from tests.browser.conftest import PHONE
from tests.browser.test_field import settle, typed, whisper
from tests.browser.test_whole_lead import keep

Visit = Callable[..., Page]


def of_ana(ana: Page, said: str, button: str) -> None:
    """Open a report from the inbox, once the worker has brought it there, and tap what is done with it."""
    dialog = ana.get_by_role("dialog")
    if dialog.count():  # the report, from the step before
        ana.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    for _ in range(8):
        inbox = last_page(ana)
        try:
            expect(inbox).to_contain_text(said, timeout=2_000)
        except AssertionError:
            continue
        inbox.get_by_role("button", name="Open").last.click()
        ana.get_by_role("dialog", name="Report").get_by_role("button", name=button).click()
        return
    raise AssertionError(f"{said!r} is not in the inbox")


def last_page(ana: Page) -> Locator:
    """The inbox, asked for anew; the newest report stands last."""
    whispers = ana.locator("article.whisper")
    before = whispers.count()
    typed(ana, "/field-feedback inbox")
    expect(whispers).to_have_count(before + 1)
    inbox = whispers.last
    expect(inbox).to_contain_text("for you")
    if inbox.get_by_role("button", name="More").count():
        inbox.get_by_role("button", name="More").click()
        expect(inbox.get_by_role("button", name="Earlier")).to_be_visible()
    return inbox


@pytest.mark.proof
def test_a_receipt_over_its_whole_life_as_its_reporter_sees_it(visit: Visit, stage: Stage) -> None:
    """Seen comes with the brief of the next morning; then that message is edited; a question and an answer are new."""
    said = "The flyer has the old logo"
    page = visit("Dana", size=PHONE)
    typed(page, "/field-feedback")
    form = page.get_by_role("dialog", name="Field feedback")
    form.get_by_label("What did you hear or see?").fill(said)
    form.get_by_role("button", name="Save").click()
    expect(whisper(page, "✓ Saved.")).to_be_visible()
    settle(stage)
    ana = visit("Ana", size=PHONE)
    of_ana(ana, said, "Seen")
    ana.keyboard.press("Escape")
    tomorrow = (stage.clock.now() + timedelta(days=1)).astimezone(ZoneInfo("Europe/Berlin"))
    receipt = page.locator("article.message").filter(has_text=said).last
    for hour, minute in ((8, 10), (8, 40), (9, 40), (11, 0)):  # with the brief, or what keeps it company
        stage.turn_to(tomorrow.replace(hour=hour, minute=minute))
        stage.settle()
        try:
            expect(receipt).to_contain_text("✓ Ana has seen it and answers by", timeout=4_000)
        except AssertionError:
            continue
        break
    expect(receipt).to_contain_text("✓ Ana has seen it and answers by")
    receipt.get_by_text(said).scroll_into_view_if_needed()
    keep(page, "receipt-1-seen")
    of_ana(ana, said, "Plan…")
    form = ana.get_by_role("dialog", name="Plan")
    form.get_by_label("What is planned?").fill("A new one is being printed.")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    stage.settle()
    expect(receipt).to_contain_text("✓ Ana plans it for")
    receipt.get_by_text(said).scroll_into_view_if_needed()
    keep(page, "receipt-2-planned")
    of_ana(ana, said, "Ask back…")
    form = ana.get_by_role("dialog", name="Ask back")
    form.get_by_label("Your question").fill("Which flyer is it, the one of the fair?")
    form.get_by_role("button", name="Send").click()
    expect(form).to_have_count(0)
    stage.turn_to(stage.clock.now() + timedelta(minutes=3))
    stage.settle()
    asked = page.locator("article.message").filter(has_text="Ana asks:").last
    keep(page, "receipt-3-asked")
    asked.get_by_role("button", name="Reply…").click()
    form = page.get_by_role("dialog", name="Answer")
    form.get_by_label("Your answer").fill("Yes, that one.")
    form.get_by_role("button", name="Send").click()
    expect(form).to_have_count(0)
    of_ana(ana, said, "Done…")
    form = ana.get_by_role("dialog", name="Done")
    form.get_by_label("What was done?").fill("New flyers come with your next parcel.")
    form.get_by_role("button", name="Done").click()
    expect(form).to_have_count(0)
    stage.turn_to(stage.clock.now() + timedelta(minutes=3))
    stage.settle()
    done = page.locator("article.message").filter(has_text="✓ Ana: this is done.").last
    expect(done).to_contain_text("New flyers come with your next parcel.")
    keep(page, "receipt-4-done")
