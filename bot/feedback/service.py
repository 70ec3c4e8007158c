"""Take in what the field reports: once for each form, told to nobody before its undo is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.feedback import answer_tables, likeness, similar, tables
from bot.feedback.errors import NoSuchReport, UndoOver
from bot.feedback.rules import OPEN, Form, Importance, State, Sureness, Went, is_pattern
from bot.feedback.tables import FieldReport, FieldWord
from bot.journal.service import SYSTEM, Actor, RulesInForce, record
from bot.leads.tables import Lead
from bot.outbox import service as outbox
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.rules import PROMOTING, SELLING, Role, Team
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.rules import Kind
from bot.sla.service import Promise
from bot.store import LOCKED, insert_if_new
from config.policy import Policy

REPORT = "field_report"  # the subject kind
PROMOTES = (Team.MARKETING, Team.BOTH)
TRIED_AGAIN = timedelta(minutes=15)


@dataclass(frozen=True)
class Said:
    """What somebody reports; `lead_id` names its account as well."""

    form: Form
    kind: str
    text: str
    lead_id: int | None = None
    account: str | None = None
    stage: str | None = None
    product: str | None = None
    competitor: str | None = None
    importance: Importance = Importance.MATTERS
    sureness: Sureness = Sureness.HEARD
    answer_given: str | None = None
    went: Went | None = None
    link: str | None = None
    author: str | None = None
    same_as: int | None = None  # it says the same as this report


def report(
    session: Session, said: Said, by: Person, view_key: str, rules: RulesInForce, actor: Actor, now: datetime
) -> FieldReport:
    """Write a report down, once for `view_key`; until it settles its reporter may take it back."""
    lead = session.get(Lead, said.lead_id) if said.lead_id else None
    root = session.get(FieldReport, said.same_as) if said.same_as else None
    report_id = insert_if_new(
        session,
        FieldReport,
        form=said.form,
        kind=said.kind,
        said=said.text,
        reporter_id=by.id,
        created_at=now,
        settles_at=now + timedelta(minutes=rules.policy.undo_minutes),
        view_key=view_key,
        lead_id=lead.id if lead else None,
        account_id=lead.account_id if lead else None,
        account_said=said.account,
        stage=said.stage or (lead.stage if lead else None),
        product=said.product,
        competitor=said.competitor,
        importance=said.importance,
        sureness=said.sureness,
        answer_given=said.answer_given,
        went=said.went,
        link=said.link,
        author=said.author,
        state=State.NEW,
        root_id=(root.root_id or root.id) if root else None,
    )
    if report_id is None:
        return session.scalars(tables.of_view(view_key)).one()
    for word in likeness.words_of(said.text, rules.policy.field.same_words):
        session.add(FieldWord(report_id=report_id, word=word))
    facts = {"form": said.form, "kind": said.kind, "lead": said.lead_id, "same_as": said.same_as}
    record(session, actor, "reported", (REPORT, report_id), now, facts)
    outbox.touch(session, Subject("person", by.id), now)
    return session.get_one(FieldReport, report_id)


def undo(session: Session, report_id: int, by: Person, actor: Actor, now: datetime) -> FieldReport:
    """Take a report back before anybody was told. Raises NoSuchReport or UndoOver."""
    found = hold(session, report_id)
    if found.reporter_id != by.id:
        raise NoSuchReport
    if found.state == State.UNDONE:
        return found
    if found.told_at is not None or now >= found.settles_at:
        raise UndoOver
    found.state, found.told_at, found.closed_at = State.UNDONE, now, now
    record(session, actor, "undone", (REPORT, found.id), now)
    outbox.touch(session, Subject("person", by.id), now)
    return found


def join(session: Session, report_id: int, root_id: int, by: Person, actor: Actor, now: datetime) -> FieldReport:
    """It says the same as an earlier one: it goes along with that. Raises NoSuchReport or, once told, UndoOver."""
    found, root = hold(session, report_id), session.get(FieldReport, root_id)
    if found.reporter_id != by.id or root is None or root.told_at is None or root.id == found.id:
        raise NoSuchReport
    if found.told_at is not None:
        raise UndoOver
    found.root_id = root.root_id or root.id
    record(session, actor, "joined", (REPORT, found.id), now, {"root": found.root_id})
    return found


def look(session: Session, report_id: int) -> FieldReport:
    """A report, not locked. Raises NoSuchReport."""
    found = session.get(FieldReport, report_id)
    if found is None:
        raise NoSuchReport
    return found


def hold(session: Session, report_id: int) -> FieldReport:
    """A report, locked. Raises NoSuchReport."""
    found = session.get(FieldReport, report_id, with_for_update=LOCKED, populate_existing=True)
    if found is None:
        raise NoSuchReport
    return found


def any_due(session: Session, now: datetime) -> bool:
    """Whether a report waits to be brought to somebody."""
    return session.scalar(tables.untold(now, 1).with_only_columns(FieldReport.id)) is not None


def due_ids(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """Reports that can no longer be undone, and that nobody was told of."""
    return list(session.scalars(tables.untold(now, limit).with_only_columns(FieldReport.id)))


def settle_one(session: Session, report_id: int, rules: RulesInForce, now: datetime) -> bool:
    """Bring a report to who answers for it, if it is still due; whether it was.

    What it goes along with is locked before it, as everywhere.
    """
    root_id = session.scalar(select(FieldReport.root_id).where(FieldReport.id == report_id))
    root = leading(session, root_id) if root_id else None
    found = hold(session, report_id)
    if found.told_at is not None or found.settles_at > now:
        return False
    found.told_at = now
    _bring(session, found, root, rules, now)
    return True


def leading(session: Session, report_id: int) -> FieldReport:
    """The report that leads those that say the same, locked: one that was merged leads to another."""
    found = hold(session, report_id)
    return leading(session, found.root_id) if found.root_id else found


def put_off(session: Session, report_id: int, now: datetime) -> None:
    """A report that cannot be brought keeps nobody else's waiting: it is tried again after a while."""
    hold(session, report_id).settles_at = now + TRIED_AGAIN


