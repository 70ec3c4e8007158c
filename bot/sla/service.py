"""Open, keep and cancel promises."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.outbox import service as outbox
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import tables
from bot.sla.rules import NOTHING, Kind, Outcome, Run, Rung, frozen, outcome_at, team_of, thawed
from bot.sla.tables import LadderDone, Obligation
from bot.store import insert_if_new
from bot.worktime import WorkCalendar
from config.policy import LadderStep, Policy

OBLIGATION = "obligation"  # the subject kind of what is said of a promise


@dataclass(frozen=True)
class Promise:
    """What is owed: one obligation for each subject, kind and round."""

    kind: Kind
    subject_kind: str
    subject_id: int
    round: int


@dataclass(frozen=True)
class Terms:
    """Who owes it, on which clock, for how long. `used` of the working time had gone before, with somebody else."""

    owner_id: int
    team: str
    calendar: WorkCalendar
    target: timedelta
    ladder: tuple[LadderStep, ...]
    came_at: datetime
    hot: bool = False
    group: str | None = None
    used: timedelta = NOTHING


def terms_for(
    person: Person,
    kind: Kind,
    policy: Policy,
    came_at: datetime,
    now: datetime,
    *,
    hot: bool = False,
    group: str | None = None,
    used: timedelta = NOTHING,
) -> Terms:
    """What the policy agrees for this person, on their calendar as it stands."""
    return Terms(
        person.id,
        team_of(kind, person.team),
        people.calendar_of(person, policy, now),
        policy.target(kind, people.main_role(person), hot),
        policy.ladder_for(kind, hot),
        came_at,
        hot,
        group,
        used,
    )


def open_obligation(
    session: Session,
    promise: Promise,
    terms: Terms,
    now: datetime,
    *,
    late_owner: int | None = None,
    was_due: datetime | None = None,
) -> datetime:
    """Begin a promise now; its deadline. One that was cancelled before begins anew; one that runs stays as it is.

    `late_owner` is whose it was when its time was used up at `was_due`, if that was before.
    """
    run = Run(terms.calendar, now, terms.target, terms.used)
    deadline_at = was_due or run.deadline
    running = {
        "owner_id": terms.owner_id,
        "team": terms.team,
        "hot": terms.hot,
        "group_key": terms.group,
        "came_at": terms.came_at,
        "opened_at": now,
        "target_minutes": int(terms.target / timedelta(minutes=1)),
        "calendar": frozen(terms.calendar, now, deadline_at),
        "ladder": [step.model_dump(exclude_none=True) for step in terms.ladder],
        "running_since": now,
        "used_seconds": int(terms.used.total_seconds()),
        "deadline_at": deadline_at,
        "outcome": None,
        "settled_at": None,
        "paused_for_absence": False,
        "late_owner_id": late_owner,
        **_first_step(run.climbs(terms.ladder), now, terms.used),
    }
    key = {
        "kind": promise.kind,
        "subject_kind": promise.subject_kind,
        "subject_id": promise.subject_id,
        "round": promise.round,
    }
    if insert_if_new(session, Obligation, **key, **running) is not None:
        return deadline_at
    known = session.scalars(tables.one(promise.subject_kind, promise.subject_id, promise.kind, promise.round)).one()
    if known.outcome == Outcome.CANCELLED:
        for name, value in running.items():
            setattr(known, name, value)
        session.execute(delete(LadderDone).where(LadderDone.obligation_id == known.id))
        known.worked_seconds = known.waited_seconds = None
        known.paused_at = known.resumes_at = known.later_until = known.stopped_at = known.helped_at = None
        session.flush()
        set_next_step(session, known)
    return known.deadline_at


def _first_step(climbs: list[tuple[Rung, datetime]], now: datetime, used: timedelta) -> dict[str, Any]:
    """The first step that is still ahead. Of a promise handed on, what was past before is not said again at once."""
    ahead = [one for one in climbs if not used or one[1] > now]
    return {"next_rung": ahead[0][0], "next_step_at": ahead[0][1]} if ahead else {"next_rung": None}


def settle(session: Session, promise: Promise, now: datetime) -> None:
    """It is done: in time or late, both are kept with what was measured."""
    found = session.scalar(tables.one(promise.subject_kind, promise.subject_id, promise.kind, promise.round))
    if found and found.outcome is None:
        end(session, found, Outcome.MISSED if is_late(found, now) else Outcome.MET, now)


def is_late(found: Obligation, at: datetime) -> bool:
    """Whether its time was used up by an instant; while it is paused none of it passes."""
    if found.paused_at:
        return found.paused_at > found.deadline_at
    return outcome_at(at, found.deadline_at) == Outcome.MISSED


def settle_kind(session: Session, subject_kind: str, subject_id: int, kind: Kind, now: datetime) -> None:
    """Whatever is owed of this kind about a subject is done, in whichever round."""
    for found in session.scalars(tables.open_of_subject(subject_kind, subject_id)).all():
        if found.kind == kind:
            end(session, found, Outcome.MISSED if is_late(found, now) else Outcome.MET, now)


def cancel(session: Session, promise: Promise, now: datetime) -> None:
    """Nobody owes it any more."""
    found = session.scalar(tables.one(promise.subject_kind, promise.subject_id, promise.kind, promise.round))
    if found and found.outcome is None:
        _end_unkept(session, found, now)


def _end_unkept(session: Session, found: Obligation, now: datetime) -> None:
    """Nobody owes it any more. What was late by then stays late: handing it on does not erase that."""
    end_undone(session, found, Outcome.MISSED if is_late(found, now) else Outcome.CANCELLED, now)


def end_undone(session: Session, found: Obligation, outcome: Outcome, now: datetime) -> None:
    """A promise ends without being done: it took no time that could be told."""
    end(session, found, outcome, now)
    found.worked_seconds = found.waited_seconds = None


def cancel_all(
    session: Session, subject_kind: str, subject_id: int, now: datetime, kinds: Collection[Kind] = tuple(Kind)
) -> None:
    """Nobody owes anything of these kinds about a subject any more."""
    for found in session.scalars(tables.open_of_subject(subject_kind, subject_id)).all():
        if found.kind in kinds:
            _end_unkept(session, found, now)


def end(session: Session, obligation: Obligation, outcome: Outcome, now: datetime) -> None:
    """A promise ends, and is measured, also when it is late."""
    worked = used_by(obligation, now)
    obligation.outcome, obligation.settled_at = outcome, now
    obligation.worked_seconds = int(worked.total_seconds())
    obligation.waited_seconds = int((now - obligation.came_at).total_seconds())
    reached = obligation.next_rung in (Rung.MOVE, None)
    obligation.next_rung = obligation.next_step_at = None
    if outcome == Outcome.MISSED:
        obligation.late_owner_id = obligation.late_owner_id or obligation.owner_id
        if not reached:  # done a moment after its time was up: whoever leads them is still to hear of it
            obligation.next_rung, obligation.next_step_at = Rung.LATE, now
    touch(session, obligation, now)


def run_of(obligation: Obligation) -> Run:
    """A promise on the clock it was made under."""
    target, used = timedelta(minutes=obligation.target_minutes), timedelta(seconds=obligation.used_seconds)
    return Run(thawed(obligation.calendar), obligation.running_since, target, used)


def used_by(obligation: Obligation, at: datetime) -> timedelta:
    """How much of its working time has gone by an instant; a pause uses none."""
    return timedelta(seconds=obligation.used_seconds) if obligation.paused_at else run_of(obligation).worked(at)


def set_next_step(session: Session, obligation: Obligation) -> None:
    """The first step of the ladder that was not made yet; none of a promise that ended."""
    obligation.next_rung = obligation.next_step_at = None
    if obligation.outcome is not None:
        return
    if obligation.paused_at:
        if obligation.resumes_at:
            obligation.next_rung, obligation.next_step_at = Rung.RESUME, obligation.resumes_at
        return
    made = set(session.scalars(tables.steps_done(obligation.id)))
    ladder = [LadderStep.model_validate(step) for step in obligation.ladder]
    ahead = [one for one in run_of(obligation).climbs(ladder) if one[0] not in made]
    if ahead:
        obligation.next_rung, obligation.next_step_at = ahead[0]


def touch(session: Session, obligation: Obligation, now: datetime) -> None:
    """What shows this promise is out of date, and its owner's home tab."""
    outbox.touch(session, Subject(OBLIGATION, obligation.id), now)
    outbox.touch(session, Subject("person", obligation.owner_id), now)


