"""Every block and element, drawn and used in a real browser, against an app of the tests' own."""

import json
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from struct import pack
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from slack_sdk import WebClient

from bot.demo.stage import free_port, wait_for
from sandbox.client import SandboxClient
from tests.browser.conftest import DESK, PHONE
from tests.sandbox import app as apps
from tests.sandbox.app import Answer, App
from tests.sandbox.conftest import ANA, CHANNELS, MANIFEST, TEAM, TOKEN, USERS
from tests.sandbox.kit import actions, asking, button, modal, mrkdwn, option, options, plain, section, text_input
from tests.world import ROOT

Json = dict[str, Any]


def png(width: int = 8, height: int = 8) -> bytes:
    """A small blue picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x15\x58\xb0" * width for _ in range(height))
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with apps.serving() as made:
        yield made


@pytest.fixture(scope="module")
def base(browser: Browser, app: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The local Slack with its page, a process of its own."""
    folder, port = tmp_path_factory.mktemp("workshop"), free_port(0)
    told = {"users": USERS, "channels": CHANNELS, "manifest": MANIFEST, "app_url": app.url, "unlimited": True}
    (folder / "set_up.json").write_text(json.dumps(told), "utf-8")
    words = ["-m", "sandbox", "--page", "--port", str(port), "--set-up", str(folder / "set_up.json")]
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT)
    try:
        wait_for(f"http://127.0.0.1:{port}/control/notifications", [process])
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def bot(base: str, app: App) -> WebClient:
    app.anew()
    return WebClient(TOKEN, base_url=f"{base}/api/", retry_handlers=[])


@pytest.fixture
def page(browser: Browser, base: str, bot: WebClient) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", accept_downloads=True, viewport=DESK)
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(f"{base}/?as={ANA}")
    opened.wait_for_selector(".pane .title")
    yield opened
    context.close()
    assert problems == []


@pytest.fixture
def people(base: str) -> Iterator[SandboxClient]:
    client = SandboxClient(base)
    yield client
    client.close()


def uploaded(bot: WebClient, name: str, content: bytes, **more: Any) -> str:
    told = bot.files_getUploadURLExternal(filename=name, length=len(content))
    httpx.post(told["upload_url"], content=content)
    bot.files_completeUploadExternal(files=[{"id": told["file_id"], "title": name}], **more)
    return str(told["file_id"])


def newest(page: Page, words: str) -> Locator:
    """The newest message that says so."""
    return page.locator("article.message").filter(has_text=words).last


def cell(said: str) -> Json:
    return {"type": "raw_text", "text": said}


def test_every_block_of_a_message_is_drawn(bot: WebClient, base: str, page: Page) -> None:
    picture = uploaded(bot, "chart.png", png())
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "rich", "style": {"bold": True}}]}
    blocks = [
        {"type": "header", "text": plain("Week 47 :tada:")},
        section("Hello <@UANA>, <!date^1764000000^{time}|then>", accessory=button(text=plain("Beside"))),
        {"type": "section", "fields": [mrkdwn("*Fit* 42"), mrkdwn("*Engagement* 31")]},
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn("MEDICA 2026, by _Ana_")]},
        {"type": "image", "slack_file": {"id": picture}, "alt_text": "Two bars", "title": plain("Answers")},
        {"type": "image", "image_url": f"{base}/files/{picture}/chart.png", "alt_text": "By its address"},
        {"type": "table", "rows": [[cell(""), cell("Sales")], [cell("In time"), cell("58 of 64")]]},
        {"type": "rich_text", "elements": [rich]},
        {"type": "markdown", "text": "**Running:** webinar"},
    ]
    bot.chat_postMessage(channel=ANA, text="for the lock screen", blocks=blocks)
    seen = newest(page, "Week 47")
    expect(seen.locator("h3.header")).to_have_text("Week 47 🎉")
    expect(seen).to_contain_text("Hello @Ana Costa, 16:00")  # in Lisbon, where she is
    expect(seen.get_by_role("button", name="Beside")).to_be_visible()
    expect(seen.locator(".fields .text")).to_have_text(["Fit 42", "Engagement 31"])
    expect(seen.get_by_role("separator")).to_be_visible()
    expect(seen.locator(".context")).to_have_text("MEDICA 2026, by Ana")
    for name in ("Two bars", "By its address"):
        image = seen.get_by_role("img", name=name)
        expect(image).to_be_visible()
        assert image.evaluate("image => image.naturalWidth") == 8
    expect(seen.get_by_role("columnheader", name="Sales")).to_be_visible()
    expect(seen.get_by_role("cell", name="58 of 64")).to_be_visible()
    expect(seen.locator(".rich b")).to_have_text("rich")
    expect(seen.locator(".markdown strong")).to_have_text("Running:")
    expect(seen).not_to_contain_text("for the lock screen")


