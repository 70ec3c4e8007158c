"""What the commands share: settings or a clear refusal, the services, how things are printed."""

import logging
import sys
from collections.abc import Iterable
from typing import NoReturn

import structlog
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError, ProgrammingError

from bot.services import Services
from config.settings import Settings, SettingsError

out, err = Console(), Console(stderr=True)
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def refuse(*lines: str) -> NoReturn:
    """Say what is wrong and how to mend it, and end with status 2."""
    for line in lines:
        err.print(line, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


def settings(*, slack: bool = False) -> Settings:
    try:
        return Settings.load(slack=slack)
    except SettingsError as error:
        refuse(str(error))


def services(*, slack: bool = False) -> Services:
    """The services on a database that is up to date, or a refusal that says what to do."""
    found = Services.build(settings(slack=slack))
    set_up_logging(found.settings)
    try:
        with found.under_rules():
            return found
    except LookupError as error:
        refuse(str(error))
    except (OperationalError, ProgrammingError) as error:
        if not isinstance(error, ProgrammingError) and "no such table" not in str(error.orig):
            refuse(f"The database does not answer: {error.orig}")
        refuse("The database has not Tandem's tables yet: run `tandem db upgrade`.")


def set_up_logging(chosen: Settings) -> None:
    """One JSON line an event on standard error: ids, never names or texts."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[chosen.log_level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING)
    # A tick that finds the last one still at work is as it should be; a failed call is logged by the sender, by id.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)


def table(*columns: str, rows: Iterable[Iterable[object]]) -> None:
    shown = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*(str(cell) if cell is not None else "" for cell in row))
    out.print(shown)
