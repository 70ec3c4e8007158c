"""A worker that climbs ladders in small batches, until it is killed or nothing is due: `climber.py URL INSTANT`."""

import sys
from datetime import datetime

import structlog

from bot import store
from bot.services import Services
from config.settings import Settings
from jobs import ladder
from tests.conftest import TurnedClock


def main(url: str, instant: str) -> None:
    ladder.BATCH = 3
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # nobody reads on after "ready"
    clock = TurnedClock(datetime.fromisoformat(instant))
    services = Services.build(Settings(database_url=url), clock, store.make_engine(url, connections=2))
    print("ready", flush=True)
    while ladder.climb_ladders(services):
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
