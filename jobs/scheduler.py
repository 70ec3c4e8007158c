"""Wires the jobs to ticks. The truth is in the database: ticks may be missed, doubled, or come from many workers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor as Ticks
from apscheduler.schedulers.background import BackgroundScheduler

from bot.services import Services
from jobs.council import brief_council
from jobs.daily import tell_marketing
from jobs.days import begin_days, come_and_go
from jobs.deliver import deliver_with
from jobs.exports import bring_exports
from jobs.field import bring_reports, forget_what_was_held, withdraw_answers
from jobs.ladder import climb_ladders, owe_next_steps
from jobs.queues import ping_queues
from jobs.returns import bring_back

log = structlog.get_logger("tandem.jobs")
DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}
RETURNS_EVERY_TICKS, QUEUES_EVERY_TICKS, DAILY_EVERY_TICKS = 20, 2, 10
LADDER_EVERY_TICKS, DAYS_EVERY_TICKS, STALLED_EVERY_TICKS = 5, 5, 60


class Worker:
    """The jobs of one process, from start to stop."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._stop = Event()
        self._senders = ThreadPoolExecutor(services.settings.sender_threads, "sender")
        self._scheduler = BackgroundScheduler(job_defaults=DEFAULTS, executors={"default": Ticks(4)}, timezone="UTC")

    def start(self) -> None:
        sender, settings = self.services.sender(), self.services.settings
        number = settings.sender_threads
        self._tick("deliver", settings.tick_seconds, lambda: deliver_with(sender, self._senders, number, self._stop))
        self._tick("returns", settings.tick_seconds * RETURNS_EVERY_TICKS, lambda: bring_back(self.services))
        self._tick("queues", settings.tick_seconds * QUEUES_EVERY_TICKS, lambda: ping_queues(self.services))
        self._tick("daily", settings.tick_seconds * DAILY_EVERY_TICKS, lambda: tell_marketing(self.services))
        self._tick("ladder", settings.tick_seconds * LADDER_EVERY_TICKS, lambda: climb_ladders(self.services))
        self._tick("days", settings.tick_seconds * DAYS_EVERY_TICKS, lambda: begin_days(self.services))
        self._tick("absences", settings.tick_seconds * DAYS_EVERY_TICKS, lambda: come_and_go(self.services))
        self._tick("stalled", settings.tick_seconds * STALLED_EVERY_TICKS, lambda: owe_next_steps(self.services))
        self._tick("field", settings.tick_seconds * LADDER_EVERY_TICKS, lambda: bring_reports(self.services))
        self._tick("answers", settings.tick_seconds * STALLED_EVERY_TICKS, lambda: withdraw_answers(self.services))
        self._tick("held", settings.tick_seconds * STALLED_EVERY_TICKS, lambda: forget_what_was_held(self.services))
        self._tick("exports", settings.tick_seconds * LADDER_EVERY_TICKS, lambda: bring_exports(self.services))
        self._tick("council", settings.tick_seconds * LADDER_EVERY_TICKS, lambda: brief_council(self.services))
        self._scheduler.start()

    def stop(self) -> None:
        """Finish the steps at hand, begin no more."""
        self._stop.set()
        self._scheduler.shutdown(wait=True)
        self._senders.shutdown(wait=True)

    def _tick(self, name: str, seconds: float, job: Callable[[], object]) -> None:
        self._scheduler.add_job(guarded(name, job), "interval", seconds=seconds, id=name)


def guarded(name: str, job: Callable[[], object]) -> Callable[[], None]:
    """A job that raises says so in the log and is ticked again."""

    def run() -> None:
        try:
            job()
        except Exception:
            log.exception("job_raised", job=name)

    return run
