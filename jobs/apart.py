"""What is due is done one by one, each in a unit of its own: what cannot be done keeps nobody else's waiting."""

from collections.abc import Callable
from typing import TypeVar

import structlog

from bot.store import PASSING

T = TypeVar("T")
log = structlog.get_logger("tandem.jobs")


def apart(do: Callable[[], T], put_off: Callable[[], None], what: str, number: int) -> T | None:
    """What `do` gives; None if it cannot be done now.

    For what passes, such as another writer that takes its time, it stays due and the next tick does it; anything else
    is logged with its traceback and put off, for it would most likely raise again.
    """
    try:
        return do()
    except PASSING as error:
        log.warning("left_for_the_next_tick", what=what, number=number, problem=type(error).__name__)
    except Exception:
        log.exception("put_off", what=what, number=number)
        put_off()
    return None
