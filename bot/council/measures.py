"""What can be measured of a period, by its code: for goals, for decisions, for a look at the facts.

`about` narrows it: `source:webinar`, `campaign:medica-2026`, `category:price`. Each has a line in docs/metrics.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from bot.council import queries
from bot.council.queries import within
from bot.council.rules import Span, place_of
from bot.feedback.rules import Form, State
from bot.feedback.tables import FieldReport
from bot.leads.rules import Step
from bot.leads.tables import Lead, LeadStep
from bot.people.rules import Team
from bot.sla.rules import Kind
from bot.sla.tables import Obligation
from config.council import Measure
from config.policy import Policy

HUNDREDTHS = 100


class Unit(StrEnum):
    NUMBER = "number"
    PERCENT = "percent"
    MINUTES = "minutes"
    MONEY = "money"  # whole units of the usual currency


@dataclass(frozen=True)
class Reading:
    """A measure of a period: its value, None where there was nothing to measure, and of how many it was taken."""

    value: float | None
    of: int


Reader = Callable[[Session, Span, str | None, Policy], Reading]


def read(session: Session, measure: str, span: Span, policy: Policy, about: str | None = None) -> Reading:
    """The measure of a span. Raises ValueError for an unknown one."""
    return READERS[Measure(measure)](session, span, about, policy)


def leads_of(session: Session, span: Span, about: str | None) -> int:
    """How many leads came in within a span."""
    found = select(func.count()).select_from(Lead).where(within(Lead.received_at, span), _of_lead(about))
    return session.scalar(found) or 0


def _of_lead(about: str | None) -> ColumnElement[bool]:
    kind, _, code = (about or "").partition(":")
    column = {"source": Lead.source, "campaign": Lead.campaign}.get(kind)
    return column == code if column is not None else true()


def _leads(session: Session, span: Span, about: str | None, _policy: Policy) -> Reading:
    number = leads_of(session, span, about)
    return Reading(number, number)


def _steps(*steps: Step) -> Reader:
    def counted(session: Session, span: Span, about: str | None, _policy: Policy) -> Reading:
        found = select(func.count(LeadStep.lead_id.distinct())).join(Lead, Lead.id == LeadStep.lead_id)
        wanted = [LeadStep.step.in_(steps), LeadStep.undone_at.is_(None), within(LeadStep.at, span), _of_lead(about)]
        if Step.ACCEPTED in steps:  # not once more, by somebody who was handed it
            wanted.append(queries.of_marketings_lead())
        number = session.scalar(found.where(*wanted)) or 0
        return Reading(number, number)

    return counted


def _acceptance(session: Session, span: Span, about: str | None, _policy: Policy) -> Reading:
    taken = func.sum(case((LeadStep.step == Step.ACCEPTED, 1), else_=0))
    found = select(taken, func.count()).join(Lead, Lead.id == LeadStep.lead_id)
    wanted = (LeadStep.step.in_(queries.ANSWERED), LeadStep.undone_at.is_(None), within(LeadStep.at, span))
    return _share(session, found.where(*wanted, queries.of_marketings_lead(), _of_lead(about)))


def _came_back(session: Session, span: Span, about: str | None, _policy: Policy) -> Reading:
    found = select(func.count()).select_from(LeadStep).join(Lead, Lead.id == LeadStep.lead_id)
    sent_back = and_(LeadStep.step == Step.REJECTED, queries.of_marketings_lead())
    wanted = (LeadStep.step.in_(queries.CAME_BACK), LeadStep.undone_at.is_(None), within(LeadStep.at, span))
    of_theirs = or_(sent_back, LeadStep.step == Step.NOT_A_FIT)
    number = session.scalar(found.where(*wanted, of_theirs, _of_lead(about))) or 0
    return Reading(number, number)


def _won_value(session: Session, span: Span, about: str | None, policy: Policy) -> Reading:
    """Of deals in the usual currency; others are not converted, and not counted."""
    found = select(func.coalesce(func.sum(LeadStep.value), 0), func.count()).join(Lead, Lead.id == LeadStep.lead_id)
    won = (LeadStep.step == Step.WON, LeadStep.undone_at.is_(None), within(LeadStep.at, span))
    usual = LeadStep.currency == policy.deals.currencies[0]
    value, number = session.execute(found.where(*won, usual, _of_lead(about))).one()
    return Reading((value or 0) / HUNDREDTHS, number)


def _in_time(of: ColumnElement[bool]) -> Reader:
    def read_kept(session: Session, span: Span, _about: str | None, _policy: Policy) -> Reading:
        return _share(session, queries.kept(of, span))

    return read_kept


def _share(session: Session, found: Select[*tuple[Any, ...]]) -> Reading:
    hits, number = session.execute(found).one()
    return Reading(100 * (hits or 0) / number if number else None, number or 0)


def _median(values: Callable[[Span], Select[Any]]) -> Reader:
    def middle(session: Session, span: Span, _about: str | None, _policy: Policy) -> Reading:
        (number,) = session.execute(queries.how_many(values(span), ())).one()
        if not number:
            return Reading(None, 0)
        (_, seconds), *_ = session.execute(queries.at_places(values(span), [place_of(number, 50)])).all()
        return Reading(seconds / 60, number)

    return middle


def _objections(session: Session, span: Span, about: str | None, _policy: Policy) -> Reading:
    kind, _, code = (about or "").partition(":")
    told = (FieldReport.form == Form.OBJECTION, FieldReport.state != State.UNDONE, FieldReport.told_at.is_not(None))
    wanted = (*told, within(FieldReport.created_at, span))
    found = select(func.count()).select_from(FieldReport).where(*wanted)
    number = session.scalar(found.where(FieldReport.kind == code) if kind == "category" else found) or 0
    return Reading(number, number)


READERS: dict[Measure, Reader] = {
    Measure.LEADS: _leads,
    Measure.ACCEPTED: _steps(Step.ACCEPTED),
    Measure.ACCEPTANCE: _acceptance,
    Measure.CAME_BACK: _came_back,
    Measure.QUALIFIED: _steps(Step.QUALIFIED),
    Measure.WON: _steps(Step.WON),
    Measure.WON_VALUE: _won_value,
    Measure.SALES_IN_TIME: _in_time(Obligation.team == Team.SALES),
    Measure.MARKETING_IN_TIME: _in_time(Obligation.team == Team.MARKETING),
    Measure.MEDIAN_ANSWER: _median(lambda span: queries.worked_on(Kind.ANSWER, span)),
    Measure.SPEED_TO_LEAD: _median(queries.waited),
    Measure.OBJECTIONS: _objections,
    Measure.FIELD_ANSWERED: _in_time(Obligation.kind.in_(queries.ANSWERING)),
}
UNITS: dict[Measure, Unit] = {
    Measure.ACCEPTANCE: Unit.PERCENT,
    Measure.SALES_IN_TIME: Unit.PERCENT,
    Measure.MARKETING_IN_TIME: Unit.PERCENT,
    Measure.FIELD_ANSWERED: Unit.PERCENT,
    Measure.MEDIAN_ANSWER: Unit.MINUTES,
    Measure.SPEED_TO_LEAD: Unit.MINUTES,
    Measure.WON_VALUE: Unit.MONEY,
}
# What a narrower look may be taken at: by source or campaign, or by category of objection.
OF_ORIGIN = frozenset(
    {
        Measure.LEADS,
        Measure.ACCEPTED,
        Measure.ACCEPTANCE,
        Measure.CAME_BACK,
        Measure.QUALIFIED,
        Measure.WON,
        Measure.WON_VALUE,
    }
)


def unit_of(measure: str) -> Unit:
    return UNITS.get(Measure(measure), Unit.NUMBER)


def enough(measure: str, gives: float | None, target: float) -> bool:
    """Whether a pace reaches its target; of what comes back, fewer are better."""
    return gives is not None and (gives <= target if measure == Measure.CAME_BACK else gives >= target)


def fits(measure: str, about: str | None) -> bool:
    """Whether a measure can be narrowed so."""
    if about is None:
        return True
    kind = about.partition(":")[0]
    return measure in OF_ORIGIN if kind in ("source", "campaign") else measure == Measure.OBJECTIONS
