"""The ladder: what is due of it now is made, once however many workers tick.

A step is made in the transaction that writes down that it was; a later step that is due as well makes the earlier ones
silent, so that after an outage nobody hears the same thing twice.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.journal.service import SYSTEM, RulesInForce, record
from bot.outbox import service as outbox
from bot.people import service as people
from bot.sla import control, tables
from bot.sla.calls import ring, tell_manager
from bot.sla.rules import Rung
from bot.sla.service import OBLIGATION, run_of, set_next_step, touch
from bot.sla.subjects import Subjects
from bot.sla.tables import LadderDone, Obligation
from bot.store import LOCKED, insert_if_new
from config.policy import LadderStep

# Who was told so lately is not told again: what was said then is edited. A tenth of the target, at most this.
MOMENT, TRIED_AGAIN = timedelta(minutes=30), timedelta(minutes=15)
RINGING = (Rung.WARN, Rung.LATE)


def any_due(session: Session, now: datetime) -> bool:
    return session.scalar(tables.any_step_due(now)) is not None


def climb(session: Session, subjects: Subjects, rules: RulesInForce, now: datetime, limit: int = 100) -> int:
    """Make the steps that are due now, but no moves; how many promises had one."""
    due = session.scalars(tables.due_steps(now, limit)).all()
    for obligation in due:
        _climb(session, obligation, subjects, rules, now)
    return len(due)


def pass_by(session: Session, now: datetime) -> None:
    """What was to be said by now is taken as said: for a past that was brought in, and nobody was told of."""
    for obligation in session.scalars(tables.due_by(now)).all():
        ladder = [LadderStep.model_validate(step) for step in obligation.ladder]
        for rung, at in run_of(obligation).climbs(ladder):
            if at <= now:
                _make(session, obligation, rung, now, rang=False)
        if obligation.outcome is None and obligation.deadline_at <= now:
            obligation.late_owner_id = obligation.owner_id
        set_next_step(session, obligation)


def put_off(session: Session, obligation_id: int, now: datetime) -> None:
    """A step that cannot be made keeps nobody else's from being made: it is tried again after a while."""
    obligation = session.get(Obligation, obligation_id)
    if obligation is not None and obligation.next_step_at is not None:
        obligation.next_step_at = now + TRIED_AGAIN


