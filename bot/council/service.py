"""The council's use cases: brief it once a week, correct what was told, keep agenda and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.council import corrections, measures, tables, texts
from bot.council.errors import DoneAlready, NoSuchDecision, NotCouncil
from bot.council.facts import Facts
from bot.council.rules import USUAL_WEEKS, Span, Week, measured_over, next_slot, slot_before, week_told_at
from bot.council.tables import AgendaItem, CouncilAsked, CouncilDigest, Decision
from bot.journal.service import SYSTEM, Actor, RulesInForce, record, since_when
from bot.outbox import notes
from bot.outbox import service as outbox
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import service as people
from bot.people.rules import Role
from bot.people.tables import Person
from bot.sla import service as sla
from bot.sla.rules import Kind, Run
from bot.sla.service import Promise, Terms
from bot.store import LOCKED, insert_if_new
from config.policy import Policy

DIGEST, DECISION = "council_digest", "decision"
MAIN, DETAILS = "council_digest", "council_details"
CORRECTED_FOR, CORRECTED_EVERY = timedelta(days=7), timedelta(hours=1)
MEMBERS = frozenset({Role.COUNCIL, Role.SPONSOR})
A_MOMENT, ON_TIME, DAYTIME = timedelta(minutes=1), timedelta(hours=1), (7, 18)
HELD, LONGEST_WAIT = timedelta(minutes=2), 30  # each try waits as often as there were tries before it


# -- the digest -------------------------------------------------------------------------------------------------------


def due_digest(session: Session, policy: Policy, now: datetime) -> tuple[Week, datetime] | None:
    """The week to tell now, and the hour it was due; None where it was told, or the rules came after that hour."""
    if policy.council.channel is None:
        return None
    slot = slot_before(policy.council, policy.zone, now)
    if since_when(session) > slot:
        return None
    week, last = week_told_at(slot), newest(session)
    if last is not None and last.week >= week.code:  # a week is never told after a later one
        return None
    return (week, slot) if _may_tell(slot, policy, now) else None


def _may_tell(slot: datetime, policy: Policy, now: datetime) -> bool:
    """At its hour, or, where that was missed, in the daytime of a weekday."""
    local = now.astimezone(ZoneInfo(policy.zone))
    return now - slot < ON_TIME or (local.weekday() < 5 and DAYTIME[0] <= local.hour < DAYTIME[1])


def brief(session: Session, facts: Facts, slot: datetime, policy: Policy, now: datetime) -> bool:
    """Tell the council of a week as it was counted: once, whoever tries."""
    channel, week = policy.council.channel, Week.parse(facts.week)
    digest_id = insert_if_new(
        session,
        CouncilDigest,
        week=week.code,
        slot_at=slot,
        made_at=now,
        counted_at=now,
        facts=facts.model_dump(mode="json"),
        corrections=[],
        tries=0,
    )
    if digest_id is None or channel is None:
        return False
    subject, target = Subject(DIGEST, digest_id), outbox.channel(channel)
    main = outbox.enqueue(session, Draft(target, MAIN, subject, f"digest:{week.code}"), now)
    session.get_one(CouncilDigest, digest_id).message_id = main
    draft = Draft(target, DETAILS, subject, f"digest:{week.code}:details", parent_id=main)
    outbox.enqueue(session, draft, now)
    record(session, SYSTEM, "briefed", (DIGEST, digest_id), now, {"week": week.code})
    return True


def digest_of(session: Session, week: Week) -> CouncilDigest | None:
    """The digest of a week, if it was told."""
    return session.scalar(tables.of_week(week.code))


def told_before(session: Session, facts: Facts) -> list[Facts]:
    """What was told of the four weeks before: how it stood then what stands "now"."""
    weeks = {Week.parse(facts.week).later(-back).code for back in range(1, USUAL_WEEKS + 1)}
    found = session.scalars(tables.digests_before(facts.week, USUAL_WEEKS)).all()
    return [facts_in(one) for one in found if one.week in weeks]


def facts_in(digest: CouncilDigest) -> Facts:
    return Facts.model_validate(digest.facts)


def to_correct(session: Session, now: datetime) -> CouncilDigest | None:
    """The newest digest, while it is still read and was not counted lately."""
    found = session.scalar(tables.newest_digest())
    if found is None or now - found.made_at > CORRECTED_FOR or now - found.counted_at < CORRECTED_EVERY:
        return None
    return found


def correct(session: Session, digest_id: int, counted: Facts, policy: Policy, now: datetime) -> list[str]:
    """A told week was counted again; where it comes out otherwise, its messages are updated and say what changed.

    What stood at the moment stays as it stood: only what belongs to the week can be wrong, and says so.
    """
    found = session.get_one(CouncilDigest, digest_id, with_for_update=LOCKED)
    before = facts_in(found)
    if found.counted_at > counted.as_of:  # somebody counted later, and was here first
        return []
    facts = corrections.as_it_stood(before, counted)
    found.counted_at = now
    if facts == before:
        return []
    changes = corrections.differences(before, facts, policy)
    if not changes:  # what stands beside the week's own figures stays as it was told with them
        return []
    found.facts = facts.model_dump(mode="json")
    _renew_workbook(found)
    found.corrections = [corrections.corrected(found.corrections, changes, now)]
    record(session, SYSTEM, "corrected", (DIGEST, found.id), now, {"changes": len(changes)})
    outbox.touch(session, Subject(DIGEST, found.id), now)
    return list(changes)


def next_digest_at(policy: Policy, now: datetime) -> datetime:
    return next_slot(policy.council, policy.zone, now)


# -- its workbook ---------------------------------------------------------------------------------------------------


def newest(session: Session) -> CouncilDigest | None:
    return session.scalar(tables.newest_digest())


def files_due(session: Session, now: datetime) -> CouncilDigest | None:
    """The newest digest, if it stands in Slack and nobody has its files in hand."""
    digest = newest(session)
    if digest is None or digest.message_id is None or _is_held(digest, now):
        return None
    return digest if outbox.place_of(session, digest.message_id) else None


def place_of(session: Session, digest: CouncilDigest) -> tuple[str, str] | None:
    """The channel and ts it stands at."""
    return outbox.place_of(session, digest.message_id) if digest.message_id else None


def _is_held(digest: CouncilDigest, now: datetime) -> bool:
    return digest.tried_at is not None and now - digest.tried_at < HELD * min(digest.tries, LONGEST_WAIT)


def hold_files(session: Session, digest_id: int, now: datetime) -> bool:
    """Take the files of a digest in hand for a while; False where somebody else has."""
    found = session.get_one(CouncilDigest, digest_id, with_for_update=LOCKED)
    if _is_held(found, now):
        return False
    found.tried_at, found.tries = now, found.tries + 1
    return True


def files_brought(session: Session, digest_id: int) -> None:
    found = session.get_one(CouncilDigest, digest_id)
    found.tried_at, found.tries = None, 0


def keep_workbook(session: Session, digest_id: int, file_id: str) -> str:
    """Keep Slack's name of the file before it is shared; the name that is kept, which is that of who came first."""
    found = session.get_one(CouncilDigest, digest_id, with_for_update=LOCKED)
    found.workbook_id = found.workbook_id or file_id
    return found.workbook_id


