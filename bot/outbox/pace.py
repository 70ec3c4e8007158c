"""Keep within Slack's rate limits, shared by all workers through the database.

Limits count over sliding minutes, so the marks of the last minute's calls are the whole truth: the next call may
begin when the n-th newest mark is a minute old. https://docs.slack.dev/apis/web-api/rate-limits
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.outbox.limits import limits
from bot.outbox.tables import CallMark, Pause
from bot.store import insert_if_new

# A little over a minute: a call marked here reaches Slack a moment later.
WINDOW = timedelta(seconds=60.25)
POSTING = "chat.postMessage"


def calls_a_minute(method: str) -> int:
    """Slack's published tier of a Web API method. Raises KeyError for a method without one."""
    rates = limits()["rate_limits"]
    return int(rates["tiers_per_minute"][rates["method_tiers"][method]])


def allowed_at(session: Session, bucket: str, a_minute: int, now: datetime) -> datetime:
    """When the next call may begin: `now`, or the instant at which the limit and Slack's own word allow it."""
    oldest_that_counts = session.scalar(
        select(CallMark.at)
        .where(CallMark.bucket == bucket, CallMark.at > now - WINDOW)
        .order_by(CallMark.at.desc())
        .offset(a_minute - 1)
        .limit(1)
    )
    paused_until = session.scalar(select(Pause.until).where(Pause.bucket == bucket))
    waits = [now]
    if oldest_that_counts is not None:
        waits.append(oldest_that_counts + WINDOW)
    if paused_until is not None:
        waits.append(paused_until)
    return max(waits)


def mark(session: Session, bucket: str, now: datetime) -> None:
    """Note a call that begins now, and sweep marks that no longer count."""
    session.execute(delete(CallMark).where(CallMark.bucket == bucket, CallMark.at <= now - 2 * WINDOW))
    session.add(CallMark(bucket=bucket, at=now))
    session.flush()


def pause(session: Session, bucket: str, until: datetime) -> None:
    """Obey a `Retry-After`: nothing of this kind before `until`."""
    insert_if_new(session, Pause, bucket=bucket, until=until)
    session.execute(update(Pause).where(Pause.bucket == bucket, Pause.until < until).values(until=until))
