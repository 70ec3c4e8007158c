"""What the screens show of leads, as frozen values: read here, worded by texts, built by blocks."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from bot.leads import tables, texts
from bot.leads.rules import Answer, Stage, Waits, waits_for
from bot.leads.tables import Account, Contact, Lead, LeadQuestion, LeadQueue, LeadStep, Offer, QueueMessage
from bot.people import service as people
from bot.sla import service as sla
from bot.sla.rules import Kind
from bot.sla.service import Promise
from config.policy import Policy

NEXT_IN_QUEUE = 3


@dataclass(frozen=True)
class Reader:
    """Who reads it, and in which zone."""

    person_id: int
    zone: str


@dataclass(frozen=True)
class CardView:
    """One offer of a lead, as its recipient sees it now; or somebody else who may open it.

    `holder` is named for somebody else; `may_act` says whether they may do something with it.
    """

    offer_id: int
    lead_id: int
    reader: Reader
    holder: str | None
    may_act: bool
    answer: str
    answered_at: datetime | None
    answered_by: str | None
    answered_by_me: bool
    undo_until: datetime | None
    undo_open: bool
    answer_by: datetime
    contact_by: datetime | None
    reason_label: str | None
    sentence: str | None
    withdrawn_for: str | None
    now_with: str | None
    returns_at: datetime | None
    awaits_data: bool
    hot: bool
    stage: str
    contact_name: str | None
    title: str | None
    account: str | None
    city: str | None
    country: str | None
    phone: str | None
    email: str | None
    may_call: bool | None
    may_email: bool | None
    do_not_contact: bool
    touch_kind: str | None
    touch_asset: str | None
    touch_at: datetime | None
    fit: int
    engagement: int
    fast_track: tuple[str, ...]
    fit_reasons: tuple[str, ...]
    engagement_reasons: tuple[str, ...]
    route: tuple[dict[str, Any], ...]
    names: dict[int, str]
    campaign: str
    marketing_owner: str | None
    others_mine: int
    others_with: tuple[str, ...]
    others_open: int
    url: str | None
    waits: Waits
    attempts: int
    tried_at: datetime | None
    reached_at: datetime | None
    stage_since: datetime
    due_at: datetime | None
    value: int | None
    currency: str | None
    loss_label: str | None
    loss_sentence: str | None
    handed_by: str | None
    handed_with: str | None
    handed_to: str | None
    was_given_back: bool
    is_given_back: bool
    asked: "Asked | None"
    is_current: bool
    step_id: int | None
    half_gone: bool
    paused_until: datetime | None
    quiet_since: datetime
    next_step: str | None


@dataclass(frozen=True)
class Asked:
    """The newest question to marketing about a lead, and the answer once there is one; `by` names another asker."""

    by: str | None
    of: str
    question: str
    answer: str | None


@dataclass(frozen=True)
class LineView:
    """One lead, as the team channel sees it: no names, phones or e-mails of people outside."""

    what: str
    campaign: str
    owner: str | None
    answer: str | None
    stage: str
    reason_label: str | None
    hot: bool
    returns_at: datetime | None


@dataclass(frozen=True)
class DayLineView:
    day: date
    alone: int
    waiting: int
    accepted: int
    came_back: int


@dataclass(frozen=True)
class Mine:
    """One of somebody's leads in a list."""

    offer_id: int
    title: str
    waits: Waits
    due: datetime | None
    undo_until: datetime | None = None
    hot: bool = False
    step_id: int | None = None
    stage: str = Stage.SAL
    half_gone: bool = False


@dataclass(frozen=True)
class Found:
    """What a search came to: leads that may be opened, and with whom how many others are ("" for nobody)."""

    leads: tuple[Mine, ...]
    more: int
    others: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class JustDone:
    """An answer that can still be undone."""

    offer_id: int
    title: str
    answer: str
    undo_until: datetime
    step_id: int | None


