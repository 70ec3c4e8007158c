"""Climb the ladders: what is due of them now, in small units of work; and leads that have been quiet for too long."""

from functools import partial

import structlog

from bot.leads import promises
from bot.services import Services
from bot.sla import ladder
from bot.store import PASSING
from jobs.apart import apart

BATCH = 100
log = structlog.get_logger("tandem.jobs")


def climb_ladders(services: Services) -> int:
    """Make every step that is due; how many promises had one. Asks for no lock while none is due."""
    with services.reading() as session:
        if not ladder.any_due(session, services.now()):
            return 0
    climbed = 0
    while number := _climb(services):
        climbed += number
        if number < BATCH:
            break
    return climbed + _move(services)


def _climb(services: Services) -> int:
    try:
        with services.under_rules() as (session, rules):
            return ladder.climb(session, services.subjects, rules, services.now(), BATCH)
    except PASSING:
        raise  # nothing is wrong with any of them: the next tick steps them
    except Exception:  # one promise that cannot be stepped must not keep the others: each is tried by itself
        log.exception("ladder_batch_failed")
        return _one_by_one(services)


def _one_by_one(services: Services) -> int:
    with services.reading() as session:
        due = ladder.due_ids(session, services.now(), BATCH)
    for obligation_id in due:
        apart(
            partial(_climb_one, services, obligation_id),
            partial(_put_off, services, obligation_id),
            "promise",
            obligation_id,
        )
    return len(due)


def _climb_one(services: Services, obligation_id: int) -> None:
    with services.under_rules() as (session, rules):
        ladder.climb_one(session, obligation_id, services.subjects, rules, services.now())


def _move(services: Services) -> int:
    """Each in a unit of its own: its lead is locked before its promise, as everywhere."""
    with services.reading() as session:
        due = ladder.moves_due(session, services.now())
    for one in due:
        apart(partial(_move_one, services, one), partial(_put_off, services, one[0]), "promise", one[0])
    return len(due)


def _move_one(services: Services, due: tuple[int, str, int]) -> None:
    with services.under_rules() as (session, rules):
        ladder.move(session, due, services.subjects, rules, services.now())


def _put_off(services: Services, obligation_id: int) -> None:
    with services.begin() as session:
        ladder.put_off(session, obligation_id, services.now())


def owe_next_steps(services: Services) -> int:
    """Leads quiet for too long: whoever holds them owes a next step; how many."""
    with services.under_rules() as (session, rules):
        return promises.owe_next_steps(session, rules, services.now())
