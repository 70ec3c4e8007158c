"""`docs/metrics.md` names every fact and measure that there is, and nothing that there is not."""

import re
from collections.abc import Iterator

from pydantic import BaseModel

from bot.council import letters, measures, queries
from bot.council.facts import Facts, Field, Flow, Promises, Quality
from config.council import Measure
from tests.world import ROOT

TOLD = (ROOT / "docs" / "metrics.md").read_text("utf-8")
PARTS: dict[str, type[BaseModel]] = {"flow": Flow, "quality": Quality, "promises": Promises, "field": Field}
MADE_BEFORE = {"ANSWERED", "ENTERED"}


def rows(heading: str) -> list[list[str]]:
    part = TOLD.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| `")]


def cells(heading: str) -> list[list[str]]:
    """The rows of a table whose first column is no code as well."""
    part = TOLD.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| ")]
    return lines[1:]


def test_every_number_of_the_letter_is_a_measure_that_is_told_of() -> None:
    told = {code for row in cells("Elsewhere") if "the letter" in row[0] for code in codes(row[2])}
    assert {measure.value for measure in letters.NUMBERS} | {Measure.OBJECTIONS.value} == told


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def facts() -> Iterator[str]:
    for name in Facts.model_fields:
        if name in PARTS:
            yield from (f"{name}.{inner}" for inner in PARTS[name].model_fields)
        else:
            yield name


def test_every_fact_has_its_line() -> None:
    described = {code for row in rows("The facts") for code in codes(row[0])}
    frame = set(codes(TOLD.split("say of when and by which rules")[0].rsplit("\n\n", 1)[1]))
    assert described | frame == set(facts())
    assert not described & frame


def test_every_statement_it_names_is_there_and_every_one_there_is_named() -> None:
    named = {code for part in ("The facts", "Elsewhere") for row in cells(part) for code in codes(row[2])}
    named -= {measure.value for measure in Measure}
    named = {code for code in named if not code.startswith("bot.")}
    made = {name for name, found in vars(queries).items() if getattr(found, "__module__", "") == queries.__name__}
    helpers = {"within", "week_number", "number_of", "of_marketings_lead"}
    assert named == {name for name in made if not name.startswith("_")} - helpers


def test_every_line_says_what_it_is_by_which_statement_and_what_to_know_of_it() -> None:
    for part in ("The facts", "Elsewhere"):
        for row in cells(part):
            assert len(row) == 4 and all(len(cell.strip()) > 2 for cell in row), row


def test_every_measure_has_its_line_and_unit() -> None:
    told = {codes(row[0])[0]: row[2].strip() for row in rows("Measures")}
    assert told == {measure.value: measures.unit_of(measure).value for measure in Measure}
    assert set(measures.READERS) == set(Measure)
