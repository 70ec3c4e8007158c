"""The rules both teams agreed, as one validated, frozen value. No code in it: an operator edits a TOML file.

`Policy.load(path)` explains every error with its place in the file. Versions are kept as canonical JSON.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from config.council import Council, doubled_goals
from config.field import FieldRules, Guard, unheard_signs
from config.parts import Code, Email, Part
from config.places import Place, places_in

PLAINLY = {
    "Value error, ": "",
    "Extra inputs are not permitted": "there is no such key; is it misspelt?",
    "Input should be a valid tuple": 'should be a list (valid tuple), for example ["…"]',
    r"String should match pattern '^[^@\s]+@[^@\s]+$'": "is no e-mail address (should match pattern name@company)",
    "Input should be": "should be",
}
SPAN = re.compile(r"\s*\d{2}:\d{2}\s*-\s*\d{2}:\d{2}\s*")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Scalar = str | int | float | bool


class PolicyError(Exception):
    """The policy cannot be used; `problems` holds one line for each error, with its place in the file."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class RejectionClass(StrEnum):
    PROCEDURAL = "procedural"
    CLERICAL = "clerical"
    DEFINITIONAL = "definitional"


class AfterRejection(StrEnum):
    """What happens to a lead that came back."""

    ROUTE_AGAIN = "route_again"
    COMPLETE_DATA = "complete_data"
    RECYCLE = "recycle"
    DISQUALIFY = "disqualify"
    REVIEW = "review"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is no IANA zone; for example Europe/Berlin") from error
    return name


def _span(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not SPAN.fullmatch(value):
        raise ValueError(f"{value!r} is no span of hours; for example 08:00-12:30")
    begins, _, ends = value.partition("-")
    return time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip().replace("24:00", "00:00"))


Zone = Annotated[str, AfterValidator(_known_zone)]
HoursSpan = Annotated[tuple[time, time], BeforeValidator(_span)]


class WorkingHours(Part):
    """Working hours by weekday, the public holidays of a country (and region), and the company's own days."""

    mon: tuple[HoursSpan, ...] = ()
    tue: tuple[HoursSpan, ...] = ()
    wed: tuple[HoursSpan, ...] = ()
    thu: tuple[HoursSpan, ...] = ()
    fri: tuple[HoursSpan, ...] = ()
    sat: tuple[HoursSpan, ...] = ()
    sun: tuple[HoursSpan, ...] = ()
    country: str | None = None
    region: str | None = None
    company_days: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _opens_and_is_known(self) -> Self:
        if not any(self.by_weekday.values()):
            raise ValueError("names no working hours; for example mon = ['08:00-17:00']")
        if self.country:
            supported = holidays.list_supported_countries()
            if self.country not in supported:
                raise ValueError(f"country {self.country!r} is unknown; use a two-letter code such as DE")
            if self.region and self.region not in supported[self.country]:
                raise ValueError(f"region {self.region!r} is not one of {', '.join(supported[self.country])}")
        return self

    @cached_property
    def by_weekday(self) -> dict[int, tuple[HoursSpan, ...]]:
        return {number: getattr(self, name) for number, name in enumerate(WEEKDAYS)}

    def days_off(self, year: int) -> frozenset[date]:
        """Public holidays and company days from the year before to the year after `year`."""
        years = range(year - 1, year + 2)
        public = _public_holidays(self.country, self.region, years) if self.country else frozenset()
        return public | frozenset(self.company_days)


@lru_cache(maxsize=256)
def _public_holidays(country: str, region: str | None, years: range) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=region, years=years))


# Of promises that a policy need not name, for everybody alike.
USUAL_MINUTES = {
    "next_step": 480,
    "review": 960,
    "data": 480,
    "seen": 480,
    "reply": 2400,
    "answer_card": 2400,
    "decision": 480,
}
PromiseKind = Literal[
    "answer", "first_contact", "next_step", "review", "data", "seen", "reply", "answer_card", "decision"
]


class Target(Part):
    """How much working time a promise has; the first that fits role and heat is taken."""

    promise: PromiseKind
    role: Code | None = None
    hot: bool | None = None
    minutes: Annotated[int, Field(gt=0, le=60 * 24 * 365)]

    @property
    def work(self) -> timedelta:
        return timedelta(minutes=self.minutes)


