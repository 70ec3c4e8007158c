"""Helix Diagnostics: twelve people in three time zones, and the leads of a Tuesday in November."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
STARTS, VISIT_STARTS = "2026-11-24T07:10:00+01:00", "2026-11-24T08:05:00+01:00"
TEAM_ID = "T0HELIX"
VISITOR = "U02"  # Jonas: whom one begins as
HINTS = (
    "Six steps, three minutes: you begin as Jonas, a sales rep in Berlin.",
    "Charité’s card is here: tap Accept.",
    "When another lead comes, send it back: Reject…, and a reason.",
    "Type /lead mine, or open the Home tab.",
    "Act as Ana, marketing: her Home tab tells what became of her leads.",
    "Act as Petra, who leads sales: #council has the digest of the week, Next Monday brings the next.",
    "Turn the clock to the next working morning; act as Grace in New York: her card came in her own morning.",
)


@dataclass(frozen=True)
class Member:
    """Somebody of the company: in Slack and in the file that Tandem imports."""

    slack_id: str
    name: str
    team: str
    roles: str
    zone: str
    territories: str = ""
    manager: str = ""
    capacity: str = ""
    away_from: str = ""
    away_until: str = ""
    backup: str = ""
    calendar: str = ""

    @property
    def title(self) -> str:
        """As their Slack profile says it."""
        team = "Both teams" if self.team == "both" else self.team.capitalize()
        return f"{team} · {self.roles.replace(';', ', ').replace('_', ' ')}"

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @property
    def email(self) -> str:
        return address(self.first_name)


def address(first_name: str) -> str:
    return f"{first_name.lower()}@helix.example" if first_name else ""


BERLIN, LONDON, NEW_YORK = "Europe/Berlin", "Europe/London", "America/New_York"
COMPANY = (
    Member("U01", "Petra Sommer", "sales", "manager;administrator;council", BERLIN),
    Member("U02", "Jonas Brandt", "sales", "rep", BERLIN, "DACH", "Petra"),
    Member("U03", "Dana Fischer", "sales", "rep", BERLIN, "DACH", "Petra"),
    Member("U04", "Liam Walsh", "sales", "rep", LONDON, "UK & Ireland", "Petra", calendar="uk"),
    Member("U05", "Grace Miller", "sales", "rep", NEW_YORK, "US East", "Petra", calendar="us"),
    Member("U06", "Noah Berg", "sales", "sdr", BERLIN, "", "Petra", calendar="inside"),
    Member("U07", "Mia Lopez", "sales", "sdr", NEW_YORK, "", "Petra", calendar="us"),
    Member("U08", "Ravi Shah", "sales", "strategic_account_manager", LONDON, "", "Petra", calendar="uk"),
    Member("U09", "Ana Costa", "marketing", "marketer", BERLIN, "", "Helena"),
    Member("U10", "Marc Dubois", "marketing", "product_manager", "Europe/Paris", "", "Helena"),
    Member("U11", "Helena Vogt", "marketing", "manager;council", BERLIN),
    Member("U12", "Sofia Lind", "both", "sponsor;quality", BERLIN),
)
STRANGER = {"id": "U90", "name": "nell", "real_name": "Nell New", "email": "nell@helix.example", "tz": BERLIN}


def who(slack_id: str) -> str:
    return next((m.first_name for m in COMPANY if m.slack_id == slack_id), slack_id)


def named(first_name: str) -> Member:
    return next(m for m in COMPANY if m.first_name == first_name)


def arrangement(manifest: Json) -> Json:
    """The workspace as the sandbox is given it."""
    users = [
        {
            "id": m.slack_id,
            "name": m.first_name.lower(),
            "real_name": m.name,
            "email": m.email,
            "tz": m.zone,
            "title": m.title,
        }
        for m in COMPANY
    ]
    leads = {"id": "C01", "name": "leads", "members": [m.slack_id for m in COMPANY]}
    members = [m.slack_id for m in COMPANY if "council" in m.roles or "sponsor" in m.roles]
    council = {"id": "C02", "name": "council", "members": members}
    company = {"name": "Helix Diagnostics", "zone": BERLIN, "team": TEAM_ID, "visitor": VISITOR}
    return {**company, "users": [*users, STRANGER], "channels": [leads, council], "manifest": manifest}


def lead(external_id: str, company: str, country: str, kind: str, asset: str = "", **more: Any) -> Json:
    """A lead that passes the gate, as a web form or a trade fair would send it."""
    return {
        "external_id": external_id,
        "company": company,
        "country": country,
        "account_type": "hospital lab",
        "touches": [{"kind": kind, "asset": asset}],
        **more,
    }


CHARITE = lead(
    "web-1001",
    "Charité",
    "Germany",
    "download",
    "the CellScan price guide",
    name="Dr. Miriam Weber",
    title="Head of laboratory, haematology",
    city="Berlin",
    phone="+49 30 5550 101",
    email="m.weber@charite.example",
    campaign="medica-2026",
    fields={"beds": 3000},
    consent={"call": True, "email": True},
    account_owner=address("Jonas"),
)
VIENNA = lead(
    "web-1002",
    "AKH Wien",
    "Austria",
    "event",
    name="B. Novak",
    title="Purchasing",
    city="Vienna",
    email="b.novak@akh.example",
    campaign="medica-2026",
)
LONDON_DEMO = lead(
    "web-1003",
    "St Thomas Hospital",
    "United Kingdom",
    "demo_request",
    "CellScan",
    name="Dr. Owen Price",
    title="Head of pathology",
    city="London",
    phone="+44 20 5550 144",
    email="o.price@stthomas.example",
    campaign="cellscan-launch",
    consent={"call": True},
)
BASEL = lead("web-1004", "Labor Basel", "Switzerland", "download", "the price list", name="R. Frei", phone="000")
BASEL_MENDED = {**BASEL, "phone": "+41 61 5550 122", "email": "r.frei@laborbasel.example"}
KIEL = lead(
    "web-1005",
    "UKSH Kiel",
    "Germany",
    "webinar",
    "the night-shift webinar",
    name="Dr. Kern",
    city="Kiel",
    email="kern@uksh.example",
    fields={"beds": 1200},
)
BOSTON = lead("web-1006", "Beacon Lab", "United States", "download", "the price guide", name="K. Olsen", city="Boston")
HAMBURG = lead("web-1007", "UKE Hamburg", "Germany", "download", "the price guide", name="Prof. Lang", city="Hamburg")
NO_CONTACT = lead("web-1008", "Quiet Lab", "Germany", "download", "the price guide", consent={"do_not_contact": True})
LATE = lead("web-1009", "Klinikum Jena", "Germany", "event", name="S. Albrecht", city="Jena", campaign="medica-2026")
FOUR_MORE = [lead(f"web-11{n:02d}", f"Laborzentrum {n}", "Germany", "event", city="Ulm") for n in range(1, 5)]
UNFINISHED = {"company": "No address at all"}
FAIR = [
    lead(f"fair-{n:02d}", f"Praxislabor {n}", country, "event", campaign="medica-2026")
    for n, country in enumerate(["France", "Spain", "Italy", "Poland"] * 6, start=1)
]

# While one watches the page: for Jonas, his colleagues, and those who sleep.
WHILE_ONE_WATCHES: tuple[tuple[str, Json], ...] = (
    ("website", {**KIEL, "account_owner": address("Jonas")}),
    ("event", VIENNA),
    ("website", HAMBURG),
    ("website", LONDON_DEMO),
    ("website", BASEL),
    ("event", FAIR[0]),
    ("event", FAIR[1]),
)
ELSEWHERE = (("Germany", "Ulm"), ("United Kingdom", "York"), ("Spain", "Vigo"), ("Austria", "Wels"))
