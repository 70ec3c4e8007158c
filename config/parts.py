"""What the parts of the policy are made of."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254), AfterValidator(str.lower)]
Label = Annotated[str, Field(min_length=1, max_length=75)]


class Part(BaseModel):
    """A part of the policy: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
