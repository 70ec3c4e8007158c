"""Accounts, contacts, leads; how they came in; to whom they were offered."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from bot.leads.rules import OPEN_STAGES, WORKED_STAGES, Answer, Stage
from bot.store import LOCKED, Base

# Compared byte by byte on every database: a search asks for a range of words.
MOVED_ON = "moved_on"  # why an offer was withdrawn that nobody answered in time
WORD = String(60).with_variant(String(60, collation="C"), "postgresql")


STALLING_ONLY: dict[str, Any] = {
    "sqlite_where": text("stalls_at IS NOT NULL"),
    "postgresql_where": text("stalls_at IS NOT NULL"),
}


class Account(Base):
    """A company, hospital or lab. Known by its domains, or else by its names."""

    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str | None] = mapped_column(String(200))
    type: Mapped[str | None] = mapped_column(String(80))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    territory: Mapped[str | None] = mapped_column(String(60))


class AccountKey(Base):
    """A domain or name by which an account is known; one that was merged into another leaves its keys there."""

    __tablename__ = "account_keys"
    __table_args__ = (Index("ix_account_keys_account", "account_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))


class Contact(Base):
    """A person outside, with what they agreed to. Personal data of leads stand here."""

    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(60))
    may_call: Mapped[bool | None]
    may_email: Mapped[bool | None]
    do_not_contact: Mapped[bool]


class Lead(Base):
    """Interest of a contact or account. `owner_id` is who has it now, offered or accepted.

    `attempts` counts the times nobody answered, the last one at `tried_at`; `reached_at` is when somebody did.
    `came_at` is when it came, or came again: speed to lead counts from there. `stalls_at` is when it will have been
    quiet for too long; `next_step` is what its holder planned, in their words.
    """

    __tablename__ = "leads"
    __table_args__ = (
        Index("ix_leads_owner", "owner_id", "stage"),
        Index("ix_leads_contact", "contact_id", "stage"),
        Index("ix_leads_account", "account_id", "stage"),
        Index("ix_leads_returns", "stage", "returns_at"),
        Index("ix_leads_announced", "announced_on", "announced_alone"),
        Index("ix_leads_stalls", "stalls_at", **STALLING_ONLY),
        Index("ix_leads_received", "received_at", "source"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    source: Mapped[str] = mapped_column(String(40))
    campaign: Mapped[str | None] = mapped_column(String(80))
    country: Mapped[str | None] = mapped_column(String(80))
    city: Mapped[str | None] = mapped_column(String(120))
    url: Mapped[str | None] = mapped_column(String(2000))
    fields: Mapped[dict[str, Any]]
    stage: Mapped[str] = mapped_column(String(12))
    fit: Mapped[int]
    engagement: Mapped[int]
    reasons: Mapped[list[dict[str, Any]]]
    hot: Mapped[bool]
    history: Mapped[bool]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    round: Mapped[int]
    received_at: Mapped[datetime]
    came_at: Mapped[datetime]
    stalls_at: Mapped[datetime | None]
    next_step: Mapped[str | None] = mapped_column(String(300))
    stage_since: Mapped[datetime]
    returns_at: Mapped[datetime | None]
    awaits_data: Mapped[bool]
    attempts: Mapped[int]
    tried_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    announced_on: Mapped[date | None] = mapped_column(Date)
    announced_alone: Mapped[bool]


class LeadIdentity(Base):
    """How a source names a lead."""

    __tablename__ = "lead_identities"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_lead_identities_lead", "lead_id"),
        Index("ix_lead_identities_external", "external_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(200))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))


class LeadTouch(Base):
    """Something a lead did; the same thing at the same instant counts once."""

    __tablename__ = "lead_touches"
    __table_args__ = (UniqueConstraint("lead_id", "kind", "asset", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    kind: Mapped[str] = mapped_column(String(40))
    asset: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class Offer(Base):
    """A lead offered to one person, in one round; their answer, and until when the newest step can be undone.

    `due_at` is when the next thing is due that Tandem counts: the answer, the first contact, another try; or nothing.
    `step_id` is the newest step that stands. `points` is the lead's score when it was offered: later it may be another.
    """

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("lead_id", "round"),
        Index("ix_offers_person", "person_id", "answer"),
        Index("ix_offers_answered", "answer", "answered_at"),
        Index("ix_offers_offered", "offered_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    round: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    points: Mapped[int]
    offered_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    route: Mapped[list[dict[str, Any]]]
    answer: Mapped[str] = mapped_column(String(10))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    undo_until: Mapped[datetime | None]
    contact_by: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    step_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(40))
    sentence: Mapped[str | None] = mapped_column(String(3000))
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    handed_with: Mapped[str | None] = mapped_column(String(3000))


class LeadStep(Base):
    """What was done with a lead `at`, until when it can be undone, and how everything stood before.

    `kept_at` is when it was written down: later than `at` for what a file tells.

    `value` is in hundredths of `currency`. A step that was undone stays, with `undone_at`. `flag` is a code for what
    is odd about it, such as a deal that was won before the lead came in. `along_id` is a step made by the same tap and
    undone with this one: reaching somebody accepts, too.
    """

    __tablename__ = "lead_steps"
    __table_args__ = (
        Index("ix_lead_steps_lead", "lead_id", "id"),
        Index("ix_lead_steps_kept", "step", "kept_at"),
        Index("ix_lead_steps_at", "step", "at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"))
    step: Mapped[str] = mapped_column(String(12))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    kept_at: Mapped[datetime]
    undo_until: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    before: Mapped[dict[str, Any]]
    reason: Mapped[str | None] = mapped_column(String(40))
    sentence: Mapped[str | None] = mapped_column(String(3000))
    again_at: Mapped[datetime | None]
    value: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    flag: Mapped[str | None] = mapped_column(String(40))
    along_id: Mapped[int | None]


class LeadQuestion(Base):
    """What the holder of a lead asked the one who answers for it in marketing, and the answer; one open at a time."""

    __tablename__ = "lead_questions"
    __table_args__ = (Index("ix_lead_questions_lead", "lead_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_of_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    question: Mapped[str] = mapped_column(String(3000))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(3000))


class LeadQueue(Base):
    """Somebody's unanswered leads in one message. On `day` (their own) new leads come there and not as cards.

    `ping_due_at` is when a new message may tell of what came since `looked_at`; none when nothing did.
    """

    __tablename__ = "lead_queues"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    day: Mapped[date] = mapped_column(Date)
    pinged_at: Mapped[datetime | None]
    ping_due_at: Mapped[datetime | None] = mapped_column(index=True)
    looked_at: Mapped[datetime | None]
    shown_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"))


class QueueMessage(Base):
    """One message of a queue; only the newest is alive, the earlier ones point to it."""

    __tablename__ = "queue_messages"
    __table_args__ = (UniqueConstraint("queue_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey("lead_queues.id"))
    number: Mapped[int]


class ContactWord(Base):
    """A word by which a contact is found; gone with the contact."""

    __tablename__ = "contact_words"
    __table_args__ = (UniqueConstraint("word", "contact_id"), Index("ix_contact_words_contact", "contact_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(WORD)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))


class AccountWord(Base):
    """A word by which an account is found."""

    __tablename__ = "account_words"
    __table_args__ = (UniqueConstraint("word", "account_id"), Index("ix_account_words_account", "account_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(WORD)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))


class MarketingDay(Base):
    """Up to which instant somebody in marketing heard what became of their leads; one row a person and day."""

    __tablename__ = "marketing_days"
    __table_args__ = (UniqueConstraint("person_id", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    day: Mapped[date] = mapped_column(Date)
    since: Mapped[datetime]
    until: Mapped[datetime]


class RoutingPool(Base):
    """A pool's turn-taking; its row is locked while a turn is taken."""

    __tablename__ = "routing_pools"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    tag: Mapped[int]
    turns: Mapped[int]


