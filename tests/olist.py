"""The Olist company in a sandbox: 32 SDRs, named as in its file of deals, and an administrator."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.people import roster
from bot.services import Services
from config.policy import Policy
from sandbox.client import SandboxClient
from sandbox.clock import Time
from sandbox.server import Running
from sandbox.slack import Sandbox
from tests.conftest import TurnedClock
from tests.world import MANIFEST, ROOT, settings_for

POLICY = ROOT / "bench" / "olist" / "policy.toml"
MAPPING = ROOT / "bench" / "olist" / "mapping.toml"
LEADS_FILE, DEALS_FILE = "marketing_qualified_leads.csv", "closed_deals.csv"


def sdr_ids(folder: Path) -> list[str]:
    with (folder / DEALS_FILE).open(encoding="utf-8", newline="") as file:
        return sorted({row["sdr_id"] for row in csv.DictReader(file)})


def people(folder: Path) -> list[tuple[str, str, str]]:
    """Slack id, e-mail and role of everybody."""
    sdrs = [(f"U{n:03d}", f"sdr-{id_[:12]}@olist.example", "sdr") for n, id_ in enumerate(sdr_ids(folder), start=1)]
    return [*sdrs, ("U900", "admin@olist.example", "administrator")]


def arrangement(folder: Path) -> dict[str, Any]:
    users = [
        {"id": id_, "name": email.split("@")[0], "real_name": email.split("@")[0], "email": email}
        for id_, email, _ in people(folder)
    ]
    return {"users": users, "manifest": MANIFEST}


def write_people(services: Services, folder: Path) -> None:
    rows = [
        roster.RosterRow.model_validate(
            {"name": email.split("@")[0], "email": email, "team": "sales", "roles": role, "zone": "America/Sao_Paulo"}
        )
        for _, email, role in people(folder)
    ]
    members = {
        email: roster.Member(id_, "T0SANDBOX", "America/Sao_Paulo", is_guest=False) for id_, email, _ in people(folder)
    }
    with services.begin() as session:
        roster.write(session, roster.match(rows, members.get))


@contextmanager
def company(url: str, clock: TurnedClock, folder: Path) -> Iterator[tuple[Services, Sandbox, SandboxClient]]:
    with Running(Sandbox(time=Time(clock.tell, rate=0))) as sandbox:
        slack = SandboxClient(sandbox.base_url)
        slack.set_up(arrangement(folder))
        services = Services.build(settings_for(url, sandbox.base_url), clock)
        services.put_policy_in_force(Policy.load(POLICY))
        services.meet_slack()
        write_people(services, folder)
        yield services, sandbox, slack
        services.engine.dispose()
        slack.close()


def one_by_one(folder: Path) -> Path:
    """The same rules without a budget and with time enough: every card goes out by itself, and nobody is reminded."""
    rules = (
        POLICY.read_text("utf-8")
        .replace("minutes = 120", "minutes = 50000")
        .replace("minutes = 240", "minutes = 50000")
    )
    calm = "\n[calm]\nmorning_brief = false\npings = { field = 99999, sdr = 99999, others = 99999 }\n"
    path = folder / "one_by_one.toml"
    path.write_text(rules + calm, "utf-8")
    return path
