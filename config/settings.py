"""The environment, read once into one frozen object; every problem is reported at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})
SQLITE_OR_POSTGRES = ("sqlite:///", "postgresql+psycopg://", "postgresql://", "postgres://")


class SettingsError(Exception):
    """The environment cannot be used; `problems` holds one sentence for each variable."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The environment needs a correction:\n" + "\n".join(f"  {line}" for line in problems))


@dataclass(frozen=True)
class Commands:
    """The slash commands as they are called in this workspace."""

    lead: str = "/lead"
    sla: str = "/sla"
    field: str = "/field-feedback"
    objection: str = "/objection"
    tandem: str = "/tandem"
    council: str = "/council"


NAMES = ("lead", "sla", "field-feedback", "objection", "tandem", "council")


class Settings(BaseModel):
    """One field for each variable, named alike in lower case. `.env.example` lists the same names."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    database_url: Annotated[
        str,
        Field(
            description="the database: a SQLite file beside the project, or PostgreSQL",
            examples=["postgresql://tandem@localhost/tandem"],
        ),
    ] = "sqlite:///tandem.sqlite3"
    slack_bot_token: Annotated[
        str, Field(description="the bot token of the Slack app", examples=["xoxb-…"], repr=False)
    ] = ""
    slack_signing_secret: Annotated[
        str, Field(description="the signing secret of the Slack app", examples=["8f742231b10e…"], repr=False)
    ] = ""
    slack_app_token: Annotated[
        str,
        Field(
            description="the app-level token, for Socket Mode only: then no public address is needed",
            examples=["xapp-…"],
            repr=False,
        ),
    ] = ""
    command_prefix: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9_-]{0,20}$",
            description="comes before the names of commands, where others have taken them",
            examples=["tdm-"],
        ),
    ] = ""
    slack_api_url: Annotated[
        str,
        Field(
            description="the base of Slack's Web API, or of a server that speaks it",
            examples=["https://slack.com/api/"],
        ),
    ] = "https://slack.com/api/"
    slack_timeout_seconds: Annotated[
        float, Field(gt=0, le=30, description="how long one call to Slack may take", examples=["5"])
    ] = 5.0
    slack_posts_per_minute: Annotated[
        int,
        Field(gt=0, le=1200, description="new messages a minute in the whole workspace", examples=["300"]),
    ] = 300
    policy_file: Annotated[Path, Field(description="the rules both teams agreed", examples=["config/policy.toml"])] = (
        Path("config/policy.toml")
    )
    host: Annotated[str, Field(description="where the web process listens", examples=["127.0.0.1"])] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="its port", examples=["3000"])] = 3000
    web_threads: Annotated[
        int, Field(ge=2, le=128, description="requests from Slack served at once", examples=["20"])
    ] = 20
    sender_threads: Annotated[
        int, Field(ge=1, le=16, description="conversations a worker writes to at once", examples=["4"])
    ] = 4
    tick_seconds: Annotated[
        float, Field(gt=0, le=60, description="how often a worker looks for due work", examples=["0.5"])
    ] = 0.5
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="how much is logged", examples=["info"]),
    ] = "info"
    clock_file: Annotated[
        Path | None,
        Field(description="a file that turns the clock; for demos only", examples=["clock.json"]),
    ] = None

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(SQLITE_OR_POSTGRES):
            raise ValueError("begins with sqlite:/// or postgresql://")
        scheme, rest = url.split("://", 1)
        return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url

    @field_validator("slack_api_url")
    @classmethod
    def _base_with_slash(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in THIS_MACHINE):
            raise ValueError("begins with https:// (http:// only for this machine)")
        return url if url.endswith("/") else url + "/"

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, token: str) -> str:
        if token and not token.startswith("xoxb-"):
            raise ValueError("is a bot token, which begins with xoxb-")
        return token

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, token: str) -> str:
        if token and not token.startswith("xapp-"):
            raise ValueError("is an app-level token, which begins with xapp-")
        return token

    @property
    def commands(self) -> "Commands":
        return Commands(*(f"/{self.command_prefix}{name}" for name in NAMES))

    @field_validator("clock_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, dotenv: Path | None = None, *, slack: bool = False) -> Self:
        """Read `.env`, then the environment over it.

        `slack=True` also asks for what talking to Slack needs. Raises SettingsError with every problem.
        """
        values = _read(environ if environ is not None else os.environ, dotenv or Path(".env"))
        problems: list[str] = []
        settings = None
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            problems += [_explain(cls, str(e["loc"][0]), e["msg"]) for e in error.errors()]
        if slack:
            wanted = ["slack_bot_token"]
            if not values.get("slack_app_token"):  # over HTTP, requests are signed
                wanted.append("slack_signing_secret")
            problems += [_explain(cls, name, "is missing") for name in wanted if not values.get(name)]
        if problems or settings is None:
            raise SettingsError(problems)
        return settings


def _read(environ: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    merged = {**dotenv_values(dotenv), **environ} if dotenv.is_file() else dict(environ)
    names = {name.upper(): name for name in Settings.model_fields}
    return {names[key]: value for key, value in merged.items() if key in names and value and value.strip()}


def _explain(cls: type[Settings], name: str, problem: str) -> str:
    field = cls.model_fields[name]
    example = (field.examples or [""])[0]
    return f"{name.upper()}: {problem.removeprefix('Value error, ')} ({field.description}), for example {example}"
