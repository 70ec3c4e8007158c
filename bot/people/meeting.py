"""The first meeting: whoever comes to Tandem for the first time is asked one thing, whether their hours are right.

Installation messages nobody: it is asked when somebody opens the home tab, writes, or uses a command.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.journal.service import Actor, record, rules_in_force
from bot.outbox import service as outbox
from bot.outbox.rules import Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Rendered, RenderRequest, Subject, Template
from bot.people import blocks
from bot.people import service as people
from bot.people.blocks import HoursView
from bot.people.tables import Person
from config.policy import Policy

MEETING = "first_meeting"


def meet(session: Session, person_id: int, now: datetime) -> None:
    """Ask about their hours, once ever."""
    person = session.get_one(Person, person_id)
    if person.met_at is not None:
        return
    person.met_at = now
    subject = Subject("meeting", person_id)
    draft = Draft(outbox.person(person_id), MEETING, subject, f"meeting:{person_id}", priority=Priority.ANSWER_TO_A_TAP)
    outbox.enqueue(session, draft, now)


def say_hours(
    session: Session,
    person_id: int,
    actor: Actor,
    now: datetime,
    *,
    hours: dict[str, list[str]] | None = None,
    zone: str | None = None,
) -> None:
    """They say what their hours are; without `hours` that they are as they stand."""
    person = session.get_one(Person, person_id)
    before = (person.hours, person.zone)
    person.hours, person.zone = hours or person.hours, zone or person.zone
    if before != (person.hours, person.zone):
        person.brief_at = None  # their day begins at another hour: it is laid out anew
    person.met_at, person.hours_said_at = person.met_at or now, now
    record(session, actor, "hours_said", ("person", person_id), now, {"changed": hours is not None})
    outbox.touch(session, Subject("meeting", person_id), now, Priority.ANSWER_TO_A_TAP)


def hours_of(session: Session, person_id: int, policy: Policy) -> HoursView:
    person = people.by_id(session, person_id)
    hours = people.hours_of(person, policy)
    return HoursView(person.name, person.zone, hours.by_weekday, said=person.hours_said_at is not None)


def templates() -> list[Template]:
    return [Template(MEETING, _render)]


def _render(session: Session, request: RenderRequest) -> Rendered:
    return blocks.first_meeting(hours_of(session, request.subject.id, rules_in_force(session).policy))
