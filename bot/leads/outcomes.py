"""What became of leads elsewhere: won and lost deals from a CRM's file, taken as they are.

A deal that is older than its lead's first contact here is odd, and flagged; it is not dropped.

[columns]                    # our field = the file's column
external_id = "mql_id"       # or email
at = "won_date"
value = "amount"             # optional
outcome = "status"           # optional; else `is` says what every row is
by = "owner"                 # optional: who won or lost it, by e-mail or name as in the list of people
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce, record
from bot.leads import forms, offers, queues, tables
from bot.leads.files import DateMapping, MappingError, from_toml, instant_of, lines_of
from bot.leads.offers import change, hold_lead, touch_card
from bot.leads.rules import Answer, Step, Who, stage_after
from bot.leads.tables import Lead, LeadStep, Offer
from bot.outbox.kit import FormError
from bot.people import service as people
from bot.sla import service as sla
from config.parts import Code
from config.policy import Currency

FIELDS = frozenset({"external_id", "email", "at", "value", "currency", "outcome", "reason", "by"})
BEFORE_FIRST_CONTACT = "before_first_contact"
WON = frozenset({"won", "closed won", "win", "yes", "1", "true", "gewonnen"})
LOST = frozenset({"lost", "closed lost", "loss", "no", "0", "false", "verloren"})


class OutcomeMapping(BaseModel):
    """How a file's columns become outcomes."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    source: Code
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: str = "utf-8-sig"
    header_line: Annotated[int, Field(ge=1)] = 1
    every_row: Annotated[Literal["won", "lost"] | None, Field(alias="is")] = None
    currency: Currency | None = None
    columns: dict[str, str]
    dates: DateMapping = DateMapping()

    @classmethod
    def load(cls, path: Path) -> "OutcomeMapping":
        """Raises MappingError with every problem."""
        mapping = from_toml(cls, path)
        problems = [
            f"{name} is no field; there are {', '.join(sorted(FIELDS))}" for name in mapping.columns.keys() - FIELDS
        ]
        if not mapping.columns.keys() & {"external_id", "email"}:
            problems.append("columns: name external_id or email, to know the lead by")
        if mapping.every_row is None and "outcome" not in mapping.columns:
            problems.append('say is = "won" (or "lost") for every row, or name the column outcome')
        if problems:
            raise MappingError([f"{path.name}: {problem}" for problem in problems])
        return mapping


@dataclass(frozen=True)
class Outcome:
    """One deal of a file, or why its row cannot be used."""

    line: int
    raw: dict[str, str]
    known_as: tuple[str | None, str | None] = (None, None)  # external id, e-mail
    step: Step | None = None
    at: datetime | None = None
    value: int | None = None
    currency: str | None = None
    reason: str | None = None
    by: str | None = None
    problem: str | None = None


class Result(StrEnum):
    """What became of one row."""

    WON = "won"
    LOST = "lost"
    FLAGGED = "flagged"  # taken, and odd
    UNCHANGED = "unchanged"
    UNKNOWN = "unknown"  # no such lead here


@dataclass(frozen=True)
class Brought:
    result: Result
    step: Step | None = None


def rows(path: Path, mapping: OutcomeMapping) -> Iterator[Outcome]:
    """Every row of the file. Raises MappingError for missing columns."""
    for number, line in lines_of(path, mapping, set(mapping.columns.values())):
        yield _row(number, line, mapping)


def _row(number: int, line: dict[str, str], mapping: OutcomeMapping) -> Outcome:
    told = {ours: line[theirs].strip() for ours, theirs in mapping.columns.items()}
    word = told.get("outcome", mapping.every_row or "").casefold()
    step = Step.WON if word in WON else Step.LOST if word in LOST else None
    at = instant_of(told.get("at", ""), mapping.dates)
    if step is None:
        return Outcome(number, line, problem=f"outcome: {word!r} is neither won nor lost")
    if not isinstance(at, datetime):
        return Outcome(number, line, problem=f"at: {at!r} is written in none of the formats of [dates]")
    try:
        value = forms.hundredths(amount_of(told["value"])) if told.get("value") else None
    except FormError:
        return Outcome(number, line, problem=f"value: {told['value']!r} is no amount")
    known_as = (told.get("external_id") or None, (told.get("email") or "").lower() or None)
    currency = told.get("currency", "").upper() or mapping.currency
    if currency and not re.fullmatch("[A-Z]{3}", currency):
        return Outcome(number, line, problem=f"currency: {told['currency']!r} is no code such as EUR")
    return Outcome(
        number, line, known_as, step, at, value or None, currency, told.get("reason") or None, told.get("by") or None
    )