def open_counts(session: Session, person_ids: Sequence[int]) -> dict[int, int]:
    """How much each of these owes now; who owes nothing is left out."""
    return dict(session.execute(tables.open_counts(person_ids)).all())


def by_id(session: Session, obligation_id: int) -> Obligation | None:
    return session.get(Obligation, obligation_id)


def of_promise(session: Session, promise: Promise) -> Obligation:
    """The obligation of a promise that was made. Raises NoResultFound."""
    return session.scalars(tables.one(promise.subject_kind, promise.subject_id, promise.kind, promise.round)).one()


def open_about(session: Session, subject_kind: str, subject_id: int) -> list[Obligation]:
    """What is owed about a subject now."""
    return list(session.scalars(tables.open_of_subject(subject_kind, subject_id)))


def past_half(session: Session, promise: Promise) -> bool:
    """Whether the silent reminder of a running promise was made: half of its time has gone, as usually agreed."""
    found = session.scalar(tables.one(promise.subject_kind, promise.subject_id, promise.kind, promise.round))
    if found is None or found.outcome is not None or found.paused_at:
        return False
    return Rung.REMIND in set(session.scalars(tables.steps_done(found.id)))


def half_gone(session: Session, subject_kind: str, subject_ids: Collection[int]) -> set[int]:
    """Of these subjects, those with a running promise of which half the time has gone."""
    return set(session.scalars(tables.reminded(subject_kind, subject_ids))) if subject_ids else set()


