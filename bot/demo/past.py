"""Some weeks before the demo begins: leads that came in, and what became of them, through Tandem's own use cases.

It is the same every time. Nobody is told of the past: what was answered needs no card any more.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.demo import heard
from bot.demo.heard import Heard
from bot.journal.service import SYSTEM, RulesInForce, rules_in_force
from bot.leads import answers, offers, progress, reviews, service, tables
from bot.leads.answers import Rejection
from bot.leads.intake import LeadIn
from bot.leads.progress import Deal, Loss
from bot.leads.reviews import Review
from bot.leads.rules import Stage, Step
from bot.leads.tables import Lead, Offer
from bot.people import service as people
from bot.people.tables import Person
from bot.services import Services
from bot.sla import ladder
from config.policy import Channels

Json = dict[str, Any]
Act = Callable[[Session, datetime], None]
ZONE = ZoneInfo("Europe/Berlin")
LEADS_A_DAY = (5, 6, 7, 8)
PLACES = (
    ("Germany", "Freiburg", "Uniklinik Freiburg"),
    ("Germany", "Leipzig", "Klinikum St. Georg"),
    ("Germany", "Kiel", "UKSH Kiel"),
    ("Germany", "Ulm", "Labor Donautal"),
    ("Austria", "Graz", "LKH Graz"),
    ("Austria", "Linz", "Kepler Labor"),
    ("Switzerland", "Bern", "Inselspital Bern"),
    ("Switzerland", "Zürich", "Limmat Diagnostik"),
    ("United Kingdom", "Leeds", "Leeds Pathology"),
    ("United Kingdom", "Bristol", "Avon Biosciences"),
    ("Ireland", "Dublin", "Liffey Labs"),
    ("United States", "Boston", "Beacon Hill Labs"),
    ("United States", "Baltimore", "Chesapeake Diagnostics"),
    ("United States", "Philadelphia", "Schuylkill Hospital"),
    ("France", "Lyon", "CHU Lyon"),
    ("Spain", "Bilbao", "Hospital Ría"),
    ("Italy", "Turin", "Analisi Po"),
    ("Poland", "Gdańsk", "Bałtyk Lab"),
)
FIRST, LAST = (
    "Anna Jan Eva Paul Maria Tom Lena Karl Nina Hugo".split(),
    "Roth Vogel Lindner Marsh Okafor Silva Nagy".split(),
)
TITLES = ("Head of laboratory", "Laboratory manager", "Purchasing", "Head of pathology", "Senior scientist")
CAME_THROUGH = (
    ("event", "medica-2026", "event", "", 5),
    ("website", "cellscan-launch", "download", "the CellScan price guide", 4),
    ("website", None, "download", "the price list", 2),
    ("webinar", None, "webinar", "the night-shift webinar", 3),
    ("website", "cellscan-launch", "demo_request", "CellScan", 1),
)
COMES_BACK = {"webinar": 0.5, "event": 0.35, "website": 0.3}
REASONS = (
    ("no_budget", 5, None),
    ("not_our_customer", 3, None),
    ("duplicate", 1, None),
    ("not_now", 2, None),
    ("bad_contact", 1, None),
    ("other", 1, "They bought a competitor’s analyser in spring."),
)
NO_ANSWER, WON = 0.25, 0.33
LOOKED_AT, RECYCLED = 0.93, 0.6
MINUTES_TO_ANSWER = (4, 9, 20, 35, 60, 110, 200, 420)


def play(services: Services, weeks: int, until: datetime) -> None:
    """Everything that happened in the `weeks` before `until`, a week in one transaction each."""
    past = Past()
    said = Heard(past.later)
    for week in range(weeks, 0, -1):
        first = until.date() - timedelta(weeks=week)
        with services.begin() as session:
            rules = rules_in_force(session)
            quiet = rules.policy.model_copy(update={"channels": Channels()})
            past.rules = RulesInForce(quiet, rules.version_id)
            for number in range(7):
                day = first + timedelta(days=number)
                if day.weekday() < 5 and day < until.date():
                    said.play(day, until, past.rules)
                past.play(session, day, until)
    with services.begin() as session:
        heard.decide(session, until, past.rules)
        heard.forget_messages(session, until)
        past.spread_next_steps(session, until)
        ladder.pass_by(session, until)


@dataclass
class Past:
    """What is still to happen, in the order of time."""

    dice: Random = field(default_factory=lambda: Random(10))
    rules: RulesInForce = field(init=False)
    _ahead: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _number: int = 0
    _said: dict[int, tuple[str, Json]] = field(default_factory=dict)

    def play(self, session: Session, day: date, until: datetime) -> None:
        if day.weekday() < 5:
            for _ in range(self.dice.choice(LEADS_A_DAY)):
                minute = self.dice.randrange(8 * 60, 17 * 60)
                self.later(datetime.combine(day, time(minute // 60, minute % 60), ZONE), self._comes_in)
        ends = min(until, datetime.combine(day + timedelta(days=1), time(), ZONE))
        while self._ahead and self._ahead[0][0] < ends:
            at, _, act = heapq.heappop(self._ahead)
            act(session, at)

    def later(self, at: datetime, act: Act) -> None:
        self._number += 1
        heapq.heappush(self._ahead, (at, self._number, act))

    def spread_next_steps(self, session: Session, until: datetime) -> None:
        """Nobody planned in the past: what was quiet for long asks for its next step on one of the days to come."""
        for lead in session.scalars(select(Lead).where(Lead.stalls_at <= until + timedelta(days=1))):
            lead.stalls_at = until + timedelta(days=self.dice.randrange(1, 14), hours=2)

    # -- what happens --------------------------------------------------------------------------------------------

    def _comes_in(self, session: Session, at: datetime) -> None:
        source, campaign, touch, asset, _ = self.dice.choices(CAME_THROUGH, [row[-1] for row in CAME_THROUGH])[0]
        country, city, company = self.dice.choice(PLACES)
        name = f"{self.dice.choice(FIRST)} {self.dice.choice(LAST)}"
        said = {
            "external_id": f"past-{self._number}",
            "email": f"{name.lower().replace(' ', '.')}@{company.split()[-1].lower()}.example",
            "name": name,
            "title": self.dice.choice(TITLES),
            "phone": f"+49 30 5550 {self.dice.randrange(200, 999)}",
            "company": company,
            "country": country,
            "city": city,
            "campaign": campaign,
            "account_type": "hospital lab" if self.dice.random() < 0.7 else "research lab",
            "fields": {"beds": self.dice.choice((120, 350, 700, 1200))},
            "touches": [{"kind": touch, "asset": asset, "at": at.isoformat()}],
        }
        received = service.receive(session, LeadIn.model_validate(said), source, self.rules, SYSTEM, at)
        self._said[received.lead_id] = (source, said)
        if received.offered_to:
            self._will_be_answered(session, received.lead_id, at)

    def _will_be_answered(self, session: Session, lead_id: int, at: datetime) -> None:
        lead = session.get_one(Lead, lead_id)
        if lead.owner_id is None:
            return
        calendar = people.calendar_of(people.by_id(session, lead.owner_id), self.rules.policy, at)
        due = calendar.due(at, timedelta(minutes=self.dice.choice(MINUTES_TO_ANSWER)))
        self.later(due, lambda session, at: self._answered(session, lead_id, at))

    def _answered(self, session: Session, lead_id: int, at: datetime) -> None:
        lead = session.get_one(Lead, lead_id)
        offer = session.scalar(tables.offer_at_hand(lead))
        if offer is None or offer.answer != "pending":
            return
        person = people.by_id(session, offer.person_id)
        if self.dice.random() < COMES_BACK[lead.source]:
            reason, _, sentence = self.dice.choices(REASONS, [weight for _, weight, _ in REASONS])[0]
            rejection = Rejection(reason, sentence)
            answers.reject(session, offer.id, rejection, person, self.rules, SYSTEM, at)
            self._will_be_answered(session, lead_id, at)
            if lead.stage == Stage.REJECTED and not lead.awaits_data:
                self._will_be_looked_at(session, lead, at)
            if lead.awaits_data:
                self.later(at + timedelta(hours=3), lambda session, at: self._mended(session, lead_id, at))
            return
        answers.accept(session, offer.id, person, self.rules, SYSTEM, at)
        calendar = people.calendar_of(person, self.rules.policy, at)
        called = calendar.due(at, timedelta(minutes=self.dice.choice(MINUTES_TO_ANSWER) * 4))
        self.later(called, lambda session, at: self._reached(session, lead_id, at))

    def _will_be_looked_at(self, session: Session, lead: Lead, at: datetime) -> None:
        owner = people.marketing_owner(session, self.rules.policy, lead.source, lead.campaign)
        if owner is not None and self.dice.random() < LOOKED_AT:
            calendar = people.calendar_of(owner, self.rules.policy, at)
            due = calendar.due(at, timedelta(minutes=self.dice.choice(MINUTES_TO_ANSWER) * 2))
            self.later(due, lambda session, at: self._looked_at(session, lead.id, owner.id, at))

    def _looked_at(self, session: Session, lead_id: int, owner_id: int, at: datetime) -> None:
        step = Step.RECYCLED if self.dice.random() < RECYCLED else Step.DISQUALIFIED
        until = at.date() + timedelta(days=90) if step == Step.RECYCLED else None
        reviews.review(session, [lead_id], Review(step, until), people.by_id(session, owner_id), self.rules, SYSTEM, at)

    def _mended(self, session: Session, lead_id: int, at: datetime) -> None:
        source, said = self._said[lead_id]
        mended = {**said, "phone": f"+49 30 5551 {self.dice.randrange(200, 999)}"}
        service.receive(session, LeadIn.model_validate(mended), source, self.rules, SYSTEM, at)
        self._will_be_answered(session, lead_id, at)

    def _reached(self, session: Session, lead_id: int, at: datetime) -> None:
        offer, person = self._in_hand(session, lead_id)
        if offer.answer != "accepted":
            return
        if self.dice.random() < NO_ANSWER:
            again_at = at + timedelta(days=1)
            progress.no_answer(session, offer.id, again_at, person, self.rules, SYSTEM, at)
            self.later(again_at, lambda session, at: self._reached(session, lead_id, at))
            return
        progress.reached(session, offer.id, person, self.rules, SYSTEM, at)
        decides = at + timedelta(days=self.dice.randrange(0, 3), hours=2)
        self.later(decides, lambda session, at: self._judged(session, lead_id, at))

    def _judged(self, session: Session, lead_id: int, at: datetime) -> None:
        offer, person = self._in_hand(session, lead_id)
        progress.qualify(session, offer.id, person, self.rules, SYSTEM, at)
        ends = at + timedelta(days=self.dice.randrange(4, 30))
        self.later(ends, lambda session, at: self._ended(session, lead_id, at))

    def _ended(self, session: Session, lead_id: int, at: datetime) -> None:
        offer, person = self._in_hand(session, lead_id)
        if self.dice.random() < WON:
            deal = Deal(self.dice.randrange(12, 90) * 1000_00, "EUR")
            progress.win(session, offer.id, deal, person, self.rules, SYSTEM, at)
        else:
            loss = Loss(self.dice.choice(("price", "competitor", "no_decision")))
            progress.lose(session, offer.id, loss, person, self.rules, SYSTEM, at)

    def _in_hand(self, session: Session, lead_id: int) -> tuple[Offer, Person]:
        offer = offers.at_hand(session, session.get_one(Lead, lead_id))
        return offer, people.by_id(session, offer.person_id)
