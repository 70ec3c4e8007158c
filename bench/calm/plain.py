"""The plain ladder, on the same leads, people, absences and draws: every step a message of its own, at once.

A model, not a system: no bundles, no budget, no working hours, no regard to who is away or what was done a moment ago.
Deadlines are the same as Tandem's, on the same calendars.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial

from bench.calm import draws
from bench.calm.company import FIELD, SDRS, ZONES, rules
from bench.calm.draws import Mood, Spell
from bench.calm.figures import Figures
from bot.people.rules import Role
from bot.worktime import WorkCalendar
from config.policy import Policy

Deed = Callable[[], None]
STEPS = (0.5, 0.75, 1.0, 1.5)


@dataclass
class Rep:
    email: str
    zone: str
    role: str
    calendar: WorkCalendar
    rung: int = 0


@dataclass
class Owed:
    """A promise of the model: an answer or a first contact."""

    lead: draws.Coming
    kind: str
    rep: Rep
    round: int
    deadline: datetime
    done_at: datetime | None = None
    pings: list[datetime] = field(default_factory=list)


@dataclass
class Plain:
    mood: Mood
    spells: list[Spell]
    policy: Policy = field(default_factory=rules)
    figures: Figures = field(default_factory=Figures)
    now: datetime = field(init=False)
    _ahead: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _number: "itertools.count[int]" = field(default_factory=itertools.count)
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)
    reps: list[Rep] = field(default_factory=list)

    def play(self, coming: list[draws.Coming]) -> Figures:
        self.reps = [self._rep(zone, role, n) for zone in ZONES for role, many in (("rep", FIELD), ("sdr", SDRS))
                     for n in range(many)]  # fmt: skip
        for lead in coming:
            self._later(lead.at, partial(self._comes, lead))
        while self._ahead:
            self.now, _, deed = heapq.heappop(self._ahead)
            deed()
        return self.figures

    def _comes(self, lead: draws.Coming) -> None:
        self._offer(lead, self._whose(lead), 1)

    def _rep(self, zone: str, role: str, number: int) -> Rep:
        name, hours = ZONES[zone][0], self.policy.calendars["inside" if role == "sdr" else "field"]
        email = f"{role}-{zone.lower().replace(' ', '')}-{number}@sim.example"
        return Rep(email, name, role, WorkCalendar(name, hours.by_weekday))

    def _later(self, at: datetime, deed: Deed) -> None:
        heapq.heappush(self._ahead, (at, next(self._number), deed))

    def _whose(self, lead: draws.Coming) -> Rep:
        """In turn, whoever is away or asleep."""
        able = [r for r in self.reps if (r.role == "sdr" if lead.zone is None else r.zone == ZONES[lead.zone][0])]
        able = able if lead.zone is None else [r for r in able if r.role == "rep"]
        return able[next(self._turn) % len(able)]

    def _offer(self, lead: draws.Coming, rep: Rep, round_: int) -> None:
        owed = self._owe(lead, "answer", rep, round_)
        self._ring(owed)

    def _owe(self, lead: draws.Coming, kind: str, rep: Rep, round_: int) -> Owed:
        role = Role.SDR if rep.role == "sdr" else Role.REP
        target = self.policy.target(kind, role, lead.hot and kind == "answer")
        owed = Owed(lead, kind, rep, round_, rep.calendar.due(self.now, target))
        begun = self.now
        for share in STEPS:
            at = rep.calendar.due(begun, target * share)
            self._later(at, partial(self._step, owed, share))
        return owed

    def _step(self, owed: Owed, share: float) -> None:
        if owed.done_at:
            return
        if share == STEPS[-1]:
            if owed.kind == "answer" and owed.round < 10:
                owed.done_at = self.now
                self._offer(owed.lead, self._whose(owed.lead), owed.round + 1)
            return
        self._ring(owed)
        if share == 1.0:
            self.figures.missed += 1
            self.figures.pings += 1  # the manager, at once
            manager = WorkCalendar(owed.rep.zone, {d: ((time(8), time(17)),) for d in range(5)})
            self.figures.outside += not manager.is_open(self.now)

    def _ring(self, owed: Owed) -> None:
        rep, told = owed.rep, self.figures
        told.pings += 1
        told.outside += not rep.calendar.is_open(self.now)
        told.absent += any(s.email == rep.email and s.starts_at <= self.now < s.ends_at for s in self.spells)
        owed.pings.append(self.now)
        rep.rung += 1
        key = (rep.email, rep.rung)
        away = next(
            (s.ends_at for s in self.spells if s.email == rep.email and s.starts_at <= self.now < s.ends_at), None
        )
        if self.mood.ignores(key):
            return
        at, after = (away or self.now), self.mood.reaction(key)
        at = at + after if rep.calendar.is_open(at + after) else rep.calendar.next_open(at + after) + after
        self._later(at, lambda: self._react(owed))

    def _react(self, owed: Owed) -> None:
        if owed.done_at:
            return
        self._done(owed)
        lead = (owed.lead.number, owed.round)
        if owed.kind == "answer" and not self.mood.sends_back(lead):
            contact = self._owe(owed.lead, "first_contact", owed.rep, owed.round)
            after = self.mood.calls_after(lead)
            if after is not None:
                self._later(owed.rep.calendar.due(self.now, after), lambda: self._done(contact))

    def _done(self, owed: Owed) -> None:
        if owed.done_at is None:
            owed.done_at = self.now
            self.figures.items += 1
            self.figures.acted += sum(self.now - at <= timedelta(hours=1) for at in owed.pings)


def month(seed: int) -> Figures:
    """The same four weeks."""
    reps = [(f"{role}-{zone.lower().replace(' ', '')}-{n}@sim.example", ZONES[zone][0])
            for zone in ZONES for role, many in (("rep", FIELD), ("sdr", SDRS)) for n in range(many)]  # fmt: skip
    return Plain(Mood(seed), draws.absences(seed, reps)).play(draws.leads(seed))
