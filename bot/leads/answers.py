"""What a person answers to an offer: accept, reject with a reason, undo.

Every answer is a compare-and-set on the offer: of two taps at once one wins, and the other is told who was first.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce, record, rules_in_force
from bot.leads.offers import change, hold_lead, is_barred, offer, promise_of, renew, renew_overviews
from bot.leads.rules import Answer, Stage, undo_until
from bot.leads.scoring import Facts
from bot.leads.tables import Lead, Offer
from bot.outbox import service as outbox
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.service import Kind, Promise
from config.policy import AfterRejection

DATA_NEEDED = "data_needed"


class LeadsError(Exception):
    """Something about a lead cannot be done as asked; worded by texts.explain."""


class NoSuchOffer(LeadsError):
    """The offer is gone, or never was."""


class NotYours(LeadsError):
    """The offer is another person's."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        super().__init__(owner)


class TooLate(LeadsError):
    """Somebody was first, or the offer was taken back: what it is now, by whom, since when, and whose the lead is."""

    def __init__(self, answer: str, by: str | None, at: datetime | None, now_with: str | None, mine: bool) -> None:
        self.answer, self.by, self.at, self.now_with, self.mine = answer, by, at, now_with, mine
        super().__init__(answer)


class NotToBeContacted(LeadsError):
    """Meanwhile the contact asked not to be contacted."""


class UndoOver(LeadsError):
    """The time to undo has passed."""


class AlreadyTaken(LeadsError):
    """It cannot be undone: somebody else has the lead by now."""

    def __init__(self, by: str) -> None:
        self.by = by
        super().__init__(by)


@dataclass(frozen=True)
class Rejection:
    """Why a lead came back. `sentence` is in the person's own words; `return_on` is for "not now"."""

    reason: str
    sentence: str | None = None
    return_on: date | None = None


def accept(session: Session, offer_id: int, by: Person, rules: RulesInForce, actor: Actor, now: datetime) -> Offer:
    """The rep takes the lead: SAL, and a first contact is promised. Raises LeadsError when it cannot be."""
    made, lead = _answerable(session, offer_id, by)
    until = undo_until(now, rules.policy.undo_minutes)
    said = {"answered_at": now, "answered_by_id": by.id, "undo_until": until}
    if not change(session, made, Answer.PENDING, Answer.ACCEPTED, **said):
        raise _too_late(session, made, by)
    owner = people.by_id(session, made.person_id)
    sla.settle(session, promise_of(lead, Kind.ANSWER), now)
    work = rules.policy.target(Kind.FIRST_CONTACT, people.main_role(owner), False)
    calendar = people.calendar_of(owner, rules.policy, now)
    promise = promise_of(lead, Kind.FIRST_CONTACT)
    made.contact_by = sla.open_obligation(session, promise, owner.id, calendar, work, now)
    lead.stage, lead.stage_since = Stage.SAL, now
    record(session, actor, "accepted", ("lead", lead.id), now, {"offer": made.id, "round": made.round})
    renew(session, made, lead, now)
    return made


def reject(
    session: Session,
    offer_id: int,
    rejection: Rejection,
    by: Person,
    rules: RulesInForce,
    actor: Actor,
    now: datetime,
    facts: Facts,
) -> Offer:
    """The lead comes back with a reason, and goes where the policy says. Raises LeadsError when it cannot."""
    made, lead = _answerable(session, offer_id, by)
    said = {
        "answered_at": now,
        "answered_by_id": by.id,
        "undo_until": undo_until(now, rules.policy.undo_minutes),
        "reason": rejection.reason,
        "sentence": rejection.sentence,
    }
    if not change(session, made, Answer.PENDING, Answer.REJECTED, **said):
        raise _too_late(session, made, by)
    sla.settle(session, promise_of(lead, Kind.ANSWER), now)
    reason = rules.policy.reason(rejection.reason)
    lead.stage, lead.stage_since, lead.owner_id = Stage.REJECTED, now, None
    told = {"offer": made.id, "round": made.round, "reason": reason.code, "class": reason.rejection_class}
    record(session, actor, "rejected", ("lead", lead.id), now, told)
    _send_on(session, made, lead, rejection, by, rules, now, facts)
    renew(session, made, lead, now)
    return made


