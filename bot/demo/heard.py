"""What the field heard in the weeks before the demo, what marketing answered, and what the council decided."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.council import service as council
from bot.council.service import Decided, Item
from bot.feedback import service, triage
from bot.feedback.rules import OPEN, Form, Importance, Step, Went
from bot.feedback.service import Said
from bot.feedback.tables import FieldReport
from bot.feedback.triage import Deed
from bot.journal.service import SYSTEM, RulesInForce
from bot.leads.tables import Lead
from bot.outbox import service as outbox
from bot.people import service as people
from bot.people.tables import Person

ZONE = ZoneInfo("Europe/Berlin")
REPORTERS = ("jonas", "dana", "liam", "grace", "noah", "mia", "ravi")
OBJECTIONS: dict[str, tuple[str, ...]] = {
    "price": (
        "Who trains my night shift, and is that in the price?",
        "The reagent price is a third above what they pay today.",
        "Nice analyser, but not at that list price.",
        "The purchasing group wants 15 % off before it reads on.",
        "Too expensive for a lab with two hundred samples a day.",
    ),
    "service": ("How fast is somebody here at three in the morning?", "Two days for a technician is too long for us."),
    "switching": ("Validating everything anew takes us half a year.", "Our LIS people have no time before summer."),
    "proof": ("Is there a hospital of our size that runs it?", "They want to see a study from Germany."),
    "timing": ("The budget is spent, ask again in spring.",),
}
USUAL = ("price", "price", "service", "switching", "proof", "timing")
LAST_WEEK = ("price", "price", "price", "service", "switching")  # what comes up more than usual
FEEDBACK = (
    ("message", "“One tube less” is what they repeat to their colleagues.", Importance.MATTERS),
    ("content", "The one-page comparison is what they print out.", Importance.NICE),
    ("competitor", "Roche offers the first year of service for free.", Importance.MATTERS),
    ("product", "They would like the results sorted by ward.", Importance.NICE),
    ("market", "Labs in Austria buy together from January on.", Importance.MATTERS),
    ("process", "Leads from the fair come without the stand’s notes.", Importance.MATTERS),
)
ANSWERS = "Thank you, that helps. There is a sheet with the cost per result now; I sent it to you."
ANSWERED = 0.85


Act = Callable[[Session, datetime], None]
Later = Callable[[datetime, Act], None]


@dataclass
class Heard:
    """One report after the other, each answered a while later or not; `later` plays what is still to happen."""

    later: Later
    dice: Random = field(default_factory=lambda: Random(4))
    _number: int = 0

    def play(self, day: date, until: datetime, rules: RulesInForce) -> None:
        """What is said on one working day."""
        last_week = until.date() - day <= timedelta(days=8)
        often = 3 if last_week else self.dice.choice((1, 1, 2))
        for kind in self.dice.sample(LAST_WEEK if last_week else USUAL, often):
            self._say(day, self._objection(kind), rules)
        if self.dice.random() < 0.7:
            code, text, importance = self.dice.choice(FEEDBACK)
            self._say(day, Said(Form.FEEDBACK, code, text, importance=importance), rules)

    def _say(self, day: date, said: Said, rules: RulesInForce) -> None:
        at = datetime.combine(day, time(self.dice.randrange(9, 17), self.dice.randrange(60)), ZONE)
        self.later(at, lambda session, at: self._report(session, said, at, rules))

    def _objection(self, kind: str) -> Said:
        went = self.dice.choice((Went.RESOLVED, Went.OPEN, Went.OPEN, Went.LOST))
        importance = self.dice.choice((Importance.MATTERS, Importance.MATTERS, Importance.DEAL_BREAKER))
        return Said(Form.OBJECTION, kind, self.dice.choice(OBJECTIONS[kind]), importance=importance, went=went)

    def _report(self, session: Session, said: Said, at: datetime, rules: RulesInForce) -> None:
        by = _person(session, self.dice.choice(REPORTERS))
        theirs = select(Lead.id).where(Lead.owner_id == by.id, Lead.received_at < at).order_by(Lead.id.desc())
        same = select(FieldReport.id).where(FieldReport.said == said.text, FieldReport.state.in_(OPEN))
        root = session.scalar(same.where(FieldReport.reporter_id != by.id, FieldReport.root_id.is_(None)).limit(1))
        self._number += 1
        whole = replace(said, lead_id=session.scalar(theirs.limit(1)), same_as=root)
        made = service.report(session, whole, by, f"past:{self._number}", rules, SYSTEM, at)
        told = at + timedelta(minutes=rules.policy.undo_minutes + 1)
        service.settle_one(session, made.id, rules, told)
        if root is None and self.dice.random() < ANSWERED and made.owner_id is not None:
            self._will_be_answered(session, made, told, rules)

    def _will_be_answered(self, session: Session, made: FieldReport, told: datetime, rules: RulesInForce) -> None:
        """Seen the same or the next day, answered within the week, now and then too late."""
        owner, report_id = people.by_id(session, made.owner_id or 0), made.id
        calendar = people.calendar_of(owner, rules.policy, told)
        kind = rules.policy.field.kind(made.kind)
        thanks = made.form == Form.FEEDBACK and kind is not None and kind.thanks_only
        step = Deed(Step.THANKED) if thanks else Deed(Step.ANSWERED, ANSWERS)
        seen = calendar.due(told, timedelta(hours=self.dice.choice((1, 2, 4, 7, 12))))
        done = calendar.due(seen, timedelta(hours=self.dice.choice((4, 12, 24, 34, 44))))

        def look(session: Session, at: datetime) -> None:
            triage.do(session, report_id, Deed(Step.SEEN), people.by_id(session, owner.id), rules, SYSTEM, at)

        def answer(session: Session, at: datetime) -> None:
            triage.do(session, report_id, step, people.by_id(session, owner.id), rules, SYSTEM, at)

        self.later(seen, look)
        self.later(done, answer)


def decide(session: Session, until: datetime, rules: RulesInForce) -> None:
    """What the council wrote down in the last weeks, and what it wants to talk about next."""
    today = until.date()
    petra, helena = _person(session, "petra"), _person(session, "helena")
    written = (
        (21, Decided("Call every MEDICA lead within a day", _id(session, "dana"), today - timedelta(days=11),
                     "acceptance", "campaign:medica-2026", 75.0)),
        (14, Decided("A cost-per-result sheet for small labs", _id(session, "marc"), today + timedelta(days=3),
                     "objections", "category:price", 2.0)),
        (14, Decided("Ask webinar guests about their budget", _id(session, "ana"), today + timedelta(days=10))),
        (7, Decided("Stand notes into the lead list of every fair", _id(session, "ana"), today + timedelta(days=17))),
    )  # fmt: skip
    for number, (days, decided) in enumerate(written):
        at = until - timedelta(days=days)
        council.decide(session, decided, petra if number % 2 else helena, rules, f"past:decision:{number}", SYSTEM, at)
    item = Item("Who answers the price question: sales or marketing?")
    council.add_to_agenda(session, item, helena, rules.policy, "past:agenda", SYSTEM, until - timedelta(days=5))


def forget_messages(session: Session, until: datetime) -> None:
    """Nobody is told of the past."""
    outbox.drop_waiting(session, "field_", until)


def _person(session: Session, name: str) -> Person:
    found = people.by_email(session, f"{name}@helix.example")
    if found is None:
        raise LookupError(name)
    return found


def _id(session: Session, name: str) -> int:
    return _person(session, name).id
