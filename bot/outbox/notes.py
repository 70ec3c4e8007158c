"""A short letter of one sentence: the answer to somebody who wrote to us."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.outbox.kit import section
from bot.outbox.rules import Kind, Priority
from bot.outbox.service import Draft, enqueue
from bot.outbox.templates import Rendered, RenderRequest, Subject, Template


def _render(_session: Session, request: RenderRequest) -> Rendered:
    text = str(request.facts["text"])
    return Rendered(text, [section(text)])


NOTE = Template("note", _render)


def tell(session: Session, target: str, text: str, key: str, not_before: datetime, now: datetime) -> None:
    """Say `text` once for `key`, unasked: not before their working hours."""
    draft = Draft(target, NOTE.name, Subject("note", 0), key, Kind.LETTER, {"text": text}, not_before=not_before)
    enqueue(session, draft, now)


def answer(session: Session, target: str, text: str, key: str, now: datetime) -> None:
    """Say `text` once for `key`; an answer that could not be given within the hour is not given."""
    draft = Draft(
        target,
        NOTE.name,
        Subject("note", 0),
        key,
        Kind.LETTER,
        {"text": text},
        Priority.ANSWER_TO_A_TAP,
        expires_at=now + timedelta(hours=1),
    )
    enqueue(session, draft, now)
