"""Bring reports from the field to who answers for them, once their undo is over; end what is over."""

from bot.feedback import answers, service, talks
from bot.journal import service as journal
from bot.services import Services
from jobs.apart import apart


def bring_reports(services: Services) -> int:
    """How many were brought. Asks for no lock while none is due."""
    with services.reading() as session:
        if not service.any_due(session, services.now()):
            return 0
        due = service.due_ids(session, services.now())
    return sum(_bring(services, report_id) for report_id in due)


def _bring(services: Services, report_id: int) -> bool:
    def bring() -> bool:
        with services.under_rules() as (session, rules):
            return service.settle_one(session, report_id, rules, services.now())

    def put_off() -> None:
        with services.begin() as session:
            service.put_off(session, report_id, services.now())

    return bool(apart(bring, put_off, "report", report_id))


def withdraw_answers(services: Services) -> int:
    """How many answers were withdrawn whose last day is over."""
    with services.reading() as session:
        if not answers.any_expired(session, journal.rules_in_force(session), services.now()):
            return 0
    with services.under_rules() as (session, rules):
        return answers.withdraw_expired(session, rules, services.now())


def forget_what_was_held(services: Services) -> int:
    """Texts that did not go on, and were not opened for a day; how many are kept no longer."""
    with services.reading() as session:
        if not talks.any_over(session, services.now()):
            return 0
    with services.begin() as session:
        return talks.forget(session, services.now())
