"""The command line as an operator uses it: in a folder of their own, beside a company in a sandbox."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from typer.testing import CliRunner

from bot.cli import app
from bot.store import Base
from config.settings import Settings
from tests.world import ROOT, World

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    out: str
    err: str
    status: int


def environment(chosen: Settings, **more: str) -> dict[str, str]:
    told = {name.upper(): str(value) for name, value in chosen.model_dump().items() if value is not None}
    return {"POLICY_FILE": str(ROOT / "config" / "policy.toml"), **told, "COLUMNS": "200", **more}


@dataclass
class Shell:
    """`tandem …` with the world's settings, at the world's time."""

    folder: Path
    w: World
    env: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        policy = {"POLICY_FILE": str(ROOT / "config" / "policy.toml")}
        self.env = environment(self.w.services.settings, **policy)

    def tandem(self, *arguments: str, **env: str) -> Said:
        """In a process of its own."""
        with self.start(*arguments, **env) as process:
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return Said(out, err, process.returncode)

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        self._tell_time()
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            env={**os.environ, **self.env, **env},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def quick(self, *arguments: str, **env: str) -> Said:
        """In this process, which starts no interpreter."""
        self._tell_time()
        return run(*arguments, **{**self.env, **env})

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, "utf-8")
        return name

    def _tell_time(self) -> None:
        setting = {"at": self.w.clock.now().isoformat(), "real": 0, "rate": 0}
        (self.folder / "clock.json").write_text(json.dumps(setting), "utf-8")


def run(*arguments: str, **env: str) -> Said:
    try:
        done = CliRunner().invoke(app, list(arguments), env=env)
    finally:
        structlog.reset_defaults()  # the commands log to a standard error that ends with them
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.stdout, done.stderr, done.exit_code)


def snapshot(w: World, but: Iterable[str] = ()) -> dict[str, Any]:
    """Every row of every table."""
    with w.services.reading() as session:
        return {
            name: session.execute(select(table).order_by(table.c.id)).all()
            for name, table in Base.metadata.tables.items()
            if name not in but
        }