class LadderStep(Part):
    """What happens on the way to a deadline and after it: at a share of the target, or working minutes from the end.

    `minutes` is negative before the deadline, positive after it. Without `promise` and `hot` it is for every promise.
    """

    does: Literal["remind", "warn", "late", "move"]
    percent: Annotated[int | None, Field(ge=1, le=1000)] = None
    minutes: Annotated[int | None, Field(ge=-60 * 24 * 30, le=60 * 24 * 30)] = None
    promise: PromiseKind | None = None
    hot: bool | None = None

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if (self.percent is None) == (self.minutes is None):
            raise ValueError("needs exactly one of percent and minutes")
        return self


def _in_order(times: tuple[time, ...]) -> tuple[time, ...]:
    return tuple(sorted(set(times)))


class Pings(Part):
    """How many new messages a person gets in a day; hot leads and what is past its agreed time are not counted."""

    field: Annotated[int, Field(ge=1, le=100_000)] = 4
    sdr: Annotated[int, Field(ge=1, le=100_000)] = 8
    others: Annotated[int, Field(ge=1, le=100_000)] = 3


class Calm(Part):
    """How often Tandem rings, and what people may put off. Times of day are in the reader's own zone."""

    pings: Pings = Pings()
    manager_hears_at: Annotated[tuple[time, ...], Field(min_length=1, max_length=6), AfterValidator(_in_order)] = (
        time(11, 0),
        time(16, 0),
    )
    morning_brief: bool = True
    later_days_at_most: Annotated[int, Field(ge=1, le=60)] = 5
    pause_days_at_most: Annotated[int, Field(ge=1, le=730)] = 180
    quiet_hours_at_most: Annotated[int, Field(ge=1, le=72)] = 12
    stalled_after_days: Annotated[int, Field(ge=1, le=250)] = 10
    first_day_percent: Annotated[int, Field(ge=10, le=100)] = 50
    hot_in_breaks: bool = False


class FieldCondition(Part):
    """A condition on one field of a lead, its contact or its account. Texts compare without case."""

    field: Annotated[str, Field(min_length=1)]
    equals: Scalar | None = None
    one_of: Annotated[tuple[Scalar, ...] | None, Field(alias="in", min_length=1)] = None
    contains: str | None = None
    at_least: float | None = None
    exists: bool | None = None

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        tests = (self.equals, self.one_of, self.contains, self.at_least, self.exists)
        if sum(test is not None for test in tests) != 1:
            raise ValueError("needs exactly one of equals, in, contains, at_least, exists")
        return self


class TouchCondition(Part):
    """A condition on what the lead did: touches of a kind, on an asset, often enough, lately enough."""

    touch: Code
    asset_contains: str | None = None
    at_least: Annotated[int, Field(ge=1)] = 1
    within_days: Annotated[float | None, Field(gt=0)] = None


Condition = FieldCondition | TouchCondition


def _which_condition(value: object) -> object:
    if not isinstance(value, dict):
        return value
    if "touch" in value:
        return TouchCondition.model_validate(value)
    return FieldCondition.model_validate(value)


