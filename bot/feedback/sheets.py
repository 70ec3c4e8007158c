"""Reports from the field as sheets of an export. What was passed to quality is in none of them."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.exports.sheets import Asked, Column, Kind, Row, Sheet
from bot.feedback.rules import Form, State
from bot.feedback.tables import FieldReport
from bot.feedback.texts import IMPORTANCES, STAGES, SURENESSES, WENT_AS
from bot.feedback.views import kind_label
from bot.journal.service import rules_in_force
from bot.leads.tables import Account
from bot.people.tables import Person
from config.policy import Policy

AT_ONCE = 1000
LIMITS = (FieldReport.kind, FieldReport.stage, FieldReport.product, FieldReport.importance, FieldReport.state)
COLUMNS = (
    Column("Number", Kind.NUMBER, "The report's own number", 9),
    Column("Reported at", Kind.INSTANT, "When it was saved", 17),
    Column("Reporter", Kind.TEXT, "Who reported it", 20),
    Column("Kind", Kind.TEXT, "What it is about, as the rules name it", 20),
    Column("Said", Kind.LONG, "What was said, word for word", 60),
    Column("Account", Kind.TEXT, "Where it was heard: the account of the lead", 26),
    Column("Account, as typed", Kind.TEXT, "Where it was heard, as the reporter typed it", 22),
    Column("Lead", Kind.NUMBER, "The number of the lead", 9),
    Column("Stage", Kind.TEXT, "How far the lead was then", 16),
    Column("Product", Kind.TEXT, "The product it is about", 14),
    Column("Competitor", Kind.TEXT, "The competitor it is about, as typed", 16),
    Column("Importance", Kind.TEXT, "How important to them: nice to have, matters, deal-breaker", 14),
    Column("How sure", Kind.TEXT, "Whether they said so themselves", 16),
    Column("State", Kind.TEXT, "new, seen, planned, answered, done, declined, merged", 11),
    Column("Owner", Kind.TEXT, "Who answers for it in marketing", 20),
    Column("Closed at", Kind.INSTANT, "When it was answered, done or declined", 17),
    Column("Same as", Kind.NUMBER, "The number of the report that says the same and was first", 9),
    Column("Pattern since", Kind.INSTANT, "When enough people had said it", 17),
    Column("Message", Kind.TEXT, "The address of the message it was saved from", 30),
    Column(
        "Written by",
        Kind.TEXT,
        "Who wrote that message: their name, or their Slack id where they are not in the list of people",
        14,
    ),
)
OF_OBJECTION = (
    Column("Answer given", Kind.LONG, "What the reporter answered", 50),
    Column("How it went", Kind.TEXT, "Resolved, still open, lost the deal", 14),
)


def feedback() -> Sheet:
    return _sheet("Feedback", Form.FEEDBACK, COLUMNS)


def objections() -> Sheet:
    return _sheet("Objections", Form.OBJECTION, (*COLUMNS, *OF_OBJECTION))


def _sheet(name: str, form: Form, columns: tuple[Column, ...]) -> Sheet:
    def count(session: Session, asked: Asked) -> int:
        return session.scalar(select(func.count()).select_from(FieldReport).where(_wanted(form, asked))) or 0

    def rows(session: Session, asked: Asked) -> Iterator[Row]:
        policy = rules_in_force(session).policy
        kinds, products = _labels(policy, form), {one.code: one.name for one in policy.field.products}
        for (
            number, at, reporter, kind, said, account, typed, lead, stage, product, competitor, importance, sure, state,
            owner, closed_at, root, echo, pattern_at, link, author, answer, went,
        ) in session.execute(_select(form, asked)):  # fmt: skip
            told: Row = (
                number, at, reporter, kinds.get(kind, kind), said, account, typed, lead, STAGES.get(stage or ""),
                products.get(product, product), competitor, IMPORTANCES[importance], SURENESSES[sure], state, owner,
                closed_at, root or echo, pattern_at, link, author,
            )  # fmt: skip
            yield (*told, answer, WENT_AS.get(went or "")) if form == Form.OBJECTION else told

    return Sheet(name, columns, count, rows, counted_by="Kind", limited_by=_limits(form))


def _limits(form: Form) -> dict[str, Callable[[Policy], Collection[str]] | None]:
    def kinds(policy: Policy) -> list[str]:
        return [one.code for one in (policy.field.kinds if form == Form.FEEDBACK else policy.field.categories)]

    return {
        "kind": kinds,
        "stage": lambda _policy: list(STAGES),
        "product": lambda policy: [one.code for one in policy.field.products],
        "importance": lambda _policy: list(IMPORTANCES),
        "state": lambda _policy: [state.value for state in State if state != State.UNDONE],
    }


def _wanted(form: Form, asked: Asked) -> ColumnElement[bool]:
    told = [FieldReport.form == form, FieldReport.state != State.UNDONE, FieldReport.told_at.is_not(None)]
    told += [FieldReport.created_at >= asked.since, FieldReport.created_at < asked.until]
    if asked.people is not None:
        told.append(or_(FieldReport.reporter_id.in_(asked.people), FieldReport.owner_id.in_(asked.people)))
    for column in LIMITS:
        if value := asked.filters.get(column.key):
            told.append(column == value)
    return and_(*told)


def _labels(policy: Policy, form: Form) -> dict[str, str]:
    known = policy.field.kinds if form == Form.FEEDBACK else policy.field.categories
    return {one.code: kind_label(policy, form, one.code) for one in known}


def _select(form: Form, asked: Asked) -> Select[*tuple[Any, ...]]:
    """Plain columns: mapped objects would take as long as writing the sheet does."""
    owner, r = aliased(Person), FieldReport
    found: Select[*tuple[Any, ...]] = select(
        r.id, r.created_at, Person.name, r.kind, r.said, Account.name, r.account_said, r.lead_id, r.stage, r.product,
        r.competitor, r.importance, r.sureness, r.state, owner.name, r.closed_at, r.root_id, r.echo_of_id, r.pattern_at,
        r.link, r.author, r.answer_given, r.went,
    )  # fmt: skip
    found = found.select_from(r).join(Person, Person.id == FieldReport.reporter_id)
    found = found.outerjoin(owner, owner.id == FieldReport.owner_id)
    found = found.outerjoin(Account, Account.id == FieldReport.account_id)
    ordered = found.where(_wanted(form, asked)).order_by(FieldReport.created_at, FieldReport.id)
    return ordered.execution_options(yield_per=AT_ONCE)