@dataclass(frozen=True)
class QueueView:
    """Somebody's queue: how many wait, the next few, the one shown whole, and what can still be undone."""

    reader: Reader
    is_newest: bool
    total: int
    next: tuple[Mine, ...]
    shown: CardView | None
    just_done: tuple[JustDone, ...]
    answered_today: int
    first: tuple[int, ...]  # the offers that are taken at once, from the one shown on; hot ones have cards of their own


@dataclass(frozen=True)
class QuestionView:
    """What somebody in marketing is asked about a lead."""

    question_id: int
    offer_id: int
    reader: Reader
    asked_by: str
    asked_at: datetime
    question: str
    lead_title: str
    campaign: str
    stage: str
    answer: str | None
    answered_by: str | None


@dataclass(frozen=True)
class DataNeededView:
    offer_id: int
    reader: Reader
    lead_title: str
    campaign: str
    came_back_from: str
    reason_label: str
    sentence: str | None
    phone: str | None
    email: str | None
    identity: str | None
    settled: bool


def card(session: Session, offer_id: int, policy: Policy, now: datetime, viewer: Reader | None = None) -> CardView:
    """The card of an offer from the present state, for its recipient or another viewer.

    Raises sqlalchemy's NoResultFound for an unknown offer.
    """
    offer = session.get_one(Offer, offer_id)
    lead = session.get_one(Lead, offer.lead_id)
    contact, account = _contact(session, lead), _account(session, lead)
    holder = people.by_id(session, offer.person_id)
    reader = viewer or Reader(holder.id, holder.zone)
    is_other = reader.person_id != holder.id
    is_current = offer.round == lead.round
    closed = session.get(LeadStep, offer.step_id) if offer.step_id and lead.stage in (Stage.WON, Stage.LOST) else None
    question = session.scalar(tables.newest_question(lead.id))
    touch = session.scalar(tables.latest_touch(lead.id))
    others = dict(session.execute(tables.others_on_account(lead)).all()) if lead.account_id else {}
    marketing_owner = people.marketing_owner(session, policy, lead.source, lead.campaign)
    then = session.scalar(tables.next_offer(offer)) if offer.answer == Answer.HANDED_ON else None
    went_to = then.person_id if then else None
    is_taken = then is not None and then.answer not in (Answer.PENDING, Answer.WITHDRAWN)
    wanted = {i for i in (lead.owner_id, offer.answered_by_id, offer.handed_by_id, went_to, *others) if i}
    wanted |= {question.answered_by_id or question.asked_of_id, question.asked_by_id} if question else set()
    wanted |= {step[of] for step in offer.route for of in ("person", "of") if of in step}
    names = people.names(session, wanted)
    return CardView(
        offer_id=offer.id,
        lead_id=lead.id,
        reader=reader,
        holder=holder.name if is_other else None,
        may_act=not is_other or people.manages(session, reader.person_id, holder.id),
        answer=offer.answer,
        answered_at=offer.answered_at,
        answered_by=names.get(offer.answered_by_id or 0),
        answered_by_me=offer.answered_by_id == holder.id,
        undo_until=offer.undo_until,
        undo_open=offer.undo_until is not None and now < offer.undo_until and not is_taken,
        answer_by=offer.answer_by,
        contact_by=offer.contact_by,
        reason_label=label_of(policy, offer.reason) if offer.answer == "rejected" else None,
        sentence=offer.sentence,
        waits=waits_for(offer.answer, lead.stage, lead.attempts, reached=lead.reached_at is not None),
        attempts=lead.attempts,
        tried_at=lead.tried_at,
        reached_at=lead.reached_at,
        stage_since=lead.stage_since,
        due_at=offer.due_at,
        value=closed.value if closed else None,
        currency=closed.currency if closed else None,
        loss_label=loss_label(policy, closed.reason) if closed and closed.reason else None,
        loss_sentence=closed.sentence if closed else None,
        handed_by=names.get(offer.handed_by_id or 0),
        handed_with=offer.handed_with,
        handed_to=names.get(went_to or 0),
        was_given_back=then is not None and {"code": "given_back"} in then.route,
        is_given_back={"code": "given_back"} in offer.route,
        asked=_asked(question, names, reader.person_id),
        is_current=is_current,
        step_id=offer.step_id,
        half_gone=_half_gone(session, offer, lead),
        paused_until=_paused_until(session, lead),
        quiet_since=session.scalar(tables.last_step_at(lead.id)) or lead.stage_since,
        next_step=lead.next_step,
        withdrawn_for=offer.reason if offer.answer == "withdrawn" else None,
        now_with=names.get(lead.owner_id or 0) if lead.owner_id != holder.id else None,
        returns_at=lead.returns_at,
        awaits_data=lead.awaits_data,
        hot=lead.hot,
        stage=lead.stage,
        contact_name=contact.name if contact else None,
        title=contact.title if contact else None,
        account=account.name if account else None,
        city=lead.city,
        country=lead.country,
        phone=contact.phone if contact else None,
        email=contact.email if contact else None,
        may_call=contact.may_call if contact else None,
        may_email=contact.may_email if contact else None,
        do_not_contact=contact is not None and contact.do_not_contact,
        touch_kind=touch.kind if touch else None,
        touch_asset=touch.asset if touch else None,
        touch_at=touch.at if touch else None,
        fit=lead.fit,
        engagement=lead.engagement,
        fit_reasons=reason_texts(policy, lead.reasons, "fit"),
        engagement_reasons=reason_texts(policy, lead.reasons, "engagement"),
        fast_track=reason_texts(policy, lead.reasons, "fast_track"),
        route=tuple(offer.route),
        names=names,
        campaign=policy.campaign_name(lead.campaign) or policy.source_name(lead.source),
        marketing_owner=marketing_owner.name if marketing_owner else None,
        others_mine=others.get(holder.id, 0),
        others_with=tuple(sorted(names[i] for i in others if i is not None and i != holder.id)),
        others_open=sum(others.values()),
        url=lead.url,
    )


