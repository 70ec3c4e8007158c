"""Accounts: leads of one company belong together. Known by the company's domain, else by its name.

The domain of a lead's e-mail address counts, unless it is one of a mail provider, where anybody has an address.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.journal.service import Actor, record
from bot.leads import search, tables
from bot.leads.intake import LeadIn
from bot.leads.offers import touch_card
from bot.leads.rules import WORKED_STAGES
from bot.leads.tables import Account, AccountKey, AccountWord, Lead, Offer
from bot.people import service as people
from bot.store import insert_if_new, lock_name

KEY_LENGTH = 200


class AccountError(Exception):
    """What was asked of an account cannot be done; the sentence says why."""


@dataclass(frozen=True)
class AccountView:
    """One account as a list shows it."""

    id: int
    name: str
    keys: tuple[str, ...]
    type: str | None
    territory: str | None
    owner: str | None
    leads: int


@cache
def provider_domains() -> frozenset[str]:
    """Domains of mail providers, and those reserved for examples: they say nothing about a company."""
    lines = (files("bot.leads") / "mail_providers.txt").read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def company_domain(email: str | None) -> str | None:
    """The company's domain in an e-mail address; None for a mail provider's."""
    return _checked((email or "").rpartition("@")[2])


def domain_in(address: str | None) -> str | None:
    """The company's domain in what a source calls one: `https://www.charite.example/lab` is charite.example."""
    host = (address or "").strip().casefold().partition("://")[2] or (address or "").strip().casefold()
    return _checked(re.split(r"[/?#:]", host)[0].removeprefix("www."))


def _checked(domain: str) -> str | None:
    domain = domain.casefold().strip(".")
    parts = domain.split(".")
    provider = any(".".join(parts[n:]) in provider_domains() for n in range(len(parts) - 1))
    return domain[:KEY_LENGTH] if len(parts) > 1 and not provider else None


def known_by(session: Session, incoming: LeadIn) -> Account | None:
    """The account of a lead, made if it is new; None for a lead without a company."""
    domain = domain_in(incoming.domain) or company_domain(incoming.email)
    keys = [key[:KEY_LENGTH] for key in (domain, (incoming.company or "").casefold()) if key]
    if not keys:
        return None
    key = keys[0]
    lock_name(session, f"account:{key}")
    account = session.scalar(tables.account_by(key))
    if account is None and domain and len(keys) > 1:
        account = _adopted(session, keys[1], domain)
    if account is None:
        account = Account(name=incoming.company or key, domain=domain)
        session.add(account)
    session.flush()
    # Its name leads here, too, unless another company was called so first.
    if [True for known_as in keys if insert_if_new(session, AccountKey, key=known_as, account_id=account.id)]:
        search.index_account(session, account)
    return account


def _adopted(session: Session, name_key: str, domain: str) -> Account | None:
    """An account known by its name alone is the one whose domain is learnt now."""
    lock_name(session, f"account:{name_key}")
    account = session.scalar(tables.account_by(name_key))
    if account is None or account.domain is not None:
        return None
    account.domain = domain
    return account


# -- by hand ----------------------------------------


def find(session: Session, name: str) -> Account:
    """By id, domain or name. Raises AccountError."""
    text = name.strip().casefold()
    account = session.get(Account, int(text)) if text.isdigit() else session.scalar(tables.account_by(text))
    if account is None:
        alike = session.scalars(select(Account).where(func.lower(Account.name) == text)).all()
        account = alike[0] if len(alike) == 1 else None
    if account is None:
        raise AccountError(f"there is no account {name!r}; `tandem accounts list` shows those there are")
    return account


def merge(session: Session, from_name: str, into_name: str, actor: Actor, now: datetime) -> tuple[Account, int]:
    """Two accounts are one company: its leads and names go over. The account kept, and how many leads moved.

    Raises AccountError for an unknown account, or the same one twice.
    """
    source, target = find(session, from_name), find(session, into_name)
    if source.id == target.id:
        raise AccountError(f"{from_name!r} and {into_name!r} are the same account already")
    moved = session.scalars(select(Lead.id).where(Lead.account_id == source.id)).all()
    session.execute(update(Lead).where(Lead.account_id == source.id).values(account_id=target.id))
    session.execute(update(AccountKey).where(AccountKey.account_id == source.id).values(account_id=target.id))
    target.owner_id = target.owner_id or source.owner_id
    target.type, target.territory = target.type or source.type, target.territory or source.territory
    target.domain = target.domain or source.domain
    session.execute(delete(AccountWord).where(AccountWord.account_id == source.id))
    insert_if_new(session, AccountKey, key=source.name.casefold()[:KEY_LENGTH], account_id=target.id)
    session.delete(source)
    session.flush()
    search.index_account(session, target)
    record(session, actor, "merged", ("account", target.id), now, {"from": source.id, "leads": len(moved)})
    _renew_cards(session, target, now)
    return target, len(moved)


def describe(session: Session, account: Account, actor: Actor, now: datetime, *, said: dict[str, str | None]) -> None:
    """Set an account's owner (an e-mail), territory, type or name. Raises AccountError for an unknown owner."""
    values: dict[str, object] = {name: value for name, value in said.items() if value and name != "owner"}
    if said.get("owner"):
        owner = people.by_email(session, str(said["owner"]))
        if owner is None:
            raise AccountError(f"{said['owner']} is not among the people; `tandem people list` shows them")
        values["owner_id"] = owner.id
    for name, value in values.items():
        setattr(account, name, value)
    session.flush()
    search.index_account(session, account)
    record(session, actor, "account_set", ("account", account.id), now, {"what": sorted(values)})
    _renew_cards(session, account, now)


def listing(session: Session, limit: int, text: str = "") -> list[AccountView]:
    """Accounts with the most leads first."""
    counted = select(Lead.account_id, func.count().label("leads")).group_by(Lead.account_id).subquery()
    found = (
        select(Account, func.coalesce(counted.c.leads, 0))
        .outerjoin(counted, counted.c.account_id == Account.id)
        .order_by(func.coalesce(counted.c.leads, 0).desc(), Account.id)
        .limit(limit)
    )
    for word in search.words(text):
        within = select(AccountWord.account_id).where(AccountWord.word >= word, AccountWord.word < word + search.LAST)
        found = found.where(Account.id.in_(within))
    rows = session.execute(found).all()
    names = people.names(session, [account.owner_id for account, _ in rows if account.owner_id])
    keys = _keys_by_account(session, [account.id for account, _ in rows])
    return [
        AccountView(a.id, a.name, keys.get(a.id, ()), a.type, a.territory, names.get(a.owner_id or 0), leads)
        for a, leads in rows
    ]


def _keys_by_account(session: Session, ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    rows = select(AccountKey.account_id, AccountKey.key).where(AccountKey.account_id.in_(ids)).order_by(AccountKey.id)
    for account_id, key in session.execute(rows):
        found[account_id] = (*found.get(account_id, ()), key)
    return found


def _renew_cards(session: Session, account: Account, now: datetime) -> None:
    """Cards of the account's leads in hand say what is known of it."""
    held = select(Offer).join(Lead, (Lead.id == Offer.lead_id) & (Lead.round == Offer.round))
    for made in session.scalars(held.where(Lead.account_id == account.id, Lead.stage.in_(WORKED_STAGES))):
        touch_card(session, made, now)
