"""The facts of a week, as frozen values: what the digest, its page, its workbook and its pictures are made from.

They hold codes, ids and numbers, never names or words of persons: those are looked up when they are shown. `weeks` are
eight, the newest last, so that each figure has its week before, its four-week mean and its trend beside it.
"""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from bot.council.rules import USUAL_WEEKS, Direction, count_changed, median_changed, share_changed

WEEKS, A_FEW = 8, 3


class Told(BaseModel):
    """A frozen part of the facts."""

    model_config = ConfigDict(frozen=True)


class Count(Told):
    """How many, by week; `weeks` are the last eight, the newest last."""

    weeks: tuple[int, ...]

    @classmethod
    def together(cls, counts: Sequence["Count"]) -> "Count":
        return cls(weeks=tuple(sum(weekly) for weekly in zip(*(one.weeks for one in counts), strict=True)))

    @property
    def now(self) -> int:
        return self.weeks[-1]

    @property
    def before(self) -> int:
        return self.weeks[-2]

    @property
    def four(self) -> int:
        """In the four weeks before this one together."""
        return sum(self.weeks[-1 - USUAL_WEEKS : -1])

    @property
    def usual(self) -> float:
        """The mean of those four weeks."""
        return self.four / USUAL_WEEKS

    @property
    def changed(self) -> Direction:
        return count_changed(self.now, self.four)


class Share(Told):
    """How many of how many, by week."""

    hits: Count
    of: Count

    @property
    def changed(self) -> Direction:
        return share_changed(self.hits.now, self.of.now, self.hits.four, self.of.four)


class Minutes(Told):
    """How long it took: median and 90th percentile in minutes, of how many. `low` and `high`: see docs/metrics.md."""

    number: int = 0
    median: float | None = None
    p90: float | None = None
    low: float | None = None
    high: float | None = None


class Times(Told):
    """The same of this week, the week before, and the four weeks before together."""

    now: Minutes
    before: Minutes
    four: Minutes

    @property
    def changed(self) -> Direction:
        return median_changed(self.four.median, self.now.low, self.now.high)


class Within(Told):
    """Of so many first contacts, how many came within 5 minutes, and within the hour."""

    number: int = 0
    in_5: int = 0
    in_60: int = 0


class Speed(Told):
    """Speed to lead: from arrival to first contact, by the wall clock; how many were quick, as `Times` are told."""

    times: Times
    now: Within
    before: Within
    four: Within


class GoalFact(Told):
    code: str
    label: str
    measure: str
    value: float
    target: float
    day: int
    days: int
    gives: float | None
    until: date


class Back(Told):
    """What came back for one reason; `kind` is its class in the policy."""

    reason: str
    kind: str | None
    count: Count


class Origin(Told):
    """What became of the leads of a source or campaign; `reasons` are this week's, the most given first.

    `alone` is the same of a source's leads that belong to no campaign.
    """

    code: str | None
    came: Count
    taken: Share
    reasons: tuple[tuple[str, int], ...]
    alone: Share | None = None


class Band(Told):
    """Of the leads with so many points, how many of those that were answered were taken; and of those before them."""

    name: str
    taken: int
    answered: int
    taken_before: int = 0
    answered_before: int = 0


class Wait(Told):
    """What is owed of leads now, of one kind: how many, and the median time they have waited by the wall clock."""

    kind: str
    number: int
    hours: float


class Stage(Told):
    """How long leads that left a stage had been in it, by the wall clock."""

    stage: str
    times: Times


class Reached(Told):
    """Of so many leads, how many got how far."""

    came: int
    accepted: int
    qualified: int
    won: int


class Cohort(Reached):
    """Of the leads that came in a month, how many got how far; `before` are those of the month before, when they were
    as old as these are now."""

    month: str
    before: Reached | None = None


class Kept(Told):
    """Promises of a team, or of one kind of theirs: in time of all that were due, and how many run now."""

    team: str
    kind: str | None
    kept: Share
    open: int


