"""Start a sandbox: `python -m sandbox --port 3100 --set-up workspace.json`."""

import argparse
import json
from datetime import datetime
from pathlib import Path

import uvicorn

from sandbox import keeping
from sandbox.clock import ClockFile, Time
from sandbox.server import make_app
from sandbox.slack import Sandbox


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3100)
    parser.add_argument("--set-up", type=Path, help="a JSON file: users, channels, manifest, app_url")
    parser.add_argument("--clock", type=Path, help="a clock file to tell the time by, which others may read")
    parser.add_argument("--starts", type=datetime.fromisoformat, help="begin that clock at this instant")
    parser.add_argument("--rate", type=float, default=1.0, help="how fast that clock runs")
    parser.add_argument("--keep", type=Path, help="keep the workspace in this file, and begin with what it holds")
    parser.add_argument("--page", action="store_true", help="serve a page for the browser as well")
    asked = parser.parse_args()
    sandbox = Sandbox(time=_time(asked), kept_in=asked.keep)
    if asked.keep and asked.keep.exists():
        sandbox.workspace = keeping.load(asked.keep)
    sandbox.base_url = f"http://{asked.host}:{asked.port}"
    if asked.set_up:
        sandbox.set_up(json.loads(asked.set_up.read_text("utf-8")))
    uvicorn.run(
        make_app(sandbox, page=asked.page), host=asked.host, port=asked.port, log_level="warning", access_log=False
    )


def _time(asked: argparse.Namespace) -> Time:
    if asked.clock is None:
        return Time()
    clock = ClockFile(asked.clock)
    if asked.starts:
        clock.start(asked.starts, asked.rate)
    return Time(clock.tell, asked.rate, clock.turn_to)


if __name__ == "__main__":
    main()
