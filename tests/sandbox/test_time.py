"""The sandbox's time, and the sandbox as a process of its own."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from slack_sdk import WebClient

from sandbox.client import SandboxClient
from sandbox.clock import ClockFile, Time
from tests.conftest import MONDAY_9, TurnedClock
from tests.sandbox.conftest import ANA, CHANNELS, MANIFEST, TOKEN, USERS

ROOT = Path(__file__).parents[2]


def test_what_is_due_is_done_in_order(clock: TurnedClock) -> None:
    at, done = Time(clock.tell, rate=0), []
    for name, seconds in (("late", 5), ("soon", 1), ("soon too", 1)):
        at.later(seconds, lambda name=name: done.append(name))
    at.pump()
    assert done == []
    clock.advance(seconds=1)
    at.pump()
    assert done == ["soon", "soon too"]
    clock.advance(seconds=60)
    at.pump()
    at.pump()
    assert done == ["soon", "soon too", "late"]


@pytest.mark.parametrize(("rate", "passed"), [(0, 0), (3600, 36_000)])
def test_a_clock_file_runs_at_its_rate(tmp_path: Path, rate: float, passed: float) -> None:
    file = tmp_path / "clock.json"
    file.write_text(json.dumps({"at": MONDAY_9.isoformat(), "real": time.time() - 10, "rate": rate}), "utf-8")
    assert ClockFile(file).tell() == pytest.approx(MONDAY_9.timestamp() + passed, abs=rate)


@contextmanager
def process(*arguments: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    started = subprocess.Popen([sys.executable, "-m", "sandbox", "--port", port, *arguments], cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    for _ in range(500):
        try:
            httpx.get(f"{url}/control/messages")
            break
        except httpx.TransportError:
            time.sleep(0.01)
    yield url
    started.terminate()
    started.wait(5)


def test_a_sandbox_may_be_a_process_of_its_own(tmp_path: Path) -> None:
    """With a workspace from a file, on the time of a file: Slack's timestamps are of that time."""
    arrangement, clock = tmp_path / "workspace.json", tmp_path / "clock.json"
    arrangement.write_text(json.dumps({"users": USERS, "channels": CHANNELS, "manifest": MANIFEST}), "utf-8")
    clock.write_text(json.dumps({"at": MONDAY_9.isoformat(), "real": time.time(), "rate": 0}), "utf-8")
    with process("--set-up", str(arrangement), "--clock", str(clock), "--rate", "0") as url:
        ts = WebClient(TOKEN, base_url=f"{url}/api/", retry_handlers=[]).chat_postMessage(channel=ANA, text="x")["ts"]
        people = SandboxClient(url)
        seen = people.sees(ANA)["messages"]
        people.close()
    assert float(ts) == pytest.approx(MONDAY_9.timestamp(), abs=0.001)
    assert [m["ts"] for m in seen] == [ts]