def _half_gone(session: Session, offer: Offer, lead: Lead) -> bool:
    """Whether half of the time has gone of what is owed next of this offer."""
    kind = Kind.ANSWER if offer.answer == Answer.PENDING else Kind.FIRST_CONTACT
    waits = offer.round == lead.round and offer.due_at is not None
    return waits and sla.past_half(session, Promise(kind, "lead", lead.id, lead.round))


def _paused_until(session: Session, lead: Lead) -> datetime | None:
    """Until when the clock stands still of what is owed of a lead, if it does."""
    return next((o.resumes_at for o in sla.open_about(session, "lead", lead.id) if o.paused_at), None)


def line(session: Session, lead_id: int, policy: Policy) -> LineView:
    lead = session.get_one(Lead, lead_id)
    account, contact = _account(session, lead), _contact(session, lead)
    offer = session.scalar(tables.offer_at_hand(lead))
    owner = people.names(session, [offer.person_id]).get(offer.person_id) if offer else None
    return LineView(
        what=account.name if account and not _tells_on(account.name, contact) else "A lead",
        campaign=policy.campaign_name(lead.campaign) or policy.source_name(lead.source),
        owner=owner,
        answer=offer.answer if offer else None,
        stage=lead.stage,
        reason_label=label_of(policy, offer.reason) if offer and offer.answer == "rejected" else None,
        hot=lead.hot,
        returns_at=lead.returns_at,
    )


def day_line(session: Session, day: date) -> DayLineView:
    counted = dict(session.execute(tables.announced_together(day)).all())
    alone = session.scalar(tables.lines_on(day)) or 0
    return DayLineView(day, alone, counted.get("pending", 0), counted.get("accepted", 0), counted.get("rejected", 0))


