"""`tandem digest`: the digest of any week, as text, JSON, a page or a workbook."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.desk import out, refuse, services
from bot.council import blocks, details, gather, page, pictures, service, sheets, texts, views
from bot.council.facts import Facts
from bot.council.rules import NotAWeek, Week
from bot.exports import workbook
from bot.exports.workbook import About
from bot.journal.service import rules_in_force, since_when
from bot.services import Services


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    HTML = "html"
    XLSX = "xlsx"


def digest(
    week: Annotated[str, typer.Option(help="2026-W47; without it the newest week that is over")] = "",
    form: Annotated[Format, typer.Option("--format", help="text, json, html or xlsx")] = Format.TEXT,
    out_file: Annotated[Path | None, typer.Option("--out", help="the file to write; a workbook needs one")] = None,
) -> None:
    """The digest of a week, as the council got it, or counted now. Nobody is sent anything."""
    if form == Format.XLSX and out_file is None:
        refuse("a workbook needs a file: --out digest.xlsx")
    found = services()
    facts = _facts(found, week)
    if form == Format.XLSX and out_file:
        _workbook(found, facts, out_file)
        return
    told = _told(found, facts, form)
    if out_file:
        out_file.write_text(told, "utf-8")
        out.print(f"{facts.week}: {out_file}", highlight=False)
    else:
        typer.echo(told)


def _facts(found: Services, asked: str) -> Facts:
    with found.reading() as session:
        rules, now = rules_in_force(session), found.now()
        today = Week.of(views.day_of(now, rules.policy.zone))
        try:
            week = Week.parse(asked) if asked else today.later(-1)
        except NotAWeek:
            refuse(f"--week {asked!r} is no week; for example {today.later(-1).code}")
        if week > today:
            refuse(f"--week {week.code} has not begun yet")
        if week.span(rules.policy.zone).until <= since_when(session):
            refuse(f"--week {week.code}: Tandem was not at work in that week, nothing is known of it")
        digest_ = service.digest_of(session, week)
        return service.facts_in(digest_) if digest_ else gather.facts_of(session, week, rules, now)


def _told(found: Services, facts: Facts, form: Format) -> str:
    if form == Format.JSON:
        return facts.model_dump_json(indent=2)
    with found.reading() as session:
        policy = rules_in_force(session).policy
        view = views.of(session, facts, policy, service.digest_of(session, Week.parse(facts.week)))
        parts = details.of(session, facts, policy)
    if form == Format.TEXT:
        return blocks.as_text(view, parts)
    from bot.council.drawing import png  # noqa: PLC0415 - only a page needs pictures

    return page.html(view, parts, pictures.of(facts, policy), png, policy.company)


def _workbook(found: Services, facts: Facts, path: Path) -> None:
    with found.reading() as session:
        policy = rules_in_force(session).policy
        about = About(policy.company, texts.FOR_COUNCIL, policy.hash[:12], found.now())
        workbook.write(session, path, sheets.of_digest(facts), sheets.asked_for(facts), about)
    out.print(f"{facts.week}: {path}", highlight=False)
