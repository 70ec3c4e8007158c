"""The field on a phone, 390 pixels wide: a report in two interactions, its way through marketing, answers, the check.

With TANDEM_SCREENSHOTS=FOLDER each screen is kept there as a picture.
"""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from bot.demo.stage import Stage
from tests.browser.conftest import PHONE
from tests.browser.test_whole_lead import keep

Visit = Callable[..., Page]


def typed(page: Page, command: str) -> None:
    field = page.get_by_role("combobox", name="Message Tandem")
    field.fill(command)
    field.press("Enter")


def whisper(page: Page, text: str) -> Locator:
    return page.locator("article.whisper").filter(has_text=text).last


def settle(stage: Stage) -> None:
    """The undo is over; the worker brings what was reported."""
    stage.turn_to(stage.clock.now() + timedelta(minutes=6))
    stage.settle()


def until_there(page: Page, command: str, text: str) -> None:
    """Type a command until its answer tells what the worker brings within some seconds."""
    for _ in range(8):
        typed(page, command)
        try:
            expect(whisper(page, text)).to_be_visible(timeout=3_000)
            return
        except AssertionError:
            continue
    raise AssertionError(f"nothing says {text!r}")


def test_a_report_is_saved_in_two_interactions_and_comes_back(visit: Visit, stage: Stage) -> None:
    page = visit("Dana", size=PHONE)
    typed(page, "/field-feedback")  # one: the command
    form = page.get_by_role("dialog", name="Field feedback")
    said = form.get_by_label("What did you hear or see?")
    expect(said).to_be_focused()
    keep(page, "field-form")
    said.fill("Nobody finds the price guide on the website")
    form.get_by_role("button", name="Save").click()  # two: Save
    expect(whisper(page, "✓ Saved.")).to_contain_text("until then you can undo it")
    keep(page, "field-saved")
    settle(stage)
    ana = visit("Ana", size=PHONE)
    typed(ana, "/field-feedback inbox")
    expect(whisper(ana, "reports wait for you")).to_contain_text("for you")
    whisper(ana, "reports wait for you").get_by_role("button", name="More").click()  # the newest stands last
    inbox = whisper(ana, "Nobody finds the price guide")
    expect(inbox).to_contain_text("Ana answers by")
    keep(ana, "field-inbox")
    inbox.get_by_role("button", name="Seen Nobody finds").click()
    expect(ana.get_by_role("button", name="Seen Nobody finds")).to_have_count(0)
    expect(whisper(ana, "Nobody finds the price guide")).to_contain_text("✓ Ana has seen it and answers by")
    whisper(ana, "Nobody finds the price guide").get_by_role("button", name="Answer… Nobody finds").click()
    form = ana.get_by_role("dialog", name="Answer")
    form.get_by_label("Your answer").fill("It stands on the first page from today.")
    keep(ana, "field-answer")
    form.get_by_role("button", name="Send").click()
    expect(form).to_have_count(0)
    stage.turn_to(stage.clock.now() + timedelta(minutes=3))
    stage.settle()
    told = page.locator("article.message").filter(has_text="Ana answers:").last
    expect(told).to_contain_text("It stands on the first page from today.")
    keep(page, "field-answered")


def test_an_objection_shows_what_is_known_and_an_answer_for_all(visit: Visit, stage: Stage) -> None:
    page = visit("Dana", size=PHONE)
    saved = page.locator("article.whisper").filter(has_text="✓ Saved.")
    before = saved.count()  # of what she said in another test
    typed(page, "/objection the service contract is too expensive")
    whisper(page, "service contract").get_by_role("button", name="Save as heard").click()
    expect(saved).to_have_count(before + 1)
    settle(stage)
    jonas = visit("Jonas", size=PHONE)
    known = "1 colleague heard something like"
    until_there(jonas, "/objection service contracts are expensive", known)
    expect(whisper(jonas, known)).not_to_contain_text("the service contract is too expensive")
    keep(jonas, "objection-known")
    ana = visit("Ana", size=PHONE)
    typed(ana, "/field-feedback inbox")
    whisper(ana, "reports wait for you").get_by_role("button", name="More").click()  # the newest stands last
    whisper(ana, "service contract").get_by_role("button", name="Open").last.click()
    report = ana.get_by_role("dialog", name="Report")
    keep(ana, "report")
    report.get_by_role("button", name="Answer for all").click()
    form = ana.get_by_role("dialog", name="Answer for all")
    form.get_by_label("What to say").fill("It is cheaper than two call-outs a year.")
    keep(ana, "answer-for-all")
    form.get_by_role("button", name="Save").click()
    expect(ana.get_by_text("Who searches for it finds it now.")).to_be_visible()
    typed(jonas, "/objection search service contract")
    library = whisper(jonas, "cheaper than two call-outs")
    expect(library).to_contain_text("Not for customers")
    keep(jonas, "library")
    library.get_by_role("button", name="Used it: worked").first.click()
    expect(whisper(jonas, "Noted.")).to_contain_text("Used 1 time, resolved 1")


def test_what_may_be_for_quality_is_checked_first(visit: Visit, stage: Stage) -> None:
    page = visit("Dana", size=PHONE)
    typed(page, "/field-feedback")
    form = page.get_by_role("dialog", name="Field feedback")
    form.get_by_label("What did you hear or see?").fill("A patient got a rash under the electrode")
    form.get_by_role("button", name="Save").click()
    check = page.get_by_role("dialog", name="Please check this first")
    expect(check).to_contain_text("Telling Tandem is not reporting.")
    keep(page, "guardrail")
    check.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("counts as passed on once they say")).to_be_visible()
    keep(page, "guardrail-sent")
    stage.settle()
    sofia = visit("Sofia", size=PHONE)
    told = sofia.locator("article.message").filter(has_text="got a rash").last
    told.get_by_role("button", name="Received").click()
    expect(told).to_contain_text("has it since")
    keep(sofia, "guardrail-contact")


def test_the_objection_form_on_a_phone(visit: Visit) -> None:
    page = visit("Dana", size=PHONE)
    typed(page, "/objection")
    form = page.get_by_role("dialog", name="Objection")
    expect(form.get_by_label("What did they say against it?")).to_be_focused()
    keep(page, "objection-form")
