"""The demo as a visitor uses it, in a real browser."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.demo import story
from bot.demo.stage import Stage
from tests.browser.conftest import DESK, PHONE

Visit = Callable[..., Page]
Company = Callable[..., str]
# A hot lead has a card and a line of its own, however many others there are.
HOT = [{"kind": "demo_request", "asset": "CellScan", "at": "2026-11-24T07:00:00Z"}]


def card(page: Page, company: str) -> Locator:
    return page.locator("article.message").filter(has_text=company).last


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_rep_accepts_a_lead_and_can_undo_it(visit: Visit, company: Company, size: dict[str, int]) -> None:
    name = company()
    page = visit("Jonas", size=size)
    card(page, name).get_by_role("button", name=f"Accept {name}").click()
    expect(card(page, name)).to_contain_text("✓ Yours since")
    card(page, name).get_by_role("button", name="Undo").click()
    expect(card(page, name).get_by_role("button", name=f"Accept {name}")).to_be_visible()


def test_a_rep_rejects_a_lead_and_a_marketer_sees_why(visit: Visit, company: Company) -> None:
    name = company(campaign="medica-2026")
    page = visit("Jonas", size=PHONE)
    card(page, name).get_by_role("button", name=f"Reject {name}").click()
    form = page.get_by_role("dialog", name="Send this lead back")
    form.get_by_label("Something else").check()
    expect(form.get_by_text("(optional)")).to_have_count(0)  # now the sentence is asked for
    form.get_by_label("In a sentence").fill("They <i>closed</i> the lab.")
    form.get_by_role("button", name="Send back").click()
    expect(form).to_have_count(0)
    expect(card(page, name)).to_contain_text("✓ Sent back: Something else")
    marketer = visit("Ana", at="home")
    expect(marketer.locator(".home-blocks")).to_contain_text("“They <i>closed</i> the lab.” Jonas")


def test_an_error_stands_beside_its_field_and_keeps_what_was_chosen(visit: Visit, company: Company) -> None:
    name = company()
    page = visit("Jonas")
    card(page, name).get_by_role("button", name=f"Reject {name}").click()
    form = page.get_by_role("dialog", name="Send this lead back")
    form.get_by_role("button", name="Send back").click()
    reasons = form.locator(".input").filter(has_text="Why does it come back?")
    expect(reasons.get_by_role("alert")).to_have_text("Please complete this required field.")
    form.get_by_label("Not now, later").check()
    form.get_by_label("When should it return?").fill("2026-11-01")
    form.get_by_role("button", name="Send back").click()
    dates = form.locator(".input").filter(has_text="When should it return?")
    expect(dates.get_by_role("alert")).to_have_text("Please choose a day after today.")
    expect(form.get_by_label("Not now, later")).to_be_checked()
    form.get_by_label("When should it return?").fill("2027-02-01")
    form.get_by_role("button", name="Send back").click()
    expect(card(page, name)).to_contain_text("It returns on 1 February.")


def test_the_home_tabs_buttons_work_and_show_what_came_of_them(visit: Visit, company: Company) -> None:
    name = company("Liam")
    page = visit("Liam", at="home", size=PHONE)
    home = page.locator(".home-blocks")
    home.get_by_role("button", name=f"Accept Dr. Probe {name.split()[-1]}, {name}").click()
    expect(home).to_contain_text(f"accepted: Dr. Probe {name.split()[-1]}, {name}")
    home.get_by_role("button", name="Undo Dr. Probe").first.click()
    expect(home.get_by_role("button", name=f"Accept Dr. Probe {name.split()[-1]}, {name}")).to_be_visible()
    home.get_by_role("button", name=f"Reject Dr. Probe {name.split()[-1]}, {name}").click()
    form = page.get_by_role("dialog", name="Send this lead back")
    form.get_by_label("No budget this year").check()
    form.get_by_role("button", name="Send back").click()
    expect(home).to_contain_text("(No budget this year)")
    expect(home.get_by_role("button", name=f"Accept Dr. Probe {name.split()[-1]}, {name}")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Ana", "What became of your leads"),
        ("Petra", "Your team’s open leads"),
        ("Sofia", "Both teams this week"),
    ],
)
def test_each_role_has_a_home_tab_of_its_own(visit: Visit, name: str, told: str) -> None:
    page = visit(name, at="home")
    expect(page.locator(".home-blocks")).to_contain_text(told)


def test_a_command_is_completed_while_typing_and_answered_for_ones_own_eyes(visit: Visit, company: Company) -> None:
    name = company()
    page = visit("Jonas")
    field = page.get_by_role("combobox", name="Message Tandem")
    field.press_sequentially("/")
    options = page.get_by_role("listbox", name="Commands").get_by_role("option")
    expect(options).to_have_text(
        [
            "/council" + "preview | digest WEEK | decide | decisions | agenda | help" + "Digest, agenda and decisions",
            "/field-feedback" + "TEXT | mine | inbox | search TEXT | help" + "Report what you heard or saw",
            "/lead" + "mine | new | find TEXT | show ID | help" + "Your leads",
            "/objection" + "TEXT | search TEXT | help" + "Report an objection",
            "/sla" + "mine | team | board | help" + "What you and your team owe",
            "/tandem" + "help | quiet 2h | out 2026-12-01..2026-12-05" + "What Tandem can do",
        ]
    )
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(options.nth(2)).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(field).to_have_value("/lead ")
    field.press_sequentially("mine")
    field.press("Enter")
    answer = page.locator("article.whisper").last
    expect(answer).to_contain_text("Only visible to you")
    expect(answer).to_contain_text(name)
    expect(field).to_have_value("")
    other = visit("Sofia")
    expect(other.locator("article.whisper")).to_have_count(0)


def test_an_unknown_command_is_refused_by_slack_itself(visit: Visit) -> None:
    page = visit("Mia")
    field = page.get_by_role("combobox", name="Message Tandem")
    field.press_sequentially("/nothing here")
    field.press("Enter")
    expect(page.locator("article.whisper").last).to_contain_text("/nothing is not a command here.")


def test_unread_messages_and_the_lock_screen(visit: Visit, company: Company, stage: Stage) -> None:
    page = visit("Jonas", at="C01")
    before = len(stage.slack.notifications(story.named("Jonas").slack_id))
    name = company(touches=HOT)
    expect(page.get_by_role("button", name=re.compile(r"Tandem, \d+ unread"))).to_be_visible()
    expect(page.locator(".log")).to_contain_text(name)  # the channel's line, without a reload
    page.get_by_role("button", name="What the phone showed").click()
    phone = page.get_by_role("complementary", name="What the phone showed")
    expect(phone.locator(".ring").first).to_contain_text(f"{name} asked for a demo of CellScan. Please answer now, by")
    expect(phone.locator(".ring").first).not_to_contain_text("Dr. Probe")
    assert len(stage.slack.notifications(story.named("Jonas").slack_id)) == before + 1
    page.get_by_role("button", name=re.compile(r"Tandem, \d+ unread")).click()
    expect(page.get_by_role("button", name="Tandem", exact=True)).to_be_visible()


def test_two_people_side_by_side_see_the_same_thing_each_in_their_way(visit: Visit, company: Company) -> None:
    name = company("Dana")
    page = visit("Dana", beside="Petra")
    dana, petra = page.locator(".pane").nth(0), page.locator(".pane").nth(1)
    petra.get_by_role("button", name="Home").click()
    expect(petra.locator(".home-blocks")).to_contain_text(name)
    dana.get_by_role("button", name=f"Accept {name}").click()
    expect(petra.locator(".home-blocks")).to_contain_text(f"First contact: Dr. Probe {name.split()[-1]}, {name}")
    page.get_by_role("button", name="One person").click()
    expect(page.locator(".pane")).to_have_count(1)


def test_one_acts_as_another_person_from_the_list(visit: Visit) -> None:
    page = visit("Jonas", size=PHONE)
    page.get_by_role("button", name="back to the list").click()
    people = page.get_by_label("Act as").locator("visible=true").first
    expect(people.locator("option").filter(has_text="Ana Costa · marketer")).to_have_count(1)
    people.select_option(label="Grace Miller · rep")
    expect(page.locator(".pane")).to_have_attribute("data-user", story.named("Grace").slack_id)
    expect(page).to_have_url(re.compile(f"as={story.named('Grace').slack_id}"))


def test_a_modal_holds_the_keyboard_and_gives_it_back(visit: Visit, company: Company) -> None:
    name = company()
    page = visit("Jonas")
    opener = card(page, name).get_by_role("button", name=f"Reject {name}")
    opener.focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Send this lead back")
    expect(form.get_by_label("Not my territory")).to_be_focused()
    page.keyboard.press("Space")
    expect(form.get_by_label("Not my territory")).to_be_checked()
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(opener).to_be_focused()


def test_the_keyboard_stays_where_one_works(visit: Visit, company: Company) -> None:
    """What is drawn anew after a tap takes the keyboard over; and a modal lets it out only to its opener."""
    name = company("Dana", touches=HOT)
    page = visit("Dana")
    card(page, name).get_by_role("button", name=f"Accept {name}").focus()
    page.keyboard.press("Enter")
    expect(card(page, name).get_by_role("button", name=f"Reached {name}")).to_be_focused()
    card(page, name).get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    accept = card(page, name).get_by_role("button", name=f"Accept {name}")
    expect(accept).to_be_focused()
    card(page, name).get_by_role("button", name=f"Reject {name}").click()
    form = page.get_by_role("dialog", name="Send this lead back")
    form.get_by_role("button", name="Send back").focus()
    page.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(form.get_by_role("button", name="Send back")).to_be_focused()
    page.mouse.click(5, 880)  # beside the form
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)


def test_a_draft_stays_while_one_looks_elsewhere(visit: Visit) -> None:
    page = visit("Ravi")
    page.get_by_role("combobox", name="Message Tandem").fill("not yet sent")
    page.get_by_role("button", name="Home", exact=True).click()
    page.get_by_role("button", name="Messages", exact=True).click()
    expect(page.get_by_role("combobox", name="Message Tandem")).to_have_value("not yet sent")


def test_a_thread_is_begun(visit: Visit, stage: Stage) -> None:
    stage.slack.say(story.named("Marc").slack_id, "The webinar is on Thursday", "C01")
    page = visit("Ravi", at="C01")
    said = page.locator("article.message").filter(has_text="The webinar is on Thursday")
    said.hover()
    said.get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    thread.get_by_role("combobox").fill("Good")
    thread.get_by_role("combobox").press("Enter")
    expect(said.get_by_role("button", name="1 reply")).to_be_visible()
    rang = stage.slack.notifications(story.named("Marc").slack_id)
    assert rang[-1]["text"] == "Good"  # an answer rings whoever is in the thread
    assert not any(n["text"] == "Good" for n in stage.slack.notifications(story.named("Liam").slack_id))


def test_a_thread_is_opened_and_answered(visit: Visit, stage: Stage) -> None:
    stage.slack.say(story.named("Ravi").slack_id, "Who knows Beacon Lab?", "C01")
    page = visit("Ravi", at="C01")
    said = next(m for m in stage.slack.sees("U08", "C01")["messages"] if m["text"] == "Who knows Beacon Lab?")
    stage.slack.say(story.named("Grace").slack_id, "I do", "C01", said["ts"])
    asked = page.locator("article.message").filter(has_text="Who knows Beacon Lab?")
    asked.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("complementary", name="Thread")
    expect(thread).to_contain_text("I do")
    thread.get_by_role("combobox").fill("Thank you :wave:")
    thread.get_by_role("combobox").press("Enter")
    expect(thread).to_contain_text("Thank you 👋")
    expect(asked.first.get_by_role("button", name="2 replies")).to_be_visible()


def test_the_clock_is_moved_and_what_is_due_happens(visit: Visit, company: Company, stage: Stage) -> None:
    """The last of all: it takes every other test's time along."""
    page = visit("Dana")
    clock = page.locator(".clock")
    began = stage.clock.now()
    page.get_by_role("button", name="+15 min").click()
    page.get_by_role("button", name="+1 hour").click()
    expect(clock).to_contain_text("Tue 24 Nov 09:")
    assert stage.clock.now() - began >= timedelta(minutes=75)
    stage.turn_to(datetime.fromisoformat("2026-11-24T18:00:00+01:00"))
    expect(clock).to_contain_text("Tue 24 Nov 18:0")
    name = company("Dana")  # after hours: it waits for the morning
    expect(page.get_by_role("button", name=f"Accept {name}")).to_have_count(0)
    page.get_by_role("button", name="Next working morning").click()
    expect(clock).to_contain_text("Wed 25 Nov 08:0", timeout=20_000)
    expect(card(page, name).get_by_role("button", name=f"Accept {name}")).to_be_visible()
    page.get_by_role("button", name="Next Monday").click()
    expect(clock).to_contain_text("Mon 30 Nov 08:0", timeout=20_000)