def due_ids(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """Promises whose step is due now."""
    return [o.id for o in session.scalars(tables.due_steps(now, limit))]


def climb_one(session: Session, obligation_id: int, subjects: Subjects, rules: RulesInForce, now: datetime) -> None:
    """The step of one promise, if it is still due."""
    obligation = session.get_one(Obligation, obligation_id, with_for_update=LOCKED)
    if obligation.next_step_at is not None and obligation.next_step_at <= now:
        _climb(session, obligation, subjects, rules, now)


def moves_due(session: Session, now: datetime, limit: int = 100) -> list[tuple[int, str, int]]:
    """What changes its subject: each is done in a unit of work of its own."""
    return [(o.id, o.subject_kind, o.subject_id) for o in session.scalars(tables.due_moves(now, limit))]


def move(session: Session, due: tuple[int, str, int], subjects: Subjects, rules: RulesInForce, now: datetime) -> bool:
    """Give one to a colleague, if the rules may, or let it run on after its pause. Whether something was done.

    The subject is locked first, as everywhere.
    """
    obligation_id, kind, subject_id = due
    subjects.kind(kind).hold(session, subject_id)
    obligation = session.get_one(Obligation, obligation_id, with_for_update=LOCKED, populate_existing=True)
    if obligation.outcome is not None or obligation.next_step_at is None:
        return False
    if obligation.next_rung == Rung.RESUME and obligation.next_step_at <= now:
        if obligation.paused_for_absence and people.is_to_be_welcomed(session, obligation.owner_id, now):
            return False  # it runs on with everything else that waited, and is told of in one message
        _run_on(session, obligation, subjects, rules, now)
        return True
    if obligation.next_rung != Rung.MOVE:
        return False
    if obligation.next_step_at > now or _make(session, obligation, Rung.MOVE, now, rang=False) is None:
        return False
    set_next_step(session, obligation)
    return subjects.of(obligation).move_on(session, obligation, rules, now)


def _climb(session: Session, obligation: Obligation, subjects: Subjects, rules: RulesInForce, now: datetime) -> None:
    if obligation.outcome is not None:
        _hear_of_it(session, obligation, rules, now)
        return
    due = _due_now(obligation, now)
    for number, rung in enumerate(due):
        rings = rung in RINGING and number == len(due) - 1 and _may_ring(session, subjects, obligation, rung, now)
        if _make(session, obligation, rung, now, rang=rings) is None:
            continue
        if rings:
            ring(session, subjects, obligation, rung, now)
        if rung == Rung.LATE:
            obligation.late_owner_id = obligation.owner_id
            tell_manager(session, obligation, rules.policy, now)
    set_next_step(session, obligation)
    outbox.touch_about(session, subjects.of(obligation).about(obligation), now)
    touch(session, obligation, now)


def _run_on(session: Session, obligation: Obligation, subjects: Subjects, rules: RulesInForce, now: datetime) -> None:
    """A pause ends: its owner is told, or, while they are away, whoever stands in gets it."""
    ended, owner = obligation.resumes_at, people.by_id(session, obligation.owner_id)
    control.resume(session, subjects, obligation, rules.policy, SYSTEM, now, ended)
    absence = people.absence_at(owner, now)
    if absence is None:
        ring(session, subjects, obligation, Rung.RESUME, now)
        return
    for receiver in people.stand_ins(session, owner, now):
        if subjects.of(obligation).stood_in(session, obligation, owner, receiver, rules, SYSTEM, now):
            return
    control.halt(session, subjects, obligation, absence.ends_at, None, now, for_absence=True)


def _hear_of_it(session: Session, obligation: Obligation, rules: RulesInForce, now: datetime) -> None:
    """It was done late before this worker looked: nobody is reminded, and its owner's manager counts it."""
    if _make(session, obligation, Rung.LATE, now, rang=False) is not None:
        tell_manager(session, obligation, rules.policy, now)
    set_next_step(session, obligation)


def _due_now(obligation: Obligation, now: datetime) -> list[Rung]:
    """The steps from the next one on that are due by now, without the move."""
    ladder = [LadderStep.model_validate(step) for step in obligation.ladder]
    due: list[Rung] = [rung for rung, at in run_of(obligation).climbs(ladder) if at <= now]
    begin = next((place for place, rung in enumerate(due) if rung == obligation.next_rung), 0)
    return [rung for rung in due[begin:] if rung != Rung.MOVE]


def _make(session: Session, obligation: Obligation, rung: Rung, now: datetime, *, rang: bool) -> int | None:
    """Write a step down; None when it was made before."""
    due_at = obligation.next_step_at or now
    step = {"obligation_id": obligation.id, "rung": rung, "due_at": due_at, "made_at": now, "rang": rang}
    made = insert_if_new(session, LadderDone, **step)
    if made is not None and rung != Rung.REMIND:
        record(session, SYSTEM, f"promise_{rung}", (OBLIGATION, obligation.id), now, {"rang": rang})
    return made


def _may_ring(session: Session, subjects: Subjects, obligation: Obligation, rung: Rung, now: datetime) -> bool:
    """Not what they stopped or put off, nor what they were told of a moment ago; of a group once a day."""
    if obligation.stopped_at or (obligation.later_until and obligation.later_until > now):
        return False
    moment = min(MOMENT, timedelta(minutes=obligation.target_minutes) / 10)
    target, about = outbox.person(obligation.owner_id), subjects.of(obligation).about(obligation)
    if not obligation.hot and outbox.told_since(session, target, about, now - moment):
        return False
    if obligation.group_key is None:
        return True
    owner = people.by_id(session, obligation.owner_id)
    midnight = datetime.combine(now.astimezone(ZoneInfo(owner.zone)).date(), time(), ZoneInfo(owner.zone))
    group = (obligation.owner_id, obligation.kind, obligation.group_key)
    return session.scalar(tables.rung_lately(*group, rung, midnight)) is None
