"""`docs/install.md` followed to the letter, with the sandbox in Slack's place, over Socket Mode and over HTTP.

Only `make setup` is left out (the fresh clone of every run does it), and what one does in a browser is done here by
giving the sandbox the printed manifest.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.manifest import SCOPES
from sandbox.client import SandboxClient
from sandbox.server import Running
from sandbox.slack import Sandbox
from tests.world import ROOT

BLOCK = re.compile(r"^```sh ?(\w*)\n(.*?)^```", re.M | re.S)
PEOPLE = ("petra", "jonas", "mia", "ana")
PATIENCE = 30


@dataclass
class Machine:
    """A folder with what a clone has, and the commands of the document, in their order."""

    folder: Path
    slack: SandboxClient
    port: int
    mode: str

    def commands(self) -> Iterator[str]:
        for kind, commands in BLOCK.findall((ROOT / "docs" / "install.md").read_text("utf-8")):
            if kind in ("", self.mode, "example"):
                yield from re.sub(r"\\\n\s*", "", commands).strip().splitlines()

    def run(self, command: str, **more: str) -> str:
        done = subprocess.run(
            ["/bin/bash", "-c", command], cwd=self.folder, env=self.env(**more), capture_output=True, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def env(self, **more: str) -> dict[str, str]:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **more}

    def settings(self) -> None:
        """What the document says to write into `.env`, and where this Slack is."""
        file = self.folder / ".env"
        own = {"SLACK_BOT_TOKEN": "xoxb-sandbox", "SLACK_API_URL": f"{self.slack.base_url}/api/"}
        secret = {"socket": ("SLACK_APP_TOKEN", "xapp-sandbox"), "http": ("SLACK_SIGNING_SECRET", "sandbox-secret")}
        own |= dict([secret[self.mode], ("PORT", str(self.port))])
        text = file.read_text("utf-8")
        for name, value in own.items():
            text = re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.M)
        file.write_text(text, "utf-8")

    @contextmanager
    def running(self) -> Iterator[None]:
        process = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=self.folder, env=self.env())
        try:
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until and process.poll() is None:
                try:
                    if httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=1).status_code == 200:
                        break
                except httpx.HTTPError:
                    continue
            yield
        finally:
            process.terminate()
            assert process.wait(15) == 0


@pytest.fixture(params=["socket", pytest.param("http", marks=pytest.mark.proof)])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copy(ROOT / ".env.example", tmp_path)
    shutil.copy(ROOT / "docs" / "examples" / "people.csv", tmp_path)
    policy = tmp_path / "config" / "policy.toml"  # "put your own e-mails there": this company has no Marc
    policy.write_text(policy.read_text("utf-8").replace("marc@", "ana@"), "utf-8")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "tandem"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n', "utf-8")
    command.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    with Running(Sandbox()) as sandbox:
        slack = SandboxClient(sandbox.base_url)
        users = [
            {"id": f"U0{n}", "name": name, "real_name": name, "email": f"{name}@helix.example", "tz": "Europe/Berlin"}
            for n, name in enumerate(PEOPLE, start=1)
        ]
        members = [u["id"] for u in users]
        channels = [{"id": f"C0{n}", "name": name, "members": members} for n, name in ((1, "leads"), (2, "council"))]
        slack.set_up({"users": users, "channels": channels, "app_url": f"http://127.0.0.1:{port}/slack/events"})
        yield Machine(tmp_path, slack, port, request.param)
        slack.close()


def follow(machine: Machine) -> None:
    """Every command in its place; what cannot end by itself runs beside the ones after it."""
    token = ""
    commands = [one for one in machine.commands() if one != "make setup"]
    begins = commands.index("tandem run")
    for command in commands[:begins]:
        machine.run(command)
        if "manifest" in command:  # pasted into Slack, and installed
            machine.slack.set_up({"manifest": json.loads((machine.folder / "app.json").read_text("utf-8"))})
        if command.startswith("cp "):
            machine.settings()
    with machine.running():
        assert machine.slack.notifications() == [], "installing messages nobody"
        machine.slack.home("U02")
        for command in commands[begins + 1 :]:
            told = machine.run(command.replace("TOKEN", token).replace(":3000", f":{machine.port}"))
            token = told.split()[-1] if "tokens create" in command else token
        check(machine)


def check(machine: Machine) -> None:
    """The first meeting and the first lead came, and a command is answered."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and len(machine.slack.notifications()) < 1:
        time.sleep(0.05)
    assert any("Your hours" in n["text"] for n in machine.slack.notifications("U02"))
    found = [str(machine.slack.command(user, "/lead", "find weber")["body"]) for user in ("U01", "U02", "U03", "U04")]
    assert any("Weber" in told for told in found)


def test_the_document_to_the_letter(machine: Machine) -> None:
    follow(machine)


def test_every_scope_stands_in_the_document() -> None:
    told = (ROOT / "docs" / "install.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w:.]+)` \| (.+) \|$", told, re.M)
    assert dict(rows) == SCOPES
