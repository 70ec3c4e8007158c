"""`tandem leads import`."""

import csv
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.progress import Progress
from sqlalchemy.exc import OperationalError

from bot.cli import understood
from bot.cli.desk import err, out, refuse, services, table
from bot.journal.service import OPERATOR, rules_in_force
from bot.leads import files, guesses, outcomes
from bot.leads import service as leads
from bot.leads.files import Mapped, MappingError, Row
from bot.leads.outcomes import Brought, OutcomeMapping
from bot.leads.service import Mode, Received, Result
from bot.people import service as people
from bot.services import Services
from bot.sheets.reading import SheetError

app = typer.Typer(help="Leads.", no_args_is_help=True)
BATCH = 100


@dataclass
class Tally:
    """What an import did."""

    results: Counter[str] = field(default_factory=Counter)
    offered: Counter[int] = field(default_factory=Counter)
    rejected: list[Row] = field(default_factory=list)

    def add(self, received: Received) -> None:
        self.results[received.result] += 1
        if received.offered_to is not None:
            self.offered[received.offered_to] += 1


class DryRun(Exception):
    """Ends a transaction that must leave no trace."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="a CSV file or workbook, of any shape")],
    mapping: Annotated[Path | None, typer.Option(help="a TOML file: which column is what; guessed without")] = None,
    source: Annotated[str | None, typer.Option(help="one of the policy's sources, where nothing is mapped")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="what is understood is right; do not ask")] = False,
    save_mapping: Annotated[
        Path | None, typer.Option(help="keep what was understood, to correct and use again")
    ] = None,
    offer: Annotated[bool, typer.Option("--offer", help="post cards for what passes the gate")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing; say who would get how many")] = False,
    history: Annotated[bool, typer.Option("--history", help="the past: nothing is sent and nothing is owed")] = False,
) -> None:
    """Bring leads in from a file. Rows that cannot be used go to a reject file beside it; the rest go in."""
    if history and offer:
        refuse("--history and --offer exclude each other: the past owes nothing.")
    mode = Mode.HISTORY if history else Mode.OFFER if offer or dry_run else Mode.KEEP
    found = services()
    try:
        mapped = Mapped.load(mapping) if mapping else _understood(found, file, source, yes=yes, keep=save_mapping)
        _known_source(found, mapped.source)
        with _on_a_copy(found) if dry_run else nullcontext(found) as place:
            tally = _bring_in(place, file, mapped, mode, dry_run=dry_run)
    except MappingError as error:
        refuse(*error.problems)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        refuse(f"{file}: {error}")
    except (SheetError, LookupError) as error:
        refuse(str(error))
    _tell(found, tally, dry_run=dry_run)
    if tally.rejected:
        rejects = _write_rejects(file.with_name(f"{file.stem}.rejected.csv"), tally.rejected)
        out.print(f"{len(tally.rejected)} rows could not be used: see {rejects}.", soft_wrap=True)


@app.command("outcomes")
def outcomes_(
    file: Annotated[Path, typer.Argument(help="a CSV file or workbook of deals")],
    mapping: Annotated[Path, typer.Option(help="a TOML file: which column is what; see docs/examples/outcomes.toml")],
) -> None:
    """Bring won and lost deals in from a CRM's file: each closes its lead. What is odd is flagged, not dropped."""
    found = services()
    try:
        mapped = OutcomeMapping.load(mapping)
        _known_source(found, mapped.source)
        told = _bring_outcomes(found, file, mapped)
    except MappingError as error:
        refuse(*error.problems)
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{file}: {error}")
    counts = Counter(brought.result for _, brought in told)
    out.print(", ".join(f"{counts[result]} {result}" for result in outcomes.Result if counts[result]) or "No deals.")
    for row, brought in told:
        if brought.result == outcomes.Result.FLAGGED:
            out.print(
                f"line {row.line}: {brought.step} on {row.at:%Y-%m-%d}, before the lead's first contact; taken, flagged"
            )
    if unusable := [row for row, brought in told if brought.result == outcomes.Result.UNKNOWN]:
        rows = [Row(row.line, row.raw, None, (row.problem or "no such lead here",)) for row in unusable]
        rejects = _write_rejects(file.with_name(f"{file.stem}.rejected.csv"), rows)
        out.print(f"{len(rows)} rows could not be used: see {rejects}.", soft_wrap=True)


def _bring_outcomes(found: Services, file: Path, mapped: OutcomeMapping) -> list[tuple[outcomes.Outcome, Brought]]:
    told: list[tuple[outcomes.Outcome, Brought]] = []
    rows = outcomes.rows(file, mapped)
    while batch := tuple(islice(rows, BATCH)):
        with found.under_rules() as (session, rules):
            now = found.now()
            told += [(row, outcomes.bring(session, row, mapped.source, rules, OPERATOR, now)) for row in batch]
    return told