class RoutingSeat(Base):
    __tablename__ = "routing_seats"
    __table_args__ = (UniqueConstraint("pool_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("routing_pools.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    tag: Mapped[int]
    last_turn: Mapped[int]


class ChannelDay(Base):
    """How many leads had a line of their own in the team channel on a day."""

    __tablename__ = "channel_days"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, unique=True)
    lines: Mapped[int]


class IntakeToken(Base):
    """A source's key to the HTTP intake; only its hash is kept."""

    __tablename__ = "intake_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class IntakeRequest(Base):
    """What was answered under an Idempotency-Key, to be answered again."""

    __tablename__ = "intake_requests"
    __table_args__ = (UniqueConstraint("token_id", "key"), Index("ix_intake_requests_at", "at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("intake_tokens.id"))
    key: Mapped[str] = mapped_column(String(200))
    body_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]


# Made once: every lead that comes in asks it.
BY_IDENTITY = (
    select(Lead)
    .join(LeadIdentity, LeadIdentity.lead_id == Lead.id)
    .where(LeadIdentity.source == bindparam("source"), LeadIdentity.external_id == bindparam("external_id"))
)


def newest_of_contact(contact_id: int, stages: Iterable[Stage]) -> Select[Lead]:
    found = select(Lead).where(Lead.contact_id == contact_id, Lead.stage.in_(list(stages)))
    return found.order_by(Lead.id.desc()).limit(1)


def touches_of(lead_id: int) -> Select[LeadTouch]:
    return select(LeadTouch).where(LeadTouch.lead_id == lead_id).order_by(LeadTouch.at, LeadTouch.id)


def load_of(person_ids: list[int]) -> Select[int | None, int]:
    """How many leads each person has in hand."""
    return (
        select(Lead.owner_id, func.count())
        .where(Lead.owner_id.in_(person_ids), Lead.stage.in_(WORKED_STAGES))
        .group_by(Lead.owner_id)
    )


def offer_at_hand(lead: Lead) -> Select[Offer]:
    return select(Offer).where(Offer.lead_id == lead.id, Offer.round == lead.round)


def offer_of_round(lead_id: int, round_: int) -> Select[Offer]:
    return select(Offer).where(Offer.lead_id == lead_id, Offer.round == round_)


def brought_before(lead_id: int, step: str, at: datetime) -> Select[int]:
    """Whether a file brought this very outcome of a lead."""
    same = (LeadStep.lead_id == lead_id, LeadStep.step == step, LeadStep.at == at)
    return select(LeadStep.id).where(*same)


def next_offer(made: Offer) -> Select[Offer]:
    """To whom a lead went after this offer."""
    later = (Offer.lead_id == made.lead_id, Offer.round > made.round)
    return select(Offer).where(*later).order_by(Offer.round).limit(1)


def newest_round(lead_id: int) -> Select[int | None]:
    return select(func.max(Offer.round)).where(Offer.lead_id == lead_id)


def offered_of_contact(contact_id: int) -> Select[Lead]:
    """Leads of a contact that are with somebody, offered or accepted."""
    wanted = (Lead.contact_id == contact_id, Lead.stage.in_(WORKED_STAGES), Lead.round > 0)
    return select(Lead).where(*wanted).order_by(Lead.id)


def who_gave_back(lead_id: int) -> Select[int, str | None]:
    """Who sent a lead back or passed it on, or from whom it moved on, and for which reason."""
    moved = and_(Offer.answer == Answer.WITHDRAWN, Offer.reason == MOVED_ON)
    gave = or_(Offer.answer.in_((Answer.REJECTED, Answer.HANDED_ON)), moved)
    return select(Offer.person_id, Offer.reason).where(Offer.lead_id == lead_id, gave)


def undeliverable_to(lead_id: int, now: datetime) -> Select[int]:
    """To whom the lead's card could not be brought lately; by tomorrow the cause may be mended."""
    return select(Offer.person_id).where(
        Offer.lead_id == lead_id,
        Offer.answer == Answer.WITHDRAWN,
        Offer.reason == "undeliverable",
        Offer.offered_at > now - timedelta(days=1),
    )


def others_on_account(lead: Lead) -> Select[int | None, int]:
    """Owners of the other open leads on the same account, with how many each."""
    return (
        select(Lead.owner_id, func.count())
        .where(Lead.account_id == lead.account_id, Lead.id != lead.id, Lead.stage.in_(OPEN_STAGES))
        .group_by(Lead.owner_id)
    )


# What a lead is called by.
TITLE = (
    Lead.id.label("lead_id"),
    Lead.city,
    Contact.name.label("contact"),
    Contact.email,
    Account.name.label("account"),
)

_LISTED = select(
    *TITLE,
    Lead.stage,
    Lead.attempts,
    Lead.reached_at,
    Lead.hot,
    Offer.id.label("offer_id"),
    Offer.answer,
    Offer.undo_until,
    Offer.step_id,
    Offer.due_at.label("due"),
)
_OF_ROUND = and_(Offer.lead_id == Lead.id, Offer.round == Lead.round)
_IN_HAND = (
    _LISTED.join(Offer, _OF_ROUND)
    .outerjoin(Contact, Contact.id == Lead.contact_id)
    .outerjoin(Account, Account.id == Lead.account_id)
)
# A person's leads with the offer that brought each, by what is due first. Made once, and only the columns of a list.
IN_HAND = (
    _IN_HAND.where(Lead.owner_id == bindparam("person"), Lead.stage.in_(WORKED_STAGES))
    .order_by(Offer.due_at.is_(None), Offer.due_at, Lead.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)


def in_list(lead_ids: list[int]) -> Select[*tuple[Any, ...]]:
    """These leads as lists show them; without an offer where they were not offered to anybody yet."""
    found = _LISTED.select_from(Lead).outerjoin(Offer, _OF_ROUND)
    found = found.outerjoin(Contact, Contact.id == Lead.contact_id).outerjoin(Account, Account.id == Lead.account_id)
    return found.where(Lead.id.in_(lead_ids))


# Those of them that they took.
TAKEN = IN_HAND.where(Offer.answer == Answer.ACCEPTED)
# Those of them that wait for an answer.
WAITING = (
    _IN_HAND.where(Offer.person_id == bindparam("person"), Offer.answer == Answer.PENDING)
    .order_by(Offer.answer_by, Offer.id)
    .limit(bindparam("most"))
)


# -- queues --------------------------------------------------------------------------------------------------------


def queue_of(person_id: int) -> Select[LeadQueue]:
    return select(LeadQueue).where(LeadQueue.person_id == person_id)


# Asked for each lead that is offered: such a statement costs more to build than to run.
QUEUE_OF = select(LeadQueue).where(LeadQueue.person_id == bindparam("person"))
UNANSWERED: Select[int] = select(func.count()).where(
    Offer.person_id == bindparam("person"), Offer.answer == Answer.PENDING
)


def queues_due(now: datetime, limit: int) -> Select[LeadQueue]:
    due = select(LeadQueue).where(LeadQueue.ping_due_at <= now).order_by(LeadQueue.ping_due_at).limit(limit)
    return due.with_for_update(skip_locked=True, **LOCKED)  # two workers at once ping once


def waits_with(person_id: int) -> tuple[ColumnElement[bool], ...]:
    return Offer.person_id == person_id, Offer.answer == Answer.PENDING


def waiting_ids(person_id: int, *, hot: bool = True) -> Select[int]:
    """Offers that wait for somebody's answer, the most urgent first; without the hot ones if so asked."""
    found = select(Offer.id).where(*waits_with(person_id)).order_by(Offer.answer_by, Offer.id)
    return found if hot else found.join(Lead, Lead.id == Offer.lead_id).where(Lead.hot.is_(False))


def unseen_by(person_id: int, since: datetime | None) -> Select[int]:
    """An unanswered offer that came since somebody looked into their queue or it rang; hot ones rang by themselves."""
    found = select(Offer.id).join(Lead, Lead.id == Offer.lead_id).where(*waits_with(person_id), Lead.hot.is_(False))
    return (found.where(Offer.offered_at > since) if since else found).limit(1)


def newest_queue_message(queue_id: int) -> Select[QueueMessage]:
    return select(QueueMessage).where(QueueMessage.queue_id == queue_id).order_by(QueueMessage.number.desc()).limit(1)


# The newest message of somebody's queue.
QUEUE_MESSAGE_OF: Select[int] = (
    select(QueueMessage.id)
    .join(LeadQueue, LeadQueue.id == QueueMessage.queue_id)
    .where(LeadQueue.person_id == bindparam("person"))
    .order_by(QueueMessage.number.desc())
    .limit(1)
)


def just_answered(person_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    """What somebody answered and can still undo, the newest first."""
    return (
        select(Offer.id, Offer.answer, Offer.undo_until, Offer.step_id, *TITLE)
        .join(Lead, Lead.id == Offer.lead_id)
        .outerjoin(Contact, Contact.id == Lead.contact_id)
        .outerjoin(Account, Account.id == Lead.account_id)
        .where(Offer.person_id == person_id, Offer.undo_until > now, Offer.answer != Answer.PENDING)
        .order_by(Offer.answered_at.desc(), Offer.id.desc())
        .limit(5)
    )


def answered_since(person_id: int, since: datetime) -> Select[int]:
    answered = (Offer.person_id == person_id, Offer.answer.in_((Answer.ACCEPTED, Answer.REJECTED)))
    return select(func.count()).where(*answered, Offer.answered_at >= since)


# -- questions -----------------------------------------------------------------------------------------------------


def last_step_at(lead_id: int) -> Select[datetime]:
    """When something was done with a lead last."""
    found = select(LeadStep.at).where(LeadStep.lead_id == lead_id, LeadStep.undone_at.is_(None))
    return found.order_by(LeadStep.id.desc()).limit(1)


def newest_question(lead_id: int) -> Select[LeadQuestion]:
    return select(LeadQuestion).where(LeadQuestion.lead_id == lead_id).order_by(LeadQuestion.id.desc()).limit(1)


def told_until(person_id: int) -> Select[datetime]:
    """Up to when somebody in marketing was told of their leads."""
    told = select(MarketingDay.until).where(MarketingDay.person_id == person_id)
    return told.order_by(MarketingDay.day.desc()).limit(1)


# -- what somebody has in hand --------------------------------------------------------------------------------------


def count_taken(person_id: int) -> Select[int]:
    held = (Lead.owner_id == person_id, Lead.stage.in_(WORKED_STAGES), Offer.answer == Answer.ACCEPTED)
    return select(func.count()).select_from(Lead).join(Offer, _OF_ROUND).where(*held)


def count_in_hand(person_id: int) -> Select[int]:
    return select(func.count()).where(Lead.owner_id == person_id, Lead.stage.in_(WORKED_STAGES))


def returning(now: datetime, limit: int) -> Select[Lead]:
    due = and_(Lead.stage == Stage.RECYCLED, Lead.returns_at <= now)
    found = select(Lead).where(due).order_by(Lead.returns_at, Lead.id).limit(limit)
    return found.with_for_update(skip_locked=True, **LOCKED)  # two workers at once bring each back once


def stalling(now: datetime, limit: int) -> Select[Lead]:
    """Leads that have been quiet for too long by now."""
    found = select(Lead).where(Lead.stalls_at <= now).order_by(Lead.stalls_at, Lead.id).limit(limit)
    return found.with_for_update(skip_locked=True, **LOCKED)


def announced_together(day: date) -> Select[str, int]:
    """How many leads of the running line of a day are in each state of their first offer."""
    first = aliased(Offer)
    return (
        select(first.answer, func.count())
        .join(Lead, Lead.id == first.lead_id)
        .where(Lead.announced_on == day, Lead.announced_alone.is_(False), first.round == Lead.round)
        .group_by(first.answer)
    )


def contact_at(email: str) -> Select[Contact]:
    return select(Contact).where(Contact.email == email)


def account_by(key: str) -> Select[Account]:
    return select(Account).join(AccountKey, AccountKey.account_id == Account.id).where(AccountKey.key == key)


def latest_touch(lead_id: int) -> Select[LeadTouch]:
    found = select(LeadTouch).where(LeadTouch.lead_id == lead_id)
    return found.order_by(LeadTouch.at.desc(), LeadTouch.id.desc()).limit(1)


def lines_on(day: date) -> Select[int]:
    return select(ChannelDay.lines).where(ChannelDay.day == day)


def an_identity(lead_id: int) -> Select[str]:
    return select(LeadIdentity.external_id).where(LeadIdentity.lead_id == lead_id).order_by(LeadIdentity.id).limit(1)


def answer_counts() -> Select[str, int]:
    return select(Offer.answer, func.count()).group_by(Offer.answer)