def undo(session: Session, offer_id: int, by: Person, actor: Actor, now: datetime) -> Offer:
    """Take an answer back within the agreed minutes. Raises UndoOver, AlreadyTaken or TooLate."""
    made, lead = _answerable(session, offer_id, by)
    if made.answer not in (Answer.ACCEPTED, Answer.REJECTED) or made.answered_at is None:
        raise _too_late(session, made, by)
    if made.undo_until is None or now >= made.undo_until:  # as the card said, whatever the policy says by now
        raise UndoOver
    if is_barred(session, lead):
        raise NotToBeContacted
    _take_back_later_rounds(session, made, lead, now)
    blank = dict.fromkeys(("answered_at", "answered_by_id", "undo_until", "contact_by", "reason", "sentence"))
    if not change(session, made, Answer(made.answer), Answer.PENDING, **blank):
        raise _too_late(session, made, by)
    lead.round, lead.owner_id = made.round, made.person_id
    lead.stage, lead.stage_since, lead.returns_at, lead.awaits_data = Stage.MQL, now, None, False
    sla.reopen(session, promise_of(lead, Kind.ANSWER))
    sla.cancel(session, promise_of(lead, Kind.FIRST_CONTACT), now)
    record(session, actor, "undone", ("lead", lead.id), now, {"offer": made.id, "round": made.round})
    renew(session, made, lead, now)
    return made


def _send_on(
    session: Session,
    made: Offer,
    lead: Lead,
    rejection: Rejection,
    by: Person,
    rules: RulesInForce,
    now: datetime,
    facts: Facts,
) -> None:
    """Where a lead goes that came back."""
    reason = rules.policy.reason(rejection.reason)
    match reason.then:
        case AfterRejection.ROUTE_AGAIN:
            offer(session, lead, facts, rules, now)
        case AfterRejection.COMPLETE_DATA:
            lead.awaits_data = True
            _ask_for_data(session, made, lead, rules, now)
        case AfterRejection.RECYCLE:
            lead.stage = Stage.RECYCLED
            lead.returns_at = _returns_at(rejection.return_on, reason.default_days, by, now)
        case AfterRejection.REVIEW:
            pass  # marketing sees it among what came back


def _returns_at(day: date | None, default_days: int, by: Person, now: datetime) -> datetime:
    """The morning of the day asked for, in the person's own zone."""
    zone = ZoneInfo(by.zone)
    chosen = day or (now.astimezone(zone) + timedelta(days=default_days)).date()
    return datetime.combine(chosen, time(8), zone)


def _ask_for_data(session: Session, made: Offer, lead: Lead, rules: RulesInForce, now: datetime) -> None:
    """Ask the lead's owner in marketing, once the answer can no longer be undone."""
    email = rules.policy.marketing_owner(lead.source, lead.campaign)
    owner = people.by_email(session, email) or people.by_email(session, rules.policy.marketing.fallback_owner)
    if owner is None:
        return
    after_undo = undo_until(now, rules.policy.undo_minutes)
    not_before = people.next_at_work(owner, rules.policy, after_undo)
    key = f"lead:{lead.id}:data:{made.round}"
    draft = Draft(outbox.person(owner.id), DATA_NEEDED, Subject("offer", made.id), key, not_before=not_before)
    outbox.enqueue(session, draft, now)


def _take_back_later_rounds(session: Session, made: Offer, lead: Lead, now: datetime) -> None:
    """A lead sent on at once is taken back from whoever has it now, unless they took it."""
    later = select(Offer).where(Offer.lead_id == lead.id, Offer.round > made.round).order_by(Offer.round)
    for other in session.scalars(later).all():
        if other.answer == Answer.WITHDRAWN:
            continue
        if not change(session, other, Answer.PENDING, Answer.WITHDRAWN, reason="taken_back", answered_at=now):
            raise AlreadyTaken(people.by_id(session, other.person_id).name)
        sla.cancel(session, Promise(Kind.ANSWER, "lead", lead.id, other.round), now)
        outbox.touch(session, Subject("offer", other.id), now)
        renew_overviews(session, lead, other.person_id, rules_in_force(session).policy, now)


def check_answerable(session: Session, offer_id: int, by: Person) -> None:
    """Raises LeadsError when this person cannot answer this offer now."""
    made, _ = _answerable(session, offer_id, by)
    if made.answer != Answer.PENDING:
        raise _too_late(session, made, by)


def _answerable(session: Session, offer_id: int, by: Person) -> tuple[Offer, Lead]:
    """The offer, if this person may answer it: the one it was made to, or their manager."""
    made = session.get(Offer, offer_id)
    if made is None:
        raise NoSuchOffer
    asked = people.by_id(session, made.person_id)
    if by.id not in (asked.id, asked.manager_id):
        raise NotYours(asked.name)
    lead = session.get_one(Lead, made.lead_id)
    hold_lead(session, lead)
    session.refresh(made)
    return made, lead


def _too_late(session: Session, made: Offer, by: Person) -> TooLate:
    lead = session.get_one(Lead, made.lead_id)
    names = people.names(session, {i for i in (made.answered_by_id, lead.owner_id) if i})
    answered_by = names.get(made.answered_by_id or 0)
    mine = made.answered_by_id == by.id
    return TooLate(made.answer, answered_by, made.answered_at, names.get(lead.owner_id or 0), mine)