def forget_workbook(session: Session, digest_id: int, file_id: str) -> None:
    """Slack will not show this one: the next try brings another."""
    found = session.get_one(CouncilDigest, digest_id, with_for_update=LOCKED)
    if found.workbook_id == file_id:
        found.workbook_id = None


def workbook_shared(session: Session, digest_id: int, told: dict[str, Any], now: datetime) -> None:
    """It stands in the thread; if the week was corrected since what was `told`, another one follows."""
    found = session.get_one(CouncilDigest, digest_id, with_for_update=LOCKED)
    found.shared_at = now
    if found.facts != told:
        _renew_workbook(found)


def _renew_workbook(digest: CouncilDigest) -> None:
    """Of a corrected week another is made; one that does not stand there yet is made from what is so by then."""
    if digest.shared_at is not None:
        digest.replaced_id, digest.workbook_id, digest.shared_at = digest.workbook_id, None, None


def replaced_workbook(session: Session) -> CouncilDigest | None:
    """The newest digest, if a workbook of it was replaced by one that stands there."""
    digest = newest(session)
    return digest if digest is not None and digest.replaced_id and digest.shared_at else None


def workbook_removed(session: Session, digest_id: int) -> None:
    session.get_one(CouncilDigest, digest_id).replaced_id = None


# -- members ----------------------------------------------------------------------------------------------------------


