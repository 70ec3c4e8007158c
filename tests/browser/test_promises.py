"""Promises on a phone: the clock turned through a day, an absence, a weekend, holidays and a change of clocks.

With TANDEM_SCREENSHOTS=FOLDER each screen is kept there as a picture.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from threading import Event
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine, select

from bot import store
from bot.demo import story
from bot.demo.stage import Setting, Stage, set_up
from bot.people.tables import Person
from bot.sla import absences, ladder
from tests.browser.conftest import PHONE
from tests.browser.test_whole_lead import keep

Visit = Callable[[str], Page]
_numbers = count(1)


@pytest.fixture(scope="module")
def stage(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demo's company on its Tuesday, without a past."""
    starts = datetime.fromisoformat(story.VISIT_STARTS)
    with set_up(Setting(tmp_path_factory.mktemp("promises"), starts, 2.0, page=True)) as made:
        made.settle()
        yield made


@pytest.fixture
def visit(browser: Browser, stage: Stage) -> Iterator[Visit]:
    context = browser.new_context(locale="en-GB")

    def open_page(name: str) -> Page:
        page = context.new_page()
        page.set_viewport_size(PHONE)
        page.set_default_timeout(15_000)
        page.goto(f"{stage.slack.base_url}/?as={story.named(name).slack_id}")
        page.wait_for_selector(".pane .title")
        return page

    yield open_page
    context.close()


def comes_in(stage: Stage, whom: str, company: str, person: str, **more: Any) -> None:
    said = story.lead(f"promise-{next(_numbers)}", company, "Germany", "download", "the price guide", **more)
    stage.send("website", {**said, "name": person, "account_owner": story.address(whom)})
    stage.settle()


def newest(page: Page, text: str) -> Locator:
    return page.locator("article.message").filter(has_text=text).last


def turn(stage: Stage, at: str) -> None:
    """Turn the clock, let the worker do what is due then, and two minutes later, when company has gathered."""
    then = datetime.fromisoformat(at)
    engine = store.make_engine(stage.database_url)
    for instant in (then - timedelta(minutes=3), then):
        stage.turn_to(instant)
        pause, until = Event(), monotonic() + 20
        while _is_due(engine, stage) and monotonic() < until:
            pause.wait(0.1)
        stage.settle()
    engine.dispose()


def _is_due(engine: Engine, stage: Stage) -> bool:
    """Whether the worker has something to do by itself that it has not done yet."""
    now = stage.clock.now()
    with store.reading(engine) as session:
        ready = ladder.any_due(session, now) or absences.any_due(session, now)
        return ready or session.scalar(select(Person.id).where(Person.brief_at <= now).limit(1)) is not None


def test_a_day_and_a_night_and_an_absence(stage: Stage, visit: Visit) -> None:
    comes_in(stage, "Jonas", "Charité", "Dr. Miriam Weber", city="Berlin")
    comes_in(stage, "Jonas", "AKH Wien", "B. Novak", city="Vienna")
    jonas = visit("Jonas")
    expect(newest(jonas, "AKH Wien")).to_contain_text("Please answer by")
    turn(stage, "2026-11-24T14:10:00+01:00")
    warned = newest(jonas, "2 leads need your answer")
    expect(warned).to_contain_text("Petra hears Wed 11:00, to help")
    expect(warned).to_contain_text("Tue 16:05 Answer: Dr. Miriam Weber, Charité")
    warned.scroll_into_view_if_needed()
    keep(jonas, "1-warned")
    warned.get_by_role("button", name="More").first.click()
    keep(jonas, "2-what-one-can-do")
    jonas.keyboard.press("Escape")
    turn(stage, "2026-11-24T16:10:00+01:00")
    past = newest(jonas, "past the agreed time")
    expect(past).to_contain_text("Since Tue 16:05")
    past.scroll_into_view_if_needed()
    keep(jonas, "3-past")
    comes_in(stage, "Jonas", "UKE Hamburg", "Prof. Lang", city="Hamburg")
    turn(stage, "2026-11-25T07:55:00+01:00")
    turn(stage, "2026-11-25T08:03:00+01:00")
    brief = newest(jonas, "Good morning, Jonas.")
    expect(brief).to_contain_text("3 today.")
    brief.scroll_into_view_if_needed()
    keep(jonas, "4-brief")
    turn(stage, "2026-11-25T11:04:00+01:00")
    petra = visit("Petra")
    expect(newest(petra, "promises need a hand")).to_contain_text("Jonas, since Tue 16:05 Answer: Dr. Miriam Weber")
    keep(petra, "5-manager")
    stage.slack.command("U02", "/tandem", "out 2026-11-26..2026-11-27 backup @dana")
    expect(newest(jonas, "Dana Fischer stands in")).to_contain_text("No leads and no messages meanwhile.")
    keep(jonas, "6-away")
    turn(stage, "2026-11-26T07:55:00+01:00")
    turn(stage, "2026-11-26T08:03:00+01:00")
    dana = visit("Dana")
    handed = newest(dana, "Jonas is away through Fri 27 November.")
    expect(handed).to_contain_text("3 promises came to you, with the time that was left:")
    keep(dana, "7-stands-in")


def test_a_weekend_holidays_and_a_change_of_clocks_in_three_zones(stage: Stage, visit: Visit) -> None:
    """Each reads when it is due in their own zone: over a weekend, Christmas, and while America's clocks changed."""
    for begins, shown in (
        ("2026-12-04T16:20:00+01:00", "weekend"),
        ("2026-12-24T16:20:00+01:00", "christmas"),
        ("2027-03-12T16:20:00+01:00", "clocks"),
    ):
        turn(stage, begins)
        for name in ("Dana", "Liam", "Grace"):
            comes_in(stage, name, f"Lab {name} {shown}", f"Dr. {shown.capitalize()}")
        for name, before, due in sorted(BRIEFS[shown], key=lambda one: datetime.fromisoformat(one[1])):
            turn(stage, before)
            turn(stage, before.replace("07:55", "08:03"))
            page = visit(name)
            told = newest(page, f"Lab {name} {shown}")
            expect(told).to_contain_text(due)
            told.scroll_into_view_if_needed()
            keep(page, f"8-{shown}-{name.lower()}")


# Before the brief of whom, and when what came on a Friday (or on Christmas Eve) at 16:20 in Berlin is due for them:
# forty minutes are left of that day in Berlin, an hour and forty in London, six hours and forty in New York.
BRIEFS = {
    "weekend": (
        ("Dana", "2026-12-07T07:55:00+01:00", "Mon 15:20"),
        ("Liam", "2026-12-07T07:55:00+00:00", "Mon 14:20"),
        ("Grace", "2026-12-07T07:55:00-05:00", "Mon 09:20"),
    ),
    # The company is closed on Christmas Eve; in England the Monday after is a holiday, in New York it is not.
    "christmas": (
        ("Dana", "2026-12-28T07:55:00+01:00", "Mon 16:00"),
        ("Grace", "2026-12-28T07:55:00-05:00", "Mon 09:20"),
        ("Liam", "2026-12-29T07:55:00+00:00", "Tue 14:20"),
    ),
    # America's clocks change on that Sunday: five hours between the two, and not six.
    "clocks": (
        ("Dana", "2027-03-15T07:55:00+01:00", "Mon 15:20"),
        ("Liam", "2027-03-15T07:55:00+00:00", "Mon 14:20"),
        ("Grace", "2027-03-15T07:55:00-04:00", "Mon 09:20"),
    ),
}
