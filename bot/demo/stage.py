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
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from bot.clock import FileClock
from bot.demo import story
from sandbox.client import SandboxClient

ROOT = Path(__file__).parents[2]
RATE = 20  # seconds of the story for one of ours, between the scenes
START_SECONDS = 60
SECRET = "sandbox-secret"


class StageError(Exception):
    """A process of the demo did not start or did not answer."""


@dataclass
class Stage:
    """Everything a play needs to act."""

    slack: SandboxClient
    tandem: httpx.Client
    clock: FileClock
    database_url: str
    tokens: dict[str, str] = field(default_factory=dict)

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
        headers = {"Authorization": f"Bearer {self.tokens[source]}"}
        answer = self.tandem.post("/intake/leads", json=leads, headers=headers)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told


@contextlib.contextmanager
def set_up(folder: Path) -> Iterator[Stage]:
    """Start everything on a fresh database; end every process when left, however it is left."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*"):
        old.unlink()
    clock_file = folder / "clock.json"
    slack_port, tandem_port = _free_port(), _free_port()
    environment = _environment(folder, clock_file, slack_port, tandem_port)
    manifest = json.loads((ROOT / "manifest.json").read_text("utf-8"))
    arrangement = {
        **story.arrangement(manifest),
        "app_url": f"http://127.0.0.1:{tandem_port}/slack/events",
        "signing_secret": SECRET,
    }
    (folder / "workspace.json").write_text(json.dumps(arrangement), "utf-8")
    _write_people(folder / "people.csv")
    with contextlib.ExitStack() as stack:
        sandbox = ["-m", "sandbox", "--port", str(slack_port), "--clock", str(clock_file)]
        sandbox += ["--starts", story.STARTS, "--rate", str(RATE)]
        stack.enter_context(_running([*sandbox, "--set-up", str(folder / "workspace.json")], environment))
        slack = SandboxClient(f"http://127.0.0.1:{slack_port}")
        stack.callback(slack.close)
        _wait_for(f"http://127.0.0.1:{slack_port}/control/messages")
        _tandem(environment, "db", "upgrade")
        _tandem(environment, "people", "import", str(folder / "people.csv"))
        tokens = {source: _tandem(environment, "tokens", "create", source) for source in ("website", "event")}
        stack.enter_context(_running(["-m", "bot", "run"], environment))
        _wait_for(f"http://127.0.0.1:{tandem_port}/health")
        tandem = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{tandem_port}", timeout=30))
        yield Stage(slack, tandem, FileClock(clock_file), environment["DATABASE_URL"], tokens)


def _environment(folder: Path, clock_file: Path, slack_port: int, tandem_port: int) -> dict[str, str]:
    own = {
        "DATABASE_URL": f"sqlite:///{folder.resolve()}/tandem.sqlite3",
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{slack_port}/api/",
        "POLICY_FILE": str(ROOT / "config" / "policy.toml"),
        "PORT": str(tandem_port),
        "HOST": "127.0.0.1",
        "TICK_SECONDS": "0.05",
        "LOG_LEVEL": "error",
        "CLOCK_FILE": str(clock_file),
        # The story runs faster than real time; so does its patience.
        "SLACK_TIMEOUT_SECONDS": "1",
    }
    return {**os.environ, **own, "PYTHONPATH": str(ROOT)}


def _write_people(path: Path) -> None:
    columns = ["name", "email", "team", "roles", "manager", "zone", "calendar", "territories", "capacity"]
    columns += ["away_from", "away_until", "backup"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for m in story.COMPANY:
            calendar = "inside" if m.roles == "sdr" else ""
            row = [m.name, m.email, m.team, m.roles, story.address(m.manager), "", calendar, m.territories, m.capacity]
            writer.writerow([*row, m.away_from, m.away_until, story.address(m.backup)])


def _tandem(environment: dict[str, str], *words: str) -> str:
    """Run one command to its end; what it printed."""
    command = [sys.executable, "-m", "bot", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise StageError(f"tandem {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


@contextlib.contextmanager
def _running(words: list[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, *words], env=environment)  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise StageError(f"{url} did not answer within {START_SECONDS} s")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
