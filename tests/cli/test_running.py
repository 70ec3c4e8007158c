"""`tandem run | web | worker | db upgrade`: what they need, and that they stop when asked to."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.cli.shell import Shell, environment, run
from tests.world import ROOT, settings_for

LONG_RUNNING = ("run", "web", "worker")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def wait_for(process: subprocess.Popen[str], ready: Callable[[], bool]) -> None:
    """Until `ready`, or the process has ended."""
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until:
        with suppress(httpx.TransportError):
            if ready():
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.kill()
    pytest.fail(f"it did not come up: {process.communicate()[1]}")


def stopped(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit status and standard error of a process asked to end."""
    process.send_signal(signal.SIGTERM)
    try:
        _, err = process.communicate(timeout=10)
    finally:
        process.kill()
    return process.returncode, err


def test_web_and_worker_share_the_work_and_stop_cleanly(shell: Shell) -> None:
    port = free_port()
    web, worker = shell.start("web", PORT=str(port)), shell.start("worker", LOG_LEVEL="error")
    wait_for(web, lambda: httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200)
    shell.w.app_url = f"http://127.0.0.1:{port}"
    asked = {"external_id": "1", "country": "United Kingdom", "touches": [{"kind": "demo_request"}]}
    assert shell.w.post(asked, shell.w.token()).status_code == 202
    wait_for(worker, lambda: len(shell.w.cards("U04")) == 1)
    assert [stopped(process) for process in (web, worker)] == [(0, "")] * 2


def test_run_does_both_and_stops_cleanly(shell: Shell) -> None:
    port = free_port()
    process = shell.start("run", PORT=str(port), LOG_LEVEL="error")
    wait_for(process, lambda: httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200)
    shell.w.lead(country="United Kingdom")
    wait_for(process, lambda: len(shell.w.cards("U04")) == 1)
    assert stopped(process) == (0, "")


@pytest.mark.parametrize("command", LONG_RUNNING)
def test_without_its_tokens_nothing_starts(
    command: str, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run(command, DATABASE_URL=sqlite_url, SLACK_BOT_TOKEN="", SLACK_SIGNING_SECRET="")
    assert refused.status == 2
    assert "SLACK_BOT_TOKEN: is missing" in refused.err
    assert "SLACK_SIGNING_SECRET: is missing" in refused.err


@pytest.mark.parametrize("command", LONG_RUNNING)
def test_without_tables_nothing_starts(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    env = environment(settings_for(f"sqlite:///{tmp_path}/new.sqlite3", "http://127.0.0.1:9"))
    refused = run(command, **env)
    assert (refused.status, refused.err) == (
        2,
        "The database has not Tandem's tables yet: run `tandem db upgrade`.\n",
    )


def test_a_database_that_does_not_answer_is_not_called_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    env = environment(settings_for("postgresql+psycopg://tandem@127.0.0.1:9/tandem", "http://127.0.0.1:9"))
    for command in (["tokens", "list"], ["db", "upgrade"]):
        refused = run(*command, **env)
        assert refused.status == 2
        assert "tables" not in refused.err
        assert "127.0.0.1" in refused.err


def test_a_new_database_is_made_ready_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    env = environment(settings_for(f"sqlite:///{tmp_path}/new.sqlite3", "http://127.0.0.1:9"))
    policy = {"POLICY_FILE": str(ROOT / "config" / "policy.toml")}
    without = run("db", "upgrade", "--no-policy", **env)
    assert without.status == 0
    refused = run("tokens", "list", **env)
    assert (refused.status, "no policy is in force" in refused.err) == (2, True)
    for _ in range(2):
        assert run("db", "upgrade", **{**env, **policy}).out == "The database is up to date.\n"
    assert run("tokens", "list", **env).status == 0


def test_a_wrong_policy_is_not_put_in_force(shell: Shell) -> None:
    shell.write("wrong.toml", "company = 'Helix'\n")
    for command in (["db", "upgrade"], ["web"]):
        refused = shell.quick(*command, POLICY_FILE="wrong.toml")
        assert refused.status == 2
        assert refused.err.startswith("The policy needs a correction:\nwrong.toml:1: ")