def _at_least_one(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    if not conditions:
        raise ValueError("needs at least 1 item: a condition")
    return conditions


Conditions = Annotated[
    tuple[Annotated[Condition, BeforeValidator(_which_condition)], ...], AfterValidator(_at_least_one)
]


def _no_touch(value: object) -> object:
    if isinstance(value, dict) and "touch" in value:
        raise ValueError("a pool is chosen by fields; a touch belongs into score or gate")
    return value


class ScoreRule(Part):
    """Points when every condition of `when` holds. `half_life_days` halves them with the age of the touch."""

    code: Code
    kind: Literal["fit", "engagement"]
    points: Annotated[int, Field(ge=-100, le=100)]
    text: Annotated[str, Field(min_length=1, max_length=80)]
    when: Conditions
    half_life_days: Annotated[float | None, Field(gt=0)] = None

    @model_validator(mode="after")
    def _half_life_needs_a_touch(self) -> Self:
        if self.half_life_days and not any(isinstance(c, TouchCondition) for c in self.when):
            raise ValueError("half_life_days needs a touch among its conditions: a field has no age")
        return self


class FastTrack(Part):
    """What makes a lead an MQL whatever its score."""

    code: Code
    text: Annotated[str, Field(min_length=1, max_length=80)]
    when: Conditions
    hot: bool = True


class Gate(Part):
    """What a lead needs to become an MQL."""

    min_fit: int = 0
    min_engagement: int = 0
    fast_track: tuple[FastTrack, ...] = ()


class Territory(Part):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    countries: Annotated[tuple[str, ...], Field(min_length=1)]


class Pool(Part):
    """People who take leads in turn. The first pool whose conditions hold is asked."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    role: Code
    when: tuple[Annotated[FieldCondition, BeforeValidator(_no_touch)], ...] = ()


class Routing(Part):
    fallback: Email
    territories: tuple[Territory, ...] = ()
    pools: tuple[Pool, ...] = ()


class RejectionReason(Part):
    """One plain reason a rep can give; `rejection_class` and what happens next follow from it."""

    code: Code
    label: Annotated[str, Field(min_length=1, max_length=75)]
    rejection_class: Annotated[RejectionClass, Field(alias="class")]
    then: AfterRejection
    asks_sentence: bool = False
    asks_date: bool = False
    default_days: Annotated[int, Field(ge=1, le=1000)] = 90

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)


class Source(Part):
    code: Code
    name: Annotated[str, Field(min_length=1, max_length=60)]
    owner: Email | None = None


class Campaign(Part):
    """`starts` and `ends` are its first and last day; `cost` is in whole units of the usual currency, where known."""

    code: Annotated[str, Field(min_length=1, max_length=80)]
    name: Annotated[str, Field(min_length=1, max_length=60)]
    owner: Email | None = None
    starts: date | None = None
    ends: date | None = None
    cost: Annotated[int | None, Field(ge=0, le=1_000_000_000)] = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError("ends: should not be before starts")
        return self


class LossReason(Part):
    """Why a qualified lead was lost."""

    code: Code
    label: Annotated[str, Field(min_length=1, max_length=75)]
    asks_sentence: bool = False


Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Deals(Part):
    """The currencies deals are made in, the usual one first, and why they are lost."""

    currencies: Annotated[tuple[Currency, ...], Field(min_length=1, max_length=30)] = ("EUR",)
    losses: Annotated[tuple[LossReason, ...], Field(min_length=1, max_length=10)] = (
        LossReason(code="other", label="Something else", asks_sentence=True),
    )

    def loss(self, code: str) -> LossReason | None:
        return next((loss for loss in self.losses if loss.code == code), None)


class Queue(Part):
    """From how many unanswered cards on somebody gets one queue message instead; how often that may ring."""

    from_unanswered: Annotated[int, Field(ge=1, le=100_000)] = 5
    ping_every_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60
    take_at_once: Annotated[int, Field(ge=2, le=10)] = 5


class Marketing(Part):
    """`daily_at` is when somebody hears what became of their leads, in their own zone, on their working days."""

    fallback_owner: Email
    daily_at: time = time(16, 0)


class Channels(Part):
    """Where the team hears of leads. No `leads` channel means no lines."""

    leads: str | None = None
    lines_a_day: Annotated[int, Field(ge=0, le=200)] = 20


class Policy(Part):
    """Everything both teams agreed. See `config/policy.toml` for an explained example."""

    company: Annotated[str, Field(min_length=1, max_length=80)]
    zone: Zone
    pilot: tuple[Email, ...] = ()
    undo_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    reopen_within_days: Annotated[int, Field(ge=0, le=3650)] = 180
    calendars: Annotated[dict[Code, WorkingHours], Field(min_length=1)]
    default_calendar: Code
    team_calendars: dict[Code, Code] = Field(default_factory=dict)
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    ladder: Annotated[tuple[LadderStep, ...], Field(min_length=1, max_length=20)] = (
        LadderStep(does="remind", percent=50),
        LadderStep(does="warn", percent=75),
        LadderStep(does="late", percent=100),
        LadderStep(does="move", percent=150),
    )
    calm: Calm = Calm()
    people_figures: bool = True
    score: tuple[ScoreRule, ...] = ()
    gate: Gate = Gate()
    routing: Routing
    rejections: Annotated[tuple[RejectionReason, ...], Field(min_length=1, max_length=10)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    campaigns: tuple[Campaign, ...] = ()
    deals: Deals = Deals()
    queue: Queue = Queue()
    marketing: Marketing
    field: FieldRules = FieldRules()
    guard: Guard = Guard()
    channels: Channels = Channels()
    council: Council = Council()

    @cached_property
    def canonical(self) -> str:
        """The same rules always give the same JSON."""
        dumped = self.model_dump(mode="json", by_alias=True, exclude_defaults=False)
        return json.dumps(dumped, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def hash(self) -> str:
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @classmethod
    def from_canonical(cls, canonical: str) -> "Policy":
        return _parsed(canonical)

    @classmethod
    def load(cls, path: Path) -> "Policy":
        """Read a policy file. Raises PolicyError, one line a problem: `policy.toml:12: score[2].points: …`."""
        try:
            text = path.read_text("utf-8")
            document = tomllib.loads(text)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PolicyError([f"{path.name}: {error}"]) from error
        places = places_in(text)
        try:
            policy = cls.model_validate(document)
        except ValidationError as error:
            problems = [(problem["loc"], problem["msg"]) for problem in error.errors()]
            raise PolicyError([_explain(path.name, *problem, places) for problem in problems]) from error
        if loose := list(_loose_ends(policy)):
            raise PolicyError([_explain(path.name, *problem, places) for problem in loose])
        return policy

    def target(self, promise: str, role: str, hot: bool) -> timedelta:
        """Working time for a promise: the first target in the policy that fits."""
        fits = (t for t in self.targets if t.promise == promise and t.role in (None, role) and t.hot in (None, hot))
        found = next(fits, None)
        return found.work if found else timedelta(minutes=USUAL_MINUTES[promise])

    def ladder_for(self, promise: str, hot: bool) -> tuple[LadderStep, ...]:
        """The steps of a promise: of each kind the first in the policy that fits."""
        fits = [s for s in self.ladder if s.promise in (None, promise) and s.hot in (None, hot)]
        return tuple(step for n, step in enumerate(fits) if step.does not in {s.does for s in fits[:n]})

    def reason(self, code: str) -> RejectionReason:
        return next(reason for reason in self.rejections if reason.code == code)

    def source_name(self, code: str) -> str:
        return next((source.name for source in self.sources if source.code == code), code)

    def campaign_name(self, code: str | None) -> str | None:
        return next((campaign.name for campaign in self.campaigns if campaign.code == code), code)

    def marketing_owner(self, source: str, campaign: str | None) -> str:
        """E-mail of who answers for a lead: the campaign's owner, else the source's, else the fallback."""
        owners = [c.owner for c in self.campaigns if c.code == campaign]
        owners += [s.owner for s in self.sources if s.code == source]
        return next((owner for owner in owners if owner), self.marketing.fallback_owner)


@lru_cache(maxsize=8)
def _parsed(canonical: str) -> Policy:
    return Policy.model_validate(json.loads(canonical))


def _loose_ends(policy: Policy) -> Iterator[tuple[Place, str]]:
    """What each part allows but the whole does not: its place and what is wrong."""
    for team, calendar in policy.team_calendars.items():
        if calendar not in policy.calendars:
            yield ("team_calendars", team), f"{calendar!r} is not one of calendars"
    if policy.default_calendar not in policy.calendars:
        yield ("default_calendar",), f"{policy.default_calendar!r} is not one of calendars"
    for promise in ("answer", "first_contact"):
        if not any(t.promise == promise and t.role is None and t.hot is None for t in policy.targets):
            yield ("targets",), f"need one for {promise!r} without role and hot, for everybody else"
    lists: list[tuple[Place, Sequence[str]]] = [
        (("pilot",), policy.pilot),
        (("score",), [rule.code for rule in policy.score]),
        (("gate", "fast_track"), [rule.code for rule in policy.gate.fast_track]),
        (("rejections",), [reason.code for reason in policy.rejections]),
        (("deals", "losses"), [loss.code for loss in policy.deals.losses]),
        (("sources",), [source.code for source in policy.sources]),
        (("field", "kinds"), [kind.code for kind in policy.field.kinds]),
        (("field", "products"), [product.code for product in policy.field.products]),
        (("field", "categories"), [category.code for category in policy.field.categories]),
        (("campaigns",), [campaign.code for campaign in policy.campaigns]),
        (("routing", "territories"), [territory.name for territory in policy.routing.territories]),
        (("routing", "pools"), [pool.name for pool in policy.routing.pools]),
    ]
    yield from unheard_signs(policy.guard)
    yield from doubled_goals(policy.council)
    for place, names in lists:
        for number, name in enumerate(names):
            if name in names[:number]:
                key = ("name",) if place[0] == "routing" else ("code",)
                where = place if place == ("pilot",) else (*place, number, *key)
                yield where, f"{name!r} stands there more than once"


def _explain(name: str, loc: Place, message: str, places: dict[Place, int]) -> str:
    # Union and alias steps that are not keys of the file do not help its reader.
    where: Place = tuple(step for step in loc if not str(step).endswith("]"))
    line = next((places[where[:n]] for n in range(len(where), 0, -1) if where[:n] in places), 1)
    path = ""
    for step in where:
        path += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return f"{name}:{line}: {path or 'the whole file'}: {_plainly(message)}"


def _plainly(message: str) -> str:
    """A validator's words as an operator says them."""
    for theirs, ours in PLAINLY.items():
        message = message.replace(theirs, ours)
    return message
