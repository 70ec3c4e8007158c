"""Open a home tab, turn its pages, keep it up to date.

A home tab is a card of the outbox: whatever changes what it shows touches its person (`Subject("person", id)`), and it
is published anew, at most every ten seconds. An answer to a tap in it does not wait for that.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.home import blocks, tables, views
from bot.home.rules import Part, begins_anew, is_kept_fresh
from bot.home.tables import HomeVisit
from bot.journal.service import rules_in_force
from bot.outbox import service as outbox
from bot.outbox.rules import Op, Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Rendered, RenderRequest, Subject, Template
from bot.sla.subjects import Subjects
from bot.store import insert_if_new
from config.settings import Commands

HOME = "home"


def opened(session: Session, person_id: int, now: datetime) -> None:
    """Somebody opened their home tab: it is kept fresh for a week from now, and after a while begins at first pages."""
    if insert_if_new(session, HomeVisit, person_id=person_id, opened_at=now, pages={}) is None:
        visit = session.scalars(tables.visit_of(person_id)).one()
        if begins_anew(visit.opened_at, now):
            visit.pages = {}
        visit.opened_at = now
    _publish(session, person_id, now)


def turn(session: Session, person_id: int, part: Part, page: int, now: datetime) -> None:
    """Show another page of one part."""
    visit = session.scalar(tables.visit_of(person_id))
    if visit:
        visit.pages = {**visit.pages, part.value: page}
        answer_tap(session, person_id, now)


def answer_tap(session: Session, person_id: int, now: datetime) -> None:
    """Something was tapped in the home tab: it shows what came of it at once."""
    outbox.at_once(session, outbox.home(person_id))
    _publish(session, person_id, now)


def _publish(session: Session, person_id: int, now: datetime) -> None:
    subject = Subject("person", person_id)
    draft = Draft(
        outbox.home(person_id), HOME, subject, f"home:{person_id}", op=Op.PUBLISH, priority=Priority.ANSWER_TO_A_TAP
    )
    if outbox.enqueue(session, draft, now) is None:
        outbox.touch(session, subject, now, Priority.ANSWER_TO_A_TAP)


def templates(subjects: Subjects, commands: Commands) -> list[Template]:
    """The home tab; `commands` are called so in this workspace, `subjects` tell how what is owed reads."""

    def render(session: Session, request: RenderRequest) -> Rendered:
        policy = rules_in_force(session).policy
        view = views.of(session, subjects, request.subject.id, policy, request.now)
        return Rendered("", blocks.home(view, request.now, commands), view.changes_at(request.now))

    return [Template(HOME, render, _is_still_visited)]


def _is_still_visited(session: Session, request: RenderRequest) -> bool:
    visit = session.scalar(tables.visit_of(request.subject.id))
    return visit is not None and is_kept_fresh(visit.opened_at, request.now)
