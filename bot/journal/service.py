"""Write down what happened, and keep the version of the rules it happened under."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.journal.tables import JournalEntry, Judgement, PolicyVersion, SeenRequest, first_policy, newest_policy
from bot.store import append, insert_if_new, lock_name
from config.policy import Policy

SEEN_FOR = timedelta(days=2)  # Slack gives up on a delivery within a day


class ActorKind(StrEnum):
    PERSON = "person"
    TOKEN = "token"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who did it, and in which request."""

    kind: ActorKind
    id: int | None = None
    request_id: str | None = None


SYSTEM = Actor(ActorKind.SYSTEM)
OPERATOR = Actor(ActorKind.OPERATOR)


@dataclass(frozen=True)
class RulesInForce:
    """The policy and the id of its version in the database."""

    policy: Policy
    version_id: int


def record(
    session: Session,
    actor: Actor,
    verb: str,
    subject: tuple[str, int],
    now: datetime,
    facts: dict[str, Any] | None = None,
    occurred_at: datetime | None = None,
) -> None:
    """Add an entry. `facts` are codes and ids; `occurred_at` differs from `now` only for history brought in later."""
    append(
        session,
        JournalEntry,
        occurred_at=occurred_at or now,
        recorded_at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        subject_kind=subject[0],
        subject_id=subject[1],
        verb=verb,
        facts=facts or {},
        request_id=actor.request_id,
    )


def judge(
    session: Session,
    kind: str,
    subject: tuple[str, int],
    rules: RulesInForce,
    inputs: dict[str, Any],
    outcome: dict[str, Any],
    now: datetime,
) -> None:
    """Keep a judgement with everything the rules saw."""
    append(
        session,
        Judgement,
        at=now,
        kind=kind,
        subject_kind=subject[0],
        subject_id=subject[1],
        policy_version_id=rules.version_id,
        inputs=inputs,
        outcome=outcome,
    )


def first_time(session: Session, key: str, now: datetime) -> bool:
    """Whether a request is new; it is known from now on, if this transaction is committed."""
    session.execute(delete(SeenRequest).where(SeenRequest.at < now - SEEN_FOR))
    return insert_if_new(session, SeenRequest, key=key, at=now) is not None


def put_in_force(session: Session, policy: Policy, now: datetime) -> bool:
    """Make `policy` the version in force; False when it already is."""
    lock_name(session, "policy")
    newest = session.scalar(newest_policy())
    if newest and newest.hash == policy.hash:
        return False
    session.add(PolicyVersion(hash=policy.hash, canonical=policy.canonical, in_force_from=now))
    session.flush()
    return True


def since_when(session: Session) -> datetime:
    """From when on any rules were in force: before that, nothing was owed to anybody. Raises LookupError for none."""
    first = session.scalar(first_policy())
    if first is None:
        raise LookupError("no policy was ever in force")
    return first


def rules_of(session: Session, version_id: int) -> RulesInForce:
    """The rules of a version that was in force once."""
    return RulesInForce(Policy.from_canonical(session.get_one(PolicyVersion, version_id).canonical), version_id)


def rules_in_force(session: Session) -> RulesInForce:
    """The rules every process obeys now. Raises LookupError when none was ever put in force."""
    newest = session.scalar(newest_policy())
    if newest is None:
        raise LookupError("no policy is in force: run `tandem db upgrade`, which takes POLICY_FILE")
    return RulesInForce(Policy.from_canonical(newest.canonical), newest.id)