def members(session: Session) -> list[Person]:
    """The council: who has the role, or is its sponsor."""
    return [person for person in people.everybody(session) if person.role_names & MEMBERS]


def check_member(session: Session, person: Person) -> None:
    """Raises NotCouncil."""
    if not people.by_id(session, person.id).role_names & (MEMBERS | {Role.ADMINISTRATOR}):
        raise NotCouncil([one.name for one in people.administrators(session)])


def told_dead(session: Session, policy: Policy, now: datetime, week: str, reason: str) -> None:
    """Slack will not take a digest: whoever looks after Tandem hears of it, for the council hears nothing."""
    for person in people.administrators(session):
        key = f"digest-dead:{week}:{person.id}"
        at = people.next_at_work(person, policy, now)
        notes.tell(
            session, outbox.person(person.id), texts.dead(week, policy.council.channel or "", reason), key, at, now
        )


# -- agenda -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """What is to be talked about, in somebody's words; `link` is of the message it came from."""

    said: str
    link: str | None = None


def coming_week(session: Session, policy: Policy, now: datetime) -> Week:
    """The week whose digest comes next: what is put on the agenda now stands in it.

    Never one that was told: a clock that ran ahead, or another day in the policy, may have told it early.
    """
    next_one = week_told_at(next_slot(policy.council, policy.zone, now))
    newest = session.scalar(tables.newest_digest())
    return max(next_one, Week.parse(newest.week).later(1)) if newest else next_one


def add_to_agenda(
    session: Session, item: Item, by: Person, policy: Policy, key: str, actor: Actor, now: datetime
) -> Week:
    """Put something on the agenda of the next digest, once for `key`; that digest's week."""
    week = coming_week(session, policy, now)
    added = insert_if_new(
        session, AgendaItem, week=week.code, said=item.said, by_id=by.id, at=now, link=item.link, view_key=key
    )
    if added is not None:
        record(session, actor, "agenda_added", ("agenda", added), now, {"week": week.code})
    return week


def to_ask(session: Session, policy: Policy, now: datetime) -> list[Person]:
    """Members who are to be asked for agenda items now: on the day before the digest, once their morning has come."""
    if policy.council.channel is None:
        return []
    slot = next_slot(policy.council, policy.zone, now)
    week = week_told_at(slot).code
    asked = set(session.scalars(tables.was_asked(week)))
    return [one for one in members(session) if one.id not in asked and _asks_at(one, policy, slot) <= now]


def _asks_at(person: Person, policy: Policy, slot: datetime) -> datetime:
    """When a member is asked: at the beginning of their last working day before the digest."""
    zone = ZoneInfo(person.zone)
    for back in range(1, 8):
        begins = datetime.combine(slot.astimezone(zone).date() - timedelta(days=back), time(), zone)
        opens = people.next_at_work(person, policy, begins)
        if opens < begins + timedelta(days=1):
            return opens
    return slot  # away all week: not asked


def asked(session: Session, person_id: int, policy: Policy, now: datetime) -> Week | None:
    """Note that a member is asked; the week, or None where they were asked before."""
    week = coming_week(session, policy, now)
    new = insert_if_new(session, CouncilAsked, week=week.code, person_id=person_id, at=now)
    return week if new is not None else None


def take_off(session: Session, item_id: int, by: Person, actor: Actor, now: datetime) -> None:
    """Its author or a member takes something off the agenda. Raises NotCouncil or NoSuchDecision."""
    item = session.get(AgendaItem, item_id)
    if item is None:
        raise NoSuchDecision
    if item.by_id != by.id:
        check_member(session, by)
    if item.dropped_at is None:
        item.dropped_at = now
        record(session, actor, "agenda_taken_off", ("agenda", item.id), now)
        _show(session, now)


def agenda(session: Session, week: Week) -> Sequence[AgendaItem]:
    return session.scalars(tables.agenda(week.code)).all()


# -- decisions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decided:
    """What is to be done, by whom and by which day; and the figure that will show whether it worked."""

    what: str
    owner_id: int
    due_on: date
    measure: str | None = None
    about: str | None = None
    target: float | None = None


