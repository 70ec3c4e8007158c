"""What may be for quality or medical affairs: passed to its contact at once, at any hour, until they say *Received*.

A help and no judgement: whoever typed it decides whether it is such a report. Telling Tandem is not reporting.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.feedback.errors import NotTheirs
from bot.feedback.signs import Found
from bot.feedback.tables import DutyReport, FormChecked
from bot.journal.service import SYSTEM, Actor, RulesInForce, record
from bot.outbox import service as outbox
from bot.outbox.rules import Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.store import LOCKED, insert_if_new
from config.policy import Policy

DUTY, TO_CONTACT, TO_REPORTER = "duty_report", "duty_contact", "duty_reporter"
WAITS, UNHEARD = "duty_waits", "duty_unheard"  # to its reporter, and to administrators, when its time is over
REMINDED_AT = (0.0, 0.5, 0.85, 1.0, 2.0, 3.0, 5.0, 7.0)  # of the hours there are: at once, until it was received
TIME_IS_OVER = 1.0


@dataclass(frozen=True)
class Checked:
    """What became of a text that showed a sign: passed on as `duty_id`, or, without one, found to be none."""

    duty_id: int | None


@dataclass(frozen=True)
class Told:
    """What somebody is told whose text shows a sign."""

    contact: str | None
    stand_in: str | None
    hours: int
    file_at: str | None


@dataclass(frozen=True)
class InForm:
    """A text in a form, by the form's key and the text's hash."""

    view_key: str
    hash: str


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def said_key(user_id: str, hash_: str, now: datetime) -> str:
    """What somebody typed is known by for a day, wherever they typed it: asked once, and sent once."""
    return f"said:{user_id}:{now.date().isoformat()}:{hash_[:24]}"


def checked(session: Session, keys: Collection[str], text: str) -> Checked | None:
    """What its writer said of a text in a form; None when they were not asked yet."""
    asked = select(FormChecked).where(FormChecked.view_key.in_(keys), FormChecked.text_hash == text_hash(text))
    found = session.scalar(asked.limit(1))
    return Checked(found.duty_id) if found else None


def point_out(session: Session, view_key: str, text: str, now: datetime) -> bool:
    """Whether it is to be pointed out that a text may identify a patient: once for each text of a form."""
    told = {"view_key": f"patient:{view_key}", "text_hash": text_hash(text), "duty_id": None, "at": now}
    return insert_if_new(session, FormChecked, **told) is not None


def dismiss(session: Session, view_key: str, stopped: str, sign: str, actor: Actor, now: datetime) -> None:
    """Its writer says that it is no such report; that they did is kept."""
    _remember(session, view_key, stopped, None, now)
    record(session, actor, "sign_dismissed", ("form", 0), now, {"sign": sign})


def pass_on(
    session: Session,
    found: Found,
    text: str,
    view_key: str,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
    form: InForm,
) -> DutyReport:
    """To its contact, and who stands in for them, at once; once for each text of a form.

    `form` is where it was typed, and the text as it was then.
    """
    contact, stand_in = contacts(session, found.sign, rules.policy)
    duty_id = insert_if_new(
        session,
        DutyReport,
        sign=found.sign,
        words=found.words[:200],
        said=text,
        reporter_id=by.id,
        view_key=view_key,
        created_at=now,
        contact_id=contact.id if contact else None,
        stand_in_id=stand_in.id if stand_in else None,
    )
    if duty_id is None:
        return session.scalars(select(DutyReport).where(DutyReport.view_key == view_key)).one()
    _remember(session, form.view_key, form.hash, duty_id, now)
    shown_to = [one.id for one in (contact, stand_in) if one is not None]
    record(session, actor, "passed_to_contact", (DUTY, duty_id), now, {"sign": found.sign, "shown_to": shown_to})
    made = session.get_one(DutyReport, duty_id)
    for one in shown_to:
        _remind(session, one, made, rules.policy, now)
    _tell_if_nobody_has_it(session, made, shown_to, rules.policy, now)
    return made


def _tell_if_nobody_has_it(
    session: Session, made: DutyReport, shown_to: Collection[int], policy: Policy, now: datetime
) -> None:
    """When its time is over and nobody has said *Received*, its reporter hears, and who looks after Tandem."""
    at = made.created_at + timedelta(hours=policy.guard.hours) * TIME_IS_OVER
    _enqueue(session, WAITS, made.reporter_id, made.id, now, at=at)
    for one in people.administrators(session):
        if one.id not in (*shown_to, made.reporter_id):
            _enqueue(session, UNHEARD, one.id, made.id, now, at=at)


def contacts(session: Session, sign: str, policy: Policy) -> tuple[Person | None, Person | None]:
    """Who must hear of a sign, and who stands in; without either, an administrator does."""
    duty = policy.guard.duty(sign)
    named = [duty.contact, duty.stand_in] if duty else [None, None]
    found = [people.by_email(session, email) if email else None for email in named]
    first, second = (one if one is not None and one.active else None for one in found)
    if first is None and second is None:
        return next(iter(people.administrators(session)), None), None
    return (first, second) if first is not None else (second, None)


def told_of(session: Session, sign: str, policy: Policy) -> Told:
    """Who would hear of a sign, within how many hours, and where it is filed."""
    contact, stand_in = contacts(session, sign, policy)
    duty = policy.guard.duty(sign)
    return Told(
        contact.name if contact else None,
        stand_in.name if stand_in else None,
        policy.guard.hours,
        duty.file_at if duty else None,
    )


def receive(session: Session, duty_id: int, by: Person, actor: Actor, now: datetime) -> DutyReport:
    """Its contact, or who stands in, has it: only now it is passed on. Raises NotTheirs."""
    found = session.get_one(DutyReport, duty_id, with_for_update=LOCKED, populate_existing=True)
    if by.id not in (found.contact_id, found.stand_in_id):
        raise NotTheirs(people.names(session, [found.contact_id or 0]).get(found.contact_id or 0, "Quality"))
    if found.received_at is None:
        found.received_at, found.received_by_id = now, by.id
        record(session, actor, "received", (DUTY, found.id), now)
        outbox.touch(session, Subject(DUTY, found.id), now, Priority.ANSWER_TO_A_TAP)
        _enqueue(session, TO_REPORTER, found.reporter_id, found.id, now)
    return found


def _remember(session: Session, view_key: str, stopped: str, duty_id: int | None, now: datetime) -> None:
    insert_if_new(session, FormChecked, view_key=view_key, text_hash=stopped, duty_id=duty_id, at=now)


def _enqueue(
    session: Session,
    template: str,
    to_id: int,
    duty_id: int,
    now: datetime,
    part: str = "",
    at: datetime | None = None,
) -> None:
    """At once, day and night: outside budgets, company and working hours."""
    draft = Draft(
        outbox.person(to_id),
        template,
        Subject(DUTY, duty_id),
        f"{template}:{duty_id}:{to_id}:{part}",
        priority=Priority.DUTY,
        not_before=at,
    )
    outbox.enqueue(session, draft, now)


def tell_administrator(session: Session, duty_id: int, unreachable_id: int, policy: Policy, now: datetime) -> None:
    """Who was to hear cannot be reached: whoever looks after Tandem takes their place, and may say *Received*."""
    found = session.get_one(DutyReport, duty_id, with_for_update=LOCKED, populate_existing=True)
    asked = (found.contact_id, found.stand_in_id)
    other = next((one for one in people.administrators(session) if one.id not in asked), None)
    if other is None or unreachable_id not in asked or found.received_at is not None:
        return
    if found.contact_id == unreachable_id:
        found.contact_id = other.id
    else:
        found.stand_in_id = other.id
    record(session, SYSTEM, "passed_to_contact", (DUTY, found.id), now, {"sign": found.sign, "shown_to": [other.id]})
    _remind(session, other.id, found, policy, now)


def _remind(session: Session, to_id: int, found: DutyReport, policy: Policy, now: datetime) -> None:
    """At once, and again until it is received."""
    hours = timedelta(hours=policy.guard.hours)
    for part in REMINDED_AT:
        _enqueue(session, TO_CONTACT, to_id, found.id, now, str(part), found.created_at + hours * part)
