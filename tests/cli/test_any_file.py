"""`tandem leads import` of a stranger's file, and `tandem leads outcomes`."""

import csv
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from bot.leads.tables import Contact, Lead, LeadStep
from tests.cli.shell import Shell

HEADERS = [
    "Prospect ID", "Lead Number", "Lead Origin", "Do Not Email", "Do Not Call", "First Name", "Last Name",
    "E-Mail Address", "TotalVisits", "Country", "Specialization", "What is your current occupation", "City",
    "City", "Created", "Notes",
]  # fmt: skip
PLACEHOLDERS = ("", "Select", "SELECT", "select", " ", "N/A", "nan")


def messy(path: Path, number: int) -> Path:
    """A stranger's export: placeholders, blanks, mixed case, a header twice, numbers as text, breaks in cells."""
    dice = Random(number)

    def or_nothing(value: str) -> str:
        return dice.choice(PLACEHOLDERS) if dice.random() < 0.3 else dice.choice((value, value.upper(), f" {value} "))

    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Leads, exported 23/11/2026"])
        writer.writerow([])
        writer.writerow(HEADERS)
        for n in range(number):
            if n % 50 == 49:
                writer.writerow([""] * len(HEADERS))
            day, month = dice.randint(1, 28), dice.randint(1, 12)
            writer.writerow([
                f"{n:08x}-b5f1", 600000 + n, dice.choice(("API", "Landing Page")), dice.choice(("Yes", "No", "no")),
                dice.choice(("No", "NO")), or_nothing("Zoë"), or_nothing("Müller"),
                f"Person.{n}@Clinic{n % 97}.example", or_nothing("3.0"), or_nothing("India"), or_nothing("Hämatologie"),
                or_nothing("Working Professional"), or_nothing("Köln"), or_nothing("Mumbai"),
                f"{day:02d}/{month:02d}/2026 09:{n % 60:02d}", or_nothing("wants a call;\nafter five"),
            ])  # fmt: skip
    return path


def brought(shell: Shell) -> list[Lead]:
    with shell.w.services.reading() as session:
        return list(session.scalars(select(Lead).order_by(Lead.id)))


def check(shell: Shell, number: int) -> None:
    leads = brought(shell)
    with shell.w.services.reading() as session:
        contacts = session.scalars(select(Contact).order_by(Contact.id)).all()
    assert len(leads) == number
    assert not any("select" in str(lead.fields).casefold() for lead in leads)
    names = {f"{a} {b}".strip() for a in ("Zoë", "ZOË", "") for b in ("Müller", "MÜLLER", "")}
    assert {c.name or "" for c in contacts} <= names
    assert {c.may_call for c in contacts} == {True} and {c.may_email for c in contacts} == {True, False}
    assert contacts[7].email == "person.7@clinic7.example"
    assert {lead.received_at.year for lead in leads} == {2026}


def test_a_strangers_export_is_understood_shown_and_taken(shell: Shell) -> None:
    file = messy(shell.folder / "export.csv", 120)
    said = shell.quick("leads", "import", str(file), "--source", "website", "--yes", "--save-mapping", "m.toml")
    assert said.status == 0, said.err
    assert "Written in cp1252, divided by ';'; the columns are named in line 3." in said.out
    table = {line.split("  ")[0]: line for line in said.out.splitlines()}
    assert "E-Mail Address" in table["email"] and "First Name + Last Name" in table["name"]
    assert "Do Not Email" in table["agreed to: no_email"] and "Created" in table["received_at"]
    assert "120 new" in said.out
    check(shell, 120)
    again = shell.quick("leads", "import", str(file), "--mapping", "m.toml")  # what was kept says the same
    assert "120 unchanged" in again.out


def test_nothing_is_changed_before_it_is_confirmed(shell: Shell) -> None:
    file = messy(shell.folder / "export.csv", 20)
    said = shell.quick("leads", "import", str(file), "--source", "website")
    assert said.status == 2 and "say --yes" in said.err
    assert brought(shell) == []


