from collections.abc import Iterator
from pathlib import Path

import pytest

from config.policy import Policy
from tests.cli.shell import Shell
from tests.conftest import TurnedClock
from tests.world import ROOT, world


@pytest.fixture
def shell(sqlite_url: str, clock: TurnedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.chdir(tmp_path)
    policy = Policy.load(ROOT / "config" / "policy.toml")
    with world(sqlite_url, clock, policy, clock_file=tmp_path / "clock.json") as made:
        yield Shell(tmp_path, made)
