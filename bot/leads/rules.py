"""Stages, answers, and which lead an incoming one belongs to. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum


class Stage(StrEnum):
    RAW = "raw"
    MQL = "mql"  # passed the gate
    SAL = "sal"  # accepted by sales
    SQL = "sql"
    WON = "won"
    LOST = "lost"
    REJECTED = "rejected"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"


class Answer(StrEnum):
    """What became of one offer of a lead to one person."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN_STAGES = (Stage.RAW, Stage.MQL, Stage.SAL, Stage.SQL, Stage.RECYCLED)
WORKED_STAGES = (Stage.MQL, Stage.SAL, Stage.SQL)  # what counts against a person's capacity
REOPENING_STAGES = (Stage.REJECTED, Stage.LOST, Stage.DISQUALIFIED)


def may_reopen(stage: str, closed_at: datetime | None, window_days: int, now: datetime) -> bool:
    """Whether a closed lead that comes again is the same one, recycled, rather than a new one."""
    if stage not in REOPENING_STAGES or closed_at is None:
        return False
    return now - closed_at <= timedelta(days=window_days)


def undo_until(answered_at: datetime, minutes: int) -> datetime:
    return answered_at + timedelta(minutes=minutes)
