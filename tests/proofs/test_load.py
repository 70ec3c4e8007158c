"""200 commands a second are acknowledged, none over three seconds."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx
import pytest

from sandbox.delivery import FORM, signature
from tests.conftest import TurnedClock
from tests.world import World, world

SECRET, CALLERS = "sandbox-secret", 64


@contextmanager
def tandem_web(here: World) -> Iterator[str]:
    """`tandem web` as a process of its own, on the database of this world."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    told = {name.upper(): str(value) for name, value in here.services.settings.model_dump().items() if value}
    told |= {"PORT": str(port), "LOG_LEVEL": "error"}
    process = subprocess.Popen([sys.executable, "-m", "bot", "web"], env={**os.environ, **told})
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{port}/health", timeout=1)
                break
            except httpx.HTTPError:
                process.poll()
        yield f"http://127.0.0.1:{port}/slack/events"
    finally:
        process.terminate()
        assert process.wait(15) == 0


def command(number: int) -> bytes:
    return urlencode(
        {
            "command": "/lead", "text": "mine", "user_id": f"U0{2 + number % 5}", "team_id": "T0SANDBOX",
            "channel_id": "D02", "trigger_id": f"{number}.1", "response_url": "http://127.0.0.1:9/none",
        }
    ).encode()  # fmt: skip


async def send_at_rate(url: httpx.URL, rate: int, seconds: int) -> list[tuple[int, float]]:
    """Commands due evenly at `rate` a second, whether or not earlier ones were answered: status and seconds each.

    A plain client over kept connections: a richer one takes more of the machine than the server it measures.
    """
    began, answers = time.monotonic() + 0.2, []
    numbers = iter(range(rate * seconds))

    async def caller() -> None:
        reader, writer = await asyncio.open_connection(url.host, url.port)
        for number in numbers:
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            writer.write(request(url, command(number)))
            answers.append((await status(reader), time.monotonic() - due))
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return answers


def request(url: httpx.URL, body: bytes) -> bytes:
    headers = {"Host": url.host, "Content-Type": FORM, "Content-Length": str(len(body)), **signature(SECRET, body)}
    lines = [f"POST {url.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(line for line in head.splitlines() if line.startswith("content-length:")).split(":")[1]
    await reader.readexactly(int(length))
    return int(head.split()[1])


def prove(url: str, clock: TurnedClock, rate: int, seconds: int) -> None:
    with world(url, clock) as here:
        for n in range(20):
            here.lead(external_id=f"crm-{n}", email=f"n{n}@example.org", company=f"Lab {n}")
        with tandem_web(here) as web:
            answers = asyncio.run(send_at_rate(httpx.URL(web), rate, seconds))
    took = sorted(seconds for _, seconds in answers)
    print(f"\n{len(took)} commands at {rate}/s: median {took[len(took) // 2]:.3f} s, slowest {took[-1]:.3f} s")
    assert {status for status, _ in answers} == {200}
    assert took[-1] < 3.0


def test_forty_commands_a_second(sqlite_url: str, clock: TurnedClock) -> None:
    prove(sqlite_url, clock, rate=40, seconds=2)


@pytest.mark.proof
def test_two_hundred_commands_a_second(sqlite_url: str, clock: TurnedClock) -> None:
    prove(sqlite_url, clock, rate=200, seconds=20)


@pytest.mark.proof
def test_two_hundred_commands_a_second_on_postgresql(postgres_url: str, clock: TurnedClock) -> None:
    prove(postgres_url, clock, rate=200, seconds=20)