def _bring(session: Session, found: FieldReport, root: FieldReport | None, rules: RulesInForce, now: datetime) -> None:
    """To its owner, who owes a look and an answer; what says the same as another one goes along with that.

    Where the other one was closed by then it is answered for itself, and both count together.
    """
    if root is not None and root.state in OPEN:
        found.state, found.owner_id, found.root_id = State.MERGED, root.owner_id, root.id
        found.echo_of_id = root.echo_of_id
        outbox.touch(session, Subject(REPORT, root.id), now)
    else:
        found.root_id, found.echo_of_id = None, root.first_id if root else None
        owner = owner_of(session, found, rules.policy, now)
        found.owner_id = owner.id if owner else None
        if owner is not None:
            owe(session, found, owner, rules.policy, now)
    told = {"owner": found.owner_id, "root": found.root_id, "echo_of": found.echo_of_id}
    record(session, SYSTEM, "brought", (REPORT, found.id), now, told)
    look_for_pattern(session, hold(session, found.first_id), rules, now)
    outbox.touch(session, Subject("person", found.reporter_id), now)


def owe(session: Session, found: FieldReport, owner: Person, policy: Policy, now: datetime, *, round_: int = 1) -> None:
    """A look, and an answer; of what needs thanks only, just those: nothing ends in silence."""
    kind = policy.field.kind(found.kind) if found.form == Form.FEEDBACK else None
    owed = [Kind.REPLY] if kind and kind.thanks_only else [Kind.SEEN, Kind.REPLY]
    for what in owed:
        terms = sla.terms_for(owner, what, policy, found.created_at, now)
        sla.open_obligation(session, Promise(what, REPORT, found.id, round_), terms, now)
    outbox.touch(session, Subject("person", owner.id), now)


