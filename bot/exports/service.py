"""Ask for an export, make its file, and let it leave Slack again; each once, whoever looks."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.exports import csv_file, workbook
from bot.exports.rules import EVERYTHING, MINE, Days, Every, days_before, next_after
from bot.exports.sheets import Asked, Row, Sheet, Sheets, check_filters
from bot.exports.tables import ExportOrder, ExportSchedule
from bot.exports.workbook import About, Progress, Written
from bot.journal.service import SYSTEM, Actor, record, rules_in_force
from bot.store import LOCKED, insert_if_new

EXPORT, XLSX, CSV = "export", "xlsx", "csv"
WAITING, SENT, GONE, FAILED = "waiting", "sent", "gone", "failed"
HELD = timedelta(minutes=10)  # by who makes it; after that another worker tries
MOST_TRIES, LONGEST_WAIT = 5, timedelta(days=1)
OF_MINE = ("feedback", "objections", "leads", "promises")


@dataclass(frozen=True)
class Reader:
    """In which zone somebody reads, and when they are at work next: a file that comes by itself waits for that."""

    zone: str
    at_work: datetime


@dataclass(frozen=True)
class Order:
    """What somebody asks for."""

    what: str
    days: Days
    form: str = XLSX
    filters: Mapping[str, str] | None = None


def ask(
    session: Session,
    person_id: int,
    order: Order,
    key: str,
    actor: Actor,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> int | None:
    """Write an order down, once for `key`; who exported what is in the journal."""
    order_id = insert_if_new(
        session,
        ExportOrder,
        person_id=person_id,
        what=order.what,
        first_day=order.days.first.isoformat(),
        last_day=order.days.last.isoformat(),
        form=order.form,
        filters=dict(order.filters or {}),
        key=key,
        asked_at=now,
        state=WAITING,
        due_at=not_before or now,
        attempts=0,
    )
    if order_id is not None:
        told: dict[str, object] = {
            "what": order.what,
            "first": order.days.first.isoformat(),
            "last": order.days.last.isoformat(),
        }
        told |= {"filters": dict(order.filters or {})} if order.filters else {}
        record(session, actor, "exported", (EXPORT, order_id), now, {**told, "person": person_id})
    return order_id


def codes_of(sheets: Sheets, what: str) -> tuple[str, ...]:
    """The sheets that an export of `what` holds."""
    if what == EVERYTHING:
        return sheets.codes()
    if what.startswith(f"{MINE}:"):
        return (what.removeprefix(f"{MINE}:"),)
    return OF_MINE if what == MINE else (what,)


def is_mine(what: str) -> bool:
    """Whether an export holds only what is its reader's own."""
    return what == MINE or what.startswith(f"{MINE}:")


def check(session: Session, sheets: Sheets, order: Order) -> None:
    """Raises NotLimited for a filter that selects nothing."""
    policy = rules_in_force(session).policy
    check_filters([sheets[code] for code in codes_of(sheets, order.what)], order.filters or {}, policy)


def limited(sheet: Sheet, people: frozenset[int] | None) -> Sheet:
    """The same sheet with the rows of these people only; None for everybody's."""

    def count(session: Session, asked: Asked) -> int:
        return sheet.count(session, replace(asked, people=people))

    def rows(session: Session, asked: Asked) -> Iterable[Row]:
        return sheet.rows(session, replace(asked, people=people))

    return replace(sheet, count=count, rows=rows)


def make(
    session: Session,
    path: Path,
    sheets: list[Sheet],
    asked: Asked,
    about: About,
    form: str,
    progress: Progress = lambda _sheet, _rows: None,
) -> Written:
    """Write the file. CSV holds one sheet, the first."""
    if form == CSV:
        return Written({sheets[0].name: csv_file.write(session, path, sheets[0], asked)})
    return workbook.write(session, path, sheets, asked, about, progress)


def claim(session: Session, now: datetime) -> ExportOrder | None:
    """The next order to do something about, held for a while."""
    due = select(ExportOrder).where(ExportOrder.due_at <= now).order_by(ExportOrder.due_at, ExportOrder.id).limit(1)
    found = session.scalar(due.with_for_update(skip_locked=True, **LOCKED))
    if found is not None:
        found.due_at = now + HELD
        found.attempts += 1
    return found


