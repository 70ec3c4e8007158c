"""What a stranger's file of leads says: its columns guessed, as a mapping one can look at, correct and keep."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot.leads.files import AND, DateMapping, Mapped, TouchMapping
from bot.sheets import columns, reading
from bot.sheets.columns import EMAIL, PHONE, URL, Field, blank

LOOKED_AT, MOST_EXTRA, LONGEST_NAME = 10_000, 60, 60
FIRST, LAST = "first name", "last name"
FIELDS = (
    Field("email", ("e-mail", "email", "mail", "email address", "e-mail-adresse", "courriel"), EMAIL, by_looks=True),
    Field("first_name", (FIRST, "vorname", "given name", "prenom", "nombre", "firstname")),
    Field("last_name", (LAST, "nachname", "surname", "family name", "nom", "apellido", "lastname", "name nachname")),
    Field("name", ("name", "full name", "contact", "contact name", "lead name", "ansprechpartner", "person")),
    Field("phone", ("phone", "telephone", "tel", "mobile", "phone number", "telefon", "mobil", "handy"), PHONE),
    Field("company", ("company", "organization", "organisation", "account", "firma", "company name", "account name",
                      "institution", "hospital", "unternehmen", "employer", "klinik", "societe", "empresa")),
    Field("title", ("title", "job title", "position", "role", "function", "funktion", "what is your current occupation",
                    "occupation", "designation")),
    Field("country", ("country", "land", "pays", "pais", "country region")),
    Field("city", ("city", "town", "ort", "stadt", "ville", "ciudad", "location")),
    Field("external_id", ("id", "lead id", "record id", "external id", "prospect id", "mql id", "lead number", "badge",
                          "contact id", "crm id", "kundennummer", "nr", "number"), is_unique=True),
    Field("received_at", ("date", "created", "created at", "created date", "received", "first contact date", "datum",
                          "timestamp", "create date", "lead created", "scanned at", "submitted"), is_date=True),
    Field("campaign", ("campaign", "kampagne", "utm campaign", "campaign name", "landing page id", "campagne")),
    Field("domain", ("domain", "website", "web", "company domain", "homepage")),
    Field("url", ("crm link", "record link", "url", "link"), URL),
    Field("account_type", ("account type", "company type", "industry", "segment", "branche", "business type")),
)  # fmt: skip
AGREED = r"(?i)yes|no|y|n|true|false|0|1|ja|nein|x"
CONSENTS = (
    Field("no_email", ("do not email", "no email", "email opt out", "unsubscribed", "keine e-mail"), AGREED),
    Field("no_call", ("do not call", "no call", "do not phone", "nicht anrufen"), AGREED),
    Field("do_not_contact", ("do not contact", "dnc", "blocked", "nicht kontaktieren"), AGREED),
    Field("email", ("email opt in", "may we email", "newsletter", "email consent", "optin"), AGREED),
    Field("call", ("may we call", "call consent", "phone opt in", "phone consent"), AGREED),
)


@dataclass(frozen=True)
class Guessed:
    """What was understood: the mapping, some values of each column, and what one should look at."""

    mapping: Mapped
    examples: dict[str, str]
    doubts: tuple[str, ...]


def guess(path: Path, source: str, zone: str) -> Guessed:
    """Look at a file and say what its columns are. Raises SheetError; `zone` is of dates that name none."""
    shape = reading.shape_of(path)
    sample = [line for _, line in islice(reading.lines(path, shape), LOOKED_AT)]
    values = {header: [line[header] for line in sample] for header in shape.headers}
    agreed = columns.guess(CONSENTS, values)
    rest = {header: told for header, told in values.items() if header not in agreed.values()}
    found = columns.guess(FIELDS, rest)
    named = _with_whole_names(found)
    extra = _extra([h for h in rest if h not in found.values() and any(not blank(v) for v in rest[h])])
    day_first = not zone.startswith("America/")
    dates = columns.dates_of(values[found["received_at"]], day_first=day_first) if "received_at" in found else None
    formats = {"formats": dates.formats} if dates and dates.formats else {}
    mapping = Mapped(
        source=source,
        delimiter=shape.delimiter,
        encoding=shape.encoding,
        header_line=shape.header_line,
        blanks=tuple(sorted(columns.BLANKS - {""})),
        columns=named,
        consent=agreed,
        extra=extra,
        touch=TouchMapping() if "campaign" in named else None,
        dates=DateMapping(zone=zone, **formats),
    )
    return Guessed(mapping, _examples(values), tuple(_doubts(shape.headers, named, dates, day_first)))


def _with_whole_names(found: dict[str, str]) -> dict[str, str]:
    """First and last name make the name."""
    parts = [found[part] for part in ("first_name", "last_name") if part in found]
    named = {ours: theirs for ours, theirs in found.items() if ours not in ("first_name", "last_name")}
    return {**named, "name": AND.join(parts)} if parts else named


def _extra(headers: Sequence[str]) -> dict[str, str]:
    """Other columns become fields of their own, for score rules: `Total Visits` is total_visits."""
    found: dict[str, str] = {}
    for header in headers[:MOST_EXTRA]:
        name = columns.plain(header).replace(" ", "_")[:LONGEST_NAME]
        if name:
            found.setdefault(name, header)
    return found


def _examples(values: dict[str, list[str]]) -> dict[str, str]:
    told = {}
    for header, column in values.items():
        different = dict.fromkeys(" ".join(v.split()) for v in column if not blank(v))
        told[header] = ", ".join(list(different)[:3])
    return told


def _doubts(headers: Sequence[str], named: dict[str, str], dates: columns.Dates | None, day_first: bool) -> list[str]:
    doubts = []
    if any(re.fullmatch(EMAIL, header) for header in headers):
        doubts.append("The first row looks like a lead and not like names of columns: it would be left out.")
    if "email" not in named and "external_id" not in named:
        doubts.append("No column is an e-mail address or an id: rows could not be known again.")
    if dates and dates.unsure:
        order = "day first" if day_first else "month first"
        doubts.append(f"Dates could be read either way; they are read {order}. Correct [dates] in the mapping if not.")
    if "received_at" in named and dates and not dates.formats:
        doubts.append(f"The dates in {named['received_at']!r} are written in no way that is known.")
    return doubts
