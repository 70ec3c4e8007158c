"""`tandem facts`: what became of the leads of a period, broken down as one asks."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from bot.cli.desk import out, refuse, services
from bot.council import breakdown, views
from bot.council.breakdown import WAYS, Group, NoSuchWay
from bot.journal.service import rules_in_force

FIGURES = ("leads", "accepted", "qualified", "won", "won of 100", "half closed within days")


class Form(StrEnum):
    TEXT = "text"
    CSV = "csv"


def facts(
    by: Annotated[list[str], typer.Option(help=f"{', '.join(WAYS)}, or field:NAME of a file; may be given twice")],
    since: Annotated[str, typer.Option(help="the first day, as 2026-01-01; without it a year ago")] = "",
    until: Annotated[str, typer.Option(help="the last day; without it today")] = "",
    form: Annotated[Form, typer.Option("--format", help="text or csv")] = Form.TEXT,
) -> None:
    """What became of the leads that came in a period: how many, how far they got, days to close."""
    found = services()
    with found.reading() as session:
        zone = rules_in_force(session).policy.zone
        today = views.day_of(found.now(), zone)
        first, last = _day("--since", since, today.replace(year=today.year - 1, day=1)), _day("--until", until, today)
        if first > last:
            refuse(f"--since {first} is after --until {last}")
        try:
            groups = breakdown.of(session, first, last, by, zone)
        except NoSuchWay as error:
            refuse(f"--by {error} is not known: {', '.join(WAYS)}, or field:NAME")
        smallest = rules_in_force(session).policy.council.smallest_share
    if form == Form.CSV:
        typer.echo(_csv(by, groups, smallest), nl=False)
    else:
        out.print(_table(by, groups, smallest))


def _day(option: str, text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError:
        refuse(f"{option} {text!r} is no day; for example 2026-11-23")


def _cells(one: Group, smallest: int) -> list[str]:
    """A share only of enough leads."""
    share = f"{100 * one.won / one.leads:.1f}" if one.leads >= smallest else ""
    days = "" if one.days is None else f"{one.days:.1f}"
    return [*one.keys, *map(str, (one.leads, one.accepted, one.qualified, one.won)), share, days]


def _table(by: Sequence[str], groups: Sequence[Group], smallest: int) -> Table:
    table = Table(*by, box=None)
    for name in FIGURES:
        table.add_column(name, justify="right")
    for one in groups:
        table.add_row(*_cells(one, smallest))
    return table


def _csv(by: Sequence[str], groups: Sequence[Group], smallest: int) -> str:
    held = io.StringIO()
    lines = csv.writer(held)
    lines.writerow([*by, *FIGURES])
    lines.writerows(_cells(one, smallest) for one in groups)
    return held.getvalue()
