"""The processes a demo is played on: the local Slack and Tandem, on free ports of this machine, on a turned clock."""

import contextlib
import csv
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.clock import FileClock
from bot.demo import past, story
from bot.leads import tokens
from bot.people import roster
from bot.people.roster import Member
from bot.services import Services
from bot.store.migrate import upgrade
from config.policy import Policy
from config.settings import Settings
from sandbox.client import SandboxClient

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
SECRET = "sandbox-secret"
SLACK_PORT, TANDEM_PORT = 3100, 3000
SOURCES = ("website", "event", "webinar")
DATABASE = ("tandem.sqlite3", "tandem.sqlite3-wal", "tandem.sqlite3-shm")
OURS = ("clock.json", "stopped.txt", "people.csv", "workspace.json", "workspace.kept", *DATABASE)


class StageError(Exception):
    """A process of the demo did not start, did not answer, or has ended."""


@dataclass(frozen=True)
class Setting:
    """What is to be set up: the story's time, how fast it runs, with a page or without, and what is kept of before."""

    folder: Path
    starts: datetime
    rate: float  # seconds of the story for one of ours
    page: bool = False
    keep: bool = False
    weeks_before: int = 0
    slack_port: int = 0
    tandem_port: int = 0
    policy: Path = ROOT / "config" / "policy.toml"


