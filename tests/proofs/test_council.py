"""Workers brief the council, on clocks that jump over the hour both ways, and are killed: one digest, complete."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from bot.council.tables import CouncilDigest
from tests.conftest import TurnedClock
from tests.council.kit import COUNCIL, channel, play_a_week, settle, thread
from tests.sla.kit import PETRA
from tests.world import ROOT, World, world

POST, TRIES = "chat.postMessage", 6
HOUR = datetime.fromisoformat("2026-11-30T08:00:00+01:00")
# How far from the council's hour each worker's clock is; those before it look again when they are started anew.
AROUND = (timedelta(seconds=5), timedelta(minutes=-20), timedelta(minutes=40))


@pytest.fixture
def here(database_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(database_url, clock, COUNCIL) as made:
        made.tick()
        yield made


def briefer(here: World, clock: datetime, log: Path, walks: str = "jumps") -> "subprocess.Popen[bytes]":
    url = here.services.engine.url.render_as_string(hide_password=False)
    slack = here.services.settings.slack_api_url
    words = [sys.executable, "-m", "tests.proofs.briefer", url, slack, clock.isoformat(), walks]
    with log.open("ab") as told:
        return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=told)


def kill_within(worker: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Let a worker begin, then end it in the middle of whatever it does; whether it still ran."""
    assert worker.stdout is not None and worker.stdout.readline() == b"ready\n"
    try:
        worker.wait(seconds)
    except subprocess.TimeoutExpired:
        worker.send_signal(signal.SIGKILL)
    worker.wait(30)
    worker.stdout.close()
    return worker.returncode != 0


def kill_at(here: World, method: str, number: int, log: Path) -> None:
    """End a worker while Slack takes its time over a call, the so-maniest of its method, and takes it all the same.

    A worker may find nothing to do while what a dead one held is not free yet; then the next one comes to that call.
    """
    here.sandbox.faults.set([{"fault": "latency", "method": method, "seconds": 0.5, "times": number}])
    (slow,) = here.sandbox.faults.scripts
    for _ in range(TRIES):
        worker = briefer(here, here.clock.now() + AROUND[0], log, "steady")
        assert worker.stdout is not None
        while worker.poll() is None and slow.happened < number:
            with suppress(subprocess.TimeoutExpired):
                worker.wait(0.02)
        worker.send_signal(signal.SIGKILL)
        worker.wait(30)
        worker.stdout.close()
        here.clock.advance(minutes=12)  # leases and holds of the dead are over
        if slow.happened == number:
            break
    assert slow.happened == number, f"nobody came to call {number} of {method}"
    here.sandbox.faults.set([])


# In the order of what happens: the page, a file before and after its bytes are sent, the next file, another message.
POINTS = (
    (POST, 1),
    ("files.getUploadURLExternal", 1),
    ("files.completeUploadExternal", 1),
    ("files.completeUploadExternal", 2),
    (POST, 1),
)


def test_one_digest_when_workers_are_killed_between_posts_and_during_uploads(here: World, tmp_path: Path) -> None:
    play_a_week(here)
    here.clock.turn_to(HOUR)
    for method, number in POINTS:
        kill_at(here, method, number, tmp_path / "workers.log")
    here.clock.turn_to(HOUR + timedelta(hours=2))
    for _ in range(4):
        settle(here)
        here.clock.advance(minutes=3)
    check_it_is_whole(here, tmp_path / "workers.log")


@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=pytest.mark.proof)], ids=["small", "full size"])
def test_one_digest_whatever_happens_to_workers_and_clocks(here: World, kills: int, tmp_path: Path) -> None:
    dice, log, died = Random(7), tmp_path / "workers.log", 0
    play_a_week(here)
    here.clock.turn_to(HOUR)
    while died < kills:
        workers = [briefer(here, HOUR + dice.choice(AROUND), log) for _ in range(3)]
        died += sum([kill_within(worker, dice.uniform(0.02, 0.9)) for worker in workers])
    here.clock.turn_to(HOUR + timedelta(hours=2))  # every lease and every hold is over
    for _ in range(4):
        settle(here)
        here.clock.advance(minutes=3)
    check_it_is_whole(here, log)


def check_it_is_whole(here: World, log: Path) -> None:
    """One digest with everything below it, each once, and nobody was told that it could not be posted."""
    (page,) = channel(here)
    below = thread(here, page)
    assert sorted(m["text"] for m in below if not m.get("files")) == sorted(
        [
            "Every figure of the week",
            "6 leads came in, 1 won",
            "In time: sales 7 of 10, marketing 0 of 6",
            "“Too expensive” twice",
        ]
    )
    assert [m["files"][0]["name"] for m in below if m.get("files")] == ["tandem-council-2026-W48.xlsx"]
    with here.services.reading() as session:
        assert session.scalar(select(func.count()).select_from(CouncilDigest)) == 1
    assert not [m for m in here.cards(PETRA) if m["text"].startswith("Week ")]
    assert "Traceback" not in log.read_text("utf-8")
