"""Accounts, contacts, leads; how they came in; to whom they were offered."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Select, String, UniqueConstraint, and_, bindparam, case, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from bot.leads.rules import OPEN_STAGES, WORKED_STAGES, Answer, Stage
from bot.store import Base, UtcDateTime


class Account(Base):
    """A company, hospital or lab. Known by its domain, or else by its name."""

    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str | None] = mapped_column(String(200))
    type: Mapped[str | None] = mapped_column(String(80))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


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
    """Interest of a contact or account. `owner_id` is who has it now, offered or accepted."""

    __tablename__ = "leads"
    __table_args__ = (
        Index("ix_leads_owner", "owner_id", "stage"),
        Index("ix_leads_contact", "contact_id", "stage"),
        Index("ix_leads_account", "account_id", "stage"),
        Index("ix_leads_returns", "stage", "returns_at"),
        Index("ix_leads_announced", "announced_on", "announced_alone"),
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
    stage_since: Mapped[datetime]
    returns_at: Mapped[datetime | None]
    awaits_data: Mapped[bool]
    announced_on: Mapped[date | None] = mapped_column(Date)
    announced_alone: Mapped[bool]


class LeadIdentity(Base):
    """How a source names a lead."""

    __tablename__ = "lead_identities"
    __table_args__ = (UniqueConstraint("source", "external_id"), Index("ix_lead_identities_lead", "lead_id"))
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
    """A lead offered to one person, in one round; their answer, and until when it can be undone."""

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("lead_id", "round"),
        Index("ix_offers_person", "person_id", "answer"),
        Index("ix_offers_answered", "answer", "answered_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    round: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    offered_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    route: Mapped[list[dict[str, Any]]]
    answer: Mapped[str] = mapped_column(String(10))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    undo_until: Mapped[datetime | None]
    contact_by: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(40))
    sentence: Mapped[str | None] = mapped_column(String(3000))


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


def newest_round(lead_id: int) -> Select[int | None]:
    return select(func.max(Offer.round)).where(Offer.lead_id == lead_id)


def offered_of_contact(contact_id: int) -> Select[Lead]:
    """Leads of a contact that are with somebody, offered or accepted."""
    wanted = (Lead.contact_id == contact_id, Lead.stage.in_(WORKED_STAGES), Lead.round > 0)
    return select(Lead).where(*wanted).order_by(Lead.id)


def who_gave_back(lead_id: int) -> Select[int, str | None]:
    """Who sent a lead back, and for which reason."""
    return select(Offer.person_id, Offer.reason).where(Offer.lead_id == lead_id, Offer.answer == Answer.REJECTED)


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


# What a lead in hand waits for, and by when; a qualified one waits for nothing that Tandem counts.
promised_by = func.coalesce(Offer.contact_by, Offer.answer_by, type_=UtcDateTime())
due_at = case((Lead.stage == Stage.SQL, None), else_=promised_by)

# A person's leads with the offer that brought each, by what is due first. Made once, and only the columns of a list.
IN_HAND = (
    select(
        Lead.id,
        Lead.city,
        Offer.id.label("offer_id"),
        Offer.answer,
        Offer.undo_until,
        due_at.label("due"),
        Contact.name.label("contact"),
        Contact.email,
        Account.name.label("account"),
    )
    .join(Offer, and_(Offer.lead_id == Lead.id, Offer.round == Lead.round))
    .outerjoin(Contact, Contact.id == Lead.contact_id)
    .outerjoin(Account, Account.id == Lead.account_id)
    .where(Lead.owner_id == bindparam("person"), Lead.stage.in_(WORKED_STAGES))
    .order_by(Lead.stage == Stage.SQL, "due", Lead.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)


def count_in_hand(person_id: int) -> Select[int]:
    return select(func.count()).where(Lead.owner_id == person_id, Lead.stage.in_(WORKED_STAGES))


def returning(now: datetime, limit: int) -> Select[Lead]:
    due = and_(Lead.stage == Stage.RECYCLED, Lead.returns_at <= now)
    found = select(Lead).where(due).order_by(Lead.returns_at, Lead.id).limit(limit)
    return found.with_for_update(skip_locked=True)  # two workers at once bring each back once


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
    return select(Account).where(Account.key == key)


def latest_touch(lead_id: int) -> Select[LeadTouch]:
    found = select(LeadTouch).where(LeadTouch.lead_id == lead_id)
    return found.order_by(LeadTouch.at.desc(), LeadTouch.id.desc()).limit(1)


def lines_on(day: date) -> Select[int]:
    return select(ChannelDay.lines).where(ChannelDay.day == day)


def an_identity(lead_id: int) -> Select[str]:
    return select(LeadIdentity.external_id).where(LeadIdentity.lead_id == lead_id).order_by(LeadIdentity.id).limit(1)


def answer_counts() -> Select[str, int]:
    return select(Offer.answer, func.count()).group_by(Offer.answer)
