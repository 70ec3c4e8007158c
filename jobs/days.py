"""What the day of each person brings: its brief; and who goes away or comes back."""

from collections.abc import Callable

from bot.services import Services
from bot.sla import absences, briefs

MOST = 200  # a worker turns to other things now and then


def begin_days(services: Services) -> int:
    """Lay out the briefs of everybody whose day begins now; how many days begin. Asks for no lock while none does."""
    with services.reading() as session:
        if not briefs.any_due(session, services.now()):
            return 0
    with services.under_rules() as (session, rules):
        return briefs.begin_days(session, services.subjects, rules, services.now())


def come_and_go(services: Services) -> int:
    """Pass on what those owe who are away by now, and welcome who is back; how many came or went."""
    with services.reading() as session:
        if not absences.any_due(session, services.now()):
            return 0
    return _each(services, absences.begin_due) + _each(services, absences.end_due)


def _each(services: Services, do: Callable[..., int]) -> int:
    """One absence in a unit of work, until none is due."""
    number = 0
    while number < MOST:
        with services.under_rules() as (session, rules):
            if not do(session, services.subjects, rules, services.now()):
                break
        number += 1
    return number
