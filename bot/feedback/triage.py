"""What marketing does with a report: seen, planned, answered, done, declined, merged, passed on, asked back.

Steps in between edit the one message its reporter has; an answer, done or declined comes to them as a new one, in
their hours. Everybody who reported the same is told when it is done.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.feedback import tables
from bot.feedback.errors import CannotTake, FurtherAlready, NoSuchReport, NotTheirs
from bot.feedback.rules import CLOSED, CLOSING, OPEN, NotPossible, State, Step, state_after
from bot.feedback.service import (
    REPORT,
    answers_for_all,
    answers_for_reports,
    has_answer,
    hold,
    join_answers,
    look,
    look_for_pattern,
    owe,
    owe_answer,
)
from bot.feedback.tables import FieldReport, FieldStep
from bot.journal.service import Actor, RulesInForce, record
from bot.outbox import calm
from bot.outbox import service as outbox
from bot.outbox.rules import Kind as MessageKind
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.calls import COMPANY
from bot.sla.rules import Kind
from config.policy import Policy

RECEIPT, CLOSED_LETTER, ASKED, REPLIED = "field_receipt", "field_closed", "field_asked", "field_replied"
TALK = "field_talk"


@dataclass(frozen=True)
class Deed:
    """A step with what belongs to it: a sentence, a day, another report or another person, the thread it is said in."""

    step: Step
    sentence: str | None = None
    on_day: str | None = None
    other_id: int | None = None
    thread_ts: str | None = None


def do(
    session: Session, report_id: int, deed: Deed, by: Person, rules: RulesInForce, actor: Actor, now: datetime
) -> FieldReport:
    """Make a step with a report. Raises NotTheirs, NoSuchReport, FurtherAlready or CannotTake."""
    for other_id in sorted(_touched_with(session, report_id, deed)):
        hold(session, other_id)  # all in one order, whichever goes along with the other
    found = hold(session, report_id)
    check_theirs(session, found, by)
    try:
        found.state = state_after(deed.step, found.state)
    except NotPossible as error:
        raise _further(session, found) from error
    _keep(session, found, deed, by, now)
    _keep_promises(session, found, deed, rules, now)
    facts = {"step": deed.step, "other": deed.other_id}
    record(session, actor, f"report_{deed.step}", (REPORT, found.id), now, facts)
    _tell(session, found, deed, by, rules.policy, now)
    if deed.step == Step.DONE:
        _finish_same(session, found, deed, by, rules.policy, actor, now)
    return found


def _touched_with(session: Session, report_id: int, deed: Deed) -> set[int]:
    """All reports that a step changes: whoever makes one locks them in one order."""
    if deed.step not in (Step.MERGED, Step.DONE):
        return set()
    told = [report_id, *([deed.other_id] if deed.other_id else [])]
    first = {look(session, one).first_id for one in told}
    return {*told, *first, *(one.id for one in session.scalars(tables.heard_with(first)))}


def _finish_same(
    session: Session, found: FieldReport, deed: Deed, by: Person, policy: Policy, actor: Actor, now: datetime
) -> None:
    """What others said as well and was answered to each of them by itself is done with it, and they hear so."""
    for one in session.scalars(tables.heard_with([found.first_id])).all():
        if one.id != found.id and one.root_id is None and one.state == State.ANSWERED:
            one.state, one.closed_at = State.DONE, now
            _keep(session, one, deed, by, now)
            record(session, actor, f"report_{deed.step}", (REPORT, one.id), now, {"step": deed.step, "with": found.id})
            _tell(session, one, deed, by, policy, now)


def check_theirs(session: Session, found: FieldReport, by: Person) -> None:
    """Who answers for it, or leads them. Raises NotTheirs, or NoSuchReport before it was told."""
    if found.told_at is None or found.state == State.UNDONE or found.owner_id is None:
        raise NoSuchReport
    if by.id != found.owner_id and not people.manages(session, by.id, found.owner_id):
        raise NotTheirs(people.names(session, [found.owner_id])[found.owner_id])


def reply(
    session: Session,
    report_id: int,
    text: str,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
    *,
    thread_ts: str | None = None,
) -> FieldReport:
    """The reporter answers what they were asked: it reaches who asked. Raises NoSuchReport."""
    found = hold(session, report_id)
    owner_id = look(session, found.root_id).owner_id if found.root_id else found.owner_id  # merged since it was asked
    if found.reporter_id != by.id or owner_id is None:
        raise NoSuchReport
    _keep(session, found, Deed(Step.REPLIED, text, thread_ts=thread_ts), by, now)
    record(session, actor, "report_replied", (REPORT, found.id), now)
    calm.acted(session, outbox.person(by.id), about(found.id), now)
    _talk(session, owner_id, REPLIED, found, rules.policy, now)
    _show(session, found, now)
    return found


def about(report_id: int) -> str:
    """What messages about a report are known by."""
    return f"field:{report_id}"


def latest(session: Session, report_id: int, *steps: Step) -> FieldStep | None:
    """The newest of these steps with a report."""
    made = session.scalars(tables.steps_of([report_id])).all()
    return next((one for one in reversed(made) if one.step in steps), None)


# -- what follows ----------------------------------------


def _keep(session: Session, found: FieldReport, deed: Deed, by: Person, now: datetime) -> None:
    step = FieldStep(
        report_id=found.id,
        step=deed.step,
        by_id=by.id,
        at=now,
        sentence=deed.sentence,
        on_day=deed.on_day,
        to_id=deed.other_id,
        thread_ts=deed.thread_ts,
    )
    session.add(step)
    session.flush()
    if deed.step == Step.PLANNED:
        found.planned_on = deed.on_day
    calm.acted(session, outbox.person(by.id), about(found.id), now)


def _keep_promises(session: Session, found: FieldReport, deed: Deed, rules: RulesInForce, now: datetime) -> None:
    """Whatever is done with a report, it was seen; what closes it keeps the promise of an answer."""
    if deed.step == Step.PASSED_ON:
        _pass_on(session, found, deed.other_id or 0, rules, now)
        return
    sla.settle_kind(session, REPORT, found.id, Kind.SEEN, now)
    if deed.step == Step.MERGED:
        _merge(session, found, deed.other_id or 0, rules, now)
    elif found.state in CLOSED:
        found.closed_at = now
        sla.settle_kind(session, REPORT, found.id, Kind.REPLY, now)


def _pass_on(session: Session, found: FieldReport, to_id: int, rules: RulesInForce, now: datetime) -> None:
    """To somebody else in marketing, who owes it anew; what was late stays late for who had it."""
    receiver = people.by_id(session, to_id)
    if not answers_for_reports(receiver) or people.absence_at(receiver, now) or receiver.id == found.owner_id:
        raise CannotTake(receiver.name)
    sla.cancel_all(session, REPORT, found.id, now, (Kind.SEEN, Kind.REPLY))
    outbox.touch(session, Subject("person", found.owner_id or 0), now)
    found.owner_id, found.state, found.planned_on = receiver.id, State.NEW, None
    owe(session, found, receiver, rules.policy, now, round_=1 + _times_passed_on(session, found))


def _times_passed_on(session: Session, found: FieldReport) -> int:
    return sum(one.step == Step.PASSED_ON for one in session.scalars(tables.steps_of([found.id])))


def _merge(session: Session, found: FieldReport, other_id: int, rules: RulesInForce, now: datetime) -> None:
    """It goes along with another one that is still open, with everybody who said the same, and with its answer."""
    other = hold(session, other_id)
    if other.id == found.id or other.root_id is not None or other.told_at is None or other.state not in OPEN:
        raise NoSuchReport
    sla.cancel_all(session, REPORT, found.id, now, (Kind.SEEN, Kind.REPLY, Kind.ANSWER_CARD))
    other.echo_of_id = other.echo_of_id or (found.echo_of_id if found.echo_of_id != other.id else None)
    for one in session.scalars(tables.saying_the_same([found.id])).all():
        if one.told_at is not None:  # what nobody was told of yet finds its way when it is brought
            one.root_id, one.echo_of_id = other.id, other.echo_of_id
    for one in session.scalars(tables.heard_with([found.id])).all():
        one.echo_of_id = other.first_id if one.echo_of_id == found.id else one.echo_of_id
    session.flush()
    join_answers(session, found.id, other.first_id)
    first, owner = hold(session, other.first_id), answers_for_all(session, rules.policy)
    look_for_pattern(session, first, rules, now)
    if first.pattern_at is not None and owner is not None:
        owe_answer(session, first, owner, rules, now)  # what was owed of the one may be owed of the other
    if has_answer(session, first.id):
        sla.settle_kind(session, REPORT, first.id, Kind.ANSWER_CARD, now)  # and what was brought along is there
    outbox.touch(session, Subject(REPORT, other.id), now)


def _tell(session: Session, found: FieldReport, deed: Deed, by: Person, policy: Policy, now: datetime) -> None:
    """Its reporter, and everybody who reported the same: by an edit, or by a new message when it is closed."""
    for one in session.scalars(tables.saying_the_same([found.id])).all():
        if one.reporter_id == by.id:
            continue  # nobody hears of their own deed
        if deed.step in CLOSING:
            _letter(session, one.reporter_id, CLOSED_LETTER, one, policy, now)
        elif deed.step == Step.ASKED_BACK:
            if one.id == found.id:
                _talk(session, one.reporter_id, ASKED, one, policy, now)
        else:
            _receipt(session, one, policy, now)
    _show(session, found, now)


def _letter(session: Session, to_id: int, template: str, found: FieldReport, policy: Policy, now: datetime) -> None:
    """A new message in the reader's hours, in company with what else waits there."""
    number = len(session.scalars(tables.steps_of([found.root_id or found.id])).all())
    at = people.next_at_work(people.by_id(session, to_id), policy, now)
    target, subject = outbox.person(to_id), Subject(REPORT, found.id)
    key = f"{template}:{found.id}:{to_id}:{number}"
    gathers_at = outbox.company_at(session, target, at, COMPANY)
    draft = Draft(target, template, subject, key, not_before=gathers_at, gathers_at=gathers_at, about=about(found.id))
    outbox.enqueue(session, draft, now)


