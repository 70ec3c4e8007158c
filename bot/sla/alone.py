"""What promises share that belong to their owner alone: no lead goes with them, and only a person gives them away."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.journal.service import Actor, RulesInForce
from bot.people.tables import Person
from bot.sla import control
from bot.sla.subjects import Subjects
from bot.sla.tables import Obligation
from config.policy import Policy


class GoesAlone:
    """The part of a `SubjectKind` that is the same for reports and decisions: one by one, by somebody's tap."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    def goes_alone(self, obligation: Obligation) -> bool:
        return True

    def could_take(self, session: Session, owed: Sequence[Obligation], policy: Policy, now: datetime) -> Person | None:
        return None

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
        """They go to somebody else one by one."""

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
        control.pass_to(session, self._subjects, obligation, receiver, rules.policy, actor, now)
        return True

    def moves_by_itself(self, session: Session, obligation: Obligation) -> bool:
        return False

    def move_on(self, session: Session, obligation: Obligation, rules: RulesInForce, now: datetime) -> bool:
        return False