def owner_of(session: Session, found: FieldReport, policy: Policy, now: datetime) -> Person | None:
    """Who answers: for the product, else for the kind, else marketing's fallback; who is away has somebody stand in.

    Where nobody of these works here it is who leads marketing, else an administrator: nothing is left to nobody.
    """
    product = policy.field.product(found.product)
    named = policy.field.kind(found.kind) if found.form == Form.FEEDBACK else policy.field.category(found.kind)
    emails = [product.owner if product else None, named.owner if named else None, policy.marketing.fallback_owner]
    able = _at_work(session, emails)
    there = [one for one in able if not people.absence_at(one, now)]
    return next(iter(there or able), None)


def _at_work(session: Session, emails: Sequence[str | None]) -> list[Person]:
    """Those of these people who work here; where none does, who leads marketing, and administrators."""
    named = [people.by_email(session, email) for email in emails if email]
    known = [one for one in named if one is not None and one.active]
    leading = [one for one in people.everybody(session) if Role.MANAGER in one.role_names and one.team in PROMOTES]
    return known or [*leading, *people.administrators(session)]


def answers_for_all(session: Session, policy: Policy) -> Person | None:
    """Who owes the answers that everybody can use."""
    return next(iter(_at_work(session, (policy.field.pattern_owner, policy.marketing.fallback_owner))), None)


def look_for_pattern(session: Session, root: FieldReport, rules: RulesInForce, now: datetime) -> None:
    """Enough people heard it: product marketing owes an answer that everybody can use."""
    if root.pattern_at is not None:
        return
    session.flush()
    if not is_pattern(similar.heard_of(session, root.id), team_size(session), rules.policy.field, now):
        return
    root.pattern_at = now
    owner = answers_for_all(session, rules.policy)
    record(session, SYSTEM, "pattern", (REPORT, root.id), now, {"owner": owner.id if owner else None})
    if owner is not None:
        owe_answer(session, root, owner, rules, now)


def owe_answer(session: Session, root: FieldReport, owner: Person, rules: RulesInForce, now: datetime) -> None:
    """Somebody owes the answer to what many say, unless there is one or it is owed already."""
    if has_answer(session, root.id) or sla.deadlines(session, REPORT, [root.id], Kind.ANSWER_CARD):
        return
    terms = sla.terms_for(owner, Kind.ANSWER_CARD, rules.policy, now, now)
    rounds = sla.rounds_of(session, REPORT, root.id, Kind.ANSWER_CARD)
    sla.open_obligation(session, Promise(Kind.ANSWER_CARD, REPORT, root.id, 1 + max(rounds, default=0)), terms, now)


def join_answers(session: Session, found_id: int, first_id: int) -> None:
    """The answer to a report that goes along with another one is the answer to that, unless it has one of its own.

    Of two the one that people may use stays; the other stands in the library by itself until its day is over.
    """
    theirs, known = (session.scalar(answer_tables.of_report(one)) for one in (found_id, first_id))
    if theirs is None or found_id == first_id:
        return
    stays = known is not None and (has_answer(session, first_id) or not has_answer(session, found_id))
    if known is not None and not stays:
        known.report_id = None
        session.flush()
    theirs.report_id = None if stays else first_id
    session.flush()


def has_answer(session: Session, report_id: int) -> bool:
    """Whether an answer that people may use was written to what a report says."""
    card = session.scalar(answer_tables.of_report(report_id))
    newest = session.scalar(answer_tables.newest([card.id])) if card else None
    return newest is not None and newest.state in answer_tables.SHOWN  # withdrawn ones nobody may use


def team_size(session: Session) -> int:
    """How many people report from the field."""
    return sum(bool(one.role_names & SELLING) for one in people.everybody(session))


def answers_for_reports(person: Person) -> bool:
    """Whether somebody may have reports to answer: who works in marketing or product management."""
    return person.active and (bool(person.role_names & PROMOTING) or person.team in PROMOTES)
