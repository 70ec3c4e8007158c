"""The SQL behind the facts: one named statement for each, over dates that an index finds.

Weeks are told apart by number: 0 is the first of `edges`, the newest the last. Nothing here reads a clock.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from bot.council.rules import BANDS, Span
from bot.feedback.answer_tables import AnswerCard, AnswerUse
from bot.feedback.rules import State
from bot.feedback.tables import FieldReport
from bot.leads.rules import WORKED_STAGES, Stage, Step
from bot.leads.tables import Account, Lead, LeadStep, LeadTouch, Offer
from bot.people.tables import Absence, Person
from bot.sla.rules import Kind, Outcome
from bot.sla.tables import Obligation
from bot.store import UtcDateTime

Made = Select[*tuple[Any, ...]]
Instant = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
ANSWERED = (Step.ACCEPTED, Step.REJECTED)
CAME_BACK = (Step.REJECTED, Step.NOT_A_FIT)
ENTERED = (Step.ACCEPTED, Step.QUALIFIED, Step.WON, Step.LOST, Step.REJECTED, Step.NOT_A_FIT)
LYING = (Stage.RAW, Stage.REJECTED, Stage.RECYCLED)
ENDED = (Step.WON, Step.LOST)
STAGE_BEFORE = LeadStep.before["lead"]["stage"].as_string()
FURTHER = (Stage.SAL.value, Stage.SQL.value)  # who is handed a lead that was accepted before accepts it once more
OF_LEADS = (Kind.ANSWER, Kind.FIRST_CONTACT, Kind.NEXT_STEP, Kind.REVIEW, Kind.DATA)
ANSWERING = (Kind.REPLY, Kind.ANSWER_CARD)


def within(column: Instant, span: Span) -> ColumnElement[bool]:
    return and_(column >= span.since, column < span.until)


def week_number(column: Instant, edges: Sequence[datetime]) -> ColumnElement[int]:
    """Into which of the weeks between the edges an instant falls."""
    return number_of(column, edges[:-1])


def _all(edges: Sequence[datetime]) -> Span:
    return Span(edges[0], edges[-1])


# -- leads ------------------------------------------------------------------------------------------------------------


def came_in(edges: Sequence[datetime]) -> Made:
    """Leads that came in, by week, source and campaign."""
    week = week_number(Lead.received_at, edges).label("week")
    found = select(week, Lead.source, Lead.campaign, func.count().label("number"))
    return found.where(within(Lead.received_at, _all(edges))).group_by(week, Lead.source, Lead.campaign)


def handed_over(edges: Sequence[datetime]) -> Made:
    """Leads that were offered to sales for the first time, by week."""
    week = week_number(Offer.offered_at, edges).label("week")
    found = select(week, func.count().label("number"))
    return found.where(within(Offer.offered_at, _all(edges)), Offer.round == 1).group_by(week)


def steps_made(edges: Sequence[datetime]) -> Made:
    """Leads that took a step, by week, step and the stage they were in; taken twice in a week it counts once."""
    week, stage = week_number(LeadStep.at, edges).label("week"), STAGE_BEFORE.label("stage")
    found = select(week, LeadStep.step, stage, func.count(LeadStep.lead_id.distinct()).label("number"))
    wanted = (LeadStep.step.in_(ENTERED), LeadStep.undone_at.is_(None), within(LeadStep.at, _all(edges)))
    return found.where(*wanted).group_by(week, LeadStep.step, stage)


def of_marketings_lead() -> ColumnElement[bool]:
    """Whether a step is with a lead as marketing handed it over: not once more, by a colleague who was passed it on."""
    return func.coalesce(STAGE_BEFORE, "").not_in(FURTHER)


def answers_given(edges: Sequence[datetime]) -> Made:
    """What sales first answered, and what turned out to be no fit later, by week, source, campaign, step and reason.

    By what was done, and not by how the lead stands now: what is found out later changes no week that is over.
    """
    week = week_number(LeadStep.at, edges).label("week")
    by = (week, Lead.source, Lead.campaign, LeadStep.step, LeadStep.reason)
    found = select(*by, func.count().label("number")).join(Lead, Lead.id == LeadStep.lead_id)
    answered = and_(LeadStep.step.in_(ANSWERED), of_marketings_lead())
    wanted = (or_(answered, LeadStep.step == Step.NOT_A_FIT), within(LeadStep.at, _all(edges)))
    steps = LeadStep.step.in_((*ANSWERED, Step.NOT_A_FIT))
    return found.where(steps, *wanted, LeadStep.undone_at.is_(None)).group_by(*by)


def score_bands(span: Span) -> Made:
    """How many answered leads were taken, of each band of the points they had when they were offered."""
    above = [(Offer.points < low, number) for number, low in enumerate(BANDS[1:])]
    band = case(*above, else_=len(BANDS) - 1).label("band")
    taken = func.sum(case((LeadStep.step == Step.ACCEPTED, 1), else_=0)).label("taken")
    found = select(band, taken, func.count().label("number")).join(Offer, Offer.id == LeadStep.offer_id)
    # Only what a colleague handed on may have been further before: of all others the step need not be read for it.
    first = or_(Offer.handed_by_id.is_(None), of_marketings_lead())
    wanted = (LeadStep.step.in_(ANSWERED), LeadStep.undone_at.is_(None), within(LeadStep.at, span))
    return found.where(*wanted, first).group_by(band)


def in_hand() -> Made:
    """How many leads are in each stage that sales works on, now, by the team of who has them."""
    found = select(Lead.stage, Person.team, func.count().label("number")).outerjoin(Person, Person.id == Lead.owner_id)
    return found.where(Lead.stage.in_(WORKED_STAGES)).group_by(Lead.stage, Person.team)


def lying() -> Made:
    """How many leads lie in each stage that nobody in sales works on and that is no end: not passed yet, come back."""
    return select(Lead.stage, func.count().label("number")).where(Lead.stage.in_(LYING)).group_by(Lead.stage)


def cohort(edges: Sequence[datetime], until: datetime) -> Made:
    """Of the leads that came in within each of these spans, how many took which step until an instant.

    `earlier` counts those until their span was over for as long as the span after it is over at that instant.
    """
    month = week_number(Lead.received_at, edges).label("month")
    as_old = [edge + (until - later) for edge, later in pairwise(edges[1:])]
    by_then = case(
        *((Lead.received_at < edge, literal(at, UtcDateTime())) for edge, at in zip(edges[1:], as_old, strict=False)),
        else_=literal(until, UtcDateTime()),
    )
    taken = func.count(LeadStep.lead_id.distinct()).label("number")
    earlier = func.count(case((LeadStep.at < by_then, LeadStep.lead_id)).distinct()).label("earlier")
    found = select(month, LeadStep.step, taken, earlier).join(LeadStep, LeadStep.lead_id == Lead.id)
    wanted = (within(Lead.received_at, _all(edges)), LeadStep.undone_at.is_(None), LeadStep.step.in_(ENTERED))
    return found.where(*wanted, LeadStep.at < until).group_by(month, LeadStep.step)


def cohort_sizes(edges: Sequence[datetime]) -> Made:
    month = week_number(Lead.received_at, edges).label("month")
    return select(month, func.count().label("number")).where(within(Lead.received_at, _all(edges))).group_by(month)


def _ever(step: Step) -> Subquery:
    """Leads that ever took a step, each once."""
    found = select(LeadStep.lead_id, func.max(LeadStep.at).label("at"), func.max(LeadStep.by_id).label("by_id"))
    return found.where(LeadStep.step == step, LeadStep.undone_at.is_(None)).group_by(LeadStep.lead_id).subquery()


WON = _ever(Step.WON)


def converted(span: Span, by: Sequence[ColumnElement[Any]]) -> Made:
    """Of the leads that came in within a span, by something of theirs: how many, and how many of them got how far."""
    accepted, qualified = _ever(Step.ACCEPTED), _ever(Step.QUALIFIED)
    found = select(
        *(key.label(f"key_{number}") for number, key in enumerate(by)),
        func.count().label("number"),
        func.count(accepted.c.lead_id).label("accepted"),
        func.count(qualified.c.lead_id).label("qualified"),
        func.count(WON.c.lead_id).label("won"),
    ).select_from(Lead)
    for ever in (accepted, qualified, WON):
        found = found.outerjoin(ever, ever.c.lead_id == Lead.id)
    return found.where(within(Lead.received_at, span)).group_by(*by)


def won_of(span: Span, by: Sequence[ColumnElement[Any]]) -> Made:
    """The leads of a span that were won, by something of theirs: when they came, and when they were."""
    keys = (key.label(f"key_{number}") for number, key in enumerate(by))
    found = select(*keys, WON.c.at, Lead.received_at).join(WON, WON.c.lead_id == Lead.id)
    return found.where(within(Lead.received_at, span))


def number_of(column: Instant, starts: Sequence[datetime]) -> ColumnElement[int]:
    """Which of some spans an instant falls into, by their beginnings."""
    ends = [(column < start, number) for number, start in enumerate(starts[1:])]
    return case(*ends, else_=len(starts) - 1) if ends else case((column.is_not(None), 0))


def steps_with_before(steps: Sequence[Step], span: Span) -> Made:
    """Steps with the stage that the lead left, and since when it was in it, as it is written down."""
    since = LeadStep.before["lead"]["stage_since"]["at"].as_string().label("since")
    found = select(LeadStep.step, LeadStep.at, STAGE_BEFORE.label("stage"), since)
    wanted = (LeadStep.step.in_(steps), LeadStep.undone_at.is_(None), within(LeadStep.at, span))
    return found.where(*wanted)


def outcomes(span: Span) -> Made:
    """What was won and lost, with where it came from."""
    found = select(
        LeadStep.lead_id, LeadStep.step, LeadStep.at, LeadStep.by_id, LeadStep.value, LeadStep.currency, LeadStep.reason
    ).add_columns(Lead.source, Lead.campaign, Lead.received_at)
    found = found.join(Lead, Lead.id == LeadStep.lead_id)
    wanted = (LeadStep.step.in_(ENDED), LeadStep.undone_at.is_(None), within(LeadStep.at, span))
    return found.where(*wanted).order_by(LeadStep.at, LeadStep.id)


def accounts_of(lead_ids: Sequence[int]) -> Made:
    found = select(Lead.id, Account.name).join(Account, Account.id == Lead.account_id)
    return found.where(Lead.id.in_(lead_ids))


def touch_kinds(lead_ids: Sequence[int]) -> Made:
    """What leads did, in the order they did it."""
    found = select(LeadTouch.lead_id, LeadTouch.kind)
    return found.where(LeadTouch.lead_id.in_(lead_ids)).order_by(LeadTouch.at, LeadTouch.id)


# -- promises ---------------------------------------------------------------------------------------------------------


def _is_late(now: datetime) -> ColumnElement[bool]:
    """Done late, moved on, or still open past its time; while it is paused none of its time passes."""
    o = Obligation
    runs_late = and_(o.outcome.is_(None), o.deadline_at < func.coalesce(o.paused_at, literal(now, UtcDateTime())))
    return or_(o.outcome == Outcome.MISSED, runs_late)


def kept(of: ColumnElement[bool], span: Span) -> Made:
    """Of the promises that were due in a span: how many were kept in time, and how many there were, late ones too."""
    o = Obligation
    met, late = o.outcome == Outcome.MET, _is_late(span.until)
    found = select(func.sum(case((met, 1), else_=0)), func.sum(case((or_(met, late), 1), else_=0)))
    return found.where(of, within(o.deadline_at, span))


def promises_due(edges: Sequence[datetime], now: datetime) -> Made:
    """Promises by the week their deadline fell into, team and kind: kept in time, late, or not due yet."""
    o = Obligation
    week = week_number(o.deadline_at, edges).label("week")
    met = func.sum(case((o.outcome == Outcome.MET, 1), else_=0)).label("met")
    late = func.sum(case((_is_late(now), 1), else_=0)).label("late")
    found = select(week, o.team, o.kind, met, late)
    counts = or_(o.outcome.is_(None), o.outcome != Outcome.CANCELLED)
    return found.where(within(o.deadline_at, _all(edges)), counts).group_by(week, o.team, o.kind)


def promises_of(owner_ids: Collection[int], span: Span, now: datetime) -> Made:
    """What these people promised for a span: kept in time, late, not due yet. Late counts for whose it was then."""
    o = Obligation
    met = func.sum(case((o.outcome == Outcome.MET, 1), else_=0)).label("met")
    late = func.sum(case((_is_late(now), 1), else_=0)).label("late")
    whose = func.coalesce(o.late_owner_id, o.owner_id).in_(owner_ids)
    return select(met, late, func.count()).where(whose, within(o.deadline_at, span))


def past_time(owner_ids: Collection[int], now: datetime) -> Made:
    """How much of what these people owe is past its time."""
    o = Obligation
    late = (o.outcome.is_(None), o.paused_at.is_(None), o.deadline_at < now)
    return select(func.count()).where(o.owner_id.in_(owner_ids), *late)


def owed_by(owner_ids: Collection[int], now: datetime) -> Made:
    """How much each of these people owes, and how much of it is past its time."""
    o = Obligation
    late = func.sum(case((and_(o.paused_at.is_(None), o.deadline_at < now), 1), else_=0)).label("late")
    found = select(o.owner_id, func.count().label("number"), late)
    return found.where(o.owner_id.in_(owner_ids), o.outcome.is_(None)).group_by(o.owner_id)


def open_now() -> Made:
    """What runs now, by team and kind."""
    o = Obligation
    found = select(o.team, o.kind, func.count().label("number"))
    return found.where(o.outcome.is_(None)).group_by(o.team, o.kind)


def waiting_since(kinds: Sequence[Kind]) -> Made:
    """Since when each lead of which something is owed is where it is, by kind: whoever it was handed to meanwhile.

    What is owed of a lead that was further already, or has been quiet for long, waits since it is owed.
    """
    o = Obligation
    anew = or_(o.kind == Kind.NEXT_STEP, Lead.stage.in_(FURTHER) & (o.kind == Kind.ANSWER))
    since = case((anew, o.opened_at), else_=Lead.stage_since).label("since")
    found = select(o.kind, since).join(Lead, Lead.id == o.subject_id)
    return found.where(o.outcome.is_(None), o.kind.in_(kinds), o.paused_at.is_(None), o.subject_kind == "lead")


def worked(team: str, span: Span) -> Select[Any]:
    """Working time taken, in seconds, of promises of a team that ended in a span."""
    o = Obligation
    done = (o.outcome != Outcome.CANCELLED, o.worked_seconds.is_not(None))
    return select(o.worked_seconds).where(within(o.settled_at, span), o.team == team, *done)


def worked_on(kind: Kind, span: Span) -> Select[Any]:
    """The same of promises of one kind."""
    o = Obligation
    done = (o.outcome != Outcome.CANCELLED, o.worked_seconds.is_not(None))
    return select(o.worked_seconds).where(o.kind == kind, within(o.settled_at, span), *done)


def waited(span: Span, kind: Kind = Kind.FIRST_CONTACT) -> Select[Any]:
    """Seconds by the wall clock from a lead's arrival to the first contact, or the answer, of those made in a span."""
    o = Obligation
    done = (o.outcome != Outcome.CANCELLED, o.waited_seconds.is_not(None))
    return select(o.waited_seconds).where(o.kind == kind, within(o.settled_at, span), *done)


