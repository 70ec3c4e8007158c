"""Stages, what may be done with a lead by whom, and which lead an incoming one belongs to. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.worktime import NeverOpens, WorkCalendar


class Stage(StrEnum):
    RAW = "raw"
    MQL = "mql"  # passed the gate
    SAL = "sal"  # accepted by sales
    SQL = "sql"
    WON = "won"
    LOST = "lost"
    REJECTED = "rejected"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"


class Answer(StrEnum):
    """What became of one offer of a lead to one person."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    HANDED_ON = "handed_on"


class Step(StrEnum):
    """What is done with a lead; the journal's verbs."""

    PASSED = "passed"  # the gate
    ROUTED = "routed"  # it looks for its person anew
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    QUALIFIED = "qualified"
    NOT_A_FIT = "not_a_fit"
    WON = "won"
    LOST = "lost"
    HANDED_OVER = "handed_over"
    GIVEN_BACK = "given_back"
    PLANNED = "planned"  # what is next, and by when
    CONTESTED = "contested"  # marketing asks sales to look again
    MOVED_ON = "moved_on"  # nobody acted in time: a colleague gets it
    STOOD_IN = "stood_in"  # its holder is away: whoever stands in has it
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"
    CAME_AGAIN = "came_again"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Who(StrEnum):
    """Who does it, as far as this lead is concerned."""

    HOLDER = "holder"  # to whom it was offered, or who has it
    MANAGER = "manager"  # of the holder
    RULES = "rules"  # the agreed rules, by themselves
    OPERATOR = "operator"  # a file brought in on the command line
    MARKETING = "marketing"  # who answers for its source or campaign


@dataclass(frozen=True)
class Transition:
    """A step that may be made from some stages, where it leads (None: the stage stays), and who may make it."""

    step: Step
    before: frozenset[Stage]
    after: Stage | None
    who: frozenset[Who]


OPEN_STAGES = (Stage.RAW, Stage.MQL, Stage.SAL, Stage.SQL, Stage.RECYCLED)
WORKED_STAGES = (Stage.MQL, Stage.SAL, Stage.SQL)  # what counts against a person's capacity
REOPENING_STAGES = (Stage.REJECTED, Stage.LOST, Stage.DISQUALIFIED)

_HANDS = frozenset({Who.HOLDER, Who.MANAGER})
_RULES = frozenset({Who.RULES})
_WORKED = frozenset(WORKED_STAGES)
# The one table: every change of a lead's stage stands here.
TRANSITIONS = (
    Transition(Step.PASSED, frozenset({Stage.RAW, Stage.RECYCLED, Stage.REJECTED}), Stage.MQL, _RULES),
    Transition(Step.ROUTED, frozenset({Stage.RAW, *WORKED_STAGES, Stage.REJECTED, Stage.RECYCLED}), Stage.MQL, _RULES),
    Transition(Step.ACCEPTED, frozenset({Stage.MQL}), Stage.SAL, _HANDS),
    Transition(Step.ACCEPTED, frozenset({Stage.SAL, Stage.SQL}), None, _HANDS),  # handed over: it stays as far as it is
    Transition(Step.REJECTED, _WORKED, Stage.REJECTED, _HANDS),
    Transition(Step.REACHED, frozenset({Stage.SAL}), None, _HANDS),
    Transition(Step.NO_ANSWER, frozenset({Stage.SAL}), None, _HANDS),
    Transition(Step.QUALIFIED, frozenset({Stage.SAL}), Stage.SQL, _HANDS),
    Transition(Step.NOT_A_FIT, frozenset({Stage.SAL}), Stage.REJECTED, _HANDS),
    Transition(Step.WON, frozenset({Stage.SQL}), Stage.WON, _HANDS),
    Transition(Step.LOST, frozenset({Stage.SQL}), Stage.LOST, _HANDS),
    Transition(Step.HANDED_OVER, _WORKED, None, _HANDS),
    Transition(Step.GIVEN_BACK, _WORKED, None, frozenset({Who.HOLDER})),
    Transition(Step.PLANNED, frozenset({Stage.SAL, Stage.SQL}), None, _HANDS),
    Transition(Step.MOVED_ON, _WORKED, None, _RULES),
    Transition(Step.STOOD_IN, _WORKED, None, _RULES),
    Transition(Step.RECYCLED, frozenset({Stage.REJECTED}), Stage.RECYCLED, _RULES | {Who.MARKETING}),
    Transition(Step.DISQUALIFIED, frozenset({Stage.REJECTED}), Stage.DISQUALIFIED, _RULES | {Who.MARKETING}),
    Transition(Step.CONTESTED, frozenset({Stage.REJECTED}), Stage.MQL, frozenset({Who.MARKETING})),
    Transition(Step.CAME_AGAIN, frozenset(REOPENING_STAGES), Stage.RECYCLED, _RULES),
    Transition(Step.RETURNED, frozenset({Stage.RECYCLED}), Stage.MQL, _RULES),
    Transition(Step.WITHDRAWN, _WORKED, Stage.RAW, _RULES),
    # What a CRM tells afterwards is taken as it is, however far the lead had come here.
    Transition(Step.WON, frozenset(Stage) - {Stage.WON}, Stage.WON, frozenset({Who.OPERATOR})),
    Transition(Step.LOST, frozenset(Stage) - {Stage.LOST}, Stage.LOST, frozenset({Who.OPERATOR})),
)
# On a card that waits for an answer these accept, too.
ACCEPTING_TOO = frozenset({Step.REACHED, Step.NO_ANSWER, Step.QUALIFIED, Step.NOT_A_FIT})
CONTACTED = frozenset({Step.REACHED, Step.NO_ANSWER, Step.QUALIFIED, Step.NOT_A_FIT})  # each keeps the first contact


