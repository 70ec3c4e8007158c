"""Bring reports from the field to who answers for them, once they can no longer be undone."""

from bot.feedback import service
from bot.services import Services


def bring_reports(services: Services) -> int:
    """How many were brought. Asks for no lock while none is due."""
    with services.reading() as session:
        if not service.any_due(session, services.now()):
            return 0
    with services.under_rules() as (session, rules):
        return service.settle_due(session, rules, services.now())
