"""Two workers climb at once and are killed in the middle: every step is made once, and every message said once."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from bot.outbox.tables import Message
from bot.sla.tables import LadderDone, Obligation
from jobs.ladder import climb_ladders
from tests.conftest import TurnedClock
from tests.sla.kit import POLICY, lead_for
from tests.world import ROOT, World, world


@pytest.fixture
def here(database_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(database_url, clock, POLICY) as made:
        yield made


def climber(here: World, log: Path) -> "subprocess.Popen[bytes]":
    url = here.services.engine.url.render_as_string(hide_password=False)
    words = [sys.executable, "-m", "tests.proofs.climber", url, here.clock.now().isoformat()]
    with log.open("ab") as told:
        return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=told)


@pytest.mark.parametrize(
    "leads, kills", [(8, 2), pytest.param(60, 24, marks=pytest.mark.proof)], ids=["small", "full size"]
)
def test_each_step_is_made_once(here: World, leads: int, kills: int, tmp_path: Path) -> None:
    dice, log = Random(5), tmp_path / "climbers.log"
    for number in range(leads):
        lead_for(here, "jonas" if number % 2 else "dana", number)
    here.clock.advance(hours=8, minutes=10)  # half, three quarters, and the whole of it are due
    died = 0
    workers = [climber(here, log), climber(here, log)]
    while any(worker.poll() is None for worker in workers):
        for place, worker in enumerate(workers):
            if worker.poll() is None and died < kills:
                assert worker.stdout is not None and worker.stdout.readline() == b"ready\n"
                try:
                    worker.wait(dice.uniform(0.01, 0.2))
                except subprocess.TimeoutExpired:
                    worker.send_signal(signal.SIGKILL)
                    died += 1
                worker.wait(30)
                worker.stdout.close()
                workers[place] = climber(here, log)
            else:
                worker.wait(60)
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.close()
    assert [worker.returncode for worker in workers] == [0, 0]
    assert "failed" not in log.read_text("utf-8")  # nor did they lock each other out
    assert climb_ladders(here.services) == 0
    with here.services.reading() as session:
        steps = Counter(session.execute(select(LadderDone.obligation_id, LadderDone.rung)).all())
        said = Counter(session.scalars(select(Message.dedupe_key).where(Message.template.like("sla_%"))))
        owed = session.scalars(select(Obligation)).all()
    assert set(steps.values()) == {1} and set(said.values()) == {1}
    assert len(steps) == 3 * leads
    assert all(o.next_step_at is None or o.next_step_at > here.clock.now() for o in owed)
    # Each was late once: one message to its owner, one to the manager, and the count of that bundle.
    assert sum(":late:" in key for key in said) == leads
    assert sum(":help:" in key for key in said) == leads
