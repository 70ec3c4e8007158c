"""What screens show of reports, read from the database into frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.feedback import similar, tables
from bot.feedback.errors import NoSuchReport
from bot.feedback.rules import Form, Heard, State, Step, Support, support
from bot.feedback.service import REPORT, answers_for_reports
from bot.feedback.tables import FieldReport, FieldStep
from bot.leads.reviews import titles_of
from bot.leads.tables import Account, Lead, Offer
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.rules import Kind
from config.policy import Policy

BETWEEN_TWO = frozenset({Step.ASKED_BACK, Step.REPLIED})
LAST_LEADS, ANSWERED_LATELY = 20, timedelta(days=90)


@dataclass(frozen=True)
class Happened:
    at: datetime
    who: str
    step: Step
    sentence: str | None


@dataclass(frozen=True)
class ReportView:
    """One report: what was said, by whom, where, how it stands, and what happened so far."""

    id: int
    form: Form
    kind: str
    said: str
    reporter_id: int
    reporter: str
    where: str | None
    stage: str | None
    product: str | None
    competitor: str | None
    importance: str
    sureness: str
    answer_given: str | None
    went: str | None
    link: str | None
    author: str | None
    at: datetime
    state: State
    owner_id: int | None
    owner: str | None
    planned_on: str | None
    answer_by: datetime | None
    thanks_only: bool
    support: Support
    steps: tuple[Happened, ...]
    root_id: int | None
    first_id: int
    told: bool
    undo_until: datetime | None

    def newest(self, *steps: Step) -> Happened | None:
        return next((one for one in reversed(self.steps) if one.step in steps), None)


def report(session: Session, report_id: int, policy: Policy) -> ReportView:
    """Raises NoSuchReport."""
    found = session.get(FieldReport, report_id)
    if found is None:
        raise NoSuchReport
    return reports(session, [found], policy)[0]


def reports(session: Session, found: Sequence[FieldReport], policy: Policy) -> list[ReportView]:
    """Several reports, in a number of queries that does not grow with them."""
    leading = {one.id: one.root_id or one.id for one in found}
    made: dict[int, list[FieldStep]] = {}
    for step in session.scalars(tables.steps_of([*leading.values(), *leading])):
        made.setdefault(step.report_id, []).append(step)
    roots = {one.id: one for one in session.scalars(tables.these(leading.values()))}
    ids = {one.reporter_id for one in found} | {s.by_id for steps in made.values() for s in steps}
    names = people.names(session, ids | {one.owner_id for one in roots.values() if one.owner_id})
    accounts = _accounts(session, found)
    due = sla.deadlines(session, REPORT, set(leading.values()), Kind.REPLY)
    heard = similar.heard_of_all(session, {one.first_id for one in roots.values()})
    return [
        _view(one, roots[leading[one.id]], made, names, accounts, due.get(leading[one.id]), heard, policy)
        for one in found
    ]


def _view(
    one: FieldReport,
    root: FieldReport,
    made: Mapping[int, Sequence[FieldStep]],
    names: Mapping[int, str],
    accounts: Mapping[int, str],
    answer_by: datetime | None,
    heard: Mapping[int, list[Heard]],
    policy: Policy,
) -> ReportView:
    # What is asked of one reporter, and what they answer, is between the two: of the report it goes along with come
    # only the steps that are for everybody.
    for_all = [s for s in made.get(root.id, ()) if one.id == root.id or s.step not in BETWEEN_TWO]
    steps = {s.id: s for s in [*for_all, *made.get(one.id, ())]}
    product = policy.field.product(one.product)
    kind = policy.field.kind(one.kind) if one.form == Form.FEEDBACK else None
    return ReportView(
        one.id,
        Form(one.form),
        kind_label(policy, one.form, one.kind),
        one.said,
        one.reporter_id,
        names[one.reporter_id],
        accounts.get(one.id),
        one.stage,
        product.name if product else one.product,
        one.competitor,
        one.importance,
        one.sureness,
        one.answer_given,
        one.went,
        one.link,
        one.author,
        one.created_at,
        State(root.state if one.state == State.MERGED else one.state),
        root.owner_id,
        names.get(root.owner_id) if root.owner_id else None,
        root.planned_on,
        answer_by,
        bool(kind and kind.thanks_only),
        support(heard.get(root.first_id, [])),
        tuple(Happened(s.at, names[s.by_id], Step(s.step), s.sentence) for _, s in sorted(steps.items())),
        one.root_id,
        one.first_id,
        one.told_at is not None and one.state != State.UNDONE,
        one.settles_at if one.told_at is None else None,
    )


def _accounts(session: Session, found: Sequence[FieldReport]) -> dict[int, str]:
    """Where each was heard: the account of its lead, or what was typed."""
    ids = {one.account_id for one in found if one.account_id}
    named = dict(session.execute(select(Account.id, Account.name).where(Account.id.in_(ids))).all()) if ids else {}
    told = {one.id: named.get(one.account_id or 0) or one.account_said for one in found}
    return {report_id: where for report_id, where in told.items() if where}


def kind_label(policy: Policy, form: str, code: str) -> str:
    """What a kind is called; a code that the policy no longer has, as it is."""
    known = policy.field.kind(code) if form == Form.FEEDBACK else policy.field.category(code)
    return known.label if known else code


def inbox(session: Session, reader: Person, policy: Policy, limit: int, skip: int = 0) -> tuple[list[ReportView], int]:
    """What waits for somebody and for those they lead, the oldest first; and how many there are."""
    owners = [reader.id, *people.led_by(session, reader.id)]
    found = session.scalars(tables.inbox(owners, limit, skip)).all()
    return reports(session, found, policy), session.scalar(tables.in_inbox(owners)) or 0


def page_with(session: Session, reader: Person, report_id: int, limit: int) -> int:
    """The page of somebody's inbox on which a report stands, or stood before it was done; the last one at most."""
    owners, found = [reader.id, *people.led_by(session, reader.id)], session.get_one(FieldReport, report_id)
    total = session.scalar(tables.in_inbox(owners)) or 0
    place = session.scalar(tables.before_in_inbox(owners, found)) or 0
    return max(min(place, total - 1), 0) // limit


