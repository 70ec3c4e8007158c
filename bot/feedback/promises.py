"""What promises need to know of reports: how they read in a reminder, and what happens when they are passed on."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.feedback import blocks, texts, triage, views
from bot.feedback.rules import OPEN
from bot.feedback.service import REPORT, hold
from bot.feedback.tables import FieldReport
from bot.journal.service import SYSTEM, rules_in_force
from bot.outbox.templates import Json
from bot.people import service as people
from bot.sla import control
from bot.sla import service as sla
from bot.sla.alone import GoesAlone
from bot.sla.rules import Kind
from bot.sla.subjects import SubjectRow, Viewer
from bot.sla.tables import Obligation
from bot.wording import day_and_time, outside
from config.policy import Policy

OF_THE_OWNER = (Kind.SEEN, Kind.REPLY)


class ReportPromises(GoesAlone):
    """The subject kind of reports from the field."""

    def hold(self, session: Session, subject_id: int) -> None:
        hold(session, subject_id)

    def about(self, obligation: Obligation) -> str:
        kind = "card:" if obligation.kind == Kind.ANSWER_CARD else ""
        return f"{kind}{triage.about(obligation.subject_id)}"

    def row(
        self, session: Session, obligation: Obligation, viewer: Viewer, policy: Policy, now: datetime
    ) -> SubjectRow:
        view = views.report(session, obligation.subject_id, policy)
        note = f"{view.kind} · {outside(view.where, 80)}" if view.where else view.kind
        if obligation.kind == Kind.ANSWER_CARD:
            note = texts.heard_by(view.support.reporters)
        by = view.steps[-1] if view.steps else None
        at = day_and_time(by.at, viewer.zone, now) if by else ""
        state = texts.history_line(at, by.who, by.step, by.sentence) if by and view.state not in OPEN else None
        does = texts.THANK if view.thanks_only and obligation.kind == Kind.REPLY else texts.DOES[obligation.kind]
        return SubjectRow(
            does,
            texts.says(view.reporter, view.said),
            note,
            tuple(self._taps(obligation, view, viewer)),
            self.about(obligation),
            state,
        )

    def _taps(self, obligation: Obligation, view: views.ReportView, viewer: Viewer) -> list[Json]:
        mine = viewer.person_id == obligation.owner_id
        if obligation.kind == Kind.ANSWER_CARD:
            return [*([blocks.write_button(view)] if mine else []), blocks.taps(view)[-1]]
        return blocks.taps(view) if mine else blocks.taps(view)[-1:]

    def plain(self, session: Session, obligation: Obligation, policy: Policy) -> str:
        view = views.report(session, obligation.subject_id, policy)
        return f"{texts.DOES[obligation.kind]}: {view.said}"

    def deadline_moved(self, session: Session, obligation: Obligation, now: datetime) -> None:
        """Whoever is given the look or the answer is given the report: both go together."""
        found = session.get_one(FieldReport, obligation.subject_id)
        if obligation.kind not in OF_THE_OWNER or found.owner_id == obligation.owner_id:
            return
        found.owner_id = obligation.owner_id
        receiver, policy = people.by_id(session, obligation.owner_id), rules_in_force(session).policy
        for other in sla.open_about(session, REPORT, obligation.subject_id):
            if other.kind in OF_THE_OWNER and other.owner_id != receiver.id:
                control.pass_to(session, self._subjects, other, receiver, policy, SYSTEM, now)
