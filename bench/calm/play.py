"""A month of Tandem itself: its use cases, jobs and sender, on a turned clock, with people who react as assumed."""

import heapq
import itertools
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bench.calm import draws
from bench.calm.company import ZONES, FarSide, TurnedClock, set_up
from bench.calm.draws import Mood, Spell
from bench.calm.figures import Figures
from bot.journal.service import SYSTEM, RulesInForce
from bot.leads import answers, handover, offers, progress, reviews, service
from bot.leads.answers import Rejection
from bot.leads.errors import LeadsError
from bot.leads.intake import LeadIn
from bot.leads.queues import unanswered
from bot.leads.reviews import Review
from bot.leads.rules import Answer, Step
from bot.leads.tables import Lead, Offer
from bot.outbox.calm import BUNDLE
from bot.outbox.sender import Sender
from bot.outbox.tables import Conversation, Message, Ping, SlackLink
from bot.people import absences
from bot.people import service as people
from bot.people.tables import Absence, Person
from bot.services import Services
from bot.sla import briefs, calls
from bot.sla.rules import Kind, Outcome
from bot.sla.tables import Obligation
from bot.worktime import WorkCalendar
from jobs.days import begin_days, come_and_go
from jobs.deliver import deliver
from jobs.ladder import climb_ladders
from jobs.queues import ping_queues

LOOK = timedelta(seconds=15)  # a worker looks every few seconds, not at the very microsecond
Deed = Callable[[], None]


