"""What was understood of a file: shown, confirmed, kept as a mapping."""

import json
import sys
from collections.abc import Mapping

import typer

from bot.cli.desk import out, refuse, table
from bot.leads.files import Mapped
from bot.leads.guesses import Guessed

LONGEST_EXAMPLE = 60


def show(guessed: Guessed) -> None:
    """Field by field which column it is, with some of what stands there; then what one should look at."""
    mapping = guessed.mapping
    how = mapping.encoding if mapping.encoding == "xlsx" else f"{mapping.encoding}, divided by {mapping.delimiter!r}"
    out.print(f"Written in {how}; the columns are named in line {mapping.header_line}.", highlight=False)
    told = [(ours, theirs) for ours, theirs in mapping.columns.items()]
    told += [(f"agreed to: {ours}", theirs) for ours, theirs in mapping.consent.items()]
    told += [(f"own field: {ours}", theirs) for ours, theirs in mapping.extra.items()]
    rows = [(ours, theirs, _example(guessed.examples, theirs)) for ours, theirs in told]
    table("Field", "Column", "For example", rows=rows)
    if "received_at" in mapping.columns:
        out.print(f"Dates as {', '.join(mapping.dates.formats)}, in {mapping.dates.zone}.", markup=False)
    for doubt in guessed.doubts:
        out.print(f"! {doubt}", style="bold", markup=False, highlight=False, soft_wrap=True)


def confirm(*, yes: bool) -> None:
    """Go on, or end without having changed anything."""
    if yes:
        return
    if not sys.stdin.isatty():
        refuse("Nothing was changed. If this is right, say --yes; if not, --save-mapping writes it to correct.")
    if not typer.confirm("Is this right?"):
        refuse("Nothing was changed. --save-mapping writes what was understood, to correct and use as --mapping.")


def as_toml(mapping: Mapped) -> str:
    """A mapping as a file that `--mapping` reads."""
    lines = ["# What was understood; correct it, then use it with --mapping.", f"source = {_text(mapping.source)}"]
    lines += [f"encoding = {_text(mapping.encoding)}", f"delimiter = {_text(mapping.delimiter)}"]
    lines += [f"header_line = {mapping.header_line}", f"blanks = {_text(list(mapping.blanks))}"]
    lines += _part("columns", mapping.columns) + _part("consent", mapping.consent) + _part("extra", mapping.extra)
    if mapping.touch:
        lines += _part("touch", {"kind": mapping.touch.kind})
    lines += ["", "[dates]", f"formats = {_text(list(mapping.dates.formats))}", f"zone = {_text(mapping.dates.zone)}"]
    return "\n".join(lines) + "\n"


def _part(name: str, values: Mapping[str, str]) -> list[str]:
    return ["", f"[{name}]", *(f"{_text(ours)} = {_text(theirs)}" for ours, theirs in values.items())] if values else []


def _text(value: object) -> str:
    """A JSON text or list of texts is one of TOML, too."""
    return json.dumps(value, ensure_ascii=False)


def _example(examples: Mapping[str, str], column: str) -> str:
    told = examples.get(column, "")
    return told if len(told) <= LONGEST_EXAMPLE else told[: LONGEST_EXAMPLE - 1] + "…"
