"""Send what is due, several conversations at once, until nothing is due now."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from bot.outbox.sender import Sender


def deliver(sender: Sender, stop: Event | None = None) -> int:
    """Send what is due now; how many steps that took. `stop` ends it after the step at hand."""
    steps = 0
    while not (stop and stop.is_set()) and sender.step():
        steps += 1
    return steps


def deliver_with(sender: Sender, threads: ThreadPoolExecutor, number: int, stop: Event) -> int:
    """The same with several threads: one slow call holds up its own conversation only."""
    if not sender.has_work():
        return 0
    return sum(threads.map(lambda _: deliver(sender, stop), range(number)))
