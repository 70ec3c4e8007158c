"""A fortnight of an inside sales team: how often phones ring, how many leads wait, whether any is lost.

Once with a card for each lead, once with queues. Everybody looks every half hour in their working hours, and answers
what waits: in a queue by *Next lead* and *Take 5*, on cards one by one. Everything goes through the sandbox.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from bot.leads.tables import Lead, LeadQueue, Offer, QueueMessage
from bot.outbox.tables import Message
from bot.people import roster
from bot.people.tables import Person
from config.policy import Policy
from sandbox.client import Refused
from tests.conftest import TurnedClock
from tests.world import ROOT, World, with_plenty, world

POLICY = with_plenty(Policy.load(ROOT / "config" / "policy.toml"))
STEP, ROUND = timedelta(minutes=10), timedelta(minutes=30)
MOST_ROUNDS, ROUND_SECONDS = 95, 6  # less than a step of the play together
NIGHTLY = 0.25  # of the leads come outside of working hours
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass
class Told:
    """What a fortnight came to."""

    leads: int = 0
    unanswered: int = 0
    never_seen: int = 0
    most_waiting: int = 0
    rang: dict[tuple[str, date], int] = field(default_factory=dict)
    minutes: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        a_day = sorted(self.rang.values())
        median = sorted(self.minutes)[len(self.minutes) // 2]
        return (
            f"{self.leads} leads, {self.unanswered} unanswered at the end, {self.never_seen} never seen; "
            f"a phone rang {a_day[0]} to {a_day[-1]} times a day, {sum(a_day) / len(a_day):.1f} on average; "
            f"at most {self.most_waiting} waited for one person; half were answered within {median:.0f} min"
        )


@contextmanager
def team(url: str, clock: TurnedClock, number: int, *, queues: bool) -> Iterator[World]:
    """A company whose inside sales are `number` people in Berlin."""
    unanswered = POLICY.queue.from_unanswered if queues else 100_000
    policy = POLICY.model_copy(update={"queue": POLICY.queue.model_copy(update={"from_unanswered": unanswered})})
    with world(url, clock, policy) as here:
        users = [
            {"id": f"U5{n:02d}", "name": f"sdr{n}", "real_name": f"Sdr {n}", "email": f"sdr{n}@helix.example"}
            for n in range(number)
        ]
        here.slack.set_up({"users": users})
        rows = [
            roster.RosterRow.model_validate(
                {"name": u["real_name"], "email": u["email"], "team": "sales", "roles": "sdr", "calendar": "inside",
                 "zone": "Europe/Berlin"}
            )
            for u in users
        ]  # fmt: skip
        members = {u["email"]: roster.Member(u["id"], "T0SANDBOX", "Europe/Berlin", is_guest=False) for u in users}
        with here.services.begin() as session:
            for person in session.scalars(select(Person)):
                person.weight = 0  # the others of this company take no leads here
            roster.write(session, roster.match(rows, members.get))
        yield here


def arrivals(dice: Random, day: datetime, number: int) -> list[datetime]:
    """When leads come in on a day, most of them while people work."""
    found = []
    for _ in range(number):
        hour = dice.uniform(0, 7) if dice.random() < NIGHTLY else dice.uniform(7, 16.5)
        found.append(day + timedelta(hours=hour))
    return sorted(found)


def play(here: World, dice: Random, people: int, days: int, each: int) -> Told:
    told, number = Told(), 0
    for day in range(days):
        begins = MONDAY + timedelta(days=day + 2 * (day // 5))
        coming = arrivals(dice, begins, people * each)
        at, last_round = begins, begins
        while at < begins + timedelta(hours=17):
            here.clock.turn_to(at)
            while coming and coming[0] <= at:
                coming.pop(0)
                number += 1
                name = f"Lab {number}"
                did = [{"kind": "event", "asset": "our stand"}]
                here.lead(external_id=f"f-{number}", email=f"n@lab{number}.example", company=name, name=name,
                          phone=None, country="France", touches=did)  # fmt: skip
            here.deliver()
            told.most_waiting = max(told.most_waiting, waiting(here))
            if at.hour >= 7 and at - last_round >= ROUND:
                last_round = at
                answer_everything(here, dice)
            at += STEP if at.hour >= 6 else timedelta(hours=1)
        answer_everything(here, dice)
    here.clock.turn_to((at + timedelta(days=3)).replace(hour=9))  # what came last, on a working morning
    for _ in range(4):  # some of it in the bundle of the hour
        here.deliver()
        answer_everything(here, dice)
        here.clock.advance(minutes=20)
    return tell(here, told)


def waiting(here: World) -> int:
    with here.services.reading() as session:
        held = select(func.count()).where(Offer.answer == "pending").group_by(Offer.person_id)
        return max(session.scalars(held), default=0)


def answer_everything(here: World, dice: Random) -> None:
    """Everybody answers what they can see. A tap that changes nothing would be one of those that people complain of."""
    for _ in range(MOST_ROUNDS):
        todo = visible(here)
        if not todo:
            return
        for user, (ts, in_queue, number) in todo.items():
            with suppress(Refused):  # what they were about to tap has changed meanwhile: they look again
                answer_one(here, dice, user, ts, number if in_queue else 0)
        here.clock.advance(seconds=ROUND_SECONDS)  # taps take time, and Slack takes so many updates a minute
        here.deliver()
    raise AssertionError(f"taps change nothing any more: {visible(here)}")


def answer_one(here: World, dice: Random, user: str, ts: str, in_queue: int) -> None:
    """By *Take 5* or *Next lead* where several wait in a queue, else by the card's own button."""
    if in_queue > 1 and dice.random() < 0.5:
        here.slack.tap(user, f"D{user[1:]}", ts, "lead_queue_take")
        return
    if in_queue:
        here.slack.tap(user, f"D{user[1:]}", ts, "lead_queue_next")
        here.deliver()
    here.slack.tap(user, f"D{user[1:]}", ts, "lead_accept")