def deadlines(session: Session, subject_kind: str, subject_ids: Collection[int], kind: Kind) -> dict[int, datetime]:
    """By when something running of one kind is due, by its subject."""
    if not subject_ids:
        return {}
    found = tables.running(subject_kind, subject_ids, kind)
    return {one.subject_id: one.deadline_at for one in session.scalars(found)}


def rounds_of(session: Session, subject_kind: str, subject_id: int, kind: Kind) -> list[int]:
    """The rounds of one kind of promise about a subject, however they ended."""
    return [one.round for one in session.scalars(tables.of_subject(subject_kind, subject_id)) if one.kind == kind]


def states(session: Session, subject_kind: str, subject_id: int) -> dict[str, list[str | None]]:
    """How every promise about a subject stands, to be put back when what changes them is undone."""
    found = session.scalars(tables.of_subject(subject_kind, subject_id)).all()
    return {f"{p.kind}:{p.round}": [p.outcome, p.settled_at.isoformat() if p.settled_at else None] for p in found}


def put_back(
    session: Session, subject_kind: str, subject_id: int, before: dict[str, list[str | None]], now: datetime
) -> None:
    """Let every promise about a subject stand as it did; those begun since then are owed no more."""
    for promise in session.scalars(tables.of_subject(subject_kind, subject_id)).all():
        known = before.get(f"{promise.kind}:{promise.round}")
        if known is None:
            if promise.outcome != Outcome.CANCELLED:
                end(session, promise, Outcome.CANCELLED, now)
            continue
        outcome, settled_at = known
        if outcome == promise.outcome:
            continue
        promise.outcome = outcome
        promise.settled_at = datetime.fromisoformat(settled_at) if settled_at else None
        if outcome is None:
            promise.worked_seconds = promise.waited_seconds = None
            if is_late(promise, now):  # whoever leads them was no longer to hear of it: now they are
                late = (LadderDone.obligation_id == promise.id, LadderDone.rung == Rung.LATE)
                session.execute(delete(LadderDone).where(*late))
            set_next_step(session, promise)
        touch(session, promise, now)
