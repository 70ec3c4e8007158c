"""Keys to the HTTP intake: one source each, stored hashed; and what was answered under an Idempotency-Key."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from bot.leads.tables import IntakeRequest, IntakeToken
from bot.store import insert_if_new

PREFIX = "tnd_"
KEPT_FOR = timedelta(days=7)


class TokenError(Exception):
    """A token cannot be used, or there is none such."""


class KeyReused(Exception):
    """The same Idempotency-Key came with another body."""


@dataclass(frozen=True)
class Key:
    """A request that may come again: whose, under which key, with what body."""

    token_id: int
    key: str
    body_hash: str


def create(session: Session, source: str, now: datetime) -> str:
    """A new token for a source. It is shown once: only its hash is kept."""
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(IntakeToken(source=source, hash=_hash(token), created_at=now))
    session.flush()
    return token


def listed(session: Session) -> list[IntakeToken]:
    return list(session.scalars(select(IntakeToken).order_by(IntakeToken.id)))


def revoke(session: Session, token_id: int, now: datetime) -> None:
    """Raises TokenError when there is no such token in use."""
    wanted = (IntakeToken.id == token_id, IntakeToken.revoked_at.is_(None))
    done = session.execute(update(IntakeToken).where(*wanted).values(revoked_at=now).returning(IntakeToken.id))
    if done.scalar_one_or_none() is None:
        raise TokenError(f"there is no token {token_id} in use; `tandem tokens list` shows those there are")


def known(session: Session, token: str) -> IntakeToken | None:
    """The token in use behind what a sender presents."""
    wanted = (IntakeToken.hash == _hash(token), IntakeToken.revoked_at.is_(None))
    return session.scalar(select(IntakeToken).where(*wanted))


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def reserve(session: Session, key: Key, now: datetime) -> dict[str, Any] | None:
    """Take the key for this request; the earlier answer when the same request came before. Raises KeyReused.

    Of two requests at once the second waits for the first to commit, and then gets its answer, or, where the first
    took the key and its leads in two steps, finds every lead known: either way there is one effect.
    """
    session.execute(delete(IntakeRequest).where(IntakeRequest.at < now - KEPT_FOR))
    row = {"token_id": key.token_id, "key": key.key, "body_hash": key.body_hash, "answer": {}, "at": now}
    if insert_if_new(session, IntakeRequest, **row) is not None:
        return None
    earlier = session.scalars(_of(key)).one()
    if earlier.body_hash != key.body_hash:
        raise KeyReused
    return earlier.answer


def keep_answer(session: Session, key: Key, answer: dict[str, Any]) -> None:
    session.scalars(_of(key)).one().answer = answer


def _of(key: Key) -> Select[IntakeRequest]:
    return select(IntakeRequest).where(IntakeRequest.token_id == key.token_id, IntakeRequest.key == key.key)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
