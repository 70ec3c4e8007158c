"""A worker that briefs the council and sends, until it is killed or nothing is left.

`briefer.py URL SLACK INSTANT jumps|steady`
"""

import sys
from datetime import datetime

import structlog

from bot import store
from bot.services import Services
from config.settings import Settings
from jobs.council import brief_council
from jobs.deliver import deliver
from tests.conftest import TurnedClock

STEP_SECONDS, ROUNDS = 4.0, 60
JUMPS = {6: 40, 12: -45, 18: 45, 24: -40}  # after so many rounds its clock is set so many minutes on, or back


def main(url: str, slack: str, instant: str, walks: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # nobody reads on after "ready"
    clock = TurnedClock(datetime.fromisoformat(instant))
    told = {"database_url": url, "slack_api_url": slack, "slack_bot_token": "xoxb-sandbox", "slack_timeout_seconds": 5}
    services = Services.build(Settings.model_validate(told), clock, store.make_engine(url, connections=4))
    print("ready", flush=True)
    for number in range(ROUNDS):
        brief_council(services)
        deliver(services.sender())
        clock.advance(seconds=STEP_SECONDS, minutes=JUMPS.get(number, 0) if walks == "jumps" else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