def how_many(values: Select[Any], bounds: Sequence[int]) -> Made:
    """How many values there are, and how many of them do not exceed each of some bounds."""
    found = values.subquery()
    (value,) = found.c
    told = [func.sum(case((value <= bound, 1), else_=0)) for bound in bounds]
    return select(func.count(), *told).select_from(found)


def at_places(values: Select[Any], places: Sequence[int]) -> Made:
    """The values that stand at these places of the sorted list."""
    (value,) = values.selected_columns
    ranked = values.add_columns(func.row_number().over(order_by=value).label("place")).subquery()
    found, place = ranked.c[0], ranked.c.place
    return select(place, found).where(place.in_(sorted(set(places))))


# -- the field --------------------------------------------------------------------------------------------------------

_TOLD = (FieldReport.state != State.UNDONE, FieldReport.told_at.is_not(None))


def reports_made(edges: Sequence[datetime]) -> Made:
    """Reports by week, form and kind."""
    week = week_number(FieldReport.created_at, edges).label("week")
    by = (week, FieldReport.form, FieldReport.kind)
    return (
        select(*by, func.count().label("number"))
        .where(within(FieldReport.created_at, _all(edges)), *_TOLD)
        .group_by(*by)
    )


def reports_before(instant: datetime, form: str, kinds: Sequence[str]) -> Made:
    """Of each of these kinds of reports whether there was one before an instant: the first that is found tells."""
    earlier = select(FieldReport.id).where(FieldReport.form == form, FieldReport.created_at < instant, *_TOLD)
    return select(*(earlier.where(FieldReport.kind == kind).exists().label(kind) for kind in kinds))


