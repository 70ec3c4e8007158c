"""What is agreed about the sales-marketing council: when it is briefed, and what both teams want to reach together."""

from collections.abc import Iterator
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.parts import Code, Email, Label, Part
from config.places import Place


class Measure(StrEnum):
    """What can be counted of a period: for a goal, for a decision, for a look at the facts. See docs/metrics.md."""

    LEADS = "leads"
    ACCEPTED = "accepted"
    ACCEPTANCE = "acceptance"
    CAME_BACK = "came_back"
    QUALIFIED = "qualified"
    WON = "won"
    WON_VALUE = "won_value"
    SALES_IN_TIME = "sales_in_time"
    MARKETING_IN_TIME = "marketing_in_time"
    MEDIAN_ANSWER = "median_answer"
    SPEED_TO_LEAD = "speed_to_lead"
    OBJECTIONS = "objections"
    FIELD_ANSWERED = "field_answered"


# What adds up over a period; a share or a time does not, and is no goal one paces towards.
ADDS_UP = frozenset(
    {Measure.LEADS, Measure.ACCEPTED, Measure.CAME_BACK, Measure.QUALIFIED, Measure.WON, Measure.WON_VALUE}
)


class Goal(Part):
    """What both teams want to reach by `until`, counted since `since`, with somebody in each team who answers for it.

    `target` is in the measure's own unit: leads, deals, or whole units of the usual currency.
    """

    code: Code
    label: Label
    measure: Measure
    target: Annotated[float, Field(gt=0, le=1e12)]
    since: date
    until: date
    sales: Email
    marketing: Email

    @model_validator(mode="after")
    def _can_be_reached(self) -> "Goal":
        if self.measure not in ADDS_UP:
            raise ValueError(f"measure: {self.measure} does not add up; choose one of {', '.join(sorted(ADDS_UP))}")
        if self.until <= self.since:
            raise ValueError("until: should be after since")
        return self


class Council(Part):
    """When the digest of the week before comes, and where; without a `channel` nobody is briefed.

    `day` and `at` are in the company's own zone. A group smaller than `smallest_share` is told in counts, never in
    percent.
    """

    channel: Annotated[str | None, Field(min_length=1, max_length=80)] = None
    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    at: time = time(8, 0)
    smallest_share: Annotated[int, Field(ge=2, le=100)] = 5
    decide_days: Annotated[int, Field(ge=1, le=366)] = 14
    letter: bool = True
    goals: Annotated[tuple[Goal, ...], Field(max_length=3)] = ()


def doubled_goals(council: Council) -> Iterator[tuple[Place, str]]:
    """Goals that have the same code: their place in the file, and what to do."""
    codes = [goal.code for goal in council.goals]
    for number, code in enumerate(codes):
        if code in codes[:number]:
            yield ("council", "goals", number, "code"), f"{code!r} stands there more than once"
