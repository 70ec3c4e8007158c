"""A browser on the demo's page: Chromium, the local Slack with its page and Tandem, each a process of its own.

Where there is no Chromium these tests are skipped and say so; with TANDEM_BROWSER=required they fail instead.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.demo import story
from bot.demo.stage import ROOT, Setting, Stage, set_up

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without these a new Chromium asks the network for things of its own.
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --lang=en-GB"
).split()
RATE = 4.0  # so that the limits of Slack, kept on the clock, hold nobody up
QUEUE_FROM = 15
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


# As long as Playwright runs, its event loop runs in this thread: it is not to outlive the tests that need it.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("TANDEM_BROWSER") == "required":
            pytest.fail(f"no browser: install one of {', '.join(NAMES)}")
        pytest.skip(f"no browser here: install one of {', '.join(NAMES)} to run these tests")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def stage(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demo as `make demo` starts it, with some weeks behind it."""
    starts = datetime.fromisoformat(story.VISIT_STARTS)
    folder = tmp_path_factory.mktemp("demo")
    policy = folder / "policy.toml"  # one person is sent more here than in a day's budget, and than makes a queue
    rules = (ROOT / "config" / "policy.toml").read_text("utf-8")
    rules = rules.replace("field = 4, sdr = 8, others = 3", "field = 99, sdr = 99, others = 99")
    policy.write_text(rules.replace("from_unanswered = 5", f"from_unanswered = {QUEUE_FROM}"), "utf-8")
    with set_up(Setting(folder, starts, RATE, page=True, weeks_before=5, policy=policy)) as made:
        made.settle()
        yield made


@pytest.fixture
def visit(browser: Browser, stage: Stage) -> Iterator[Callable[..., Page]]:
    """Open the page as somebody: `visit("Jonas")`, `visit("Ana", at="home", size=PHONE)`."""
    context = browser.new_context(locale="en-GB")
    problems: list[str] = []

    def open_page(name: str, at: str = "", beside: str = "", size: Any = DESK) -> Page:
        page = context.new_page()
        page.set_viewport_size(size)
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        query = f"?as={story.named(name).slack_id}" + (f"&at={at}" if at else "")
        query += f"&with={story.named(beside).slack_id}" if beside else ""
        page.goto(f"{stage.slack.base_url}/{query}")
        page.wait_for_selector(".pane .title")
        return page

    yield open_page
    context.close()
    assert problems == []


_numbers = count(1)


@pytest.fixture
def company(stage: Stage) -> Callable[..., str]:
    """A new lead of a company of its own comes in for somebody; the company's name."""

    def arrives(for_whom: str = "Jonas", **more: Any) -> str:
        number = next(_numbers)
        name = f"Testlabor {number}"
        said = story.lead(f"browser-{number}", name, "Germany", "download", "the price guide", city="Ulm", **more)
        said |= {"name": f"Dr. Probe {number}", "account_owner": story.address(for_whom)}
        stage.send("website", said)
        stage.settle()
        return name

    return arrives