def any_due(session: Session, now: datetime) -> bool:
    order = session.scalar(select(ExportOrder.id).where(ExportOrder.due_at <= now).limit(1))
    schedule = session.scalar(select(ExportSchedule.id).where(ExportSchedule.next_at <= now).limit(1))
    return order is not None or schedule is not None


def shared(session: Session, order_id: int, rows: int, leaves_at: datetime) -> None:
    """Its file stands in Slack, until `leaves_at`."""
    found = session.get_one(ExportOrder, order_id)
    found.state, found.rows, found.due_at, found.attempts, found.problem = SENT, rows, leaves_at, 0, None


def gone(session: Session, order_id: int, now: datetime) -> None:
    """Its file has left Slack."""
    found = session.get_one(ExportOrder, order_id)
    found.state, found.due_at = GONE, None
    record(session, SYSTEM, "export_removed", (EXPORT, order_id), now)


def not_done(session: Session, order_id: int, problem: str, again_at: datetime) -> bool:
    """It is tried again later; whether it is given up, after so many times. Leaving Slack is never given up."""
    found = session.get_one(ExportOrder, order_id)
    found.problem = problem[:200]
    gives_up = found.attempts >= MOST_TRIES and found.state == WAITING
    if found.state == SENT:
        again_at += min(LONGEST_WAIT, (again_at - found.asked_at) / 100)
    found.due_at = None if gives_up else again_at
    if gives_up:
        found.state = FAILED
    return gives_up


def keep_file(session: Session, order_id: int, file_id: str | None) -> None:
    """Slack's name of the file, before it is shared: sharing it twice would show it twice."""
    session.get_one(ExportOrder, order_id).file_id = file_id


# -- exports that come by themselves ----------------------------------------


def schedule(session: Session, person_id: int, order: Order, every: Every, zone: str, now: datetime) -> datetime:
    """An export comes each Monday, or each first of the month; another one of the same kind is replaced. When first."""
    stop(session, person_id, order.what)
    at, filters = next_after(every, now, zone), dict(order.filters or {})
    told = {"person_id": person_id, "what": order.what, "every": every, "form": order.form, "filters": filters}
    session.add(ExportSchedule(**told, next_at=at))
    return at


def stop(session: Session, person_id: int, what: str) -> bool:
    mine = select(ExportSchedule).where(ExportSchedule.person_id == person_id, ExportSchedule.what == what)
    found = session.scalars(mine).all()
    for one in found:
        session.delete(one)
    session.flush()
    return bool(found)


def order_due(session: Session, readers: Mapping[int, Reader], now: datetime) -> int:
    """Order what comes by itself now; once for each date, however many workers look. How many.

    `readers` are all who work here: nothing comes any more to who does not.
    """
    due = select(ExportSchedule).where(ExportSchedule.next_at <= now).order_by(ExportSchedule.id)
    found = session.scalars(due.with_for_update(skip_locked=True, **LOCKED)).all()
    for one in found:
        reader, every = readers.get(one.person_id), Every(one.every)
        if reader is None:
            session.delete(one)
            continue
        order = Order(one.what, days_before(every, one.next_at, reader.zone), one.form, one.filters)
        key = f"schedule:{one.id}:{one.next_at.date().isoformat()}"
        ask(session, one.person_id, order, key, SYSTEM, now, not_before=reader.at_work)
        one.next_at = next_after(every, now, reader.zone)
    return len(found)


def file_name(what: str, days: Days, form: str) -> str:
    return f"tandem-{what}-{days.first.isoformat()}-{days.last.isoformat()}.{form}"


def temporary(folder: Path) -> Path:
    """A name that nobody guesses, for a file that holds personal data."""
    return folder / secrets.token_hex(8)


def asked_of(order: ExportOrder, zone: str, now: datetime) -> Asked:
    since, until = days_of_order(order).span(zone)
    return Asked(since, until, zone, None, order.filters, now)


def days_of_order(order: ExportOrder) -> Days:
    return Days(date.fromisoformat(order.first_day), date.fromisoformat(order.last_day))