class NotPossible(Exception):
    """This step cannot be made from this stage, or not by them."""


def stage_after(step: Step, stage: str, who: Who) -> Stage:
    """The stage that a step leads to. Raises NotPossible."""
    for transition in TRANSITIONS:
        if transition.step == step and stage in transition.before and who in transition.who:
            return transition.after or Stage(stage)
    raise NotPossible(f"{step} from {stage} by {who}")


class Waits(StrEnum):
    """What a lead in somebody's hand waits for."""

    ANSWER = "answer"
    FIRST_CONTACT = "first_contact"
    TRY_AGAIN = "try_again"
    QUALIFYING = "qualifying"  # they were reached
    DEAL = "deal"


def waits_for(answer: str, stage: str, attempts: int, *, reached: bool) -> Waits:
    if answer == Answer.PENDING:
        return Waits.ANSWER
    if stage == Stage.SQL:
        return Waits.DEAL
    if reached:
        return Waits.QUALIFYING
    return Waits.TRY_AGAIN if attempts else Waits.FIRST_CONTACT


# What its holder may do next, the likeliest first: as buttons, and behind ⋯.
NEXT_STEPS: dict[Waits, tuple[Step, ...]] = {
    Waits.ANSWER: (Step.ACCEPTED, Step.REJECTED),
    Waits.FIRST_CONTACT: (Step.REACHED, Step.NO_ANSWER),
    Waits.TRY_AGAIN: (Step.REACHED, Step.NO_ANSWER),
    Waits.QUALIFYING: (Step.QUALIFIED, Step.NOT_A_FIT),
    Waits.DEAL: (Step.WON, Step.LOST),
}
FURTHER_STEPS: dict[Waits, tuple[Step, ...]] = {
    Waits.ANSWER: (Step.REACHED, Step.NO_ANSWER),
    Waits.FIRST_CONTACT: (Step.QUALIFIED, Step.NOT_A_FIT),
    Waits.TRY_AGAIN: (Step.QUALIFIED, Step.NOT_A_FIT),
    Waits.QUALIFYING: (Step.NO_ANSWER,),
    Waits.DEAL: (),
}


def may_reopen(stage: str, closed_at: datetime | None, window_days: int, now: datetime) -> bool:
    """Whether a closed lead that comes again is the same one, recycled, rather than a new one."""
    if stage not in REOPENING_STAGES or closed_at is None:
        return False
    return now - closed_at <= timedelta(days=window_days)


def undo_until(answered_at: datetime, minutes: int) -> datetime:
    return answered_at + timedelta(minutes=minutes)


TRY_AGAIN_AFTER = timedelta(hours=3)


def later_times(calendar: WorkCalendar, now: datetime) -> list[datetime]:
    """When to try somebody again who did not answer: later today if there is time, then the next two mornings.

    For somebody without working hours: the same time on the next two days.
    """
    soon = now + TRY_AGAIN_AFTER
    soon = soon.replace(second=0, microsecond=0) + timedelta(minutes=-soon.minute % 15)
    zone = ZoneInfo(calendar.zone)
    try:
        first = calendar.next_open(_midnight_after(now, zone))
        second = calendar.next_open(_midnight_after(first, zone))
    except NeverOpens:
        return [now + timedelta(days=1), now + timedelta(days=2)]
    still_today = soon.astimezone(zone).date() == now.astimezone(zone).date() and calendar.is_open(soon)
    return [soon, first, second] if still_today else [first, second]


def _midnight_after(at: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=1), time(), zone)
