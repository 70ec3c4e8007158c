"""Leads come in: known again or new, judged, and offered when they pass the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce, judge, record
from bot.leads import accounts, offers, scoring, search, tables
from bot.leads.intake import LeadIn
from bot.leads.offers import hold_lead
from bot.leads.rules import OPEN_STAGES, REOPENING_STAGES, WORKED_STAGES, Stage, Step, may_reopen
from bot.leads.scoring import Facts, Touch
from bot.leads.tables import Account, Contact, Lead, LeadIdentity, LeadTouch
from bot.people import service as people
from bot.sla import service as sla
from bot.sla.rules import Kind
from bot.store import insert_if_new, lock_name


class Mode(StrEnum):
    OFFER = "offer"  # a lead that passes is offered at once
    KEEP = "keep"  # taken in and judged; nobody is asked yet
    HISTORY = "history"  # the past: nothing is sent, nothing is owed, ever


class Result(StrEnum):
    NEW = "new"
    UPDATED = "updated"  # the same lead by its external id
    TOUCH = "touch"  # another touch of a lead that is open
    RECYCLED = "recycled"  # a closed lead that came again
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Received:
    lead_id: int
    result: Result
    offered_to: int | None


def receive(
    session: Session,
    incoming: LeadIn,
    source: str,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
    mode: Mode = Mode.OFFER,
) -> Received:
    """Take one lead in. The same lead again changes nothing, and says so."""
    for known_as in filter(None, (incoming.external_id, incoming.email)):
        lock_name(session, f"lead:{known_as}")  # the same lead twice at once: one comes after the other
    lead, result = _identify(session, incoming, source, rules, now)
    if lead is not None:
        hold_lead(session, lead)  # what was found may have been answered, undone or returned meanwhile
        lead, result = _identify(session, incoming, source, rules, now)
    if lead is None:
        lead = _new_lead(incoming, source, mode, now)
    changed = any([_fill(lead, incoming), _contact(session, lead, incoming), _account(session, lead, incoming)])
    session.add(lead)
    session.flush()
    _name(session, lead, incoming, source)
    touched = _touch(session, lead, incoming, now, is_new=result == Result.NEW)
    if not (changed or touched or result in (Result.NEW, Result.RECYCLED)):
        return _unchanged(session, lead, rules, mode, now)
    verb = {Result.NEW: "received", Result.RECYCLED: "came_again"}.get(result, "updated")
    record(session, actor, verb, ("lead", lead.id), now, {"source": source}, occurred_at=incoming.received_at)
    if result == Result.RECYCLED:
        offers.begin_anew(lead)
        sla.cancel_all(session, "lead", lead.id, now)  # what marketing owed of it: it came again by itself
        lead.came_at = now
        offers.move(lead, Step.CAME_AGAIN, now)
    facts = facts_of(session, lead)
    touches = incoming.touched(now) if result == Result.NEW else touches_of(session, lead)
    passed = assess(session, lead, facts, touches, rules, now)
    offered_to = _carry_on(session, lead, facts, rules, now, passed=passed, mode=mode)
    return Received(lead.id, result, offered_to)


def assess(
    session: Session, lead: Lead, facts: Facts, touches: Sequence[Touch], rules: RulesInForce, now: datetime
) -> bool:
    """Score a lead and hold it against the gate; both judgements are kept with what they saw."""
    scored = scoring.score(rules.policy.score, facts, touches, now)
    verdict = scoring.judge(rules.policy.gate, scored, facts, touches, now)
    lead.fit, lead.engagement, lead.hot = scored.fit, scored.engagement, verdict.hot
    lead.reasons = [{"code": r.code, "kind": r.kind, "points": r.points} for r in scored.reasons]
    if verdict.fast_track:
        lead.reasons = [{"code": verdict.fast_track, "kind": "fast_track", "points": 0}, *lead.reasons]
    outcome = {
        "fit": scored.fit,
        "engagement": scored.engagement,
        "reasons": lead.reasons,
        "passed": verdict.passed,
        "hot": verdict.hot,
        "fast_track": verdict.fast_track,
    }
    judge(session, "score_and_gate", ("lead", lead.id), rules, scoring.as_inputs(facts, touches, now), outcome, now)
    return verdict.passed


def facts_of(session: Session, lead: Lead) -> Facts:
    """What the rules of score, gate and routing see of a lead."""
    contact = session.get(Contact, lead.contact_id) if lead.contact_id else None
    account = session.get(Account, lead.account_id) if lead.account_id else None
    known = {
        "source": lead.source,
        "campaign": lead.campaign,
        "country": lead.country,
        "city": lead.city,
        "email": contact.email if contact else None,
        "phone": contact.phone if contact else None,
        "title": contact.title if contact else None,
        "account.name": account.name if account else None,
        "account.type": account.type if account else None,
        "account.domain": account.domain if account else None,
    }
    return {**lead.fields, **{name: value for name, value in known.items() if value is not None}}


def touches_of(session: Session, lead: Lead) -> list[Touch]:
    return [Touch(t.kind, t.asset, t.at) for t in session.scalars(tables.touches_of(lead.id))]


def return_due(session: Session, rules: RulesInForce, actor: Actor, now: datetime, limit: int = 100) -> int:
    """Offer again what was to come back by now ("not now, later"); how many."""
    due = session.scalars(tables.returning(now, limit)).all()
    for lead in due:
        lead.returns_at, lead.came_at = None, now
        if offers.is_barred(session, lead):
            continue
        offers.move(lead, Step.RETURNED, now)
        record(session, actor, "returned", ("lead", lead.id), now)
        facts = facts_of(session, lead)
        assess(session, lead, facts, touches_of(session, lead), rules, now)
        offers.offer(session, lead, facts, rules, now)
    return len(due)


# -- which lead is it ----------------------------------------


def _identify(
    session: Session, incoming: LeadIn, source: str, rules: RulesInForce, now: datetime
) -> tuple[Lead | None, Result]:
    named = {"source": source, "external_id": incoming.external_id}
    if incoming.external_id and (lead := session.scalar(tables.BY_IDENTITY, named)):
        return lead, _again(lead, incoming, rules, now)
    contact = _known_contact(session, incoming)
    if contact:
        if lead := session.scalar(tables.newest_of_contact(contact.id, OPEN_STAGES)):
            return lead, Result.TOUCH
        lead = session.scalar(tables.newest_of_contact(contact.id, REOPENING_STAGES))
        if lead and may_reopen(lead.stage, lead.stage_since, rules.policy.reopen_within_days, now):
            return lead, Result.RECYCLED
    return None, Result.NEW


def _again(lead: Lead, incoming: LeadIn, rules: RulesInForce, now: datetime) -> Result:
    """The same external id: an update, unless a closed lead did something new."""
    fresh = any(touch.at is not None and touch.at > lead.stage_since for touch in incoming.touches)
    closed = may_reopen(lead.stage, lead.stage_since, rules.policy.reopen_within_days, now)
    return Result.RECYCLED if fresh and closed and not lead.awaits_data else Result.UPDATED


def _known_contact(session: Session, incoming: LeadIn) -> Contact | None:
    if incoming.email is None:
        return None
    return session.scalar(tables.contact_at(incoming.email))


# -- what it says ----------------------------------------


def _new_lead(incoming: LeadIn, source: str, mode: Mode, now: datetime) -> Lead:
    return Lead(
        source=source,
        fields={},
        stage=Stage.RAW,
        fit=0,
        engagement=0,
        reasons=[],
        hot=False,
        history=mode == Mode.HISTORY,
        round=0,
        received_at=incoming.received_at or now,
        came_at=incoming.received_at or now,
        stage_since=incoming.received_at or now,
        awaits_data=False,
        attempts=0,
        announced_alone=False,
    )


def _fill(lead: Lead, incoming: LeadIn) -> bool:
    """What is said now replaces what was said before; what is left out stays. Whether anything changed."""
    said: dict[str, Any] = {
        name: getattr(incoming, name)
        for name in ("campaign", "country", "city", "url")
        if getattr(incoming, name) is not None
    }
    if incoming.fields:
        said["fields"] = {**lead.fields, **incoming.fields}
    return _assign(lead, said)


def _contact(session: Session, lead: Lead, incoming: LeadIn) -> bool:
    """The contact of a lead, brought up to date. A lead known by an external id alone has none."""
    said = {name: getattr(incoming, name) for name in ("email", "name", "title", "phone")}
    said |= {"may_call": incoming.consent.call, "may_email": incoming.consent.email}
    said |= {"do_not_contact": incoming.consent.do_not_contact}
    said = {name: value for name, value in said.items() if value is not None}
    if not said:
        return False
    contact = _known_contact(session, incoming)
    if contact is None:
        contact = session.get(Contact, lead.contact_id) if lead.contact_id else Contact(do_not_contact=False)
    if incoming.consent.do_not_contact is None and lead.contact_id and offers.is_barred(session, lead):
        said["do_not_contact"] = True  # a refusal goes along when a lead turns out to be another contact's
    return _attach(session, lead, "contact_id", contact or Contact(do_not_contact=False), said)


def _account(session: Session, lead: Lead, incoming: LeadIn) -> bool:
    """The account by its domain, else by its name. A lead without either belongs to none."""
    account = accounts.known_by(session, incoming)
    if account is None:
        return False
    owner = people.by_email(session, incoming.account_owner) if incoming.account_owner else None
    # Its first name stays: others spell it in other ways, and it is not to change with every lead.
    said = {"type": incoming.account_type, "owner_id": owner.id if owner else None}
    return _attach(session, lead, "account_id", account, {k: v for k, v in said.items() if v is not None})


def _attach(session: Session, lead: Lead, link: str, row: Contact | Account, said: dict[str, Any]) -> bool:
    """Write what is said into a row and let the lead point to it; whether that changed anything."""
    changed = _assign(row, said)
    if row.id is None:
        session.add(row)
        session.flush()
    if changed and isinstance(row, Contact):
        search.index_contact(session, row)
    return _assign(lead, {link: row.id}) or changed


def _assign(row: Lead | Contact | Account, said: dict[str, Any]) -> bool:
    changed = {name: value for name, value in said.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _name(session: Session, lead: Lead, incoming: LeadIn, source: str) -> None:
    if incoming.external_id is not None:
        insert_if_new(session, LeadIdentity, source=source, external_id=incoming.external_id, lead_id=lead.id)


def _touch(session: Session, lead: Lead, incoming: LeadIn, now: datetime, *, is_new: bool) -> bool:
    """Add what the lead did; whether any of it is new. A touch without an instant counts once a lead."""
    if not incoming.touches:
        return False
    known = set() if is_new else {(t.kind, t.asset, t.at) for t in session.scalars(tables.touches_of(lead.id))}
    undated = {(kind, asset) for kind, asset, _ in known}
    fresh = {
        (touch.kind, touch.asset, touch.at)
        for touch, given in zip(incoming.touched(now), incoming.touches, strict=True)
        if (touch.kind, touch.asset, touch.at) not in known
        and not (given.at is None and incoming.received_at is None and (touch.kind, touch.asset) in undated)
    }
    for kind, asset, at in sorted(fresh):
        insert_if_new(session, LeadTouch, lead_id=lead.id, kind=kind, asset=asset, at=at)
    return bool(fresh)


# -- what follows ----------------------------------------


def _carry_on(
    session: Session, lead: Lead, facts: Facts, rules: RulesInForce, now: datetime, *, passed: bool, mode: Mode
) -> int | None:
    """Offer what passed, withdraw what may no longer be contacted, bring cards up to date. Who was offered it."""
    if lead.contact_id and offers.is_barred(session, lead):
        for other in session.scalars(tables.offered_of_contact(lead.contact_id)):
            offers.withdraw(session, other, "do_not_contact", now)
            sla.cancel_all(session, "lead", other.id, now)
            offers.touch_card(session, offers.at_hand(session, other), now)
        return None
    if lead.stage in (Stage.RAW, Stage.RECYCLED) and passed and (lead.returns_at is None or lead.hot):
        offers.move(lead, Step.PASSED, now)
        lead.returns_at = None
    if lead.awaits_data and lead.stage == Stage.REJECTED:
        lead.awaits_data = False
        sla.settle_kind(session, "lead", lead.id, Kind.DATA, now)
        offers.move(lead, Step.PASSED, now)
        offers.touch_card(session, offers.at_hand(session, lead), now)
    return _offer_if_due(session, lead, facts, rules, now, mode)


def _offer_if_due(
    session: Session, lead: Lead, facts: Facts, rules: RulesInForce, now: datetime, mode: Mode
) -> int | None:
    waits = lead.stage == Stage.MQL and lead.owner_id is None and not lead.history
    if waits and mode == Mode.OFFER:
        return offers.offer(session, lead, facts, rules, now)
    if lead.stage in WORKED_STAGES and lead.owner_id is not None:
        offers.touch_card(session, offers.at_hand(session, lead), now)
        offers.renew_overviews(session, lead, lead.owner_id, rules.policy, now)
    return None


def _unchanged(session: Session, lead: Lead, rules: RulesInForce, mode: Mode, now: datetime) -> Received:
    """Nothing new. A lead that waits since an import without offers is offered now, if that is what is asked."""
    offered_to = None
    if mode == Mode.OFFER and lead.stage == Stage.MQL and lead.owner_id is None and not offers.is_barred(session, lead):
        offered_to = _offer_if_due(session, lead, facts_of(session, lead), rules, now, mode)
    return Received(lead.id, Result.UNCHANGED, offered_to)
