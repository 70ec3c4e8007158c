"""Exports of 10,000 and 100,000 reports: peak memory of each in a process of its own, and time beside bare openpyxl."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.likeness import ROOT, others, person_row, report_row
from bot import store
from bot.clock import SystemClock
from bot.exports import workbook
from bot.exports.sheets import Asked, Kind, Sheet
from bot.exports.workbook import About
from bot.feedback.tables import FieldReport
from bot.people.tables import Workspace
from bot.services import Services
from bot.store.migrate import upgrade
from config.policy import Policy
from config.settings import Settings

SMALL, LARGE, AT_ONCE = 10_000, 100_000, 5_000
RUNS = 3  # of each way; the least counts
ZONE, BEGINS = "Europe/Berlin", datetime(2026, 1, 1, tzinfo=UTC)
ASKED = Asked(BEGINS, BEGINS + timedelta(days=366), ZONE)
ABOUT = About("Helix Diagnostics", "Petra Sommer", "bench", BEGINS)


@dataclass(frozen=True)
class Figures:
    """Megabytes and seconds; `equal` says whether every value of the file is the database's.

    `bare_seconds` is openpyxl alone with the same rows as they come from the database; `writing_seconds` with the same
    cells read beforehand.
    """

    small_mb: float
    large_mb: float
    seconds: float
    bare_seconds: float
    writing_seconds: float
    equal: bool

    @property
    def memory_ratio(self) -> float:
        return self.large_mb / self.small_mb

    @property
    def time_ratio(self) -> float:
        return self.seconds / self.bare_seconds

    @property
    def writing_ratio(self) -> float:
        return self.seconds / self.writing_seconds


def services_of(path: Path) -> Services:
    return Services.build(Settings(database_url=f"sqlite:///{path}"), SystemClock())


def fill(path: Path, rows: int) -> None:
    made = services_of(path)
    upgrade(made.engine)
    made.put_policy_in_force(Policy.load(ROOT / "config" / "policy.toml"))
    texts = list(others())
    with store.begin(made.engine) as session:
        session.add(Workspace(id=1, slack_team_id="T01"))
        session.flush()
        session.add(person_row())
        session.flush()
        for begin in range(1, rows + 1, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, rows + 1))
            session.execute(insert(FieldReport), [_row(n, texts[n % len(texts)]) for n in numbers])
    made.engine.dispose()


def _row(number: int, text: str) -> dict[str, object]:
    at = BEGINS + timedelta(minutes=number * 5)
    return {**report_row(number, f"{text} ({number})"), "created_at": at, "settles_at": at, "told_at": at}


def export(path: Path, out: Path) -> float:
    """Seconds it took."""
    made = services_of(path)
    with made.reading() as session:
        began = perf_counter()
        workbook.write(session, out, [made.sheets["feedback"]], ASKED, ABOUT)
        took = perf_counter() - began
    made.engine.dispose()
    return took


def bare(path: Path, out: Path) -> float:
    """The same cells from the same query by openpyxl alone: what a streamed workbook costs at least."""
    return _by_openpyxl(path, out, beforehand=False)


def writing(path: Path, out: Path) -> float:
    """The same cells, made beforehand, written by openpyxl alone: nothing but the file."""
    return _by_openpyxl(path, out, beforehand=True)


def _by_openpyxl(path: Path, out: Path, *, beforehand: bool) -> float:
    made = services_of(path)
    with made.reading() as session:
        sheet = made.sheets["feedback"]
        book = Workbook(write_only=True)
        page = book.create_sheet("Feedback")
        rows = _cells(session, sheet, page)
        rows = iter(list(rows)) if beforehand else rows
        began = perf_counter()
        page.append([column.name for column in sheet.columns])
        for row in rows:
            page.append(row)
        book.save(out)
        took = perf_counter() - began
    made.engine.dispose()
    return took


def _cells(session: Session, sheet: Sheet, page: object) -> Iterator[list[object]]:
    said = _said(sheet)
    for row in sheet.rows(session, ASKED):
        cells = [_plain(value) for value in row]
        cells[said] = _wrapped(page, cells[said])
        yield cells


def _said(sheet: Sheet) -> int:
    """Which column holds the words of a report."""
    return next(number for number, column in enumerate(sheet.columns) if column.kind == Kind.LONG)


def _wrapped(page: object, value: object) -> WriteOnlyCell:
    """A text as the workbook shows it, over as many lines as it needs."""
    cell = WriteOnlyCell(page, value=value)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _plain(value: object) -> object:
    return value.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None) if isinstance(value, datetime) else value


def is_equal(path: Path, out: Path) -> bool:
    made = services_of(path)
    book = load_workbook(out, read_only=True)
    with made.reading() as session:
        rows = book["Feedback"].iter_rows(min_row=2, values_only=True)
        same = all(_same(session_row, row) for session_row, row in zip(_rows(session, made), rows, strict=True))
    book.close()
    made.engine.dispose()
    return same


def _rows(session: Session, made: Services) -> list[tuple[object, ...]]:
    return [tuple(row) for row in made.sheets["feedback"].rows(session, ASKED)]


def _same(ours: tuple[object, ...], theirs: tuple[object, ...]) -> bool:
    """Instants are written to the second."""
    told = [_plain(v) for v in ours]
    told = [v.replace(microsecond=0) if isinstance(v, datetime) else v for v in told]
    return all(a == b for a, b in zip_longest(told, theirs))  # empty cells at the end of a row are not written


def peak_mb(path: Path, out: Path) -> float:
    """Peak memory of one export in a process of its own."""
    words = [sys.executable, "-m", "bench.exports", str(path), str(out)]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(told.stdout)


def run(small: int = SMALL, large: int = LARGE) -> Figures:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many, out = folder / "few.sqlite3", folder / "many.sqlite3", folder / "out.xlsx"
        fill(few, small)
        fill(many, large)
        small_mb, large_mb = peak_mb(few, out), peak_mb(many, out)
        ways = {export: out, bare: folder / "bare.xlsx", writing: folder / "written.xlsx"}
        took: dict[Callable[[Path, Path], float], list[float]] = {way: [] for way in ways}
        for _ in range(RUNS):  # in turn, so that a busy moment of the machine hits them alike
            for way, into in ways.items():
                took[way].append(way(many, into))
        seconds, bare_seconds, writing_seconds = (min(took[way]) for way in ways)
        return Figures(small_mb, large_mb, seconds, bare_seconds, writing_seconds, is_equal(many, out))


def main(words: list[str]) -> None:
    """`python -m bench.exports` measures; with a database and a file it is the process that is measured."""
    if words:
        export(Path(words[0]), Path(words[1]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    told = run()
    print(f"memory: {told.large_mb:.0f} MB for {LARGE}, {told.small_mb:.0f} MB for {SMALL}: {told.memory_ratio:.2f}")
    print(f"time: {told.seconds:.1f} s, bare openpyxl {told.bare_seconds:.1f} s: {told.time_ratio:.2f}")
    print(f"beside writing cells read beforehand, {told.writing_seconds:.1f} s: {told.writing_ratio:.2f}")
    print(f"every value as in the database: {'yes' if told.equal else 'no'}")


if __name__ == "__main__":
    main(sys.argv[1:])