def test_the_source_has_to_be_said(shell: Shell) -> None:
    said = shell.quick("leads", "import", shell.write("f.csv", "E-mail\na@b.de\n"))
    assert said.status == 2 and "Say --source with one of website, event, webinar" in said.err


def test_a_file_without_anything_to_know_a_lead_by_is_refused(shell: Shell) -> None:
    said = shell.quick(
        "leads", "import", shell.write("f.csv", "Colour,Size\nred,1\nblue,1\n"), "--source", "website", "--yes"
    )
    assert said.status == 2 and "email or external_id" in said.err


def test_dates_that_could_be_either_are_said_to_be(shell: Shell) -> None:
    file = shell.write("f.csv", "E-mail,Date\na@b.de,03/04/2026\nc@d.de,05/06/2026\n")
    said = shell.quick("leads", "import", file, "--source", "website", "--yes")
    assert "Dates could be read either way; they are read day first." in said.out
    assert brought(shell)[0].received_at.month in (3, 4) and brought(shell)[0].received_at.month == 4


@pytest.mark.proof
def test_nine_thousand_messy_rows(shell: Shell) -> None:
    file = messy(shell.folder / "export.csv", 9000)
    said = shell.tandem("leads", "import", str(file), "--source", "website", "--yes")
    assert said.status == 0, said.err
    check(shell, 9000)


# -- outcomes ----------------------------------------

OUTCOMES = """
source = "website"
[columns]
external_id = "Deal"
at = "Closed"
value = "Amount"
outcome = "Status"
[dates]
formats = ["%d.%m.%Y"]
zone = "Europe/Berlin"
"""


def test_won_and_lost_come_from_a_file_and_what_is_odd_is_flagged(shell: Shell) -> None:
    for n in range(3):
        shell.w.lead(external_id=f"crm-{n}", email=f"n{n}@lab{n}.example", country="Ireland")
    shell.w.deliver()
    shell.write("m.toml", OUTCOMES)
    rows = ["Deal,Status,Closed,Amount", 'crm-0,Closed won,24.11.2026,"84,000.50"', "crm-1,lost,24.11.2026,"]
    rows += ["crm-2,won,01.10.2026,10", "crm-9,won,24.11.2026,1", "crm-1,maybe,24.11.2026,1"]
    file = shell.write("deals.csv", "\n".join(rows) + "\n")
    said = shell.quick("leads", "outcomes", file, "--mapping", "m.toml")
    assert said.out.splitlines() == [
        "1 won, 1 lost, 1 flagged, 2 unknown",
        "line 4: won on 2026-10-01, before the lead's first contact; taken, flagged",
        "2 rows could not be used: see deals.rejected.csv.",
    ]
    assert [lead.stage for lead in brought(shell)] == ["won", "lost", "won"]
    with shell.w.services.reading() as session:
        steps = session.execute(select(LeadStep.step, LeadStep.value, LeadStep.currency, LeadStep.flag)).all()
    assert steps == [
        ("won", 8400050, "EUR", None),
        ("lost", None, "EUR", None),
        ("won", 1000, "EUR", "before_first_contact"),
    ]
    shell.w.deliver()
    assert "The CRM says how this ended" in str(shell.w.cards("U04")[0]["blocks"])
    again = shell.quick("leads", "outcomes", file, "--mapping", "m.toml")
    assert again.out.startswith("3 unchanged, 2 unknown")
    with shell.w.services.reading() as session:
        assert session.scalar(select(func.count(LeadStep.id))) == 3


def test_a_mapping_of_outcomes_that_cannot_be_used_says_why(shell: Shell) -> None:
    shell.write("m.toml", 'source = "website"\n[columns]\ncolour = "x"\n')
    said = shell.quick("leads", "outcomes", shell.write("d.csv", "x\n1\n"), "--mapping", "m.toml")
    assert said.status == 2
    for told in ("colour is no field", "name external_id or email", 'say is = "won"'):
        assert told in said.err
