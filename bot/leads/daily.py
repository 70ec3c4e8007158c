"""What marketing hears of its leads: one line a day, nothing for each lead.

Told are the answers that can no longer be undone, since the last line. A day without any is a day without a line.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.journal.service import RulesInForce
from bot.leads import tables
from bot.leads.overviews import owned_by, reasons_of
from bot.leads.rules import Step
from bot.leads.tables import Lead, LeadStep, MarketingDay
from bot.leads.views import label_of
from bot.outbox import service as outbox
from bot.outbox.rules import Kind
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.store import insert_if_new
from config.policy import Policy

DAILY = "marketing_daily"
FIRST_LOOK_BACK = timedelta(days=7)
CAME_BACK = (Step.REJECTED, Step.NOT_A_FIT)
TOLD = (Step.ACCEPTED, Step.QUALIFIED, Step.WON, Step.LOST, *CAME_BACK)
WHY_GOOD = 3


@dataclass(frozen=True)
class DayView:
    """What became of somebody's leads in a day; values are in hundredths, by currency."""

    accepted: int
    made_good: tuple[tuple[str, int], ...]
    qualified: int
    won: int
    values: tuple[tuple[str, int], ...]
    lost: int
    back: tuple[tuple[str, int], ...]

    @property
    def came_back(self) -> int:
        return sum(count for _, count in self.back)


def owners(session: Session, policy: Policy) -> list[Person]:
    """Everybody in marketing who answers for a source or campaign."""
    emails = {c.owner for c in policy.campaigns} | {s.owner for s in policy.sources} | {policy.marketing.fallback_owner}
    found = (people.by_email(session, email) for email in sorted(filter(None, emails)))
    return [person for person in found if person]


def is_due(session: Session, person: Person, policy: Policy, now: datetime) -> bool:
    """Whether their hour has come on a working day of theirs, and nothing was told yet today.

    Whoever works no longer at that hour hears it when they begin again: the message waits for that.
    """
    local = now.astimezone(ZoneInfo(person.zone))
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    opens = people.next_at_work(person, policy, midnight).astimezone(local.tzinfo)
    if local.time() < policy.marketing.daily_at or opens.date() != local.date():
        return False
    told = select(MarketingDay.id).where(MarketingDay.person_id == person.id, MarketingDay.day == local.date())
    return session.scalar(told) is None


def tell(session: Session, person: Person, rules: RulesInForce, now: datetime) -> bool:
    """Tell one person of their day, once however often it is asked for; whether there was anything to tell."""
    day = now.astimezone(ZoneInfo(person.zone)).date()
    until = now - timedelta(minutes=rules.policy.undo_minutes)
    since = session.scalar(tables.told_until(person.id)) or now - FIRST_LOOK_BACK
    if insert_if_new(session, MarketingDay, person_id=person.id, day=day, since=since, until=until) is None:
        return False
    view = of_day(session, person, rules.policy, since, until)
    if not (view.accepted or view.qualified or view.won or view.lost or view.back):
        return False
    key = f"{DAILY}:{person.id}:{day}"
    facts = {"since": since.isoformat(), "until": until.isoformat()}
    draft = Draft(outbox.person(person.id), DAILY, Subject("person_day", person.id), key, Kind.LETTER, facts)
    outbox.enqueue(session, draft, now)
    return True


def of_day(session: Session, person: Person, policy: Policy, since: datetime, until: datetime) -> DayView:
    """What became of the leads somebody answers for, after `since` and up to `until`."""
    known = {one.email for one in people.everybody(session)}
    steps = (
        select(LeadStep.step, LeadStep.reason, LeadStep.value, LeadStep.currency, Lead.reasons)
        .join(Lead, Lead.id == LeadStep.lead_id)
        .where(
            LeadStep.step.in_(TOLD), LeadStep.kept_at > since, LeadStep.kept_at <= until, LeadStep.undone_at.is_(None)
        )
        .where(owned_by({person.email}, policy, known))
    )
    rows = session.execute(steps.order_by(LeadStep.id)).all()
    counts = Counter(row.step for row in rows)
    good = Counter(text for row in rows if row.step == Step.ACCEPTED for text in reasons_of(policy, row.reasons))
    back = Counter(label_of(policy, row.reason) or "" for row in rows if row.step in CAME_BACK)
    values: Counter[str] = Counter()
    for row in rows:
        if row.step == Step.WON and row.value:
            values[row.currency] += row.value
    return DayView(
        counts[Step.ACCEPTED],
        tuple(good.most_common(WHY_GOOD)),
        counts[Step.QUALIFIED],
        counts[Step.WON],
        tuple(sorted(values.items())),
        counts[Step.LOST],
        tuple(back.most_common()),
    )
