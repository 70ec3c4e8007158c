"""Reports among 5,000: is what says the same found among the first three, and how long does that take?"""

import csv
import random
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from bot import store
from bot.clock import SystemClock
from bot.feedback import likeness, similar
from bot.feedback.rules import Form
from bot.feedback.tables import FieldReport, FieldWord
from bot.people.tables import Person, Workspace
from bot.services import Services
from bot.store.migrate import upgrade
from config.policy import Policy
from config.settings import Settings

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "feedback" / "data"
SLOTS = {
    "product": ["CellScan", "HemaOne", "LabLink", "ReaKit"],
    "competitor": ["Sysmex", "Roche", "Abbott", "Beckman", "Siemens", "Mindray"],
    "place": ["Kiel", "Wien", "Lyon", "Leeds", "Ulm", "Graz", "Basel", "Cork"],
    "number": ["2", "3", "5", "12", "40", "300"],
    "month": ["January", "March", "May", "September", "November"],
}
OTHERS, AT = 4800, datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Pair:
    """What was said, and the same by somebody else; `held_out` from tuning. `report_id` is of what was said."""

    report_id: int
    held_out: bool
    said: str
    again: str


def pairs() -> list[Pair]:
    with (DATA / "paraphrases.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [Pair(n, row["held_out"] == "yes", row["said"], row["again"]) for n, row in enumerate(rows, 1)]


def others() -> Iterator[str]:
    """Other reports of the same kind, from templates."""
    lines = [line for line in (DATA / "others.txt").read_text("utf-8").splitlines() if line.strip()]
    dice = random.Random(1)
    for number in range(OTHERS):
        yield re.sub(r"\{(\w+)\}", lambda found: dice.choice(SLOTS[found[1]]), lines[number % len(lines)])


def fill(engine: Engine, policy: Policy) -> None:
    """All reports, told and open, with their words."""
    texts = [pair.said for pair in pairs()] + list(others())
    with store.begin(engine) as session:
        session.add(Workspace(id=1, slack_team_id="T01"))
        session.flush()
        session.add(person_row())
        session.flush()
        session.execute(insert(FieldReport), [report_row(n, text) for n, text in enumerate(texts, 1)])
        same = policy.field.same_words
        words = [(n, word) for n, text in enumerate(texts, 1) for word in likeness.words_of(text, same)]
        session.execute(insert(FieldWord), [{"report_id": n, "word": word} for n, word in words])


def person_row() -> Person:
    return Person(
        id=1,
        workspace_id=1,
        slack_user_id="U01",
        name="Jonas Brandt",
        email="jonas@helix.example",
        team="sales",
        zone="Europe/Berlin",
        territories=[],
        weight=1,
        active=True,
    )


def report_row(number: int, text: str) -> dict[str, object]:
    return {
        "id": number, "form": Form.FEEDBACK, "kind": "other", "said": text, "reporter_id": 1, "created_at": AT,
        "settles_at": AT, "told_at": AT, "view_key": f"b{number}", "importance": "matters", "sureness": "heard",
        "state": "new",
    }  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """How many of the pairs were found among the first three, and milliseconds for one look."""

    found: int
    held_out_found: int
    without_shared_words: int
    of_those_found: int
    median_ms: float
    p95_ms: float


def measure(session: Session, policy: Policy) -> Figures:
    found: list[tuple[Pair, bool, bool]] = []
    took = []
    for pair in pairs():
        began = perf_counter()
        offered = similar.find(session, pair.again, Form.FEEDBACK, policy, AT)
        took.append(1000 * (perf_counter() - began))
        shares = bool(set(likeness.words_of(pair.again)) & set(likeness.words_of(pair.said)))
        found.append((pair, pair.report_id in [one.id for one in offered], shares))
    cuts = quantiles(took, n=20)
    apart = [right for _, right, shares in found if not shares]
    return Figures(
        sum(right for _, right, _ in found),
        sum(right for pair, right, _ in found if pair.held_out),
        len(apart),
        sum(apart),
        cuts[9],
        cuts[18],
    )


def run(folder: Path) -> Figures:
    policy = Policy.load(ROOT / "config" / "policy.toml")
    engine = Services.build(Settings(database_url=f"sqlite:///{folder}/likeness.sqlite3"), SystemClock()).engine
    upgrade(engine)
    fill(engine, policy)
    with store.reading(engine) as session:
        figures = measure(session, policy)
    engine.dispose()
    return figures


def main() -> None:
    """`python -m bench.likeness`"""
    with tempfile.TemporaryDirectory() as folder:
        told = run(Path(folder))
    print(
        f"found among the first three: {told.found} of 200, of those held out from tuning {told.held_out_found} of 100"
    )
    print(f"without a word in common: {told.of_those_found} of {told.without_shared_words}")
    print(f"one look among 5,000: {told.median_ms:.0f} ms, 95 of 100 within {told.p95_ms:.0f} ms")


if __name__ == "__main__":
    main()