@dataclass
class Stage:
    """Everything a play needs to act."""

    slack: SandboxClient
    tandem: httpx.Client
    clock: FileClock
    database_url: str
    is_new: bool = True
    tokens: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def turn_to(self, at: datetime) -> None:
        """Move the story's time on; it never goes back."""
        self.slack.turn_to(at)

    def settle(self) -> None:
        """Wait until Tandem has said what is due."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            told = self.tandem.get("/health").json()
            if not told["messages_due"] and not told["messages_in_flight"]:
                return
            time.sleep(0.05)
        raise StageError("Tandem still has messages to send after a minute")

    def send(self, source: str, leads: Any) -> dict[str, Any]:
        """Leads come in. Raises StageError when Tandem does not take them."""
        headers = {"Authorization": f"Bearer {self.tokens[source]}"}
        try:
            answer = self.tandem.post("/intake/leads", json=leads, headers=headers)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise StageError(f"Tandem did not take a lead: {error}") from error
        told: dict[str, Any] = answer.json()
        return told

    def check(self) -> None:
        """Raises StageError when a process has ended by itself."""
        if any(process.poll() is not None for process in self.processes):
            raise StageError("A process of the demo has ended; what it said stands above")


@contextlib.contextmanager
def set_up(setting: Setting) -> Iterator[Stage]:
    """Start everything, on a fresh database unless it is kept; end every process when left, however it is left."""
    folder = setting.folder
    is_new = not (setting.keep and (folder / "workspace.kept").exists())
    folder.mkdir(parents=True, exist_ok=True)
    if is_new:
        for name in OURS:
            (folder / name).unlink(missing_ok=True)
    slack_port, tandem_port = free_port(setting.slack_port), free_port(setting.tandem_port)
    environment = _environment(setting, slack_port, tandem_port)
    _write_arrangement(setting, tandem_port)
    processes: list[subprocess.Popen[bytes]] = []
    with contextlib.ExitStack() as stack:
        processes.append(stack.enter_context(_running(_sandbox_words(setting, slack_port, is_new), environment)))
        keys = _prepare(setting, environment, is_new)  # while the local Slack starts
        wait_for(f"http://127.0.0.1:{slack_port}/control/notifications", processes)
        slack = SandboxClient(f"http://127.0.0.1:{slack_port}")
        stack.callback(slack.close)
        processes.append(stack.enter_context(_running(["-m", "bot", "run"], environment)))
        wait_for(f"http://127.0.0.1:{tandem_port}/health", processes)
        tandem = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{tandem_port}", timeout=30))
        clock = FileClock(folder / "clock.json")
        try:
            yield Stage(slack, tandem, clock, environment["DATABASE_URL"], is_new, keys, processes)
        finally:
            (folder / "stopped.txt").write_text(clock.now().isoformat(), "utf-8")


def _prepare(setting: Setting, environment: dict[str, str], is_new: bool) -> dict[str, str]:
    """The database with its people and, for a visit, some weeks that have passed; a key for each source."""
    services = Services.build(Settings.load(environment, slack=True), FileClock(setting.folder / "clock.json"))
    now, policy = setting.starts, Policy.load(setting.policy)
    upgrade(services.engine)
    began = timedelta(weeks=setting.weeks_before, days=3) if is_new and setting.weeks_before else timedelta(0)
    services.put_policy_in_force(policy, now - began)
    if is_new:
        _write_people(setting.folder / "people.csv")
        with services.begin() as session:
            rows = roster.read(setting.folder / "people.csv", policy)
            roster.write(session, roster.match(rows, _member))
        if setting.weeks_before:
            past.play(services, setting.weeks_before, now)
    with services.begin() as session:
        keys = {source: tokens.create(session, source, now) for source in SOURCES}
    services.engine.dispose()
    return keys


def _member(email: str) -> Member | None:
    """Who has this e-mail in the local Slack, without asking it: it is still starting."""
    found = next((m for m in story.COMPANY if m.email == email), None)
    return Member(found.slack_id, story.TEAM_ID, found.zone, is_guest=False) if found else None


def _sandbox_words(setting: Setting, port: int, is_new: bool) -> list[str]:
    folder = setting.folder
    words = ["-m", "sandbox", "--port", str(port), "--clock", str(folder / "clock.json"), "--rate", str(setting.rate)]
    words += ["--set-up", str(folder / "workspace.json")]
    stopped = folder / "stopped.txt"  # a visit goes on at the hour it ended: nothing was due in between
    starts = setting.starts.isoformat() if is_new or not stopped.exists() else stopped.read_text("utf-8")
    words += ["--starts", starts]
    words += ["--page", "--keep", str(folder / "workspace.kept")] if setting.page else []
    return words


def _write_arrangement(setting: Setting, tandem_port: int) -> None:
    manifest = json.loads((ROOT / "manifest.json").read_text("utf-8"))
    arrangement = {
        **story.arrangement(manifest),
        "app_url": f"http://127.0.0.1:{tandem_port}/slack/events",
        "signing_secret": SECRET,
        "hints": story.HINTS,
    }
    (setting.folder / "workspace.json").write_text(json.dumps(arrangement), "utf-8")


def _environment(setting: Setting, slack_port: int, tandem_port: int) -> dict[str, str]:
    own = {
        "DATABASE_URL": f"sqlite:///{setting.folder.resolve()}/tandem.sqlite3",
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{slack_port}/api/",
        "POLICY_FILE": str(setting.policy),
        "PORT": str(tandem_port),
        "HOST": "127.0.0.1",
        "TICK_SECONDS": "0.2" if setting.rate <= 1 else "0.05",
        "LOG_LEVEL": "error",
        "CLOCK_FILE": str(setting.folder / "clock.json"),
        # A story that runs faster than real time has less patience.
        "SLACK_TIMEOUT_SECONDS": "5" if setting.rate <= 1 else "1",
    }
    return {**os.environ, **own, "PYTHONPATH": str(ROOT)}


def _write_people(path: Path) -> None:
    columns = ["name", "email", "team", "roles", "manager", "zone", "calendar", "territories", "capacity"]
    columns += ["away_from", "away_until", "backup"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for m in story.COMPANY:
            row = [
                m.name,
                m.email,
                m.team,
                m.roles,
                story.address(m.manager),
                "",
                m.calendar,
                m.territories,
                m.capacity,
            ]
            writer.writerow([*row, m.away_from, m.away_until, story.address(m.backup)])


@contextlib.contextmanager
def _running(words: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own group: Ctrl-C reaches the demo alone, which then ends the others in their order."""
    # Our own interpreter with words of ours, and no shell.
    process = subprocess.Popen([sys.executable, *words], env=environment, start_new_session=True)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(url: str, processes: list[subprocess.Popen[bytes]]) -> None:
    """Until `url` answers. Raises StageError when it does not, or one of the processes has ended."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and all(process.poll() is None for process in processes):
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise StageError(f"{url} did not answer within {START_SECONDS} s")


def free_port(wanted: int) -> int:
    """The port one would expect, or, when it is taken, any other."""
    for port in (wanted, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as found:
                chosen: int = found.getsockname()[1]
                return chosen
        except OSError:
            continue
    raise StageError("There is no free port on this machine")