@dataclass
class Month:
    """One seed being played."""

    services: Services
    clock: TurnedClock
    sender: Sender
    mood: Mood
    spells: list[Spell]
    figures: Figures = field(default_factory=Figures)
    _ahead: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _number: "itertools.count[int]" = field(default_factory=itertools.count)
    _last_ping: int = 0
    _rung: Counter[int] = field(default_factory=Counter)
    people: dict[int, Person] = field(default_factory=dict)
    calendars: dict[int, WorkCalendar] = field(default_factory=dict)

    # -- time ----------------------------------------

    def play(self, until: datetime) -> Figures:
        while (at := self._next()) is not None and at <= until:
            self.clock.turn_to(at)
            while self._ahead and self._ahead[0][0] <= self.clock.now():
                heapq.heappop(self._ahead)[2]()
            self._work()
        return self._counted()

    def later(self, at: datetime, deed: Deed) -> None:
        heapq.heappush(self._ahead, (at, next(self._number), deed))

    def _next(self) -> datetime | None:
        """The next instant at which somebody does something, or Tandem has something to do by itself."""
        now, waits = self.clock.now(), [self._ahead[0][0]] if self._ahead else []
        with self.services.reading() as session:
            asked = (
                select(func.min(Obligation.next_step_at, type_=Obligation.next_step_at.type)),
                select(func.min(Absence.starts_at, type_=Absence.starts_at.type)).where(Absence.handed_at.is_(None)),
                select(func.min(Absence.ends_at, type_=Absence.ends_at.type)).where(
                    Absence.handed_at.is_not(None), Absence.returned_at.is_(None)
                ),
            )
            waits += [at for one in asked if (at := session.scalar(one))]
            brief = session.scalar(select(func.min(Person.brief_at, type_=Person.brief_at.type)))
        waits += [brief - briefs.AHEAD] if brief else []
        if wake := self.sender.next_wake_at():
            waits.append(wake)
        return max(min(waits), now + LOOK) if waits else None

    def _work(self) -> None:
        begin_days(self.services)
        come_and_go(self.services)
        climb_ladders(self.services)
        ping_queues(self.services)
        deliver(self.sender)
        self._hear()

    # -- what rings ----------------------------------------

    def _hear(self) -> None:
        """Everything that rang since the last look: checked, and reacted to after a while."""
        with self.services.reading() as session:
            fresh = select(Ping, Message, Conversation).join(Message, Message.id == Ping.message_id)
            fresh = fresh.join(Conversation, Conversation.id == Message.conversation_id)
            for ping, message, conversation in session.execute(
                fresh.where(Ping.id > self._last_ping).order_by(Ping.id)
            ):
                self._last_ping = ping.id
                self._rings(session, ping, message, int(conversation.target.removeprefix("person:")))

    def _rings(self, session: Session, ping: Ping, message: Message, person_id: int) -> None:
        parts = [message]
        if message.template == BUNDLE:
            parts = list(session.scalars(select(Message).where(Message.joined_id == message.id)))
        told = self.figures
        told.pings += 1
        told.kinds[message.template] = told.kinds.get(message.template, 0) + 1
        told.outside += not self.calendars[person_id].is_open(ping.at)
        email = self.people[person_id].email
        told.absent += any(s.email == email and s.starts_at <= ping.at < s.ends_at for s in self.spells)
        told.after_done += not any(self._is_open(session, part, person_id) for part in parts)
        self._rung[person_id] += 1
        key = (person_id, self._rung[person_id])
        if self.mood.ignores(key):
            return
        subjects = [(part.template, part.subject_kind, part.subject_id) for part in parts]
        at = self._in_hours(person_id, ping.at, self.mood.reaction(key))
        self.later(at, lambda: self._reacts(person_id, subjects))

    def _in_hours(self, person_id: int, rang_at: datetime, after: timedelta) -> datetime:
        calendar = self.calendars[person_id]
        at = rang_at + after
        return at if calendar.is_open(at) else calendar.next_open(at) + after

    def _is_open(self, session: Session, part: Message, person_id: int) -> bool:
        if part.subject_kind == "obligation":
            return session.get_one(Obligation, part.subject_id).outcome is None
        if part.subject_kind == "offer":
            return session.get_one(Offer, part.subject_id).answer == Answer.PENDING
        if part.subject_kind == "queue":
            return bool(unanswered(session, person_id))
        return True  # news: who stands in, what was late

    # -- what people do ----------------------------------------

    def _reacts(self, person_id: int, subjects: list[tuple[str, str, int]]) -> None:
        """Everything that is still open of what a message told."""
        for template, kind, subject_id in subjects:
            with suppress(LeadsError), self.services.under_rules() as (session, rules):
                person = people.by_id(session, person_id)
                if template == calls.HELP:
                    self._gives_on(session, subject_id, person, rules)
                elif kind == "queue":
                    for made in unanswered(session, person_id):
                        self._answers(session, made, person, rules)
                elif kind == "offer":
                    self._answers(session, session.get_one(Offer, subject_id), person, rules)
                elif kind == "obligation":
                    self._keeps(session, session.get_one(Obligation, subject_id), person, rules)

    def _answers(self, session: Session, made: Offer, person: Person, rules: RulesInForce) -> None:
        if made.answer != Answer.PENDING or made.person_id != person.id:
            return
        now = self.clock.now()
        if self.mood.sends_back((made.lead_id, made.round)):
            answers.reject(session, made.id, Rejection("no_budget"), person, rules, SYSTEM, now)
            return
        answers.accept(session, made.id, person, rules, SYSTEM, now)
        after = self.mood.calls_after((made.lead_id, made.round))
        if after is not None:
            at = self.calendars[person.id].due(now, after)
            lead_id = made.lead_id
            self.later(at, lambda: self._calls(lead_id, person.id))

    def _calls(self, lead_id: int, person_id: int) -> None:
        with suppress(LeadsError), self.services.under_rules() as (session, rules):
            made = offers.at_hand(session, session.get_one(Lead, lead_id))
            person = people.by_id(session, person_id)
            if made.person_id == person_id and made.answer == Answer.ACCEPTED:
                progress.reached(session, made.id, person, rules, SYSTEM, self.clock.now())

    def _keeps(self, session: Session, owed: Obligation, person: Person, rules: RulesInForce) -> None:
        if owed.outcome is not None or owed.owner_id != person.id:
            return
        now = self.clock.now()
        if owed.kind == Kind.REVIEW:
            group = reviews.group_of(session, person.id, owed.group_key or "")
            ids = [one.lead_id for one in group.leads]
            reviews.review(session, ids, Review(Step.RECYCLED), person, rules, SYSTEM, now)
            return
        made = offers.at_hand(session, session.get_one(Lead, owed.subject_id))
        if owed.kind == Kind.ANSWER:
            self._answers(session, made, person, rules)
        elif made.person_id == person.id:
            progress.reached(session, made.id, person, rules, SYSTEM, now)

    def _gives_on(self, session: Session, obligation_id: int, manager: Person, rules: RulesInForce) -> None:
        """A manager gives a lead that is still open to somebody of the same zone and role who is there."""
        owed = session.get_one(Obligation, obligation_id)
        if owed.outcome is not None or owed.kind == Kind.REVIEW:
            return
        made = offers.at_hand(session, session.get_one(Lead, owed.subject_id))
        owner = self.people[made.person_id]
        able = [
            p for p in self._colleagues(owner) if not people.absence_at(people.by_id(session, p.id), self.clock.now())
        ]
        if able:
            chosen = able[owed.id % len(able)]
            handover.hand_over(session, made.id, chosen.id, "Please.", manager, rules, SYSTEM, self.clock.now())

    def _colleagues(self, person: Person) -> list[Person]:
        same = [p for p in self.people.values() if p.zone == person.zone and p.role_names == person.role_names]
        return [p for p in same if p.id != person.id]

    # -- beginning and end ----------------------------------------

    def begin(self, coming: list[draws.Coming]) -> None:
        with self.services.begin() as session:
            session.add(SlackLink(id=1))
            for person in people.everybody(session):
                policy = self.services.policy(session)
                self.people[person.id] = person
                self.calendars[person.id] = WorkCalendar(person.zone, people.hours_of(person, policy).by_weekday)
        for one in coming:
            self.later(one.at, partial(self._comes, one))
        for spell in self.spells:
            self.later(spell.starts_at - timedelta(hours=16), partial(self._goes, spell))

    def _comes(self, one: draws.Coming) -> None:
        country = ZONES[one.zone][1] if one.zone else "France"
        touches = [{"kind": "demo_request" if one.hot else "event", "at": one.at.isoformat()}]
        said = {"external_id": f"s{one.number}", "email": f"n@lab{one.number}.example", "company": f"Lab {one.number}",
                "name": f"Name {one.number}", "country": country, "account_type": "hospital lab",
                "touches": touches}  # fmt: skip
        with self.services.under_rules() as (session, rules):
            service.receive(session, LeadIn.model_validate(said), "website", rules, SYSTEM, self.clock.now())

    def _goes(self, spell: Spell) -> None:
        with self.services.begin() as session:
            person = next(p for p in self.people.values() if p.email == spell.email)
            backups = self._colleagues(person)
            backup = backups[person.id % len(backups)]
            live = people.by_id(session, person.id)
            absences.keep(session, live, spell.starts_at, spell.ends_at, backup.id, SYSTEM, self.clock.now())

    def _counted(self) -> Figures:
        """What the month came to: items by their owner's deed, and when managers heard of what was missed."""
        told = self.figures
        with self.services.reading() as session:
            told.acted = session.scalar(select(func.count(Ping.acted_at))) or 0
            moved = select(Offer.lead_id, Offer.round).where(Offer.reason == "moved_on")
            moved_on = {(lead, round_) for lead, round_ in session.execute(moved)}
            for owed in session.scalars(select(Obligation)):
                if owed.outcome == Outcome.CANCELLED:
                    continue
                by_deed = owed.outcome is not None and (owed.subject_id, owed.round) not in moved_on
                told.items += by_deed
                if owed.late_owner_id and owed.deadline_at < self.clock.now() - timedelta(days=3):
                    told.heard(self._heard_after(session, owed), hot=owed.hot)
        return told

    def _heard_after(self, session: Session, owed: Obligation) -> timedelta | None:
        manager_id = self.people[owed.late_owner_id or 0].manager_id
        if manager_id is None:  # nobody leads this one: the fallback of the rules hears
            fallback = people.by_email(session, self.services.policy(session).routing.fallback)
            manager_id = fallback.id if fallback else None
        help_ = self._posted(session, Message.dedupe_key == calls.help_key(owed, manager_id or 0))
        told_at = session.scalar(
            select(Message.not_before).where(Message.dedupe_key == calls.help_key(owed, manager_id or 0))
        )
        letter = None
        if told_at and manager_id:
            letter = self._counted_at(session, manager_id, told_at)
        first = min((at for at in (help_, letter) if at), default=None)
        if first is None or manager_id is None:
            return None
        return self.calendars[manager_id].elapsed(owed.deadline_at, max(first, owed.deadline_at))

    def _counted_at(self, session: Session, manager_id: int, told_at: datetime) -> datetime | None:
        """When the count was posted that what was to be told then is part of."""
        target = f"person:{manager_id}"
        mine = select(Message).join(Conversation, Conversation.id == Message.conversation_id)
        mine = mine.where(Conversation.target == target, Message.template == calls.LATE_DONE)
        counted = session.scalar(mine.where(Message.not_before >= told_at).order_by(Message.not_before).limit(1))
        if counted is None:
            return None
        whole = session.get(Message, counted.joined_id) if counted.joined_id else counted
        return whole.sent_at if whole else None

    def _posted(self, session: Session, which: ColumnElement[bool]) -> datetime | None:
        message = session.scalar(select(Message).where(which).limit(1))
        if message is None:
            return None
        whole = session.get(Message, message.joined_id) if message.joined_id else message
        return whole.sent_at if whole else None


def month(seed: int) -> Figures:
    """Play four weeks, and the fortnight in which what was late is heard of."""
    coming = draws.leads(seed)
    with tempfile.TemporaryDirectory() as folder:
        clock = TurnedClock(coming[0].at - timedelta(hours=30))
        services = set_up(Path(folder), clock)
        with services.reading() as session:
            reps = [(p.email, p.zone) for p in people.everybody(session) if {"rep", "sdr"} & p.role_names]
        made = Month(services, clock, _sender(services), Mood(seed), draws.absences(seed, reps))
        made.begin(coming)
        begin_days(services)
        figures = made.play(coming[-1].at + timedelta(days=10))
        services.engine.dispose()
    return figures


def _sender(services: Services) -> Sender:
    sender = services.sender()
    sender.slack = FarSide()
    sender.posts_per_minute = 10_000
    return sender