def heard(span: Span) -> Made:
    """What was reported in a span, enough to choose whom to quote."""
    r = FieldReport
    told = select(r.id, r.form, r.kind, r.importance, r.root_id, r.reporter_id)
    return told.where(within(r.created_at, span), *_TOLD).order_by(r.id)


def patterns_unanswered(until: datetime) -> Made:
    """What many said by an instant, and nobody has an answer card for yet."""
    r = FieldReport
    card = select(AnswerCard.id).where(AnswerCard.report_id == r.id).exists()
    alive = r.state.not_in((State.UNDONE, State.MERGED))
    found = select(r.id, r.kind, r.form).where(r.pattern_at.is_not(None), r.pattern_at < until, alive, ~card)
    return found.order_by(r.pattern_at.desc(), r.id.desc())


def support_of(root_ids: Sequence[int]) -> Made:
    """How many colleagues said each of these."""
    r = FieldReport
    root = func.coalesce(r.echo_of_id, r.root_id, r.id).label("root")
    found = select(root, func.count(r.reporter_id.distinct()).label("number"))
    same = or_(r.id.in_(root_ids), r.root_id.in_(root_ids), r.echo_of_id.in_(root_ids))
    return found.where(same, r.state != State.UNDONE).group_by(root)


def answers_used(span: Span) -> Made:
    """How often each answer of the library was used in a span, and worked."""
    worked_out = func.sum(case((AnswerUse.worked, 1), else_=0)).label("worked")
    found = select(AnswerUse.card_id, func.count().label("number"), worked_out)
    return (
        found.where(within(AnswerUse.at, span))
        .group_by(AnswerUse.card_id)
        .order_by(func.count().desc(), AnswerUse.card_id)
    )


# -- people -----------------------------------------------------------------------------------------------------------


def away(span: Span) -> Made:
    """Who is away within a span."""
    overlaps = (Absence.starts_at < span.until, Absence.ends_at > span.since, Person.active)
    found = select(Person.id, Absence.starts_at, Absence.ends_at, Absence.backup_id)
    return found.join(Person, Person.id == Absence.person_id).where(*overlaps).order_by(Absence.starts_at, Person.id)


def team_sizes() -> Made:
    return select(Person.team, func.count().label("number")).where(Person.active).group_by(Person.team)
