"""Lists that one person sees: decisions, the agenda, how the figures are counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.council import blocks, service, tables, texts, views
from bot.council.facts import Facts
from bot.council.rules import Week
from bot.council.service import MEMBERS
from bot.council.tables import Decision
from bot.outbox.kit import actions, asks_first, button, section
from bot.outbox.templates import Json
from bot.people import service as people
from bot.people.rules import Role
from bot.people.tables import Person
from bot.wording import day_and_time
from config.policy import Policy

MOST, MOST_ITEMS = 12, 30


@dataclass(frozen=True)
class Line:
    """A decision as one reads it, and what this reader may do with it."""

    id: int
    text: str
    may_end: bool
    may_drop: bool


def decisions(session: Session, reader: Person, policy: Policy, today: date) -> list[Line]:
    """What is open, the earliest day first; who is late with one is named to members and to themselves only."""
    found = session.scalars(tables.open_decisions()).all()
    names = people.names(session, [one.owner_id for one in found])
    member = bool(people.by_id(session, reader.id).role_names & (MEMBERS | {Role.ADMINISTRATOR}))
    told = []
    for one in found:
        concerned = member or one.owner_id == reader.id
        due = date.fromisoformat(one.due_on)
        if concerned or due >= today:
            line = texts.decision(one.what, names.get(one.owner_id, ""), due, late=due < today)
        else:
            line = texts.decision_late(one.what, due)
        if one.measure:
            line = f"{line}\n{figure_line(one, policy)}"
        told.append(Line(one.id, line, member or one.owner_id == reader.id, member))
    return told


def figure_line(decision: Decision, policy: Policy) -> str:
    """The figure of a decision: as it was when it was made, and, once its day came, as it was then."""
    if decision.later_of is not None:
        return views.figure(decision, policy)
    then = views.told(decision, decision.then_value, decision.then_of, policy)
    return texts.figure_then(texts.MEASURES[decision.measure or ""], then, views.about_name(decision.about, policy))


def decision_blocks(lines: Sequence[Line], page: int, command: str) -> list[Json]:
    """A page of them, with ways to the others; the last one where there are fewer pages by now."""
    if not lines:
        return [section(texts.NO_DECISIONS.format(command=command))]
    page = min(page, (len(lines) - 1) // MOST)
    turns = [button(texts.EARLIER, blocks.DECISIONS, str(page - 1))] if page else []
    turns += [button(texts.MORE, blocks.DECISIONS, str(page + 1))] if (page + 1) * MOST < len(lines) else []
    shown = decision_rows(lines[page * MOST : (page + 1) * MOST])
    return [*shown, *([actions([turn]) for turn in turns])]


def decision_rows(lines: Sequence[Line], most: int = MOST) -> list[Json]:
    told: list[Json] = []
    for line in lines[:most]:
        taps = [button(texts.DONE_BUTTON, blocks.DONE, str(line.id), says=f"{texts.DONE_BUTTON}: {line.text}")]
        drop = button(texts.DROP_BUTTON, blocks.DROP, str(line.id), says=f"{texts.DROP_BUTTON}: {line.text}")
        drop = asks_first(drop, texts.DROP_ASKS, texts.DROP_BUTTON, texts.KEEP)
        told.append(section(line.text))
        told += [actions([*taps, *([drop] if line.may_drop else [])])] if line.may_end else []
    return [*told, *([section(texts.OTHERS.format(number=len(lines) - most))] if len(lines) > most else [])]


def agenda(session: Session, week: Week) -> list[tuple[int, str]]:
    """What is on the agenda: its id, and as it reads."""
    items = service.agenda(session, week)
    names = people.names(session, [item.by_id for item in items])
    return [(item.id, texts.agenda_item(item.said, names.get(item.by_id, ""), item.link)) for item in items]


def agenda_blocks(lines: Sequence[tuple[int, str]], week: str, command: str) -> list[Json]:
    """Each with a way to take it off again."""
    if not lines:
        return [section(texts.NO_AGENDA.format(command=command))]
    rows = [
        section(
            f"{number} {line}", button(texts.TAKE_OFF, blocks.TAKE_OFF, str(item_id), says=f"{texts.TAKE_OFF}: {line}")
        )
        for number, (item_id, line) in enumerate(lines[:MOST_ITEMS], 1)
    ]
    more = [section(texts.OTHERS.format(number=len(lines) - MOST_ITEMS))] if len(lines) > MOST_ITEMS else []
    return [section(texts.agenda_of(week)), *rows, *more]


def how_counted(facts: Facts | None, policy: Policy) -> list[str]:
    zone = facts.zone if facts else policy.zone
    as_of = day_and_time(facts.as_of, zone, facts.as_of) if facts else texts.AT_THE_TIME
    version = facts.policy_version if facts else policy.hash[:8]
    held = {"zone": zone, "as_of": as_of, "smallest": policy.council.smallest_share, "version": version}
    return [line.format(**held) for line in texts.COUNTED_LINES]