def test_an_update_is_drawn_without_a_reload_and_rings_nobody(
    bot: WebClient, page: Page, people: SandboxClient
) -> None:
    said = bot.chat_postMessage(channel=ANA, text="Before it")
    expect(newest(page, "Before it")).to_be_visible()
    rang = len(people.notifications(ANA))
    bot.chat_update(channel=said["channel"], ts=said["ts"], text="After it")
    expect(newest(page, "After it")).to_contain_text("(edited)")
    bot.reactions_add(channel=said["channel"], timestamp=said["ts"], name="white_check_mark")
    expect(newest(page, "After it").locator(".reaction")).to_have_text("✅ 1")
    assert len(people.notifications(ANA)) == rang


def test_elements_of_a_message_send_what_was_chosen(bot: WebClient, page: Page, app: App) -> None:
    elements = [
        button("plain", value="7"),
        {"type": "overflow", "action_id": "more", "options": [option("ask"), option("hand over")]},
        {"type": "static_select", "action_id": "pick", "options": options(3), "placeholder": plain("Pick one")},
        {"type": "datepicker", "action_id": "day"},
        {"type": "timepicker", "action_id": "hour"},
        {"type": "users_select", "action_id": "who", "placeholder": plain("Who")},
    ]
    bot.chat_postMessage(channel=ANA, text="Use them", blocks=[section("Use them"), actions(*elements, block_id="row")])
    seen = newest(page, "Use them")

    def sent(key: str, count: int) -> Any:
        page.wait_for_function("() => !document.querySelector('.busy')")
        expect_received(app, count)
        return app.last.payload["actions"][0][key]

    seen.get_by_role("button", name="Go").click()
    assert sent("value", 1) == "7"
    seen.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="hand over").or_(page.get_by_text("hand over")).first.click()
    assert sent("selected_option", 2)["value"] == "hand over"
    seen.get_by_label("Pick one").select_option("o2")
    assert sent("selected_option", 3)["value"] == "o2"
    seen.locator("input[type=date]").fill("2026-12-01")
    assert sent("selected_date", 4) == "2026-12-01"
    seen.locator("input[type=time]").fill("09:30")
    assert sent("selected_time", 5) == "09:30"
    seen.get_by_label("Who").select_option(label="Ben Roth")
    assert sent("selected_user", 6) == "UBEN"
    state = app.last.payload["state"]["values"]["row"]
    assert (state["day"]["selected_date"], state["pick"]["selected_option"]["value"]) == ("2026-12-01", "o2")


def test_a_button_may_ask_back(bot: WebClient, page: Page, app: App) -> None:
    confirm = {
        "title": plain("Send it?"),
        "text": mrkdwn("To *everybody*"),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }
    bot.chat_postMessage(channel=ANA, text="Ask", blocks=[section("Asks back"), actions(button(confirm=confirm))])
    newest(page, "Asks back").get_by_role("button", name="Go").click()
    asked = page.get_by_role("alertdialog", name="Send it?")
    asked.get_by_role("button", name="No").click()
    expect(asked).to_have_count(0)
    assert app.received == []
    newest(page, "Asks back").get_by_role("button", name="Go").click()
    page.get_by_role("alertdialog", name="Send it?").get_by_role("button", name="Yes").click()
    expect_received(app, 1)


def test_slack_says_so_when_the_app_does_not_answer(bot: WebClient, page: Page, app: App) -> None:
    bot.chat_postMessage(channel=ANA, text="Slow", blocks=[section("Slow"), actions(button())])
    app.will(Answer(waits=3.3))
    newest(page, "Slow").get_by_role("button", name="Go").click()
    expect(page.locator("article.whisper").last).to_contain_text("the app did not respond", timeout=10_000)
    expect(page.locator("article.whisper").last).to_contain_text("Only visible to you")


