"""`tandem demo` as a newcomer starts it: it answers, begins afresh or keeps, and leaves nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot import store
from bot.demo import story, visit
from bot.demo.stage import free_port
from bot.leads.tables import Lead, Offer
from bot.outbox.tables import Message
from sandbox.client import SandboxClient
from tests.world import ROOT

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")


@dataclass
class Demo:
    process: subprocess.Popen[str]
    slack: SandboxClient
    printed: str

    def wait_for_card(self, company: str) -> None:
        until = time.monotonic() + 20
        while not any(company in str(m["blocks"]) for m in self.slack.sees("U02")["messages"]):
            assert time.monotonic() < until, "the card did not come"
            self.slack.sees("U02")

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=40)
        return self.process.returncode


@contextmanager
def running(folder: Path, *words: str) -> Iterator[Demo]:
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", "--folder", str(folder), *words]
    env = {**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed, found = "", None
    while found is None and (line := process.stdout.readline()):
        printed += line
        found = ADDRESS.search(line)
    assert found, printed
    slack = SandboxClient(f"http://127.0.0.1:{found[1]}")
    try:
        yield Demo(process, slack, printed)
    finally:
        slack.close()
        process.kill()
        process.wait()


def test_a_visit_from_the_greeting_to_ctrl_c_and_on_from_there_with_keep(tmp_path: Path) -> None:
    for old in ("tandem.sqlite3", "workspace.kept", "clock.json"):
        (tmp_path / old).write_text("of an earlier visit", "utf-8")
    with running(tmp_path) as first:
        assert story.HINTS[0] in first.printed
        assert httpx.get(f"{first.slack.base_url}/?as=U02").status_code == 200
        first.wait_for_card("Charité")
        card = first.slack.sees("U02")["messages"][-1]
        first.slack.tap("U02", "D02", card["ts"], "lead_accept")
        assert first.end() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(first.slack.base_url)

    with running(tmp_path, "--keep") as again:
        again.wait_for_card("Charité")
        assert [m["ts"] for m in again.slack.sees("U02")["messages"]].count(card["ts"]) == 1
        assert len([m for m in again.slack.sees("U02")["messages"] if "Charité" in str(m["blocks"])]) == 1
        assert again.slack.command("U02", "/lead", "mine")["status"] == 200
        assert again.end() == 0
    with store.reading(store.make_engine(f"sqlite:///{tmp_path}/tandem.sqlite3")) as session:
        past(session)


def past(session: Any) -> None:
    """What stands behind the first morning: every stage, both answers, several reasons; and nobody was told of it."""
    stages = set(session.scalars(select(Lead.stage)))
    assert {"sal", "sql", "won", "lost", "rejected"} <= stages
    answers = Counter(dict(session.execute(select(Offer.answer, func.count()).group_by(Offer.answer)).all()))
    assert answers["accepted"] > 30 and answers["rejected"] > 10 and 0 < answers["pending"] < 10
    assert len(set(session.scalars(select(Offer.reason).where(Offer.answer == "rejected")))) > 3
    sent = Counter(session.scalars(select(Message.template).where(Message.state == "sent")))
    assert sent["lead_line"] == 1  # Charité's; Boston's comes with its morning, and of the past none is said
    assert sent["lead_card"] <= answers["pending"] + 1


class Stood:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 7, tzinfo=UTC)


class Recorded:
    """What a visit asks of its stage, without processes."""

    clock = Stood()

    def __init__(self, ends_after: int) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.waited: list[float] = []
        self.is_new = True
        self.slack = SandboxClient("http://127.0.0.1:1")
        self._ends_after = ends_after

    def send(self, source: str, lead: Any) -> None:
        self.sent.append((source, lead))

    def check(self) -> None:
        pass


class Patience(Event):
    """Does not wait, and has enough after a while."""

    def __init__(self, stage: Recorded) -> None:
        super().__init__()
        self._stage = stage

    def wait(self, timeout: float | None = None) -> bool:
        self._stage.waited.append(timeout or 0.0)
        return len(self._stage.waited) > self._stage._ends_after


def test_leads_come_in_while_one_watches_and_become_rare() -> None:
    stage, said = Recorded(15), []
    visit.visit(stage, said.append, open_browser=False, enough=Patience(stage))  # type: ignore[arg-type]
    assert len(stage.sent) == 16  # the first stands there already
    assert stage.sent[0] == ("website", [story.CHARITE, story.BOSTON])
    assert len({lead["external_id"] for _, lead in stage.sent[1:]}) == 15
    assert stage.waited[0] < stage.waited[1] < stage.waited[-1]
    steps = [line for line in "\n".join(said).splitlines() if re.match(r"  \d\. ", line)]
    assert len(steps) == 6
    json.dumps(stage.sent)


@pytest.mark.proof
def test_a_whole_day_is_played_and_its_account_is_clean(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "demo", "--headless", "--folder", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ offered, \d+ accepted, \d+ came back, 0 undelivered, 0 doubled\s*$", done.stdout)


def test_a_port_that_is_taken_is_no_obstacle() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) not in (0, port)
    assert free_port(port) == port
