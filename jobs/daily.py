"""Tell marketing once a day what became of its leads."""

from bot.leads import daily
from bot.services import Services


def tell_marketing(services: Services) -> int:
    """Send the daily lines that are due now; how many. Asks for no lock while none is."""
    with services.reading() as session:
        now, policy = services.now(), services.policy(session)
        due = [person.id for person in daily.owners(session, policy) if daily.is_due(session, person, policy, now)]
    return sum(_tell(services, person_id) for person_id in due)


def _tell(services: Services, person_id: int) -> bool:
    with services.under_rules() as (session, rules):
        now = services.now()
        person = next((p for p in daily.owners(session, rules.policy) if p.id == person_id), None)
        return person is not None and daily.tell(session, person, rules, now)
