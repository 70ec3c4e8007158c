"""What promises need to know of decisions: how they read in a reminder, and what becomes of them when passed on."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.council import blocks, texts
from bot.council.tables import Decision
from bot.outbox.kit import button
from bot.people import service as people
from bot.sla.alone import GoesAlone
from bot.sla.subjects import SubjectRow, Viewer
from bot.sla.tables import Obligation
from bot.wording import outside, shorten
from config.policy import Policy


class DecisionPromises(GoesAlone):
    """The subject kind of decisions: they belong to whoever owes them, and go from hand to hand alone."""

    def hold(self, session: Session, subject_id: int) -> None:
        """The promise itself is locked by who changes it; there is nothing beside it."""

    def about(self, obligation: Obligation) -> str:
        return f"decision:{obligation.subject_id}"

    def row(
        self, session: Session, obligation: Obligation, viewer: Viewer, policy: Policy, now: datetime
    ) -> SubjectRow:
        found = session.get_one(Decision, obligation.subject_id)
        names = people.names(session, [found.decided_by_id])
        mine = viewer.person_id == obligation.owner_id
        done = button(texts.DONE_BUTTON, blocks.DONE, str(found.id), says=f"{texts.DONE_BUTTON}: {found.what}")
        return SubjectRow(
            texts.DOES,
            outside(found.what, 160),
            texts.decided_by(names.get(found.decided_by_id, ""), date.fromisoformat(found.due_on)),
            (done,) if mine and found.done_at is None else (),
            self.about(obligation),
            texts.DONE if found.done_at else None,
        )

    def plain(self, session: Session, obligation: Obligation, policy: Policy) -> str:
        return shorten(session.get_one(Decision, obligation.subject_id).what, 160)

    def deadline_moved(self, session: Session, obligation: Obligation, now: datetime) -> None:
        """Whoever is given the promise is given the decision."""
        session.get_one(Decision, obligation.subject_id).owner_id = obligation.owner_id
