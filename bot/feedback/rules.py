"""What becomes of a report from the field: its states, how much it is supported, when it is a pattern. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from config.field import FieldRules


class Form(StrEnum):
    """Which of the two short forms a report came by."""

    FEEDBACK = "feedback"
    OBJECTION = "objection"


class Importance(StrEnum):
    NICE = "nice"
    MATTERS = "matters"
    DEAL_BREAKER = "deal_breaker"


class Sureness(StrEnum):
    HEARD = "heard"  # said to me
    THINK = "think"
    HEARSAY = "hearsay"


class Went(StrEnum):
    """What came of the answer to an objection."""

    RESOLVED = "resolved"
    OPEN = "open"
    LOST = "lost"


class State(StrEnum):
    NEW = "new"
    SEEN = "seen"
    PLANNED = "planned"
    ANSWERED = "answered"
    DONE = "done"
    DECLINED = "declined"
    MERGED = "merged"  # it says the same as another one, and goes along with it
    UNDONE = "undone"


class Step(StrEnum):
    """What its owner does with a report."""

    SEEN = "seen"
    PLANNED = "planned"
    ANSWERED = "answered"
    DONE = "done"
    DECLINED = "declined"
    MERGED = "merged"
    PASSED_ON = "passed_on"
    ASKED_BACK = "asked_back"
    REPLIED = "replied"  # the reporter, to what they were asked
    THANKED = "thanked"


OPEN = frozenset({State.NEW, State.SEEN, State.PLANNED})
CLOSED = frozenset({State.ANSWERED, State.DONE, State.DECLINED})
# What closes a report comes to its reporter as a new message; everything else edits the one they have.
CLOSING = frozenset({Step.ANSWERED, Step.DONE, Step.DECLINED, Step.THANKED})
_LEADS_TO = {
    Step.SEEN: State.SEEN,
    Step.PLANNED: State.PLANNED,
    Step.ANSWERED: State.ANSWERED,
    Step.THANKED: State.ANSWERED,
    Step.DONE: State.DONE,
    Step.DECLINED: State.DECLINED,
    Step.MERGED: State.MERGED,
}
_FROM = {Step.SEEN: {State.NEW}, Step.DONE: {*OPEN, State.ANSWERED}}
WEIGHTS = {Importance.NICE: 1, Importance.MATTERS: 2, Importance.DEAL_BREAKER: 4}


class NotPossible(Exception):
    """A step that does not begin where the report stands."""


def state_after(step: Step, state: str) -> State:
    """Where a step leads. Raises NotPossible."""
    if state not in _FROM.get(step, OPEN):
        raise NotPossible
    return _LEADS_TO.get(step, State(state))


@dataclass(frozen=True)
class Heard:
    """One report of something several may have heard: by whom, where, how important, when."""

    reporter_id: int
    where: str | None
    importance: str
    at: datetime


@dataclass(frozen=True)
class Support:
    """How many people heard it, at how many accounts, and how much it weighs."""

    reporters: int
    accounts: int
    weight: int


def support(heard: Collection[Heard]) -> Support:
    """Each reporter counts once, with the most important they said: who repeats themselves adds nothing."""
    most: dict[int, int] = {}
    for one in heard:
        most[one.reporter_id] = max(most.get(one.reporter_id, 0), WEIGHTS[Importance(one.importance)])
    accounts = {one.where for one in heard if one.where is not None}
    return Support(len(most), len(accounts), sum(most.values()))


def is_pattern(heard: Sequence[Heard], team_size: int, rules: FieldRules, now: datetime) -> bool:
    """Heard by enough people lately, or a deal-breaker at enough accounts."""
    lately = [one for one in heard if one.at > now - timedelta(days=rules.pattern_days)]
    needed = rules.pattern_reporters_small if team_size < rules.small_team else rules.pattern_reporters
    breakers = [one for one in lately if one.importance == Importance.DEAL_BREAKER]
    return support(lately).reporters >= needed or support(breakers).accounts >= rules.pattern_accounts