def visible(here: World) -> dict[str, tuple[str, bool, int]]:
    """For everybody with unanswered leads: the message to tap on, whether it is a queue, and how many wait."""
    found: dict[str, tuple[str, bool, int]] = {}
    with here.services.reading() as session:
        pending = select(Person.slack_user_id, Person.id, Offer.id).join(Offer, Offer.person_id == Person.id)
        by_person: dict[tuple[str, int], list[int]] = defaultdict(list)
        for user, person_id, offer_id in session.execute(pending.where(Offer.answer == "pending")):
            by_person[user, person_id].append(offer_id)
        for (user, person_id), offers in by_person.items():
            whole = aliased(Message)  # what came together with others stands in their bundle
            ts_of = func.coalesce(whole.ts, Message.ts)
            queue = (
                select(ts_of)
                .select_from(Message)
                .outerjoin(whole, whole.id == Message.joined_id)
                .join(QueueMessage, (Message.subject_kind == "queue") & (Message.subject_id == QueueMessage.id))
                .join(LeadQueue, LeadQueue.id == QueueMessage.queue_id)
                .where(LeadQueue.person_id == person_id, ts_of.is_not(None))
                .order_by(QueueMessage.number.desc())
            )
            ts = session.scalars(queue.limit(1)).first()
            if ts:
                found[user] = (ts, True, len(offers))
                continue
            card = select(ts_of).select_from(Message).outerjoin(whole, whole.id == Message.joined_id)
            card = card.where(Message.subject_kind == "offer", Message.subject_id.in_(offers), ts_of.is_not(None))
            if ts := session.scalars(card.limit(1)).first():
                found[user] = (ts, False, 1)
    return found


def tell(here: World, told: Told) -> Told:
    rang = Counter(
        (n["user"], datetime.fromtimestamp(n["at"], UTC).date()) for n in here.slack.notifications() if n["user"] > "U5"
    )
    told.rang = dict(rang)
    with here.services.reading() as session:
        told.leads = session.scalar(select(func.count(Lead.id))) or 0
        offers = session.scalars(select(Offer)).all()
        told.unanswered = sum(offer.answer == "pending" for offer in offers)
        told.never_seen = told.leads - len({offer.lead_id for offer in offers if offer.answer == "accepted"})
        told.minutes = [(o.answered_at - o.offered_at).total_seconds() / 60 for o in offers if o.answered_at]
    return told


def fortnight(url: str, clock: TurnedClock, people: int, days: int, each: int, *, queues: bool) -> Told:
    clock.at = MONDAY
    with team(url, clock, people, queues=queues) as here:
        told = play(here, Random(8), people, days, each)
    print(f"\n{people} people, {days} days, {each} leads each a day, {'queues' if queues else 'cards'}: {told}")
    assert (told.unanswered, told.never_seen) == (0, 0)
    return told


def test_a_day_of_two_people(sqlite_url: str, clock: TurnedClock) -> None:
    told = fortnight(sqlite_url, clock, people=2, days=1, each=30, queues=True)
    assert max(told.rang.values()) <= 12


@pytest.mark.proof
@pytest.mark.parametrize("queues", [False, True])
def test_a_fortnight_of_eight_people(sqlite_url: str, clock: TurnedClock, queues: bool) -> None:
    told = fortnight(sqlite_url, clock, people=8, days=10, each=60, queues=queues)
    assert told.leads == 4800
    assert max(told.rang.values()) <= 14 or not queues