def _talk(session: Session, to_id: int, template: str, found: FieldReport, policy: Policy, now: datetime) -> None:
    """A question or its answer: in the thread they wrote in themselves last, else as a message of its own."""
    theirs, this = (Step.REPLIED, Step.ASKED_BACK) if template == ASKED else (Step.ASKED_BACK, Step.REPLIED)
    last, made = latest(session, found.id, theirs), latest(session, found.id, this)
    if last is None or made is None or last.thread_ts is None or last.by_id != to_id:
        _letter(session, to_id, template, found, policy, now)
        return
    at = people.next_at_work(people.by_id(session, to_id), policy, now)
    facts = {"thread_ts": last.thread_ts, "step_id": made.id}
    subject, key = Subject(REPORT, found.id), f"{TALK}:{made.id}:{to_id}"
    target = outbox.person(to_id)
    outbox.enqueue(session, Draft(target, TALK, subject, key, MessageKind.LETTER, facts, not_before=at), now)


def _receipt(session: Session, found: FieldReport, policy: Policy, now: datetime) -> None:
    """The one message that later steps edit: it comes with the brief of the next day, for there is nothing to do.

    Not where a question waits for their answer: that is what they are to see.
    """
    asked, replied = latest(session, found.id, Step.ASKED_BACK), latest(session, found.id, Step.REPLIED)
    if asked is not None and (replied is None or replied.id < asked.id):
        return
    reader = people.by_id(session, found.reporter_id)
    at = people.next_at_work(reader, policy, people.day_after(now, ZoneInfo(reader.zone)))
    target, subject = outbox.person(reader.id), Subject(REPORT, found.id)
    key = f"{RECEIPT}:{found.id}"
    draft = Draft(target, RECEIPT, subject, key, not_before=at, gathers_at=at, about=about(found.id))
    outbox.enqueue(session, draft, now)


def _show(session: Session, found: FieldReport, now: datetime) -> None:
    outbox.touch_about(session, about(found.id), now)
    for one in session.scalars(tables.saying_the_same([found.id])).all():
        outbox.touch(session, Subject(REPORT, one.id), now)
        outbox.touch(session, Subject("person", one.reporter_id), now)
    if found.owner_id:
        outbox.touch(session, Subject("person", found.owner_id), now)


def _further(session: Session, found: FieldReport) -> FurtherAlready:
    made = session.scalars(tables.steps_of([found.id])).all()[-1]
    return FurtherAlready(made.step, people.names(session, [made.by_id])[made.by_id], made.at)
