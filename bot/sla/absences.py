"""Who is away owes nothing meanwhile: it goes to who stands in with the working time that is left, or it waits.

Done when an absence begins and when it ends, once each, however many workers look.
"""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.journal.service import SYSTEM, Actor, RulesInForce, record, rules_in_force
from bot.outbox import notes
from bot.outbox import service as outbox
from bot.outbox.kit import section
from bot.outbox.rules import Kind as MessageKind
from bot.outbox.service import Draft
from bot.outbox.templates import Rendered, RenderRequest, Row, Subject, Template
from bot.people import service as people
from bot.people.absences import Away, go_away
from bot.people.tables import Absence, Handed, Person
from bot.sla import control, tables, texts
from bot.sla.bundles import when_at_work
from bot.sla.calls import ring
from bot.sla.errors import CannotStandIn, NotTheirs, Past
from bot.sla.subjects import Subjects
from bot.sla.tables import Obligation
from bot.store import LOCKED
from bot.wording import day_and_time

STOOD_IN, WELCOME = "sla_stood_in", "sla_welcome"


def any_due(session: Session, now: datetime) -> bool:
    """Whether an absence began or ended that nothing was done about yet."""
    return session.scalar(_beginning(now).limit(1)) is not None or session.scalar(_ending(now).limit(1)) is not None


def begin_due(session: Session, subjects: Subjects, rules: RulesInForce, now: datetime) -> int:
    """Pass on what somebody owes who is away by now, one absence in a unit of work; how many were."""
    absence = session.scalar(_beginning(now).limit(1).with_for_update(skip_locked=True, **LOCKED))
    if absence is None:
        return 0
    absence.handed_at = now
    _pass_on(session, subjects, absence, rules, now)
    return 1


def end_due(session: Session, subjects: Subjects, rules: RulesInForce, now: datetime) -> int:
    """Who is back goes on with what waited, and hears what became of the rest; one in a unit of work, how many."""
    absence = session.scalar(_ending(now).limit(1).with_for_update(skip_locked=True, **LOCKED))
    if absence is None:
        return 0
    absence.returned_at = now
    _welcome(session, subjects, absence, rules, now)
    return 1


def _beginning(now: datetime) -> Select[Absence]:
    return select(Absence).where(Absence.handed_at.is_(None), Absence.starts_at <= now).order_by(Absence.id)


def _ending(now: datetime) -> Select[Absence]:
    handed = (Absence.handed_at.is_not(None), Absence.returned_at.is_(None), Absence.ends_at <= now)
    return select(Absence).where(*handed).order_by(Absence.id)


# -- somebody says it -----------------------------------------------------------------------------------------------

NAMED = re.compile(r"^<@(?P<id>[A-Z0-9]+)(?:\|[^>]*)?>$|^@?(?P<name>[^<>@]+)$")
FIRST_NAMED = re.compile(r"(<@[A-Z0-9]+(?:\|[^>]*)?>|@[^\d<]+?)\s+(?=\d{4}-|off\b|over\b|no\b)")


def whose(session: Session, team_id: str, by: Person, told: str) -> tuple[Person, str]:
    """Whose absence is told of, and the rest of what was typed. Raises NotTheirs for people one does not lead."""
    found = FIRST_NAMED.match(told)
    if found is None:
        return people.by_id(session, by.id), told
    meant = named(session, team_id, found[1])
    check_may_say(session, by, meant)
    return meant, told[found.end() :].strip()


def named(session: Session, team_id: str, told: str) -> Person:
    """Who is meant by a mention, a name, a first name or the beginning of an e-mail. Raises CannotStandIn."""
    found = NAMED.match(told.strip())
    if found and found["id"]:
        return people.by_id(session, people.at_slack(session, team_id, found["id"]).id)
    wanted = found["name"].strip().casefold() if found else ""
    same = [p for p in people.everybody(session) if wanted in _known_as(p)]
    if len(same) != 1:
        raise CannotStandIn("unknown", told)
    return same[0]


def _known_as(person: Person) -> set[str]:
    name = person.name.casefold()
    return {name, name.split()[0], person.email.split("@")[0], name.replace(" ", ".")}


def check_may_say(session: Session, by: Person, meant: Person) -> None:
    """Oneself, or whom one leads. Raises NotTheirs."""
    if meant.id != by.id and not people.manages(session, by.id, meant.id):
        raise NotTheirs(meant.name)