FIELDS: list[tuple[Json, Callable[[Locator], Any], Json]] = [
    (text_input("text", multiline=True), lambda f: f.locator("textarea").fill("two\nlines"), {"value": "two\nlines"}),
    (
        {"type": "email_text_input", "action_id": "mail"},
        lambda f: f.locator("input").fill("a@b.example"),
        {"value": "a@b.example"},
    ),
    (
        {"type": "url_text_input", "action_id": "url"},
        lambda f: f.locator("input").fill("https://a.example"),
        {"value": "https://a.example"},
    ),
    (
        {"type": "number_input", "action_id": "number", "is_decimal_allowed": False},
        lambda f: f.locator("input").fill("42"),
        {"value": "42"},
    ),
    (
        {"type": "static_select", "action_id": "select", "options": options(3)},
        lambda f: f.locator("select").select_option("o1"),
        {"selected_option": options(3)[1]},
    ),
    (
        {"type": "multi_static_select", "action_id": "several", "options": options(3)},
        lambda f: [f.get_by_label(n).check() for n in ("o0", "o2")],
        {"selected_options": [options(3)[0], options(3)[2]]},
    ),
    (
        {"type": "checkboxes", "action_id": "boxes", "options": options(2)},
        lambda f: f.get_by_label("o1").check(),
        {"selected_options": [options(2)[1]]},
    ),
    (
        {"type": "radio_buttons", "action_id": "radio", "options": options(2)},
        lambda f: f.get_by_label("o0").check(),
        {"selected_option": options(2)[0]},
    ),
    (
        {"type": "datepicker", "action_id": "date"},
        lambda f: f.locator("input").fill("2026-12-01"),
        {"selected_date": "2026-12-01"},
    ),
    (
        {"type": "timepicker", "action_id": "time"},
        lambda f: f.locator("input").fill("07:45"),
        {"selected_time": "07:45"},
    ),
    (
        {"type": "datetimepicker", "action_id": "moment"},
        lambda f: f.locator("input").fill("2025-11-24T16:00"),
        {"selected_date_time": 1764000000},
    ),
    (
        {"type": "users_select", "action_id": "user"},
        lambda f: f.locator("select").select_option(label="Ben Roth"),
        {"selected_user": "UBEN"},
    ),
    (
        {"type": "multi_users_select", "action_id": "users"},
        lambda f: f.get_by_label("Ana Costa").check(),
        {"selected_users": ["UANA"]},
    ),
    (
        {"type": "channels_select", "action_id": "channel"},
        lambda f: f.locator("select").select_option(TEAM),
        {"selected_channel": TEAM},
    ),
]


def open_modal(bot: WebClient, page: Page, app: App, view: Json) -> Locator:
    """Through a command, as an app does; the modal on the page."""
    field = page.get_by_role("combobox", name="Message App")
    field.fill("/note now")
    field.press("Enter")
    expect_received(app, 1)
    bot.views_open(trigger_id=app.last.form["trigger_id"], view=view)
    return page.get_by_role("dialog", name="Note")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_kind_of_field_reaches_the_app(bot: WebClient, page: Page, app: App, size: Json) -> None:
    page.set_viewport_size(size)
    blocks = [
        asking(element, element["action_id"], label=plain(f"Field {element['action_id']}")) for element, _, _ in FIELDS
    ]
    form = open_modal(bot, page, app, modal(*blocks))
    expect(form).to_be_visible()
    for element, fill, _ in FIELDS:
        fill(form.locator(f".input:has([data-block={element['action_id']}])"))
    form.get_by_role("button", name="Send").click()
    expect_received(app, 2)
    values = app.last.payload["view"]["state"]["values"]
    for element, _, expected in FIELDS:
        assert values[element["action_id"]][element["action_id"]] == {"type": element["type"], **expected}
    expect(form).to_have_count(0)


def test_views_are_pushed_updated_and_corrected(bot: WebClient, page: Page, app: App) -> None:
    form = open_modal(bot, page, app, modal(asking(text_input("name"), label=plain("Name"))))
    form.get_by_label("Name").fill("Weber")
    app.will(Answer(body={"response_action": "errors", "errors": {"asked": "There are two of them."}}))
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_have_text("There are two of them.")
    expect(form.get_by_label("Name")).to_have_value("Weber")
    app.will(Answer(body={"response_action": "push", "view": {**modal(section("Which?")), "title": plain("Second")}}))
    form.get_by_role("button", name="Send").click()
    second = page.get_by_role("dialog", name="Second")
    expect(second).to_contain_text("Which?")
    view_id = str(app.last.payload["view"]["id"])
    second.get_by_role("button", name="Cancel").click()
    expect(form.get_by_label("Name")).to_have_value("Weber")
    bot.views_update(view_id=view_id, view=modal(section("New words"), asking(text_input("name"), label=plain("Name"))))
    expect(form).to_contain_text("New words")
    expect(form.get_by_label("Name")).to_have_value("Weber")


def test_a_file_is_downloaded_and_a_picture_is_shown(bot: WebClient, page: Page, tmp_path: Path) -> None:
    channel = bot.conversations_open(users=ANA)["channel"]["id"]
    uploaded(bot, "Leads # 1.xlsx", b"not really a workbook", channel_id=channel)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Leads # 1.xlsx").first.click()
    assert downloading.value.suggested_filename == "Leads # 1.xlsx"
    downloading.value.save_as(tmp_path / "got.xlsx")
    assert (tmp_path / "got.xlsx").read_bytes() == b"not really a workbook"
    uploaded(bot, "chart.png", png(), channel_id=channel)
    expect(page.get_by_role("img", name="chart.png").last).to_be_visible()


def expect_received(app: App, count: int) -> None:
    """Wait until the app has got so many requests; a few at once is not what one tap may cause."""
    app.wait_for(count)
    assert len(app.received) == count
