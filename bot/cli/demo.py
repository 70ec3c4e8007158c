"""`tandem demo`: a working day against the local Slack."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.desk import out, refuse
from bot.demo.account import account
from bot.demo.play import Day, count_standing
from bot.demo.stage import StageError, set_up
from bot.demo.transcript import Transcript


def demo(
    _headless: Annotated[bool, typer.Option("--headless", help="print the day; there is no page yet")] = True,
    folder: Annotated[Path, typer.Option(help="where its database stands; made anew each time")] = Path(".demo"),
) -> None:
    """Play a working day of a small company and print what each person saw and did."""
    try:
        with set_up(folder) as stage:
            day = Day(stage, Transcript(out))
            day.play()
            result = account(stage.database_url, count_standing(stage.slack.messages()))
    except StageError as error:
        refuse(str(error))
    out.print()
    out.print(str(result), style="bold", highlight=False)
    if not result.clean:
        raise typer.Exit(1)