def amount_of(text: str) -> str:
    """An amount as a number is written here: `84.000`, `84,000`, `€ 1.234,50` and `1,234.50` alike.

    A sign before exactly three last digits, or one that comes twice, divides thousands; any other is the decimal one.
    """
    bare = re.sub(r"[^\d.,-]", "", text)
    sign = max((bare.rfind(","), ","), (bare.rfind("."), "."))[1]
    whole, _, rest = bare.rpartition(sign)
    is_decimal = whole and bare.count(sign) == 1 and (len(rest) != 3 or any(s in whole for s in ",."))
    digits = re.sub("[.,]", "", whole if is_decimal else bare)
    return f"{digits}.{rest}" if is_decimal else digits


def bring(session: Session, outcome: Outcome, source: str, rules: RulesInForce, actor: Actor, now: datetime) -> Brought:
    """Take one outcome in; the same one again changes nothing."""
    lead = _lead(session, outcome, source)
    if lead is None or outcome.step is None or outcome.at is None:
        return Brought(Result.UNKNOWN)
    hold_lead(session, lead)
    # The names of the two last stages are those of their steps. A full export names old deals again and again.
    if lead.stage == outcome.step or session.scalar(tables.brought_before(lead.id, outcome.step, outcome.at)):
        return Brought(Result.UNCHANGED)
    made = session.scalar(tables.offer_at_hand(lead)) if lead.round else None
    flag = BEFORE_FIRST_CONTACT if outcome.at < lead.received_at else None
    lead.stage, lead.stage_since = stage_after(outcome.step, lead.stage, Who.OPERATOR), outcome.at
    if made:
        _end(session, lead, made, now)
    _keep(session, lead, made, outcome, flag, rules, actor, now)
    return Brought(Result.FLAGGED if flag else Result(outcome.step.value), outcome.step)


def _end(session: Session, lead: Lead, made: Offer, now: datetime) -> None:
    """Nobody owes anything for it any more."""
    if change(session, made, Answer.PENDING, Answer.WITHDRAWN, reason="closed", answered_at=now, due_at=None):
        lead.owner_id = None
    made.due_at = None
    lead.stalls_at = None
    sla.cancel_all(session, "lead", lead.id, now)


def _keep(
    session: Session,
    lead: Lead,
    made: Offer | None,
    outcome: Outcome,
    flag: str | None,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
) -> None:
    kept = LeadStep(
        lead_id=lead.id,
        offer_id=made.id if made else None,
        step=outcome.step,
        by_id=people.known_as(session, outcome.by) if outcome.by else None,
        at=outcome.at,
        kept_at=now,
        before={},
        reason=outcome.reason[:40] if outcome.reason else None,
        value=outcome.value,
        currency=outcome.currency or rules.policy.deals.currencies[0],
        flag=flag,
    )
    session.add(kept)
    session.flush()
    told = {"step": kept.id, "flag": flag}
    record(session, actor, str(outcome.step), ("lead", lead.id), now, told, occurred_at=outcome.at)
    if made:
        made.step_id, made.undo_until = kept.id, None
        touch_card(session, made, now)
        offers.renew_overviews(session, lead, made.person_id, rules.policy, now)
        queues.renew(session, made.person_id, now)


def _lead(session: Session, outcome: Outcome, source: str) -> Lead | None:
    external_id, email = outcome.known_as
    if external_id:
        found = session.scalar(tables.BY_IDENTITY, {"source": source, "external_id": external_id})
        if found:
            return found
    if not email:
        return None
    contact = session.scalar(tables.contact_at(email))
    newest = select(Lead).where(Lead.contact_id == contact.id).order_by(Lead.id.desc()).limit(1) if contact else None
    return session.scalar(newest) if newest is not None else None