def answered(
    session: Session, reader: Person, policy: Policy, now: datetime, limit: int, skip: int = 0
) -> tuple[list[ReportView], int]:
    """What somebody, or those they lead, answered lately and may say is done, the latest first; how many there are."""
    thanks = [kind.code for kind in policy.field.kinds if kind.thanks_only]
    theirs = tables.answered([reader.id, *people.led_by(session, reader.id)], thanks, now - ANSWERED_LATELY)
    found = select(FieldReport).where(*theirs).order_by(FieldReport.closed_at.desc(), FieldReport.id.desc())
    shown = session.scalars(found.limit(limit).offset(skip)).all() if limit else []
    return reports(session, shown, policy), session.scalar(select(func.count()).where(*theirs)) or 0


def mine(session: Session, reader_id: int, policy: Policy, limit: int, skip: int = 0) -> tuple[list[ReportView], int]:
    """What somebody reported, the latest first, a page of it; and how many there are."""
    found = session.scalars(tables.of_reporter(reader_id, limit, skip)).all()
    return reports(session, found, policy), session.scalar(tables.how_many_of_reporter(reader_id)) or 0


@dataclass(frozen=True)
class Choices:
    """What the forms offer somebody: their last leads, the one in hand first."""

    leads: tuple[tuple[int, str], ...]
    chosen_lead: int | None
    stage: str | None


def report_for(session: Session, report_id: int, person_id: int, policy: Policy) -> ReportView:
    """A report for somebody who may see it. Raises NoSuchReport."""
    view = report(session, report_id, policy)
    if not may_see(session, view, people.by_id(session, person_id)):
        raise NoSuchReport
    return view


def may_see(session: Session, found: ReportView, person: Person) -> bool:
    """Reporters see their own, marketing sees all, managers their people's; but nobody else what may be undone yet."""
    if not found.told:
        return person.id == found.reporter_id
    if person.id in (found.reporter_id, found.owner_id) or answers_for_reports(person):
        return True
    return people.manages(session, person.id, found.reporter_id)


def whose_they_read(session: Session, person: Person) -> set[int] | None:
    """Whose reports somebody may see, as `may_see` has it; None for everybody's."""
    return None if answers_for_reports(person) else {person.id, *people.led_by(session, person.id)}


def choices(session: Session, person_id: int, offer_id: int | None = None) -> Choices:
    """Somebody's last leads; chosen is the one of a card, else the last one they had to do with."""
    newest = func.max(Offer.id)
    theirs = select(Offer.lead_id).where(Offer.person_id == person_id).group_by(Offer.lead_id)
    ids = list(session.scalars(theirs.order_by(newest.desc()).limit(LAST_LEADS)))
    made = session.get(Offer, offer_id) if offer_id else None
    if made is not None and made.lead_id not in ids:
        ids.insert(0, made.lead_id)
    titles = titles_of(session, ids)
    chosen = made.lead_id if made else next(iter(ids), None)
    lead = session.get(Lead, chosen) if chosen else None
    return Choices(tuple((one, titles[one]) for one in ids), chosen, lead.stage if lead else None)
