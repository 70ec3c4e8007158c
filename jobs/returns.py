"""Bring leads back whose day has come: "not now, later" is now."""

from bot.journal.service import SYSTEM
from bot.leads import service as leads
from bot.services import Services


def bring_back(services: Services) -> int:
    """Offer again what is due to return; how many."""
    with services.under_rules() as (session, rules):
        return leads.return_due(session, rules, SYSTEM, services.now())