def say(
    session: Session, person: Person, away: Away, backup: Person | None, by: Person, actor: Actor, now: datetime
) -> str:
    """Write an absence down; the sentence that confirms it. Raises CannotStandIn, NotTheirs or Past."""
    check_may_say(session, by, person)
    starts_at, ends_at = away.span(person.zone)
    if ends_at <= now:
        raise Past
    if backup is not None and backup.id == person.id:
        raise CannotStandIn("self", backup.name)
    if backup is not None and any(a.starts_at <= starts_at and a.ends_at >= ends_at for a in backup.absences):
        raise CannotStandIn("away", backup.name)
    go_away(session, person, away, backup.id if backup else None, actor, now)
    first, last = texts.weekday(away.first), texts.weekday(away.last)
    if backup is not None and backup.id != by.id and starts_at > now:
        key = f"backup:{person.id}:{away.first}:{away.last}:{backup.id}"
        _tell_backup(session, backup, texts.backup_named(person.name, first, last), key, starts_at, now)
    told = texts.will_be_out(first, last, backup.name if backup else None, open_count(session, person.id))
    return told if person.id == by.id else texts.of_other(person.name, told)


def _tell_backup(session: Session, backup: Person, text: str, key: str, begins: datetime, now: datetime) -> None:
    """With the brief of their next day; when it begins before that, what comes to them then tells them."""
    tomorrow = people.day_after(now, ZoneInfo(backup.zone))
    at = people.next_at_work(backup, rules_in_force(session).policy, tomorrow)
    if at < begins:
        notes.tell(session, outbox.person(backup.id), text, key, at, now)


# -- it begins -------------------------------------------------------------------------------------------------------


def _pass_on(session: Session, subjects: Subjects, absence: Absence, rules: RulesInForce, now: datetime) -> None:
    person = people.by_id(session, absence.person_id)
    if absence.ends_at <= now:
        absence.returned_at = now  # over before it was looked at: nothing was passed on, nothing is to be told
        return
    able = people.stand_ins(session, person, now, absent=absence)
    passed: dict[int, int] = {}
    for owed in _lock_open(session, subjects, person.id):
        waits = owed.paused_at and not owed.paused_for_absence
        if owed.outcome is not None or owed.owner_id != person.id or waits:
            continue  # went along with another one of the same subject, or waits for a reason of its own
        if owed.paused_at:  # it waited for the end of an absence that this one follows
            control.resume(session, subjects, owed, rules.policy, SYSTEM, now)
        # The first who may have it: a lead, for one, goes to nobody who does not work on leads.
        took = next((p for p in able if subjects.of(owed).stood_in(session, owed, person, p, rules, SYSTEM, now)), None)
        if took is not None:
            passed[took.id] = passed.get(took.id, 0) + 1
        elif owed.outcome is None:
            control.halt(session, subjects, owed, absence.ends_at, None, now, for_absence=True)
    told = {"absence": absence.id, "people": list(passed), "promises": sum(passed.values())}
    record(session, SYSTEM, "away", ("person", person.id), now, told)
    for receiver_id, number in passed.items():
        _add(session, absence, receiver_id, number)
        _tell_receiver(session, subjects, absence, people.by_id(session, receiver_id), number, rules, now)


def _add(session: Session, absence: Absence, receiver_id: int, promises: int) -> None:
    found = select(Handed).where(Handed.absence_id == absence.id, Handed.person_id == receiver_id)
    went = session.scalar(found)
    if went is None:
        session.add(Handed(absence_id=absence.id, person_id=receiver_id, promises=promises))
    else:
        went.promises += promises


def _lock_open(session: Session, subjects: Subjects, person_id: int) -> list[Obligation]:
    """What somebody owes, each with its subject locked first, as everywhere."""
    found = session.scalars(tables.open_of([person_id])).all()
    for kind, subject_id in sorted({(o.subject_kind, o.subject_id) for o in found}):
        subjects.kind(kind).hold(session, subject_id)
    for owed in found:
        session.refresh(owed, with_for_update=LOCKED)
    return list(found)


