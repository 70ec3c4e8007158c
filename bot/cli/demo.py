"""`tandem demo`: Tandem against the local Slack, in the browser or as a transcript."""

import signal
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from bot.cli.desk import out, refuse
from bot.demo import story
from bot.demo.account import account
from bot.demo.play import Day, count_standing
from bot.demo.stage import SLACK_PORT, TANDEM_PORT, Setting, StageError, set_up
from bot.demo.transcript import Transcript
from bot.demo.visit import visit

FASTER, WEEKS_BEFORE = 20.0, 5


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="play a working day and print it, without a page")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="go on where the last visit ended")] = False,
    browser: Annotated[bool, typer.Option(help="open the page in a browser")] = True,
    folder: Annotated[Path, typer.Option(help="where its database stands; made anew each time")] = Path(".demo"),
) -> None:
    """Try Tandem without a Slack account: a small company, in a browser on this machine."""
    enough = _enough()
    if not headless and find_spec("nicegui") is None:
        refuse("The page needs NiceGUI: `make demo` installs it. `tandem demo --headless` does without.")
    try:
        if headless:
            _play(folder)
        else:
            _visit(folder, enough, keep=keep, browser=browser)
    except StageError as error:
        refuse(str(error))
    except KeyboardInterrupt:
        out.print("\nThe demo has ended.")


def _enough() -> Event:
    """Set when somebody wants to end the demo, who is not to wait for it.

    An exception alone is not enough: one that is raised within a destructor is swallowed.
    """
    enough = Event()

    def end(*_: object) -> None:
        enough.set()
        raise KeyboardInterrupt

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # a closed terminal ends it as well; Windows knows no SIGHUP
        if number := getattr(signal, name, None):
            signal.signal(number, end)
    return enough


def _visit(folder: Path, enough: Event, *, keep: bool, browser: bool) -> None:
    starts = datetime.fromisoformat(story.VISIT_STARTS)
    setting = Setting(folder, starts, 1.0, True, keep, WEEKS_BEFORE, SLACK_PORT, TANDEM_PORT)
    with set_up(setting) as stage:
        say = partial(out.print, highlight=False, markup=False)
        visit(stage, say, open_browser=browser, enough=enough)


def _play(folder: Path) -> None:
    with set_up(Setting(folder, datetime.fromisoformat(story.STARTS), FASTER)) as stage:
        day = Day(stage, Transcript(out))
        day.play()
        result = account(stage.database_url, count_standing(stage.slack.messages()), stage.clock.now())
    out.print()
    out.print(str(result), style="bold", highlight=False)
    if not result.clean:
        raise typer.Exit(1)