def mine(session: Session, person_id: int, limit: int, skip: int = 0) -> tuple[list[Mine], int]:
    """A person's leads by what is due first, at most `limit` after the first `skip`, and how many there are."""
    rows = session.execute(tables.IN_HAND, {"person": person_id, "most": limit, "skip": skip}).all()
    half_gone = sla.half_gone(session, "lead", {row.lead_id for row in rows})
    found = [replace(mine_of(row), half_gone=row.lead_id in half_gone) for row in rows]
    counted = len(found) == limit or skip > 0
    total = session.scalar(tables.count_in_hand(person_id)) or 0 if counted else len(found)
    return found, total


def taken(session: Session, person_id: int, limit: int) -> tuple[list[Mine], int]:
    """The leads that somebody took, by what is due first, and how many there are."""
    rows = session.execute(tables.TAKEN, {"person": person_id, "most": limit, "skip": 0}).all()
    return [mine_of(row) for row in rows], session.scalar(tables.count_taken(person_id)) or 0


def mine_of(row: Row[*tuple[Any, ...]]) -> Mine:
    """A row of a list as it is shown."""
    waits = waits_for(row.answer, row.stage, row.attempts, reached=row.reached_at is not None)
    title = titled(row.lead_id, row.contact, row.email, row.account, row.city)
    undo_until = row.undo_until if row.answer != Answer.PENDING else None
    return Mine(row.offer_id or 0, title, waits, row.due, undo_until, row.hot, row.step_id, row.stage)


def queue(session: Session, message_id: int, policy: Policy, now: datetime) -> QueueView:
    """A queue as one of its messages shows it. Raises NoResultFound for an unknown message."""
    message = session.get_one(QueueMessage, message_id)
    held = session.get_one(LeadQueue, message.queue_id)
    person = people.by_id(session, held.person_id)
    newest = session.scalars(tables.newest_queue_message(held.id)).one()
    reader = Reader(person.id, person.zone)
    rows = session.execute(tables.WAITING, {"person": person.id, "most": NEXT_IN_QUEUE}).all()
    total = session.scalar(select(func.count()).where(*tables.waits_with(person.id))) or 0
    done = [
        JustDone(
            row.id,
            titled(row.lead_id, row.contact, row.email, row.account, row.city),
            row.answer,
            row.undo_until,
            row.step_id,
        )
        for row in session.execute(tables.just_answered(person.id, now))
    ]
    shown = _shown_in(session, held, policy, now)
    return QueueView(
        reader,
        newest.id == message.id,
        total,
        tuple(mine_of(row) for row in rows),
        shown,
        tuple(done),
        session.scalar(tables.answered_since(person.id, _midnight(person.zone, now))) or 0,
        _to_take(session, person.id, shown.offer_id if shown else 0, policy.queue.take_at_once),
    )


def _shown_in(session: Session, held: LeadQueue, policy: Policy, now: datetime) -> CardView | None:
    """The lead shown whole: the one that was asked for, and once it is answered the next one by itself."""
    if held.shown_id is None:
        return None
    waiting = list(session.scalars(tables.waiting_ids(held.person_id)))
    shown = held.shown_id if held.shown_id in waiting else next(iter(waiting), None)
    return card(session, shown, policy, now) if shown else None


def _to_take(session: Session, person_id: int, shown_id: int, number: int) -> tuple[int, ...]:
    waiting = list(session.scalars(tables.waiting_ids(person_id, hot=False)))
    begin = waiting.index(shown_id) if shown_id in waiting else 0
    return tuple([*waiting[begin:], *waiting[:begin]][:number])


def _midnight(zone: str, now: datetime) -> datetime:
    return datetime.combine(now.astimezone(ZoneInfo(zone)).date(), time(), ZoneInfo(zone))


def question(session: Session, question_id: int, reader: Reader, policy: Policy) -> QuestionView:
    """A question as the one who is asked sees it. Raises NoResultFound for an unknown one."""
    asked = session.get_one(LeadQuestion, question_id)
    lead = session.get_one(Lead, asked.lead_id)
    names = people.names(session, {i for i in (asked.asked_by_id, asked.answered_by_id) if i})
    return QuestionView(
        asked.id,
        asked.offer_id,
        reader,
        names[asked.asked_by_id],
        asked.asked_at,
        asked.question,
        _title(_contact(session, lead), _account(session, lead), lead),
        policy.campaign_name(lead.campaign) or policy.source_name(lead.source),
        lead.stage,
        asked.answer,
        names.get(asked.answered_by_id or 0),
    )


