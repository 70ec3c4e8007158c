"""What the outbox says about reports: the receipt that is edited, what closed it, questions and their answers."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.feedback import blocks, duties, duty_blocks, duty_texts, talks, texts, triage, views
from bot.feedback.rules import CLOSED, CLOSING, OPEN, Step
from bot.feedback.tables import DutyReport, FieldStep
from bot.feedback.views import ReportView
from bot.journal.service import rules_in_force
from bot.outbox.kit import context, section
from bot.outbox.templates import Json, Rendered, RenderRequest, Template
from bot.people import service as people
from bot.people.tables import Person
from bot.sla.bundles import when_at_work
from bot.sla.texts import OLDER
from bot.wording import day_and_time, escape, listed

Show = Callable[[ReportView, str, datetime], list[Json]]


def templates() -> list[Template]:
    return [
        Template(triage.RECEIPT, _shown(blocks.receipt, _receipt_text), _still_open, may_ring_at=when_at_work),
        Template(triage.CLOSED_LETTER, _shown(blocks.closed, _closed_text), _is_closed, may_ring_at=when_at_work),
        Template(triage.ASKED, _shown(blocks.asked, _asked_text), _is_asked, may_ring_at=when_at_work),
        Template(triage.REPLIED, _shown(blocks.replied, _replied_text), may_ring_at=when_at_work),
        Template(triage.TALK, _talk, _talk_goes_on, may_ring_at=when_at_work, is_free=_always, joins=False),
        Template(talks.STOPPED, _stopped, is_free=_always, joins=False),
    ]


def _view(session: Session, request: RenderRequest) -> ReportView:
    return views.report(session, request.subject.id, rules_in_force(session).policy)


def _shown(show: Show, text: Callable[[ReportView], str]) -> Callable[[Session, RenderRequest], Rendered]:
    def render(session: Session, request: RenderRequest) -> Rendered:
        if request.is_older:
            return Rendered(OLDER, [context(OLDER)])
        view = _view(session, request)
        reader = people.by_id(session, int(request.target.removeprefix("person:")))
        return Rendered(text(view), show(view, reader.zone, request.now))

    return render


def _receipt_text(_view: ReportView) -> str:
    return texts.RECEIPT_LOCK_SCREEN


def _closed_text(view: ReportView) -> str:
    made = view.newest(*CLOSING)
    return texts.closed_lock_screen(made.step, made.who) if made else texts.RECEIPT_LOCK_SCREEN


def _asked_text(_view: ReportView) -> str:
    return texts.ASKED_LOCK_SCREEN


def _replied_text(_view: ReportView) -> str:
    return texts.REPLIED_LOCK_SCREEN


def _still_open(session: Session, request: RenderRequest) -> bool:
    return _view(session, request).state in OPEN


def _is_closed(session: Session, request: RenderRequest) -> bool:
    return _view(session, request).state in CLOSED


def _is_asked(session: Session, request: RenderRequest) -> bool:
    """Until it is answered, or nobody needs the answer any more."""
    view = _view(session, request)
    asked, answered = view.newest(Step.ASKED_BACK), view.newest(Step.REPLIED)
    return view.state in OPEN and asked is not None and (answered is None or answered.at < asked.at)


def _talk(session: Session, request: RenderRequest) -> Rendered:
    """What the other one wrote, in the thread of its reader."""
    said = session.get_one(FieldStep, int(request.facts["step_id"]))
    who = people.names(session, [said.by_id])[said.by_id]
    if said.step == Step.ASKED_BACK:
        return Rendered(texts.ASKED_LOCK_SCREEN, blocks.asked_in_thread(who, said.sentence or ""))
    return Rendered(texts.REPLIED_LOCK_SCREEN, blocks.replied_in_thread(who, said.sentence or ""))


def _talk_goes_on(session: Session, request: RenderRequest) -> bool:
    """A question for as long as an answer is of use; an answer always."""
    said = session.get_one(FieldStep, int(request.facts["step_id"]))
    return said.step == Step.REPLIED or _view(session, request).state in OPEN


def _stopped(_session: Session, request: RenderRequest) -> Rendered:
    facts = request.facts
    return Rendered(texts.STOPPED_LOCK_SCREEN, blocks.held_back(str(facts["why"]), str(facts["key"])))


# -- for quality and medical affairs ----------------------------------------


def duty_templates() -> list[Template]:
    """Day and night, outside of every budget, and never within another message."""
    return [
        Template(duties.TO_CONTACT, _to_contact, _not_received, _contact_dead, is_free=_always, joins=False),
        Template(duties.TO_REPORTER, _to_reporter, is_free=_always, joins=False),
        Template(duties.WAITS, _nobody_has_it, _not_received, is_free=_always, joins=False),
        Template(duties.UNHEARD, _unheard, _not_received, is_free=_always, joins=False),
    ]


def _to_contact(session: Session, request: RenderRequest) -> Rendered:
    found, reader = session.get_one(DutyReport, request.subject.id), _reader(session, request)
    due = found.created_at + timedelta(hours=rules_in_force(session).policy.guard.hours)
    by = day_and_time(due, reader.zone, request.now)
    names = people.names(session, [one for one in (found.reporter_id, found.received_by_id) if one])
    written = day_and_time(found.created_at, reader.zone, request.now)
    told = duty_texts.to_contact(found.sign, names[found.reporter_id], written)
    received = None
    if found.received_at and found.received_by_id:
        at = day_and_time(found.received_at, reader.zone, request.now)
        received = duty_texts.received(names[found.received_by_id], at)
    text = received or duty_texts.contact_lock_screen(by, late=request.now >= due)
    return Rendered(text, duty_blocks.to_contact(told, found.said, duty_texts.take_it_up(by), received, found.id))


def _to_reporter(session: Session, request: RenderRequest) -> Rendered:
    found, reader = session.get_one(DutyReport, request.subject.id), _reader(session, request)
    duty = rules_in_force(session).policy.guard.duty(found.sign)
    at = day_and_time(found.received_at or request.now, reader.zone, request.now)
    names = people.names(session, [found.received_by_id or 0])
    told = duty_texts.reporter_received(names.get(found.received_by_id or 0, ""), at, duty.file_at if duty else None)
    return Rendered(duty_texts.REPORTER_LOCK_SCREEN, [section(told)])


def _nobody_has_it(session: Session, request: RenderRequest) -> Rendered:
    """To its reporter; once somebody has it after all, that stands there instead."""
    found, reader = session.get_one(DutyReport, request.subject.id), _reader(session, request)
    if found.received_at is not None:
        return _to_reporter(session, request)
    duty = rules_in_force(session).policy.guard.duty(found.sign)
    written = day_and_time(found.created_at, reader.zone, request.now)
    told = duty_texts.nobody_has_it(written, _asked_of(session, found), duty.file_at if duty else None)
    return Rendered(duty_texts.NOBODY_HAS_IT_LOCK_SCREEN, [section(told)])


def _unheard(session: Session, request: RenderRequest) -> Rendered:
    found, reader = session.get_one(DutyReport, request.subject.id), _reader(session, request)
    since = day_and_time(found.created_at, reader.zone, request.now)
    if found.received_at and found.received_by_id:
        at = day_and_time(found.received_at, reader.zone, request.now)
        told = duty_texts.received(people.names(session, [found.received_by_id])[found.received_by_id], at)
        return Rendered(told, [section(told)])
    told = duty_texts.waits_for(found.sign, _asked_of(session, found), since)
    return Rendered(duty_texts.UNHEARD_LOCK_SCREEN, [section(told)])


def _asked_of(session: Session, found: DutyReport) -> str:
    """Who was sent it, by name."""
    asked = [one for one in (found.contact_id, found.stand_in_id) if one]
    names = people.names(session, asked)
    return listed([escape(names[one]) for one in asked]) or duty_texts.WHO[found.sign]


def _not_received(session: Session, request: RenderRequest) -> bool:
    return session.get_one(DutyReport, request.subject.id).received_at is None


def _contact_dead(session: Session, request: RenderRequest, _reason: str) -> None:
    """A contact who cannot be reached: an administrator hears, so that it is not lost."""
    unreachable_id = int(request.target.removeprefix("person:"))
    duties.tell_administrator(session, request.subject.id, unreachable_id, rules_in_force(session).policy, request.now)


def _always(_session: Session, _request: RenderRequest) -> bool:
    return True


def _reader(session: Session, request: RenderRequest) -> Person:
    return people.by_id(session, int(request.target.removeprefix("person:")))
