"""Who is told of a promise: its owner by a reminder, and whoever leads them when it needs a hand."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.outbox import service as outbox
from bot.outbox.rules import Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla.rules import manager_hears_at
from bot.sla.service import OBLIGATION
from bot.sla.subjects import Subjects
from bot.sla.tables import Obligation
from bot.store import remembered
from config.policy import Policy

REMINDER, HELP, LATE_DONE = "sla_reminder", "sla_help", "sla_late_done"
GRACE, SOON = timedelta(hours=1), timedelta(hours=8)
COMPANY = timedelta(minutes=2)  # what falls due within this time for one person is one message


def ring(
    session: Session,
    subjects: Subjects,
    obligation: Obligation,
    rung: str,
    now: datetime,
    at: datetime | None = None,
) -> None:
    """A new message to its owner, with what else comes within two minutes; of a hot lead at once."""
    target = outbox.person(obligation.owner_id)
    goes_at = at or (now if obligation.hot else outbox.company_at(session, target, now, COMPANY))
    draft = Draft(
        target,
        REMINDER,
        Subject(OBLIGATION, obligation.id),
        f"{key_of(obligation)}:{rung}:{int(goes_at.timestamp()) if at else 0}",
        facts={"rung": rung},
        priority=Priority.HOT if obligation.hot else Priority.NORMAL,
        not_before=goes_at,
        gathers_at=goes_at,
        about=subjects.of(obligation).about(obligation),
    )
    outbox.enqueue(session, draft, now)


def key_of(obligation: Obligation) -> str:
    """What messages of this life of a promise are known by."""
    return f"sla:{obligation.id}:{int(obligation.opened_at.timestamp())}"


def help_key(obligation: Obligation, helper_id: int) -> str:
    return f"{key_of(obligation)}:help:{helper_id}"


def help_about(obligation: Obligation) -> str:
    """What messages to a manager about this promise are known by; what is done together is one thing to them."""
    if obligation.group_key:
        return f"help:{obligation.kind}:{obligation.owner_id}:{obligation.group_key}"
    return f"help:{obligation.subject_kind}:{obligation.subject_id}"


def tell_manager(session: Session, obligation: Obligation, policy: Policy, now: datetime) -> None:
    """Whoever leads the owner hears: with their next bundle, of a hot lead at once.

    Where somebody else hears of a hot lead because the manager is off work, the manager does when their day begins.
    """
    helper = helper_of(session, obligation.owner_id, policy, now, hot=obligation.hot)
    if helper is not None:
        _tell(session, obligation, helper, policy, now)
    manager = helper_of(session, obligation.owner_id, policy, now) if obligation.hot else None
    if manager is not None and helper is not None and manager.id != helper.id:
        _tell(session, obligation, manager, policy, now, later=True)


def tell_next(session: Session, obligation: Obligation, unreachable_id: int, policy: Policy, now: datetime) -> None:
    """Who was to hear cannot be reached: whoever leads them hears instead."""
    helper = helper_of(session, unreachable_id, policy, now, hot=obligation.hot)
    if helper is not None and helper.id not in (unreachable_id, obligation.owner_id):
        _tell(session, obligation, helper, policy, now)


def _tell(
    session: Session, obligation: Obligation, helper: Person, policy: Policy, now: datetime, *, later: bool = False
) -> None:
    at = now if obligation.hot else hears_at(helper, policy, now)
    if later:
        at = people.next_at_work(helper, policy, now)
    draft = Draft(
        outbox.person(helper.id),
        HELP,
        Subject(OBLIGATION, obligation.id),
        help_key(obligation, helper.id),
        priority=Priority.HOT if obligation.hot and not later else Priority.NORMAL,
        not_before=at,
        gathers_at=at,
        about=help_about(obligation),
    )
    outbox.enqueue(session, draft, now)
    counts = counts_at(helper, policy, obligation.deadline_at, at)
    # Who is not at work when a hot lead is past its time may find it done in the morning.
    counted_at = people.next_at_work(helper, policy, now) if obligation.hot else counts
    if counted_at > now or obligation.outcome is not None:
        tell_what_was_late(session, helper, counted_at, now)


def tell_what_was_late(session: Session, helper: Person, at: datetime, now: datetime) -> None:
    """What is done by the time a manager hears is only counted, in the same message as what is not."""
    draft = Draft(
        outbox.person(helper.id),
        LATE_DONE,
        Subject("person_day", helper.id),
        f"{LATE_DONE}:{helper.id}:{int(at.timestamp())}",
        facts={"at": at.isoformat()},
        not_before=at,
        gathers_at=at,
    )
    outbox.enqueue(session, draft, now)


def counted_since(session: Session, target: str, at: datetime) -> datetime:
    """From when on a count of what was late begins: the count before it."""
    return outbox.said_before(session, target, LATE_DONE, at)


def helper_of(session: Session, owner_id: int, policy: Policy, now: datetime, *, hot: bool = False) -> Person | None:
    """Who hears of what somebody has not done: the next manager who is there; of a hot lead one who is at work now.

    Where none is there, the nearest one hears on their return; where there is none at all, the fallback of the rules.
    """

    def above() -> list[Person]:
        managers = [people.by_id(session, other) for other in people.managers_of(session, owner_id)]
        known = [m for m in managers if m.active]
        fallback = people.by_email(session, policy.routing.fallback)
        others = [fallback] if fallback and fallback.id != owner_id and fallback not in known else []
        here = [m for m in [*known, *others] if not people.absence_at(m, now)]
        return here or known or others

    found = remembered(session, ("helpers", owner_id, now), above)
    able = [m for m in found if people.calendar_of(m, policy, now).is_open(now)] if hot else []
    at_work = iter(sorted(able, key=lambda m: people.is_quiet(m, now)))  # who wants quiet only where nobody else is
    return next(at_work, None) or next(iter(found), None)


def hears_at(helper: Person, policy: Policy, at: datetime) -> datetime:
    """When a manager hears of what is past its time at an instant: not before who owes it had an hour to act.

    They were told just then, and most of them do it; what is left after that needs a hand.
    """
    return manager_hears_at(policy.calm.manager_hears_at, people.calendar_of(helper, policy, at), at + GRACE)


def counts_at(helper: Person, policy: Policy, deadline: datetime, hears: datetime) -> datetime:
    """When a manager hears how much was late and is settled: with the day's last bundle, if that is soon enough."""
    calendar = people.calendar_of(helper, policy, deadline)
    last = manager_hears_at(policy.calm.manager_hears_at[-1:], calendar, hears)
    same_day = last.astimezone(ZoneInfo(helper.zone)).date() == hears.astimezone(ZoneInfo(helper.zone)).date()
    soon = same_day and calendar.elapsed(min(deadline, last), last) <= SOON
    return last if soon else hears


def call(session: Session, obligation: Obligation, helper: Person, policy: Policy, now: datetime) -> None:
    """Somebody asks for help: who leads them hears at their next working time, not only with their bundle."""
    at = people.next_at_work(helper, policy, now)
    draft = Draft(
        outbox.person(helper.id),
        HELP,
        Subject(OBLIGATION, obligation.id),
        f"{key_of(obligation)}:called:{obligation.owner_id}:{helper.id}",
        facts={"asked_by": obligation.owner_id},
        not_before=at,
        gathers_at=at if at > now else None,
        about=help_about(obligation),
    )
    outbox.enqueue(session, draft, now)
