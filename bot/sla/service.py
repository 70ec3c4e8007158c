"""Open, keep and cancel promises."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from bot.sla import tables
from bot.sla.tables import Obligation
from bot.store import insert_if_new
from bot.worktime import NeverOpens, WorkCalendar


class Kind(StrEnum):
    ANSWER = "answer"
    FIRST_CONTACT = "first_contact"


class Outcome(StrEnum):
    MET = "met"
    MISSED = "missed"  # done, but late; what is still open has no outcome
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Promise:
    """What is owed: one obligation for each subject, kind and round."""

    kind: Kind
    subject_kind: str
    subject_id: int
    round: int


def open_obligation(
    session: Session, promise: Promise, owner_id: int, calendar: WorkCalendar, work: timedelta, now: datetime
) -> datetime:
    """Begin a promise now; its deadline. One that was cancelled before begins anew; one that runs stays as it is."""
    deadline_at = _deadline(calendar, now, work)
    running = {
        "owner_id": owner_id,
        "opened_at": now,
        "target_minutes": int(work / timedelta(minutes=1)),
        "calendar": _frozen(calendar, now, deadline_at),
        "deadline_at": deadline_at,
    }
    key = {
        "kind": promise.kind,
        "subject_kind": promise.subject_kind,
        "subject_id": promise.subject_id,
        "round": promise.round,
    }
    if insert_if_new(session, Obligation, **key, **running) is not None:
        return deadline_at
    known = session.scalars(_one(promise)).one()
    if known.outcome == Outcome.CANCELLED:
        for name, value in running.items():
            setattr(known, name, value)
        known.outcome = known.settled_at = None
        session.flush()
    return known.deadline_at


def settle(session: Session, promise: Promise, now: datetime) -> None:
    """It is done: in time or late, both are kept."""
    found = session.scalar(_one(promise))
    if found and found.outcome is None:
        found.outcome = Outcome.MET if now <= found.deadline_at else Outcome.MISSED
        found.settled_at = now


def cancel(session: Session, promise: Promise, now: datetime) -> None:
    """Nobody owes it any more."""
    found = session.scalar(_one(promise))
    if found and found.outcome is None:
        found.outcome, found.settled_at = Outcome.CANCELLED, now


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
        if known is not None:
            promise.outcome, settled_at = known
            promise.settled_at = datetime.fromisoformat(settled_at) if settled_at else None
        elif promise.outcome != Outcome.CANCELLED:
            promise.outcome, promise.settled_at = Outcome.CANCELLED, now


def _one(promise: Promise) -> Select[Obligation]:
    return tables.one(promise.subject_kind, promise.subject_id, promise.kind, promise.round)


def _deadline(calendar: WorkCalendar, now: datetime, work: timedelta) -> datetime:
    try:
        return calendar.due(now, work)
    except NeverOpens:  # somebody without working hours still owes an answer: by the wall clock
        return now + work


def _frozen(calendar: WorkCalendar, opened_at: datetime, deadline_at: datetime) -> dict[str, Any]:
    """The calendar as it stood, as far as it mattered between opening and deadline."""
    near = sorted(day for day in calendar.holidays if opened_at.date() <= day <= deadline_at.date())
    return {
        "zone": calendar.zone,
        "hours": {
            str(day): [f"{a:%H:%M}-{b:%H:%M}" for a, b in spans] for day, spans in calendar.hours.items() if spans
        },
        "holidays": [day.isoformat() for day in near],
        "closed": [[a.isoformat(), b.isoformat()] for a, b in calendar.closed if b > opened_at],
    }