def _tell_receiver(
    session: Session,
    subjects: Subjects,
    absence: Absence,
    receiver: Person,
    passed: int,
    rules: RulesInForce,
    now: datetime,
) -> None:
    """One message: who is away until when, and everything that came from them, with the buttons to do it."""
    at = people.next_at_work(receiver, rules.policy, now)
    draft = Draft(
        outbox.person(receiver.id),
        STOOD_IN,
        Subject("absence", absence.id),
        f"{STOOD_IN}:{absence.id}:{receiver.id}",
        facts={"promises": passed},
        not_before=at,
        gathers_at=at,
    )
    outbox.enqueue(session, draft, now)
    came = tables.open_of([receiver.id]).where(Obligation.running_since == now)
    for owed in session.scalars(came).all():
        ring(session, subjects, owed, "given", now, at=at)


# -- it ends ---------------------------------------------------------------------------------------------------------


def _welcome(session: Session, subjects: Subjects, absence: Absence, rules: RulesInForce, now: datetime) -> None:
    person = people.by_id(session, absence.person_id)
    following = people.absence_at(person, now)
    if following is not None:  # another one follows at once: they hear of both when that ends
        for went in _handed(session, absence):
            _add(session, following, went.person_id, went.promises)
        return
    waited = [o for o in _lock_open(session, subjects, person.id) if o.paused_for_absence]
    for owed in waited:
        control.resume(session, subjects, owed, rules.policy, SYSTEM, now)
    handed = handed_on(session, absence)
    record(session, SYSTEM, "back", ("person", person.id), now, {"absence": absence.id})
    if not (handed or waited):
        return
    at = people.next_at_work(person, rules.policy, now)
    facts = {"handed": handed, "paused": len(waited)}
    subject, key = Subject("absence", absence.id), f"{WELCOME}:{absence.id}"
    draft = Draft(
        outbox.person(person.id), WELCOME, subject, key, MessageKind.LETTER, facts, not_before=at, gathers_at=at
    )
    outbox.enqueue(session, draft, now)


def handed_on(session: Session, absence: Absence) -> list[list[object]]:
    """To whom how many promises went when an absence began: names with numbers, the most first."""
    went = _handed(session, absence)
    names = people.names(session, [one.person_id for one in went])
    return [[names[one.person_id], one.promises] for one in went]


def _handed(session: Session, absence: Absence) -> list[Handed]:
    found = select(Handed).where(Handed.absence_id == absence.id)
    return list(session.scalars(found.order_by(Handed.promises.desc(), Handed.person_id)))


# -- what is said ----------------------------------------------------------------------------------------------------


def templates() -> list[Template]:
    return [
        Template(STOOD_IN, _stood_in, may_ring_at=when_at_work, row=_stood_in_row),
        Template(WELCOME, _welcomed, may_ring_at=when_at_work, row=_welcome_row),
    ]


def _stood_in(session: Session, request: RenderRequest) -> Rendered:
    away = people.by_id(session, session.get_one(Absence, request.subject.id).person_id)
    told = texts.stand_in_lock_screen(away.name, request.facts["promises"])
    return Rendered(told, _stood_in_row(session, request).blocks)


def _stood_in_row(session: Session, request: RenderRequest) -> Row:
    absence = session.get_one(Absence, request.subject.id)
    reader = people.by_id(session, int(request.target.removeprefix("person:")))
    away = people.by_id(session, absence.person_id)
    until = _until(absence.ends_at, away.zone, reader.zone, request.now)
    return Row("", [section(texts.you_stand_in(away.name, until, request.facts["promises"]))], heads=True)


def _until(ends_at: datetime, zone: str, reader_zone: str, now: datetime) -> str:
    """Whole days as days of who is away, the last one included; else as an instant of the reader's."""
    local = ends_at.astimezone(ZoneInfo(zone))
    if local.time() == time():
        return texts.through(texts.weekday(local.date() - timedelta(days=1)))
    return texts.until(day_and_time(ends_at, reader_zone, now))


def _welcome_row(session: Session, request: RenderRequest) -> Row:
    person = people.by_id(session, int(request.target.removeprefix("person:")))
    handed = [(str(name), int(number)) for name, number in request.facts["handed"]]
    return Row("", [section(texts.welcome_back(person.name, handed, request.facts["paused"]))], heads=True)


def _welcomed(session: Session, request: RenderRequest) -> Rendered:
    return Rendered(texts.WELCOME_LOCK_SCREEN, _welcome_row(session, request).blocks)


def open_count(session: Session, person_id: int) -> int:
    """How many promises somebody has to keep now."""
    owed = (Obligation.owner_id == person_id, Obligation.outcome.is_(None))
    return session.scalar(select(func.count()).where(*owed)) or 0
