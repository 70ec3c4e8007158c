"""What a lead may look like when it comes in, whatever it comes through: HTTP, a file, a command."""

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

Line = Annotated[str, Field(max_length=200), AfterValidator(lambda text: text.replace("\x00", ""))]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
Email = Annotated[
    str,
    Field(pattern=r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$", max_length=254, examples=["m.weber@example.org"]),
    AfterValidator(str.lower),
]
FieldValue = Annotated[str, Field(max_length=1000)] | int | float | bool
# In UTC: two instants in a zone do not compare where its clocks change.
Instant = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class Incoming(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


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
            "field": ".".join(str(step) for step in problem["loc"]) or "lead",
            "message": problem["msg"].removeprefix("Value error, "),
        }
        for problem in error.errors()
    ]
