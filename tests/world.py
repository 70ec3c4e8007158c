"""A small company in a sandbox: people in Slack and in Tandem, a policy, the web app served, a worker one steps."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import update

from bot.app import create_app
from bot.journal.service import OPERATOR, rules_in_force
from bot.leads import service as leads
from bot.leads import tokens
from bot.leads.intake import LeadIn
from bot.people import roster
from bot.people.tables import Person
from bot.services import Services
from bot.web import create_web
from bot.wording import escape
from config.policy import Pings, Policy
from config.settings import Settings
from jobs.days import begin_days, come_and_go
from jobs.deliver import deliver
from jobs.ladder import climb_ladders, owe_next_steps
from jobs.queues import ping_queues
from jobs.returns import bring_back
from sandbox.client import SandboxClient
from sandbox.clock import Time
from sandbox.server import PromptServer, Running
from sandbox.slack import Sandbox
from tests.conftest import TurnedClock

Json = dict[str, Any]
PATIENCE = 6  # real seconds say little on a machine that runs other tests beside this one
ROOT = Path(__file__).parents[1]
MANIFEST = json.loads((ROOT / "manifest.json").read_text("utf-8"))
TEAM = (
    # id, name, roles, zone, territories, manager
    ("U01", "Petra Sommer", "manager;administrator;council", "Europe/Berlin", "", ""),
    ("U02", "Jonas Brandt", "rep", "Europe/Berlin", "DACH", "petra"),
    ("U03", "Dana Fischer", "rep", "Europe/Berlin", "DACH", "petra"),
    ("U04", "Liam Walsh", "rep", "Europe/London", "UK & Ireland", "petra"),
    ("U05", "Mia Lopez", "sdr", "America/New_York", "", "petra"),
    ("U06", "Noah Berg", "sdr", "Europe/Berlin", "", "petra"),
    ("U07", "Ana Costa", "marketer", "Europe/Berlin", "", ""),
)


def email_of(name: str) -> str:
    return f"{name.split(maxsplit=1)[0].lower()}@helix.example"


def slack_users() -> list[Json]:
    return [
        {"id": id_, "name": name.split()[0].lower(), "real_name": name, "email": email_of(name), "tz": zone}
        for id_, name, _, zone, _, _ in TEAM
    ] + [
        {"id": "U90", "name": "guest", "real_name": "Gil Guest", "email": "gil@else.example", "is_restricted": True},
        {"id": "U91", "name": "newbie", "real_name": "Nell New", "email": "nell@helix.example"},
        {"id": "U92", "name": "partner", "real_name": "Pat Partner", "email": "pat@p.example", "team_id": "T0ELSE"},
    ]


def roster_rows() -> list[roster.RosterRow]:
    return [
        roster.RosterRow.model_validate(
            {
                "name": name,
                "email": email_of(name),
                "team": "marketing" if "marketer" in roles else "sales",
                "roles": roles,
                "territories": territories,
                **({"manager": f"{manager}@helix.example"} if manager else {}),
            }
        )
        for _, name, roles, _, territories, manager in TEAM
    ]


@dataclass
class World:
    """Everything a test needs to act and to look."""

    services: Services
    sandbox: Sandbox
    slack: SandboxClient
    clock: TurnedClock
    app_url: str

    # -- acting ----------------------------------------

    def lead(self, source: str = "website", **said: Any) -> leads.Received:
        """A lead comes in that passes the gate, unless it is said otherwise."""
        incoming = LeadIn.model_validate({**WEBER, **said})
        with self.services.under_rules() as (session, rules):
            return leads.receive(session, incoming, source, rules, OPERATOR, self.clock.now())

    def deliver(self, seconds: float = 60) -> int:
        """Send what is due, turning the clock on as far as rate limits ask for, but no further than a minute."""
        sender, steps = self.services.sender(), 0
        ping_queues(self.services)
        until = self.clock.now().timestamp() + seconds
        while True:
            steps += deliver(sender)
            wake = sender.next_wake_at()
            if wake is None or wake.timestamp() > until:
                return steps
            self.clock.turn_to(wake)

    def tick(self) -> None:
        """Everything a worker does of itself at this moment."""
        begin_days(self.services)
        come_and_go(self.services)
        bring_back(self.services)
        owe_next_steps(self.services)
        climb_ladders(self.services)
        self.deliver(15)

    def pass_time(self, until: str | datetime, step_minutes: int = 5) -> None:
        """Let time go by with a worker that looks every few minutes."""
        end = at(until) if isinstance(until, str) else until
        while self.clock.now() < end:
            self.clock.turn_to(min(end, self.clock.now() + timedelta(minutes=step_minutes)))
            self.tick()

    def tap(self, user: str, action_id: str, which: int = -1, **chosen: Any) -> Json:
        """Tap a button of the `which`-th message that has it, in this user's direct messages."""
        found = [m for m in self.messages(user) if has_action(m, action_id)]
        told = self.slack.tap(user, f"D{user[1:]}", found[which]["ts"], action_id, **chosen)
        assert told["status"] == 200, "the app did not answer this tap"
        return told

    def token(self, source: str = "website") -> str:
        with self.services.begin() as session:
            return tokens.create(session, source, self.clock.now())

    def post(self, body: Any, token: str, **headers: str) -> httpx.Response:
        told = {"Authorization": f"Bearer {token}", **headers}
        return httpx.post(f"{self.app_url}/intake/leads", json=body, headers=told, timeout=30)

    # -- looking ---------------------------------------

    def services_policy(self) -> Policy:
        with self.services.reading() as session:
            return rules_in_force(session).policy

    def messages(self, user: str, channel: str | None = None) -> list[Json]:
        found: list[Json] = self.slack.sees(user, channel)["messages"]
        return found

    def cards(self, user: str) -> list[Json]:
        """What stands in this user's direct messages from Tandem, whispers left out."""
        return [m for m in self.messages(user) if m.get("bot_id") and not m["ephemeral"]]

    def whispers(self, user: str) -> list[str]:
        return [m["text"] for m in self.messages(user) if m["ephemeral"]]


