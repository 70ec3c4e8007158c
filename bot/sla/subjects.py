"""What the rooms above tell about the subjects of promises: their row, and what happens to them.

A lower room never reaches up: `bot.services` registers one of these for each subject kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce
from bot.outbox.templates import Json
from bot.people.tables import Person
from bot.sla.tables import Obligation
from config.policy import Policy


@dataclass(frozen=True)
class Viewer:
    """Who reads it: the owner themselves, or somebody who leads them."""

    person_id: int
    zone: str


@dataclass(frozen=True)
class SubjectRow:
    """What is owed, in words and buttons; texts are mrkdwn, already safe.

    `does` names the deed (`Call`), `what` its object, `note` what helps to do it. A promise that ended shows in `state`
    what became of its subject. `group` is the number of things told in this one row.
    """

    does: str
    what: str
    note: str | None
    taps: tuple[Json, ...]
    about: str
    state: str | None = None
    group: int = 1
    fresh_until: datetime | None = None


class SubjectKind(Protocol):
    """One kind of subject: what a room knows of it that promises do not."""

    def hold(self, session: Session, subject_id: int) -> None:
        """Lock it, before its promises are changed."""

    def about(self, obligation: Obligation) -> str:
        """What messages about it are known by in a conversation."""

    def row(
        self, session: Session, obligation: Obligation, viewer: Viewer, policy: Policy, now: datetime
    ) -> SubjectRow:
        """How it shows in a bundle, a brief or a list, for its owner or one of their managers."""

    def goes_alone(self, obligation: Obligation) -> bool:
        """Whether it can be given to somebody without its subject, as a look at what came back can."""

    def plain(self, session: Session, obligation: Obligation, policy: Policy) -> str:
        """What it is called, without marks."""

    def could_take(self, session: Session, owed: Sequence[Obligation], policy: Policy, now: datetime) -> Person | None:
        """A colleague who is at work and could take all of these from their owner; None where nobody is, or may."""

    def offer_all(
        self,
        session: Session,
        owed: Sequence[Obligation],
        to_id: int,
        by: Person,
        rules: RulesInForce,
        actor: Actor,
        now: datetime,
    ) -> None:
        """Ask a colleague to take all of these."""

    def deadline_moved(self, session: Session, obligation: Obligation, now: datetime) -> None:
        """A pause, a resumption or a hand-over moved the deadline: show it."""

    def stood_in(
        self,
        session: Session,
        obligation: Obligation,
        by: Person,
        receiver: Person,
        rules: RulesInForce,
        actor: Actor,
        now: datetime,
    ) -> bool:
        """Pass it on with its remaining working time, to who stands in for somebody away; False where it cannot be."""

    def moves_by_itself(self, session: Session, obligation: Obligation) -> bool:
        """Whether, long past its time, it goes to a colleague without anybody's tap."""

    def move_on(self, session: Session, obligation: Obligation, rules: RulesInForce, now: datetime) -> bool:
        """Long past its time: give it to a colleague, if the rules may. Whether they did."""


@dataclass
class Subjects:
    """The subject kinds of all rooms."""

    _by_kind: dict[str, SubjectKind] = field(default_factory=dict)

    def register(self, kind: str, subject: SubjectKind) -> None:
        if kind in self._by_kind:
            raise ValueError(f"subject kind {kind!r} is registered twice")
        self._by_kind[kind] = subject

    def of(self, obligation: Obligation) -> SubjectKind:
        return self._by_kind[obligation.subject_kind]

    def kind(self, name: str) -> SubjectKind:
        return self._by_kind[name]
