"""`tandem leads import` on a real file: what goes in, what is posted, and what never is."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.leads.tables import Lead, Offer
from bot.outbox.tables import Message
from bot.sla.tables import Obligation
from bot.store import Base
from tests.cli.shell import Shell, snapshot
from tests.world import World, words

MAPPING = """
source = "event"
[columns]
external_id = "id"
email = "mail"
company = "lab"
received_at = "day"
[constants]
country = "Germany"
[consent]
do_not_contact = "stop"
[touch]
kind_column = "did"
asset = "CellScan"
[dates]
formats = ["%d.%m.%Y"]
zone = "Europe/Berlin"
"""
ROWS = [
    ("1", "one@lab.example", "Lab One", "20.11.2026", "", "demo_request"),
    ("2", "two@lab.example", "Lab Two\nWard 3", "20.11.2026", "", "demo_request"),
    ("3", "nobody", "Lab Three", "soon", "", "demo_request"),
    ("4", "four@lab.example", "Lab Four", "20.11.2026", "", "page"),
    ("5", "five@lab.example", "Lab Five", "20.11.2026", "yes", "demo_request"),
    ("6", "six@lab.example", "Lab Six", "20.11.2026", "", "quote_request"),
    ("7", "seven@lab.example", "=Lab", "20.11.2026", "", "demo_request"),
]
OFFERED = 4  # of the six that can be used, one does not pass the gate and one wants no contact


@pytest.fixture
def command(shell: Shell) -> tuple[str, ...]:
    shell.write("m.toml", MAPPING)
    with (shell.folder / "fair.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("id", "mail", "lab", "day", "stop", "did"), *ROWS])
    return ("leads", "import", "fair.csv", "--mapping", "m.toml")


def count(w: World, table: type[Base]) -> int:
    with w.services.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def silence(w: World) -> bool:
    """Nothing is offered, owed or said."""
    return not any(count(w, table) for table in (Offer, Obligation, Message))


def shown(out: str) -> dict[str, int]:
    """The table of people with their cards."""
    lines = [line.rsplit(maxsplit=1) for line in out.splitlines()]
    return {line[0].strip(): int(line[1]) for line in lines if len(line) == 2 and line[1].isdigit()}


def offered(w: World) -> dict[str, int]:
    found = {name: len(w.cards(user)) for user, name in (("U02", "Jonas Brandt"), ("U03", "Dana Fischer"))}
    return {name: number for name, number in found.items() if number}


def test_leads_are_kept_then_offered_and_nothing_twice(shell: Shell, command: tuple[str, ...]) -> None:
    w = shell.w
    kept = shell.tandem(*command)
    assert (kept.status, kept.out.splitlines()) == (
        0,
        ["6 new", "1 rows could not be used: see fair.rejected.csv."],
    )
    assert count(w, Lead) == 6
    assert silence(w)
    with (shell.folder / "fair.rejected.csv").open(encoding="utf-8", newline="") as file:
        (rejected,) = csv.DictReader(file)
    assert rejected["line"] == "5"
    assert [reason.split(":")[0] for reason in rejected["reason"].split("; ")][:2] == ["email", "received_at"]
    assert (rejected["id"], rejected["mail"], rejected["day"]) == ("3", "nobody", "soon")

    before = snapshot(w)
    assert shell.quick(*command).out.splitlines()[0] == "6 unchanged"
    assert snapshot(w) == before

    w.clock.advance(hours=2)
    posted = shell.tandem(*command, "--offer")
    assert posted.out.startswith("6 unchanged\n")
    assert sum(shown(posted.out).values()) == count(w, Offer) == count(w, Obligation) == OFFERED
    w.deliver()
    assert offered(w) == shown(posted.out)
    assert not any("Lab Five" in words(card) for user in ("U02", "U03") for card in w.cards(user))

    before = snapshot(w)
    again = shell.quick(*command, "--offer")
    assert (again.out.splitlines()[0], shown(again.out)) == ("6 unchanged", {})
    assert snapshot(w) == before


def test_a_dry_run_changes_nothing_and_tells_what_would_be(shell: Shell, command: tuple[str, ...]) -> None:
    w = shell.w
    before = snapshot(w)
    dry = shell.tandem(*command, "--dry-run")
    assert dry.status == 0
    assert "6 would be new" in dry.out
    assert snapshot(w) == before
    assert sum(shown(dry.out).values()) == OFFERED
    real = shell.quick(*command, "--offer")
    assert "6 new" in real.out
    assert shown(real.out) == shown(dry.out), "a dry run takes turns as the real one does"
    w.deliver()
    assert offered(w) == shown(dry.out)
    assert shown(shell.quick(*command, "--dry-run").out) == {}


def test_history_sends_and_owes_nothing_ever(shell: Shell, command: tuple[str, ...]) -> None:
    w = shell.w
    past = shell.tandem(*command, "--history")
    assert past.out.startswith("6 new\n")
    assert shown(past.out) == {}
    assert silence(w)
    w.clock.advance(days=1)
    assert shell.quick(*command, "--offer").out.startswith("6 unchanged\n")
    assert shell.quick(*command, "--history", "--dry-run").out.startswith("6 would be unchanged\n")
    w.deliver()
    assert silence(w)


REFUSED = {
    ("--offer", "--history"): "exclude each other",
    ("--mapping", "none.toml"): "none.toml: ",
    ("--mapping", "wrong.toml"): "wrong.toml: mail is no field",
    ("--mapping", "columns.toml"): "fair.csv has no column 'e-mail'",
    ("--mapping", "encoding.toml"): "klingon",
    ("--mapping", "latin.toml"): "latin.toml: ",
}


def test_what_cannot_be_done_is_refused_with_a_sentence(shell: Shell, command: tuple[str, ...]) -> None:
    shell.write("wrong.toml", MAPPING.replace("email =", "mail ="))
    shell.write("columns.toml", MAPPING.replace('"mail"', '"e-mail"'))
    shell.write("encoding.toml", 'encoding = "klingon"\n' + MAPPING)
    (shell.folder / "latin.toml").write_bytes("source = 'é'".encode("latin-1"))
    before = snapshot(shell.w)
    answers = {more: shell.quick(*command, *more) for more in REFUSED}
    missing = shell.quick("leads", "import", "none.csv", "--mapping", "m.toml")
    assert {more: answer.status for more, answer in answers.items()} == dict.fromkeys(REFUSED, 2)
    assert {more: told for more, told in REFUSED.items() if told not in answers[more].err} == {}
    assert (missing.status, "none.csv: " in missing.err) == (2, True)
    assert snapshot(shell.w) == before


def test_a_quote_that_is_never_closed_is_refused_with_a_sentence(shell: Shell, command: tuple[str, ...]) -> None:
    """The csv module gives up on a cell of more than 128 KiB."""
    Path("fair.csv").write_text('id,mail,lab,day,stop,did\n1,"one' + "\n2,two@lab.example,,,," * 8000, "utf-8")
    answer = shell.quick(*command)
    assert answer.status == 2
    assert "fair.csv" in answer.err


def test_the_reject_file_stands_beside_the_file(shell: Shell, command: tuple[str, ...]) -> None:
    (shell.folder / "data").mkdir()
    Path("fair.csv").rename("data/fair.csv")
    assert shell.quick("leads", "import", "data/fair.csv", "--mapping", "m.toml").status == 0
    assert [str(path) for path in Path().rglob("*.rejected.csv")] == ["data/fair.rejected.csv"]
