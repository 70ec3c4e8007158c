"""What a lead may look like when it comes in, whatever it comes through: HTTP, a file, a command."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.leads.scoring import Touch

Line = Annotated[str, Field(max_length=200)]
DATED = re.compile(r"\s*\d{4}-\d{2}-\d{2}")
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
Email = Annotated[
    str,
    Field(pattern=r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$", max_length=254, examples=["m.weber@example.org"]),
    AfterValidator(str.lower),
]
FieldValue = (
    Annotated[str, Field(max_length=1000)]
    | Annotated[int, Field(ge=-(2**53), le=2**53)]
    | Annotated[float, Field(allow_inf_nan=False)]
    | bool
)


def cleaned(value: Any) -> Any:
    """The same value with every text in it free of NULs and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, dict):
        return {cleaned(key): cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(inner) for inner in value]
    return value


def _dated(value: object) -> object:
    """A bare number would be read as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and DATED.match(value)):
        return value
    raise ValueError("is no instant; write for example 2026-11-23T09:12:00+01:00")


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies outside the calendar") from error


# In UTC: two instants in a zone do not compare where its clocks change.
Instant = Annotated[AwareDatetime, BeforeValidator(_dated), AfterValidator(_in_utc)]


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class Incoming(BaseModel):
    """Something said from outside. What no database keeps (NUL, half characters) is left out before anything else."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, value: Any) -> Any:
        return cleaned(value)


class TouchIn(Incoming):
    """Something the lead did. Without `at`, the instant it comes in."""

    kind: Annotated[Code, Field(examples=["download"])]
    asset: Annotated[str, Field(max_length=200, examples=["CellScan price guide"])] = ""
    at: Instant | None = None


class ConsentIn(Incoming):
    """What the lead agreed to; unsaid stays unknown."""

    call: bool | None = None
    email: bool | None = None
    do_not_contact: bool | None = None


class LeadIn(Incoming):
    """One lead. It needs an `external_id` or an `email`; everything else helps."""

    external_id: Annotated[Line | None, BeforeValidator(_blank_is_none), Field(examples=["crm-4711"])] = None
    email: Annotated[Email | None, BeforeValidator(_blank_is_none)] = None
    name: Annotated[Line | None, BeforeValidator(_blank_is_none), Field(examples=["Dr. Miriam Weber"])] = None
    title: Annotated[Line | None, BeforeValidator(_blank_is_none)] = None
    phone: Annotated[str | None, Field(max_length=60), BeforeValidator(_blank_is_none)] = None
    company: Annotated[Line | None, BeforeValidator(_blank_is_none), Field(examples=["Charité"])] = None
    domain: Annotated[Line | None, BeforeValidator(_blank_is_none), Field(examples=["charite.example"])] = None
    account_type: Annotated[str | None, Field(max_length=80), BeforeValidator(_blank_is_none)] = None
    account_owner: Annotated[Email | None, BeforeValidator(_blank_is_none)] = None
    country: Annotated[str | None, Field(max_length=80), BeforeValidator(_blank_is_none)] = None
    city: Annotated[str | None, Field(max_length=120), BeforeValidator(_blank_is_none)] = None
    campaign: Annotated[str | None, Field(max_length=80), BeforeValidator(_blank_is_none)] = None
    url: Annotated[str | None, Field(pattern=r"^https?://\S+$", max_length=2000), BeforeValidator(_blank_is_none)] = (
        None
    )
    received_at: Instant | None = None
    touches: Annotated[tuple[TouchIn, ...], Field(max_length=100)] = ()
    consent: ConsentIn = ConsentIn()
    fields: Annotated[dict[Annotated[str, Field(max_length=60)], FieldValue], Field(max_length=60)] = {}

    @model_validator(mode="after")
    def _can_be_known_again(self) -> Self:
        if self.external_id is None and self.email is None:
            raise ValueError("external_id or email is needed, to know this lead again")
        return self

    def touched(self, now: datetime) -> list[Touch]:
        return [Touch(touch.kind, touch.asset, touch.at or self.received_at or now) for touch in self.touches]


def problems_of(error: ValidationError) -> list[dict[str, Any]]:
    """Each problem with the field it is in, as a sender can mend it."""
    return [
        {
            "field": cleaned(".".join(str(step) for step in problem["loc"])) or "lead",
            "message": problem["msg"].removeprefix("Value error, "),
        }
        for problem in error.errors()
    ]
