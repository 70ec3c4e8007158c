"""What somebody owes, and what a manager's people owe, as lists with buttons."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from bot.outbox.kit import actions, button, context, divider, section
from bot.outbox.templates import Json
from bot.people import service as people
from bot.people.tables import Person
from bot.sla import blocks, board, calls, tables, texts
from bot.sla.board import Board
from bot.sla.rules import Kind, Measure
from bot.sla.subjects import Subjects, Viewer
from bot.sla.tables import Obligation
from bot.wording import day_and_time
from config.policy import Policy

MINE_AT_ONCE, MEMBERS_AT_ONCE, EACH = 10, 6, 3


@dataclass(frozen=True)
class Load:
    """How much somebody owes now, and how much of it is past the agreed time."""

    open: int = 0
    late: int = 0


def mine(session: Session, subjects: Subjects, reader: Person, policy: Policy, now: datetime, page: int = 0) -> Json:
    """What somebody owes, the first due first, a page of it: an answer for their eyes only."""
    load = _loads(session, [reader.id], now).get(reader.id, Load())
    if not load.open:
        return {"text": texts.NOTHING_OWED}
    skip = page * MINE_AT_ONCE
    found = owed_rows(session, subjects, reader, policy, now, skip + MINE_AT_ONCE + 1)
    rows = found[skip : skip + MINE_AT_ONCE]
    if not rows and page:  # what stood there is done by now
        return mine(session, subjects, reader, policy, now, page - 1)
    told = texts.mine_title(load.open, load.late)
    shown = [section(told), *(block for row in rows for block in [divider(), *row])]
    shown += _turns("mine", page, more=len(found) > skip + MINE_AT_ONCE)
    return {"text": told.strip("*"), "blocks": shown}


def _turns(which: str, page: int, *, more: bool) -> list[Json]:
    """To the pages before and after. One button an action id in a block: each stands in a block of its own."""
    turns = [button(texts.EARLIER, blocks.MINE, f"{which}:{page - 1}")] if page else []
    turns += [button(texts.MORE, blocks.MINE, f"{which}:{page + 1}")] if more else []
    return [actions([turn]) for turn in turns]


def owed_rows(
    session: Session,
    subjects: Subjects,
    reader: Person,
    policy: Policy,
    now: datetime,
    most: int,
    *,
    but_not: Collection[Kind] = (),
) -> list[list[Json]]:
    """A row for each thing somebody owes, but not of some kinds; what is done together is one row."""
    viewer = Viewer(reader.id, reader.zone)
    helper = calls.helper_of(session, reader.id, policy, now)
    found: dict[str, list[Json]] = {}
    wanted = tables.open_of([reader.id]).where(Obligation.kind.not_in(list(but_not)))
    wanted = wanted.order_by(None).order_by(
        Obligation.kind == Kind.NEXT_STEP, Obligation.deadline_at, Obligation.id
    )  # deals that were quiet for weeks wait for what is due today
    for owed in session.scalars(wanted.limit(most * 20)).all():
        kind = subjects.of(owed)
        key = kind.about(owed)  # one thing is one row, by what is due of it first
        if key in found:
            continue
        told = kind.row(session, owed, viewer, policy, now)
        found[key] = blocks.owed(owed, told, viewer, helper.name if helper else None, now)
        if len(found) == most:
            break
    return list(found.values())


def next_due(session: Session, person_id: int, now: datetime, *, but_not: Collection[Kind] = ()) -> datetime | None:
    """When the next thing falls due that somebody owes, but not of some kinds."""
    owed = tables.open_of([person_id]).where(Obligation.deadline_at >= now, Obligation.kind.not_in(list(but_not)))
    return session.scalar(owed.with_only_columns(Obligation.deadline_at).limit(1))


def team(session: Session, subjects: Subjects, reader: Person, policy: Policy, now: datetime, page: int = 0) -> Json:
    """What a manager's people owe, by person, what is past the agreed time first, with buttons to give it on."""
    members = {p.id: p for p in people.everybody(session) if p.id in set(people.led_by(session, reader.id))}
    if not members:
        return {"text": texts.NO_TEAM}
    loads = _loads(session, list(members), now)
    if not loads:
        return {"text": texts.NOTHING_OF_TEAM}
    total, late = sum(load.open for load in loads.values()), sum(load.late for load in loads.values())
    told = texts.team_title(total, late)
    ordered = sorted(loads, key=lambda person: (-loads[person].late, -loads[person].open, members[person].name))
    if not policy.people_figures:
        ordered = sorted(loads, key=lambda person: members[person].name)
    page = min(page, (len(ordered) - 1) // MEMBERS_AT_ONCE)  # what stood on a later one may be done by now
    skip, shown = page * MEMBERS_AT_ONCE, [section(told)]
    for person_id in ordered[skip : skip + MEMBERS_AT_ONCE]:
        shown += _member(session, subjects, members[person_id], loads[person_id], reader, policy, now)
    left = len(ordered) - skip - MEMBERS_AT_ONCE
    if left > 0:
        shown.append(context(texts.more_people(left)))
    return {"text": told.strip("*"), "blocks": [*shown, *_turns("team", page, more=left > 0)]}


def _member(
    session: Session, subjects: Subjects, member: Person, load: Load, reader: Person, policy: Policy, now: datetime
) -> list[Json]:
    absence = people.absence_at(member, now)
    away = day_and_time(absence.ends_at, reader.zone, now) if absence else None
    counts = (load.open, load.late) if policy.people_figures else None
    shown = [divider(), section(texts.member(member.name, counts, away))]
    viewer = Viewer(reader.id, reader.zone)
    abouts: set[str] = set()
    # Where figures of single people are off, no row is more for who is late, and nothing counts what is not shown.
    most = EACH - 1 if load.late and policy.people_figures else 1
    rows = told_of = 0
    for owed in session.scalars(tables.open_of([member.id]).limit(EACH * 10)).all():
        about = subjects.of(owed).about(owed)
        if about in abouts or rows == most:
            continue
        abouts.add(about)
        told = subjects.of(owed).row(session, owed, viewer, policy, now)
        shown += blocks.of_person(owed, told, member.name, viewer, now)
        rows, told_of = rows + 1, told_of + told.group
    if load.open > told_of:
        more = texts.and_more(load.open - told_of) if policy.people_figures else texts.MORE_OF_THEM
        shown.append(context(more))
    return shown


def _loads(session: Session, person_ids: Sequence[int], now: datetime) -> dict[int, Load]:
    late = func.sum(case(((Obligation.deadline_at < now) & Obligation.paused_at.is_(None), 1), else_=0))
    owed = (Obligation.owner_id.in_(person_ids), Obligation.outcome.is_(None))
    counted = select(Obligation.owner_id, func.count(), late).where(*owed).group_by(Obligation.owner_id)
    return {person: Load(number, int(behind)) for person, number, behind in session.execute(counted)}


# -- the scoreboard ---------------------------------------------------------------------------------------------------


def scoreboard(session: Session, told: Board, days: int, policy: Policy) -> Json:
    """Both teams on the same measures; figures of single people for themselves and who leads them."""
    shown = [section(texts.board_title(days))]
    for name in sorted(told.teams, key=lambda team: (team == "both", team != "sales")):
        lines = [_line(texts.TEAMS.get(name, name), told.teams[name])]
        lines += [f"    {_line(texts.KINDS[kind], measure)}" for kind, measure in board.in_order(told, name)]
        shown.append(section("\n".join(lines)))
    if told.persons:
        names = people.names(session, told.persons)
        lines = [_line(names[person], measure) for person, measure in sorted(told.persons.items()) if person in names]
        shown += [divider(), section("\n".join(sorted(lines)))]
    shown.append(context(texts.pings(told.pings, told.acted)))
    if not policy.people_figures:
        shown.append(context(texts.FIGURES_OFF))
    return {"text": texts.board_title(days).strip("*"), "blocks": shown}


def _line(label: str, measure: Measure) -> str:
    median = texts.took(measure.median_minutes) if measure.median_minutes is not None else None
    p90 = texts.took(measure.p90_minutes) if measure.p90_minutes is not None else None
    return texts.board_line(label, measure.met, measure.due, measure.open, median, p90)
