"""Nothing lost, nothing doubled: calls fail in every scripted way while workers are killed, on both databases.

The clock runs ten times as fast as real time, for workers and sandbox alike; the workers are real processes.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FileClock
from bot.journal.service import OPERATOR
from bot.leads import service as leads
from bot.leads.intake import LeadIn
from bot.outbox import service as outbox
from bot.outbox.rules import State
from bot.outbox.standing import waiting_now
from bot.people import roster
from bot.services import Services
from config.policy import Policy
from sandbox.client import SandboxClient
from sandbox.clock import ClockFile, Time
from sandbox.server import Running
from sandbox.slack import Sandbox
from tests import olist
from tests.conftest import MONDAY_9
from tests.world import MANIFEST, settings_for

RATE = 10
PEOPLE = 32
TEN_PERCENT = (
    {"fault": "429", "share": 0.02, "seconds": 2},
    {"fault": "500", "share": 0.02},
    {"fault": "error", "code": "internal_error", "share": 0.01},
    {"fault": "latency", "share": 0.01, "seconds": 2},
    {"fault": "latency", "share": 0.01, "seconds": 8},
    {"fault": "drop", "share": 0.01},
    {"fault": "accept_and_drop", "share": 0.01},
    {"fault": "accept_late", "share": 0.01, "seconds": 5},
)


@dataclass
class Stage:
    services: Services
    sandbox: Sandbox
    slack: SandboxClient
    environment: dict[str, str]

    def worker(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "bot", "worker"]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def waiting(self) -> int:
        """Messages that are not at rest yet."""
        with self.services.reading() as session:
            counts = outbox.counts(session)
            due = waiting_now(session, self.services.now())
        return due + sum(counts.get(s, 0) for s in (State.WAITING, State.IN_FLIGHT, State.AMBIGUOUS))


@contextmanager
def stage(url: str, folder: Path) -> Iterator[Stage]:
    clock_file, policy = folder / "clock.json", olist.one_by_one(folder)
    clock_file.write_text(json.dumps({"at": MONDAY_9.isoformat(), "real": time.time(), "rate": RATE}))
    with Running(Sandbox(time=Time(ClockFile(clock_file).tell, RATE), history_lag=3.0)) as sandbox:
        slack = SandboxClient(sandbox.base_url)
        names = [f"sdr-{n}" for n in range(1, PEOPLE + 1)]
        users = [
            {"id": f"U{n:03d}", "name": name, "real_name": name, "email": f"{name}@olist.example"}
            for n, name in enumerate(names)
        ]
        users.append({"id": "U900", "name": "admin", "real_name": "admin", "email": "admin@olist.example"})
        slack.set_up({"users": users, "manifest": MANIFEST})
        settings = settings_for(
            url, sandbox.base_url, policy_file=policy, slack_timeout_seconds=5 / RATE, tick_seconds=0.03,
            clock_file=clock_file,
        )  # fmt: skip
        services = Services.build(settings, FileClock(clock_file))
        services.put_policy_in_force(Policy.load(policy))
        services.meet_slack()
        everybody = [
            roster.RosterRow.model_validate(
                {
                    "name": u["name"],
                    "email": u["email"],
                    "team": "sales",
                    "roles": "administrator" if u["id"] == "U900" else "sdr",
                }
            )
            for u in users
        ]
        members = {u["email"]: roster.Member(u["id"], "T0SANDBOX", "America/Sao_Paulo", False) for u in users}
        with services.begin() as session:
            roster.write(session, roster.match(everybody, members.get))
        told = {name.upper(): str(value) for name, value in settings.model_dump().items()}
        yield Stage(services, sandbox, slack, {**os.environ, **told})
        services.engine.dispose()
        slack.close()


def bring_in(services: Services, number: int) -> None:
    for begin in range(0, number, 100):
        with services.under_rules() as (session, rules):
            for n in range(begin, min(begin + 100, number)):
                incoming = LeadIn(external_id=f"lead-{n}")
                leads.receive(session, incoming, "olist", rules, OPERATOR, services.now())


def kill_at_random(
    stage: Stage,
    workers: int,
    kills: int,
    dice: random.Random,
    seconds: float,
    also: Callable[[], bool] = lambda: False,
) -> int:
    """Run workers until everything is at rest, killing one at a random moment until it was done `kills` times.

    `also` says whether more is still to come from elsewhere.
    """
    running = [stage.worker() for _ in range(workers)]
    done, until = 0, time.monotonic() + seconds
    try:
        while (also() or stage.waiting()) and time.monotonic() < until:
            with suppress(subprocess.TimeoutExpired):
                running[0].wait(dice.uniform(0.9, 2.4) if done < kills else 0.5)
            if done < kills and (also() or stage.waiting()):
                victim = dice.randrange(workers)
                running[victim].kill()
                running[victim].wait()
                running[victim] = stage.worker()
                done += 1
    finally:
        for worker in running:
            worker.send_signal(signal.SIGTERM)
        ended = [worker.wait(20) for worker in running]
    assert set(ended) == {0}, "a worker must stop cleanly when asked to"
    return done


def prove(url: str, folder: Path, number: int, kills: int, workers: int, seconds: float) -> None:
    dice = random.Random(number)
    with stage(url, folder) as on:
        bring_in(on.services, number)
        on.slack.faults(*TEN_PERCENT, seed=number)
        killed = kill_at_random(on, workers, kills, dice, seconds)
        stands = Counter(delivery_of(m) for m in on.slack.messages())
        with on.services.reading() as session:
            counts = outbox.counts(session)
        lost, doubled = number - len(stands), sum(stands.values()) - len(stands)
        struck = sum(script.happened for script in on.sandbox.faults.scripts)
        print(f"\n{number} cards, {killed} kills, {struck} faults: {lost} lost, {doubled} doubled; {counts}")
        assert killed == kills
        assert (lost, doubled) == (0, 0)
        assert counts == {State.SENT: number}


def delivery_of(message: dict[str, Any]) -> str:
    return str(message["metadata"]["event_payload"]["delivery_id"])


def test_a_few_leads_through_faults_and_kills(sqlite_url: str, tmp_path: Path) -> None:
    prove(sqlite_url, tmp_path, number=60, kills=2, workers=1, seconds=60)


def test_two_workers_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    prove(postgres_url, tmp_path, number=60, kills=2, workers=2, seconds=60)


@pytest.mark.proof
def test_2000_leads_50_kills_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    prove(sqlite_url, tmp_path, number=2000, kills=50, workers=1, seconds=600)


@pytest.mark.proof
def test_2000_leads_50_kills_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    prove(postgres_url, tmp_path, number=2000, kills=50, workers=1, seconds=600)


@pytest.mark.proof
def test_2000_leads_50_kills_two_workers_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    prove(postgres_url, tmp_path, number=2000, kills=50, workers=2, seconds=600)