def words(message: Json) -> str:
    """Everything a person reads on a message, line by line."""
    lines = []
    for block in message["blocks"]:
        if block["type"] == "rich_text":
            said = "".join(e.get("text", "") for part in block["elements"] for e in part["elements"])
            lines += [f"> {line}" for line in escape(said).split("\n")]  # it is text, and no mrkdwn
            continue
        lines += [block["text"]["text"]] if "text" in block else []
        lines += [
            "[⋯]" if "text" not in e else e["text"] if isinstance(e["text"], str) else f"[{e['text']['text']}]"
            for e in block.get("elements", [])
        ]
    return "\n".join(lines)


def has_action(message: Json, action_id: str) -> bool:
    elements = [e for b in message["blocks"] for e in [*b.get("elements", []), b.get("accessory", {})]]
    return any(e.get("action_id") == action_id for e in elements)


WEBER: Json = {
    "external_id": "crm-1",
    "email": "m.weber@example.org",
    "name": "Dr. Miriam Weber",
    "title": "Head of laboratory, haematology",
    "phone": "+49 30 5550 101",
    "company": "Charité",
    "city": "Berlin",
    "country": "Germany",
    "campaign": "medica-2026",
    "account_type": "hospital lab",
    "fields": {"beds": 3000},
    "consent": {"call": True, "email": True},
    "touches": [{"kind": "download", "asset": "the CellScan price guide", "at": "2026-11-23T08:00:00Z"}],
}


def with_plenty(policy: Policy) -> Policy:
    """The same rules without a budget for new messages: for tests of something else."""
    return changed(policy, calm=policy.calm.model_copy(update={"pings": Pings(field=999, sdr=999, others=999)}))


def changed(policy: Policy, **parts: object) -> Policy:
    """A policy with other parts; what a copy would keep of the old one's hash is forgotten."""
    copied = policy.model_copy(update=parts)
    for kept in ("canonical", "hash"):
        copied.__dict__.pop(kept, None)
    return copied


def settings_for(url: str, slack_url: str, **more: Any) -> Settings:
    told = {"slack_bot_token": "xoxb-sandbox", "slack_signing_secret": "sandbox-secret"} | more
    return Settings(database_url=url, slack_api_url=f"{slack_url}/api/", **told)


@contextmanager
def serving(services: Services) -> Iterator[str]:
    """The real web app on a port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = PromptServer(
        uvicorn.Config(create_web(services, create_app(services)), log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.005)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.end()
        thread.join(5)
        listening.close()


@contextmanager
def world(url: str, clock: TurnedClock, policy: Policy | None = None, **settings: Any) -> Iterator[World]:
    with Running(Sandbox(time=Time(clock.tell, rate=0), patience=PATIENCE)) as sandbox:
        slack = SandboxClient(sandbox.base_url)
        members = [u["id"] for u in slack_users()]
        channels = [{"id": f"C0{n}", "name": name, "members": members} for n, name in ((1, "leads"), (2, "council"))]
        slack.set_up({"users": slack_users(), "channels": channels, "manifest": MANIFEST})
        services = Services.build(settings_for(url, sandbox.base_url, **settings), clock)
        services.answer_seconds *= PATIENCE
        services.put_policy_in_force(policy or with_plenty(Policy.load(ROOT / "config" / "policy.toml")))
        services.meet_slack()
        with services.begin() as session:
            rows = roster_rows()
            members_by_email = {row.email: services.find_member(row.email) for row in rows}
            roster.write(session, roster.match(rows, members_by_email.get))
            session.execute(update(Person).values(met_at=clock.now()))  # everybody has met Tandem before
        with serving(services) as app_url:
            slack.set_up({"app_url": f"{app_url}/slack/events"})
            try:
                yield World(services, sandbox, slack, clock, app_url)
            finally:
                services.engine.dispose()
                slack.close()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