def _asked(question: LeadQuestion | None, names: dict[int, str], reader_id: int) -> Asked | None:
    if question is None:
        return None
    by = names[question.asked_by_id] if question.asked_by_id != reader_id else None
    return Asked(by, names[question.answered_by_id or question.asked_of_id], question.question, question.answer)


def holds_any(session: Session, person_id: int) -> bool:
    return bool(session.scalar(tables.count_in_hand(person_id)))


def title_of_offer(session: Session, offer_id: int) -> str:
    """What the lead of an offer is called. Raises NoResultFound for an unknown offer."""
    lead = session.get_one(Lead, session.get_one(Offer, offer_id).lead_id)
    return _title(_contact(session, lead), _account(session, lead), lead)


def holder_of(session: Session, offer_id: int) -> int:
    """To whom an offer was made."""
    return session.get_one(Offer, offer_id).person_id


def data_needed(session: Session, offer_id: int, reader: Reader, policy: Policy) -> DataNeededView:
    offer = session.get_one(Offer, offer_id)
    lead = session.get_one(Lead, offer.lead_id)
    contact, account = _contact(session, lead), _account(session, lead)
    return DataNeededView(
        offer_id=offer.id,
        reader=reader,
        lead_title=_title(contact, account, lead),
        campaign=policy.campaign_name(lead.campaign) or policy.source_name(lead.source),
        came_back_from=people.names(session, [offer.person_id])[offer.person_id],
        reason_label=label_of(policy, offer.reason) or "",
        sentence=offer.sentence,
        phone=contact.phone if contact else None,
        email=contact.email if contact else None,
        identity=session.scalar(tables.an_identity(lead.id)),
        settled=not lead.awaits_data,
    )


def _contact(session: Session, lead: Lead) -> Contact | None:
    return session.get(Contact, lead.contact_id) if lead.contact_id else None


def _account(session: Session, lead: Lead) -> Account | None:
    return session.get(Account, lead.account_id) if lead.account_id else None


def _title(contact: Contact | None, account: Account | None, lead: Lead) -> str:
    name, email = (contact.name, contact.email) if contact else (None, None)
    return titled(lead.id, name, email, account.name if account else None, lead.city)


def place_beside(account: str | None, place: str | None) -> str | None:
    """A place, unless the account's name says it already: "UKSH Kiel" and no second Kiel."""
    return None if place and account and place.casefold() in account.casefold() else place


def titled(lead_id: int, contact: str | None, email: str | None, account: str | None, city: str | None) -> str:
    """A lead in one line, from what is known of it."""
    told = ", ".join(part for part in (contact, account, place_beside(account, city)) if part)
    return told or email or f"Lead {lead_id}"


def _tells_on(text: str, contact: Contact | None) -> bool:
    return texts.tells_on(text, *((contact.name, contact.email, contact.phone) if contact else (None, None, None)))


def loss_label(policy: Policy, code: str) -> str:
    loss = policy.deals.loss(code)
    return loss.label if loss else code


def label_of(policy: Policy, code: str | None) -> str | None:
    return next((reason.label for reason in policy.rejections if reason.code == code), code)


def reason_texts(policy: Policy, reasons: list[dict[str, Any]], kind: str) -> tuple[str, ...]:
    """The reasons of a score in the policy's words, the weightiest first."""
    texts = {rule.code: rule.text for rule in policy.score} | {rule.code: rule.text for rule in policy.gate.fast_track}
    mine = sorted((r for r in reasons if r["kind"] == kind), key=lambda r: -abs(r["points"]))
    return tuple(texts.get(r["code"], r["code"]) for r in mine)


def answers(session: Session) -> dict[str, int]:
    """How many offers have which answer."""
    return dict(session.execute(tables.answer_counts()).all())
