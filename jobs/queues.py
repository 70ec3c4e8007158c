"""Tell people of what came into their queues: one new message each, at most as often as the policy says."""

from bot.leads import queues
from bot.services import Services


def ping_queues(services: Services) -> int:
    """Send the queue messages that are due now; how many. Asks for no lock while none is."""
    with services.reading() as session:
        if not queues.any_due(session, services.now()):
            return 0
    with services.under_rules() as (session, rules):
        return queues.ping_due(session, rules, services.now())
