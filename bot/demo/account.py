"""The account of a day: every offer of the database held against every message that stands in Slack."""

from collections import Counter
from datetime import datetime

from bot import store
from bot.demo.play import Account
from bot.leads import views
from bot.outbox import service as outbox


def account(database_url: str, standing: Counter[str], now: datetime) -> Account:
    """Count from both sides, so that neither can flatter itself."""
    engine = store.make_engine(database_url, connections=1)
    with store.reading(engine) as session:
        answers = views.answers(session)
        expected = outbox.expected_to_stand(session, now)
    engine.dispose()
    return Account(
        offered=sum(answers.values()),
        accepted=answers.get("accepted", 0),
        came_back=answers.get("rejected", 0),
        undelivered=len(expected - set(standing)),
        doubled=sum(count - 1 for count in standing.values()),
    )