def _understood(found: Services, file: Path, source: str | None, *, yes: bool, keep: Path | None) -> Mapped:
    """What the file says, shown and confirmed. Raises SheetError."""
    with found.reading() as session:
        policy = rules_in_force(session).policy
    if source is None:
        named = ", ".join(one.code for one in policy.sources)
        refuse(f"Where are these leads from? Say --source with one of {named}; or give a --mapping.")
    _known_source(found, source)
    guessed = guesses.guess(file, source, policy.zone)
    understood.show(guessed)
    if keep:
        keep.write_text(understood.as_toml(guessed.mapping), "utf-8")
        out.print(f"Kept in {keep}.")
    if not guessed.mapping.columns.keys() & {"email", "external_id"}:
        refuse("Name a column for email or external_id in a mapping: --save-mapping writes one to correct.")
    understood.confirm(yes=yes)
    return guessed.mapping


def _known_source(found: Services, source: str) -> None:
    with found.reading() as session:
        sources = [s.code for s in rules_in_force(session).policy.sources]
    if source not in sources:
        refuse(f"{source} is not a source of the policy; there are {', '.join(sources)}.")


@contextmanager
def _on_a_copy(found: Services) -> Iterator[Services]:
    """A dry run is one long transaction. SQLite has one writer, who is not to wait: it is tried on a copy there."""
    if not found.settings.database_url.startswith("sqlite"):
        yield found
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.sqlite3"
        with found.engine.connect().execution_options(begin_mode="DEFERRED") as connection:
            source, target = connection.connection.driver_connection, sqlite3.connect(copy)
            cast(sqlite3.Connection, source).backup(target)
            target.close()
        tried = Services.build(found.settings.model_copy(update={"database_url": f"sqlite:///{copy}"}), found.clock)
        yield tried
        tried.engine.dispose()


def _bring_in(found: Services, file: Path, mapped: Mapped, mode: Mode, *, dry_run: bool) -> Tally:
    tally = Tally()
    with Progress(console=err) as progress:
        task = progress.add_task("Leads", total=files.count_lines(file))
        rows = files.rows(file, mapped)
        # A dry run is one transaction, so that turns taken by earlier rows count for later ones.
        while batch := tuple(islice(rows, None if dry_run else BATCH)):
            _one_batch(found, batch, mapped, mode, tally, dry_run=dry_run)
            progress.advance(task, len(batch))
    return tally


def _one_batch(
    found: Services, batch: tuple[Row, ...], mapped: Mapped, mode: Mode, tally: Tally, *, dry_run: bool
) -> None:
    """A hundred rows in one transaction, so that nobody else waits long for the database."""
    for last in (False, True):
        try:
            _try_batch(found, batch, mapped, mode, tally, dry_run=dry_run)
            return
        except OperationalError:  # the database broke a tie between two against us
            if last:
                raise


def _try_batch(
    found: Services, batch: tuple[Row, ...], mapped: Mapped, mode: Mode, tally: Tally, *, dry_run: bool
) -> None:
    received: list[Received] = []
    try:
        with found.under_rules() as (session, rules):
            now = found.now()
            for row in batch:
                if row.lead is not None:
                    received.append(leads.receive(session, row.lead, mapped.source, rules, OPERATOR, now, mode))
            if dry_run:
                raise DryRun
    except DryRun:
        pass
    tally.rejected += [row for row in batch if row.lead is None]
    for one in received:
        tally.add(one)


def _tell(found: Services, tally: Tally, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    counts = ", ".join(f"{tally.results[result]} {would}{result}" for result in Result if tally.results[result])
    out.print(counts or "No leads.")
    if tally.offered:
        with found.reading() as session:
            names = people.names(session, tally.offered)
        rows = sorted(((names[person], count) for person, count in tally.offered.items()), key=lambda r: (-r[1], r[0]))
        table("Person", "Cards", rows=rows)


def _write_rejects(path: Path, rows: list[Row]) -> Path:
    """Beside the file; where that folder may not be written to, in the present one."""
    if not os.access(path.parent, os.W_OK):
        path = Path(path.name)
    with path.open("w", encoding="utf-8", newline="") as file:
        columns = list(rows[0].raw)
        writer = csv.writer(file)
        writer.writerow(["line", "reason", *columns])
        writer.writerows([row.line, "; ".join(row.problems), *(row.raw.get(c, "") for c in columns)] for row in rows)
    return path
