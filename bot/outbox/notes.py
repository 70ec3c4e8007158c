"""A short letter of one sentence: news that nobody asked for, and the answer to somebody who wrote to us."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.outbox import service
from bot.outbox.kit import section
from bot.outbox.rules import Kind, Priority
from bot.outbox.service import Draft, enqueue
from bot.outbox.templates import Rendered, RenderRequest, Subject, Template


def _render(_session: Session, request: RenderRequest) -> Rendered:
    text = str(request.facts["text"])
    return Rendered(text, [section(text)])


def _is_worth_it(session: Session, request: RenderRequest) -> bool:
    """What is only news goes along with something else, or not at all: it is no reason to ring."""
    return not request.facts.get("in_company") or service.has_company(session, request.target, request.now)


NOTE = Template("note", _render, _is_worth_it)  # when it may ring is set where it is registered
REPLY = Template("reply", _render)


def tell(
    session: Session, target: str, text: str, key: str, not_before: datetime, now: datetime, *, in_company: bool = False
) -> None:
    """Say `text` once for `key`, unasked: in their working hours, and not before `not_before`.

    `in_company` is for news that stands elsewhere as well: told together with something else, and not by itself.
    """
    facts = {"text": text, "in_company": in_company}
    draft = Draft(target, NOTE.name, Subject("note", 0), key, Kind.LETTER, facts, not_before=not_before)
    enqueue(session, draft, now)


def answer(session: Session, target: str, text: str, key: str, now: datetime, *, thread_ts: str | None = None) -> None:
    """Say `text` once for `key`; an answer that could not be given within the hour is not given.

    With `thread_ts` it is said in that thread.
    """
    facts = {"text": text, **({"thread_ts": thread_ts} if thread_ts else {})}
    draft = Draft(
        target,
        REPLY.name,
        Subject("note", 0),
        key,
        Kind.LETTER,
        facts,
        Priority.ANSWER_TO_A_TAP,
        expires_at=now + timedelta(hours=1),
    )
    enqueue(session, draft, now)
