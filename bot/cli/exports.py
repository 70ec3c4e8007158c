"""`tandem export WHAT --out FILE`: the same files as in Slack, with a progress bar."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bot.cli.desk import err, out, refuse, services
from bot.exports import service, texts
from bot.exports.rules import ALSO, EVERYTHING, NotUnderstood, days_of
from bot.exports.sheets import Asked, NotLimited
from bot.exports.workbook import About
from bot.journal.service import OPERATOR, record, rules_in_force
from bot.services import SHEETS


def export(
    what: Annotated[
        str, typer.Argument(help="feedback, objections, leads, promises, scoreboard, decisions, or everything")
    ],
    out_file: Annotated[Path, typer.Option("--out", help="the file to write, .xlsx or .csv")],
    days: Annotated[str, typer.Option(help="2026-11, 2026-11-01..2026-11-15, week, month, quarter or year")] = "",
    only: Annotated[list[str] | None, typer.Option(help="only rows like kind=pricing, stage=won, source=event")] = None,
) -> None:
    """Write a workbook, or with a name that ends in .csv one sheet as CSV."""
    what = ALSO.get(what, what)
    if what not in (*SHEETS, EVERYTHING):
        refuse(f"{what!r} is nothing that can be exported; choose one of {', '.join((*SHEETS, EVERYTHING))}")
    form = out_file.suffix.removeprefix(".")
    if form not in (service.XLSX, service.CSV) or (form == service.CSV and what == EVERYTHING):
        refuse("--out should end in .xlsx, or for one sheet in .csv")
    found = services()
    now = found.now()
    order = _order(what, days, only or [], form, now.date())
    with found.begin() as session:
        try:
            service.check(session, found.sheets, order)
        except NotLimited as error:
            refuse(f"--only: {error}")
        told = {"what": what, "days": days, "filters": dict(order.filters or {})}
        record(session, OPERATOR, "exported", (service.EXPORT, 0), now, told)
    with found.reading() as session:
        rules = rules_in_force(session)
        zone = rules.policy.zone
        asked = Asked(*order.days.span(zone), zone, None, order.filters or {}, now)
        sheets = [found.sheets[code] for code in service.codes_of(found.sheets, what)]
        about = About(rules.policy.company, "the command line", rules.policy.hash[:12], now)
        with Progress(console=err, transient=True) as bar:
            total = sum(sheet.count(session, asked) for sheet in sheets)
            task = bar.add_task(texts.WHATS[what], total=total)
            written = service.make(
                session, out_file, sheets, asked, about, form, lambda _sheet, rows: bar.advance(task, rows)
            )
    for name, rows in written.rows.items():
        out.print(f"{name}: {rows}", highlight=False)


def _order(what: str, days: str, only: list[str], form: str, today: date) -> service.Order:
    filters = dict(one.partition("=")[::2] for one in only)
    for one in only:
        if not all(one.partition("=")):
            refuse(f"--only {one!r} is no filter; for example --only kind=pricing")
    try:
        return service.Order(what, days_of(days, today), form, filters)
    except NotUnderstood:
        refuse(f"--days {days!r} is no period; for example 2026-11 or 2026-11-01..2026-11-15")
