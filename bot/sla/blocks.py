"""Promises in Block Kit: a row for its owner, a row for who leads them."""

from collections.abc import Sequence
from datetime import datetime

from bot.outbox.kit import actions, button, overflow, section
from bot.outbox.templates import Json
from bot.people.tables import Person
from bot.sla import texts
from bot.sla.subjects import SubjectRow, Viewer
from bot.sla.tables import Obligation
from bot.wording import day_and_time

MORE, RESUME, MINE, QUIET, REASSIGN = "sla_more", "sla_resume", "sla_mine", "sla_quiet", "sla_reassign"
OFFER_ALL, OWED = "sla_offer_all", "owed-"
# What ⋯ offers; an item's value is one of these and the promise's id.
LATER, HAND_OVER, PAUSE, HELP, STOP = "later", "hand_over", "pause", "help", "stop"


def is_owed(found: Obligation, person_id: int) -> bool:
    """Whether this person owes it now, on a running clock."""
    return found.outcome is None and found.owner_id == person_id and found.paused_at is None


def owed(found: Obligation, told: SubjectRow, viewer: Viewer, helper: str | None, now: datetime) -> list[Json]:
    """What somebody owes: by when, what, and the buttons to do it; or what became of it."""
    if found.outcome is not None or found.owner_id != viewer.person_id:
        return _ended(found, told)
    if found.paused_at:
        return _paused(found, told, viewer, now)
    late = found.deadline_at < now
    lines = [texts.row(day_and_time(found.deadline_at, viewer.zone, now), told.does, told.what, late=late), told.note]
    if found.later_until and found.later_until > now:
        lines.append(texts.later(day_and_time(found.later_until, viewer.zone, now)))
    if found.stopped_at:
        lines.append(texts.STOPPED)
    return [_lines(lines, more(found, helper)), actions(told.taps, block_id=f"{OWED}{found.id}")]


def _ended(found: Obligation, told: SubjectRow) -> list[Json]:
    shown = [_lines([f"*{told.what}*", told.state])]
    return [*shown, actions(told.taps, block_id=f"{OWED}{found.id}")] if told.taps else shown


def _paused(found: Obligation, told: SubjectRow, viewer: Viewer, now: datetime) -> list[Json]:
    until = day_and_time(found.resumes_at or now, viewer.zone, now)
    resume = button(texts.RESUME, RESUME, str(found.id), says=f"{texts.RESUME}: {told.does}")
    line = _lines([f"*{told.does}:* {told.what}", texts.paused(until, found.pause_reason)])
    return [line, actions([resume], block_id=f"{OWED}{found.id}")]


def more(found: Obligation, helper: str | None) -> Json:
    """The menu behind ⋯."""
    items = [(texts.LATER, LATER), (texts.HAND_OVER, HAND_OVER), (texts.PAUSE, PAUSE)]
    if helper and not found.helped_at:
        items.append((texts.ask_for_help(helper), HELP))
    if not found.stopped_at:
        items.append((texts.STOP, STOP))
    return overflow(MORE, [(label, f"{what}:{found.id}") for label, what in items])


def offer_all(owed: Sequence[Obligation], colleague: Person) -> Json:
    """One tap for several leads: a colleague is asked to take them."""
    value = f"{colleague.id}:{','.join(str(one.id) for one in owed)}"
    return actions([button(texts.offer_all(len(owed), colleague.name), OFFER_ALL, value)])


def of_person(
    found: Obligation, told: SubjectRow, owner: str, viewer: Viewer, now: datetime, *, asked: bool = False
) -> list[Json]:
    """What one of their people owes, for a manager: whose it is, since when, and the way to give it to somebody."""
    if found.outcome is not None:
        return _ended(found, told)
    due, late = day_and_time(found.deadline_at, viewer.zone, now), found.deadline_at < now
    lines = [
        texts.asked_for_help(owner) if asked else None,
        texts.of_person(owner, due, told.does, told.what, late=late),
    ]
    if found.paused_at:
        lines.append(texts.paused(day_and_time(found.resumes_at or now, viewer.zone, now), found.pause_reason))
    if found.later_until and found.later_until > max(now, found.deadline_at):
        lines.append(texts.later_of(owner, day_and_time(found.later_until, viewer.zone, now)))
    reassign = button(texts.HAND_OVER, REASSIGN, str(found.id), says=f"Hand over: {told.does} of {owner}")
    opens = [tap for tap in told.taps if tap.get("action_id", "").endswith("_open")]
    return [_lines(lines), actions([reassign, *opens], block_id=f"help-{found.id}")]


def _lines(lines: list[str | None], accessory: Json | None = None) -> Json:
    return section("\n".join(line for line in lines if line), accessory)
