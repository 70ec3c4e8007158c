"""What people may do about what they owe: put it off, pause it, pass it on, stop being reminded, ask for help."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce, record
from bot.outbox import calm
from bot.outbox import service as outbox
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import calls, tables
from bot.sla.errors import CannotStandIn, DoneAlready, NobodyToHelp, NoSuchPromise, NotOffered, Past, TooFar
from bot.sla.rules import NOTHING, Kind, Run, frozen, team_of
from bot.sla.service import OBLIGATION, is_late, run_of, set_next_step, touch, used_by
from bot.sla.subjects import Subjects
from bot.sla.tables import Obligation
from bot.store import LOCKED
from config.policy import Policy


def in_hand(session: Session, subjects: Subjects, obligation_id: int, by: Person, *, lock: bool = True) -> Obligation:
    """A promise that somebody may decide about: its owner or who leads them. Raises NoSuchPromise or DoneAlready."""
    found = session.get(Obligation, obligation_id)
    if found is None or (by.id != found.owner_id and not people.manages(session, by.id, found.owner_id)):
        raise NoSuchPromise
    if lock:
        _lock(session, subjects, found)
    if found.outcome is not None:
        raise DoneAlready
    return found


def later(
    session: Session,
    subjects: Subjects,
    obligation_id: int,
    until: datetime,
    by: Person,
    policy: Policy,
    actor: Actor,
    now: datetime,
) -> Obligation:
    """No reminders before `until`; then one. Its deadline stays. Raises TooFar, Past, NoSuchPromise or DoneAlready."""
    found = in_hand(session, subjects, obligation_id, by)
    if until <= now:
        raise Past
    furthest = now + timedelta(days=policy.calm.later_days_at_most)
    if until > furthest:
        raise TooFar(furthest)
    for owed in _together(session, found):
        owed.later_until, owed.stopped_at = until, None
    record(session, actor, "put_off", (OBLIGATION, found.id), now, {"until": until.isoformat()})
    calls.ring(session, subjects, found, "later", now, at=until)
    _acted(session, subjects, found, by, now)
    return found


def stop(
    session: Session, subjects: Subjects, obligation_id: int, by: Person, actor: Actor, now: datetime
) -> Obligation:
    """No more reminders of this one; its time runs on. Raises NoSuchPromise or DoneAlready."""
    found = in_hand(session, subjects, obligation_id, by)
    for owed in _together(session, found):
        owed.stopped_at = now
    record(session, actor, "stopped_reminding", (OBLIGATION, found.id), now)
    _acted(session, subjects, found, by, now)
    return found


def ask_help(
    session: Session, subjects: Subjects, obligation_id: int, by: Person, policy: Policy, actor: Actor, now: datetime
) -> Person:
    """Whoever leads the owner hears at their next working time; who that is. Raises NobodyToHelp and the like."""
    found = in_hand(session, subjects, obligation_id, by)
    helper = calls.helper_of(session, found.owner_id, policy, now)
    if helper is None:
        raise NobodyToHelp
    if found.helped_at is None:
        for owed in _together(session, found):
            owed.helped_at = now
        record(session, actor, "asked_for_help", (OBLIGATION, found.id), now, {"person": helper.id})
        calls.call(session, found, helper, policy, now)
    _acted(session, subjects, found, by, now)
    return helper


def pause(
    session: Session,
    subjects: Subjects,
    obligation_id: int,
    until: datetime,
    reason: str,
    by: Person,
    policy: Policy,
    actor: Actor,
    now: datetime,
) -> Obligation:
    """Its clock stands still until a day, for a reason. Raises TooFar, Past, NoSuchPromise or DoneAlready."""
    found = in_hand(session, subjects, obligation_id, by)
    if until <= now:
        raise Past
    furthest = now + timedelta(days=policy.calm.pause_days_at_most)
    if until > furthest:
        raise TooFar(furthest)
    for owed in _together(session, found):
        halt(session, subjects, owed, until, reason, now)
    record(session, actor, "paused", (OBLIGATION, found.id), now, {"until": until.isoformat()})
    _acted(session, subjects, found, by, now)
    return found


def halt(
    session: Session,
    subjects: Subjects,
    found: Obligation,
    until: datetime,
    reason: str | None,
    now: datetime,
    *,
    for_absence: bool = False,
) -> None:
    """Let the clock of a promise stand still; the working time that has gone is kept."""
    found.used_seconds = int(used_by(found, now).total_seconds())
    found.paused_at, found.resumes_at, found.pause_reason = now, until, reason[:300] if reason else None
    found.paused_for_absence = for_absence
    set_next_step(session, found)
    subjects.of(found).deadline_moved(session, found, now)
    touch(session, found, now)


def go_on(
    session: Session, subjects: Subjects, obligation_id: int, by: Person, policy: Policy, actor: Actor, now: datetime
) -> Obligation:
    """A paused promise runs on at once. Raises NoSuchPromise or DoneAlready."""
    found = in_hand(session, subjects, obligation_id, by)
    if found.paused_at:
        resume(session, subjects, found, policy, actor, now)
    return found


def resume(
    session: Session,
    subjects: Subjects,
    found: Obligation,
    policy: Policy,
    actor: Actor,
    now: datetime,
    since: datetime | None = None,
) -> None:
    """The clock of a promise runs on, on its owner's calendar as it stands now, with the working time that is left.

    It runs `since` the end of its pause, however late that is noticed.
    """
    found.paused_at = found.resumes_at = found.pause_reason = None
    found.paused_for_absence = False
    _runs_anew(session, found, people.by_id(session, found.owner_id), policy, since or now)
    subjects.of(found).deadline_moved(session, found, now)
    if is_late(found, now):  # it was past its time before the pause: whoever leads them still hears
        calls.tell_manager(session, found, policy, now)
    record(session, actor, "resumed", (OBLIGATION, found.id), now)
    touch(session, found, now)


def pass_to(
    session: Session,
    subjects: Subjects,
    found: Obligation,
    receiver: Person,
    policy: Policy,
    actor: Actor,
    now: datetime,
) -> None:
    """Somebody else owes it from now on, with the working time that is left."""
    before = found.owner_id
    found.used_seconds = int(used_by(found, now).total_seconds())
    late = is_late(found, now)
    if found.late_owner_id is None and late:
        found.late_owner_id = before
    found.owner_id, found.team = receiver.id, team_of(Kind(found.kind), receiver.team)
    found.later_until = found.stopped_at = found.helped_at = None
    if not found.paused_at:
        _runs_anew(session, found, receiver, policy, now)
    subjects.of(found).deadline_moved(session, found, now)
    if late:  # whoever leads them now is to hear of it as well
        calls.tell_manager(session, found, policy, now)
    told = {"from": before, "person": receiver.id}
    record(session, actor, "promise_passed_on", (OBLIGATION, found.id), now, told)
    outbox.touch(session, Subject("person", before), now)
    touch(session, found, now)


def give(
    session: Session,
    subjects: Subjects,
    obligation_id: int,
    to_id: int,
    by: Person,
    policy: Policy,
    actor: Actor,
    now: datetime,
) -> Person:
    """Hand a promise to a colleague, who hears of it.

    What is done together goes together. Raises CannotStandIn for somebody who is away or has it, NotOffered for what
    goes only with its subject.
    """
    found = in_hand(session, subjects, obligation_id, by)
    if not subjects.of(found).goes_alone(found):
        raise NotOffered
    receiver = people.by_id(session, to_id)
    if receiver.id == found.owner_id:
        raise CannotStandIn("self", receiver.name)
    if not receiver.active or people.absence_at(receiver, now):
        raise CannotStandIn("away", receiver.name)
    if receiver.id not in [person_id for person_id, _ in colleagues(session, found, now)]:
        raise CannotStandIn("unknown", receiver.name)
    _acted(session, subjects, found, by, now)
    for owed in _together(session, found):
        pass_to(session, subjects, owed, receiver, policy, actor, now)
    if receiver.id != by.id:
        calls.ring(session, subjects, found, "given", now, at=people.next_at_work(receiver, policy, now))
    return receiver


def offer_all(
    session: Session,
    subjects: Subjects,
    obligation_ids: Sequence[int],
    to_id: int,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
) -> tuple[int, Person]:
    """Ask a colleague to take several; how many are still to be taken, and who it is. Raises DoneAlready for none.

    What was answered meanwhile stays as it is.
    """
    known = [session.get(Obligation, obligation_id) for obligation_id in obligation_ids]
    # Locked in one order, as everywhere where several subjects are changed.
    found = sorted((one for one in known if one and one.outcome is None), key=lambda one: one.subject_id)
    owed = [in_hand(session, subjects, one.id, by, lock=False) for one in found]
    if not owed:
        raise DoneAlready
    subjects.of(owed[0]).offer_all(session, owed, to_id, by, rules, actor, now)
    for one in owed:
        _acted(session, subjects, one, by, now)
    return len(owed), people.by_id(session, to_id)


def _together(session: Session, found: Obligation) -> list[Obligation]:
    """A promise with those that are done with it; locked when it was taken in hand."""
    if found.group_key is None:
        return [found]
    group = session.scalars(tables.open_in_group(found.owner_id, found.kind, found.group_key)).all()
    return [owed for owed in group if owed.outcome is None and owed.owner_id == found.owner_id]


def _lock(session: Session, subjects: Subjects, found: Obligation) -> None:
    """Its subject and itself, with those it is done with: all subjects in one order, then all promises."""
    group = [found]
    if found.group_key is not None:
        group = list(session.scalars(tables.open_in_group(found.owner_id, found.kind, found.group_key)))
        group = group if found in group else [*group, found]
    for subject_id in sorted({owed.subject_id for owed in group}):
        subjects.of(found).hold(session, subject_id)
    for owed in sorted(group, key=lambda one: one.id):
        session.refresh(owed, with_for_update=LOCKED)


def _runs_anew(session: Session, found: Obligation, owner: Person, policy: Policy, now: datetime) -> None:
    """The deadline, from what is left; one whose time was used up before keeps the deadline it had."""
    calendar = people.calendar_of(owner, policy, now)
    used = timedelta(seconds=found.used_seconds)
    run = Run(calendar, now, run_of(found).target, used)
    found.running_since = now
    if run.target - used > NOTHING:
        found.deadline_at = run.deadline
    found.calendar = frozen(calendar, now, found.deadline_at)
    set_next_step(session, found)


def _acted(session: Session, subjects: Subjects, found: Obligation, by: Person, now: datetime) -> None:
    """They did something about it: what told them of it was worth it, and shows what came of it."""
    about = subjects.of(found).about(found)
    for known in (about, calls.help_about(found)):
        calm.acted(session, outbox.person(by.id), known, now)
    touch(session, found, now)


def left(found: Obligation, now: datetime) -> float:
    """The working time that is left, in minutes; none of what is past its time."""
    rest = timedelta(minutes=found.target_minutes) - used_by(found, now)
    return max(0.0, rest.total_seconds() / 60)


def colleagues(session: Session, found: Obligation, now: datetime) -> list[tuple[int, str]]:
    """Who could take a promise that is no lead in hand: those of the same team who are there, by name."""
    owner = people.by_id(session, found.owner_id)
    able = [p for p in people.everybody(session) if p.id != owner.id and p.team in (owner.team, "both")]
    return sorted(((p.id, p.name) for p in able if not people.absence_at(p, now)), key=lambda one: one[1])
