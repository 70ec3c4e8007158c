"""Start a sandbox: `python -m sandbox --port 3100 --set-up workspace.json`."""

import argparse
import json
from pathlib import Path

import uvicorn

from sandbox.clock import Time, file_time
from sandbox.server import make_app
from sandbox.slack import Sandbox


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3100)
    parser.add_argument("--set-up", type=Path, help="a JSON file: users, channels, manifest, app_url")
    parser.add_argument("--clock", type=Path, help="a clock file to tell the time by")
    parser.add_argument("--rate", type=float, default=1.0, help="how fast that clock runs")
    asked = parser.parse_args()
    sandbox = Sandbox(time=Time(file_time(asked.clock), asked.rate) if asked.clock else Time())
    sandbox.base_url = f"http://{asked.host}:{asked.port}"
    if asked.set_up:
        sandbox.set_up(json.loads(asked.set_up.read_text("utf-8")))
    uvicorn.run(make_app(sandbox), host=asked.host, port=asked.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
