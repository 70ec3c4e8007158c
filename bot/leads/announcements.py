"""What the team hears of leads: a compact line each up to an agreed number a day, then one running line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.leads.tables import ChannelDay, Lead
from bot.outbox import service as outbox
from bot.outbox.rules import Priority
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.store import insert_if_new
from config.policy import Policy

LINE, DAY_LINE = "lead_line", "lead_day_line"


def announce(session: Session, lead: Lead, policy: Policy, not_before: datetime, now: datetime) -> None:
    """Tell the team channel of a lead offered for the first time; a later round only renews its line."""
    if policy.channels.leads is None:
        return
    if lead.announced_on is not None:
        renew(session, lead, now)
        return
    lead.announced_on = now.astimezone(ZoneInfo(policy.zone)).date()
    # A hot lead is never only a number in the running line.
    lead.announced_alone = lead.hot or _takes_a_line(session, lead, policy.channels.lines_a_day)
    template, subject = (LINE, Subject("lead", lead.id)) if lead.announced_alone else (DAY_LINE, _day(lead))
    draft = Draft(
        outbox.channel(policy.channels.leads),
        template,
        subject,
        f"{template}:{subject.id}",
        priority=Priority.CHANNEL,
        not_before=not_before,
    )
    if outbox.enqueue(session, draft, now) is None:
        outbox.touch(session, subject, now, Priority.CHANNEL)


def renew(session: Session, lead: Lead, now: datetime) -> None:
    """What the team's line says of this lead has changed."""
    if lead.announced_on is not None:
        subject = Subject("lead", lead.id) if lead.announced_alone else _day(lead)
        outbox.touch(session, subject, now, Priority.CHANNEL)


def _day(lead: Lead) -> Subject:
    return Subject("day", lead.announced_on.toordinal() if lead.announced_on else 0)


def _takes_a_line(session: Session, lead: Lead, lines_a_day: int) -> bool:
    insert_if_new(session, ChannelDay, day=lead.announced_on, lines=0)
    counted = (
        update(ChannelDay)
        .where(ChannelDay.day == lead.announced_on, ChannelDay.lines < lines_a_day)
        .values(lines=ChannelDay.lines + 1)
        .returning(ChannelDay.id)
    )
    return session.execute(counted).scalar_one_or_none() is not None
