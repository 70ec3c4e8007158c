"""Our standing with Slack: who we are there, whether it still takes what we say, and what waits to be said."""

import hashlib
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.outbox.rules import State
from bot.outbox.tables import Message, SlackLink
from bot.store import begin, insert_if_new


def introduce(engine: Engine, bot_user_id: str | None, team_id: str | None) -> None:
    """Remember who we are in Slack. When Slack answered, a halted sender goes on: the cause may be mended by now."""
    with begin(engine) as session:
        link = link_row(session)
        if bot_user_id is not None:
            link.bot_user_id, link.team_id = bot_user_id, team_id
            link.halted_token = link.halted_reason = link.halted_at = None


def link_row(session: Session) -> SlackLink:
    insert_if_new(session, SlackLink, id=1)
    return session.get_one(SlackLink, 1)


def fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def halted_reason(session: Session, token: str) -> str | None:
    """Why Slack refuses this token, if it does; a new token begins with a clean slate."""
    link = session.execute(select(SlackLink.halted_token, SlackLink.halted_reason)).first()
    return link.halted_reason if link and link.halted_token == fingerprint(token) else None


def waiting_now(session: Session, now: datetime) -> int:
    """How many messages are due and not yet sent."""
    return session.scalar(select(func.count()).select_from(Message).where(Message.due_at <= now)) or 0


def in_doubt(session: Session) -> int:
    """How many messages are on their way, or may be."""
    states = (State.IN_FLIGHT, State.AMBIGUOUS)
    return session.scalar(select(func.count()).select_from(Message).where(Message.state.in_(states))) or 0