def decide(
    session: Session, decided: Decided, by: Person, rules: RulesInForce, key: str, actor: Actor, now: datetime
) -> Decision | None:
    """Keep a decision, once for `key`, with its figure as it is now; its owner owes it from here on."""
    policy = rules.policy
    over = measured_over(now.astimezone(ZoneInfo(policy.zone)).date(), decided.due_on)
    then = Span(now - over, now)
    reading = measures.read(session, decided.measure, then, policy, decided.about) if decided.measure else None
    decision_id = insert_if_new(
        session,
        Decision,
        what=decided.what,
        owner_id=decided.owner_id,
        due_on=decided.due_on.isoformat(),
        measure=decided.measure,
        about=decided.about,
        target=decided.target,
        then_value=reading.value if reading else None,
        then_of=reading.of if reading else None,
        decided_by_id=by.id,
        decided_at=now,
        dropped=False,
        view_key=key,
    )
    if decision_id is None:
        return None
    found = session.get_one(Decision, decision_id)
    _promise(session, found, decided.due_on, rules, now)
    record(session, actor, "decided", (DECISION, decision_id), now, {"owner": decided.owner_id})
    _show(session, now)
    return found


def _promise(session: Session, found: Decision, due_on: date, rules: RulesInForce, now: datetime) -> None:
    """Its owner owes it by the end of their work on that day."""
    owner, policy = people.by_id(session, found.owner_id), rules.policy
    calendar = people.calendar_of(owner, policy, now)
    ends = datetime.combine(due_on + timedelta(days=1), time(), ZoneInfo(owner.zone))
    target = max(A_MOMENT, Run(calendar, now, timedelta(0)).worked(ends))
    terms = Terms(owner.id, owner.team, calendar, target, policy.ladder_for(Kind.DECISION, False), now)
    sla.open_obligation(session, promise_of(found.id), terms, now)


def promise_of(decision_id: int) -> Promise:
    return Promise(Kind.DECISION, DECISION, decision_id, 1)


def end(
    session: Session, decision_id: int, by: Person, actor: Actor, now: datetime, *, dropped: bool = False
) -> Decision:
    """It is done, or is not to be done any more. Raises NoSuchDecision, DoneAlready or NotCouncil."""
    found = session.get(Decision, decision_id, with_for_update=LOCKED)
    if found is None:
        raise NoSuchDecision
    if found.done_at is not None:
        raise DoneAlready(people.names(session, [found.done_by_id or 0]).get(found.done_by_id or 0))
    if dropped or by.id != found.owner_id:
        check_member(session, by)
    found.done_at, found.done_by_id, found.dropped = now, by.id, dropped
    if dropped:
        sla.cancel(session, promise_of(found.id), now)
    else:
        sla.settle(session, promise_of(found.id), now)
    record(session, actor, "decision_dropped" if dropped else "decision_done", (DECISION, found.id), now)
    _show(session, now)
    return found


def measure_due(session: Session, policy: Policy, now: datetime) -> int:
    """Take the figure of every decision whose day has come; how many."""
    today = now.astimezone(ZoneInfo(policy.zone)).date().isoformat()
    found = session.scalars(tables.unmeasured(today).with_for_update(skip_locked=True, **LOCKED)).all()
    for one in found:
        reading = measures.read(session, one.measure or "", _before_its_end(one, policy.zone), policy, one.about)
        one.later_value, one.later_of = reading.value, reading.of
    if found:
        _show(session, now)
    return len(found)


def _before_its_end(decision: Decision, zone: str) -> Span:
    """As long before the end of its day as it was measured over when it was made, however late one looks."""
    due = date.fromisoformat(decision.due_on)
    ends = datetime.combine(due + timedelta(days=1), time(), ZoneInfo(zone))
    decided = decision.decided_at.astimezone(ZoneInfo(zone)).date()
    return Span(ends - measured_over(decided, due), ends)


def any_to_measure(session: Session, policy: Policy, now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(policy.zone)).date().isoformat()
    return session.scalar(tables.unmeasured(today).limit(1)) is not None


def _show(session: Session, now: datetime) -> None:
    """The newest digest shows what is decided and open; so do the council's home tabs."""
    last = newest(session)
    if last:
        outbox.touch(session, Subject(DIGEST, last.id), now)
    show_members(session, now)


def show_members(session: Session, now: datetime) -> None:
    """Their home tabs show what has changed."""
    for person in members(session):
        outbox.touch(session, Subject("person", person.id), now)
