"""What tests of the field share: reporting, letting the undo pass, looking at what came of it."""

from typing import Any

from sqlalchemy import select

from bot.feedback.tables import DutyReport, FieldReport
from bot.sla.tables import Obligation
from config.field import Duty, Guard, Sign, SignWords
from jobs.field import bring_reports
from tests.sla.kit import POLICY
from tests.world import World, changed, words

DUTIES = (
    Duty(
        sign=Sign.ADVERSE_EVENT,
        contact="noah@helix.example",
        stand_in="petra@helix.example",
        file_at="https://q.example/r",
    ),
)
WORDS = (
    SignWords(
        language="en", adverse_event=("rash", "patient + burn*"), not_before=("no", "not"), harmless=("rash decision",)
    ),
)
GUARDED = changed(POLICY, guard=Guard(duties=DUTIES, words=WORDS))
RASH = "A patient got a rash from the electrode"


def reports(here: World) -> list[FieldReport]:
    with here.services.reading() as session:
        return list(session.scalars(select(FieldReport).order_by(FieldReport.id)))


def owed(here: World) -> list[tuple[str, int, str | None]]:
    with here.services.reading() as session:
        about = Obligation.subject_kind == "field_report"
        found = session.scalars(select(Obligation).where(about).order_by(Obligation.id))
        return [(o.kind, o.owner_id, o.outcome) for o in found]


def says(here: World, user: str, text: str, command: str = "/field-feedback", **more: Any) -> None:
    """Open the short form by the command and send it."""
    here.slack.command(user, command, "")
    here.slack.submit(user, field_said=text, **more)


def settle(here: World) -> None:
    """The undo is over: reports are brought to who answers."""
    here.clock.advance(minutes=5, seconds=1)
    bring_reports(here.services)
    here.tick()


def whisper(here: World, user: str) -> str:
    return words(next(m for m in reversed(here.messages(user)) if m["ephemeral"]))


def duties(here: World) -> list[DutyReport]:
    with here.services.reading() as session:
        return list(session.scalars(select(DutyReport).order_by(DutyReport.id)))