class Said(Told):
    """How often something was reported: a category of objection, or a kind of feedback."""

    code: str
    count: Count
    is_new: bool = False


class Pattern(Told):
    """What many said, and nobody has an answer card for."""

    report: int
    kind: str
    form: str
    reporters: int


class Used(Told):
    """How an answer of the library went this week."""

    card: int
    used: int
    worked: int
    used_before: int = 0  # in the week before
    worked_before: int = 0


class CampaignFact(Told):
    """A campaign that ran in the week, or begins within the fortnight after it."""

    code: str
    runs: bool
    starts: date | None
    ends: date | None
    cost: int | None
    came: int  # leads since it began; of this week where nobody said when that was
    this_week: int


class Away(Told):
    person: int
    first: date
    last: date
    backup: int | None


class Ended(Told):
    """What was won and lost of a source and campaign; values in hundredths by currency, of this week."""

    source: str
    campaign: str | None
    won: Count
    lost: Count
    values: tuple[tuple[str, int], ...]


class Value(Told):
    """Value won in a currency, in hundredths, by week."""

    currency: str
    count: Count


class Win(Told):
    lead: int
    by: int | None
    value: int | None
    currency: str | None
    source: str
    campaign: str | None
    touches: tuple[str, ...]
    days: float


class Load(Told):
    """What a team has in hand now: promises that run, and leads of its people."""

    team: str
    people: int
    promises: int
    leads: int


class Flow(Told):
    """Leads that entered and left each stage, what is in hand, how far the last months' leads got, where they wait."""

    entered: dict[str, Count]
    left: dict[str, Count]
    in_hand: dict[str, int]
    stages: tuple[Stage, ...]
    cohorts: tuple[Cohort, ...]
    waits: tuple[Wait, ...]

    @property
    def bottleneck(self) -> Wait | None:
        """Where leads wait longest; one that was forgotten is no bottleneck."""
        return max((one for one in self.waits if one.number >= A_FEW), key=lambda wait: wait.hours, default=None)


class Quality(Told):
    """`no_fit` are leads that were taken and turned out to be none later."""

    acceptance: Share
    no_fit: Count | None = None
    back: tuple[Back, ...]
    sources: tuple[Origin, ...]
    campaigns: tuple[Origin, ...]
    bands: tuple[Band, ...]


class Promises(Told):
    teams: tuple[Kept, ...]
    kinds: tuple[Kept, ...]
    medians: dict[str, Times]  # by team, of working time
    answer: Times  # of sales to leads
    speed: Speed
    rang: Share  # messages that rang, and of them those that something was done about within the hour

    def of(self, team: str) -> Kept | None:
        return next((one for one in self.teams if one.team == team), None)


class Field(Told):
    objections: tuple[Said, ...]
    feedback: tuple[Said, ...]
    quotes: tuple[int, ...]  # ids of reports
    trends: tuple[int, ...]
    messages: tuple[int, ...]  # what the field says of our messages and of what we give them to show
    patterns: tuple[Pattern, ...]
    used: tuple[Used, ...]
    answered: Share  # in time


class Facts(Told):
    """Everything of one week. `as_of` is when they were counted; what stands "now" stood so then."""

    week: str
    zone: str
    as_of: datetime
    policy_version: int
    goals: tuple[GoalFact, ...]
    flow: Flow
    quality: Quality
    promises: Promises
    field: Field
    campaigns: tuple[CampaignFact, ...]
    load: tuple[Load, ...]
    away: tuple[Away, ...]
    ended: tuple[Ended, ...]
    wins: tuple[Win, ...]
    won_value: tuple[Value, ...] = ()
    cycle: Times  # from a lead's arrival to its deal
    edges: tuple[datetime, ...]  # the boundaries of the eight weeks
    silent: int  # how many of the eight weeks were over before Tandem was at work: of them nothing is known
    compares: bool  # whether the week is over, and Tandem was at work in the four that it is held against

    @property
    def knows_before(self) -> bool:
        """Whether Tandem was at work in the week before."""
        return self.silent < WEEKS - 1
