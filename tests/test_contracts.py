"""What must stay equal: manifest and listeners, buttons and handlers, docs and commands, models and migrations."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from typer.main import get_command

import handlers.answers
import handlers.asking
import handlers.commands
import handlers.council
import handlers.exports
import handlers.field
import handlers.home
import handlers.leads
import handlers.meeting
import handlers.promises
import handlers.reviews
import handlers.talk
import handlers.triage
from bot.app import create_app
from bot.cli import app as command_line
from bot.council import blocks as council_blocks
from bot.council import forms as council_forms
from bot.exports import forms as export_forms
from bot.feedback import answer_blocks, duty_blocks
from bot.feedback import blocks as field_blocks
from bot.feedback import forms as field_forms
from bot.home import blocks as home_blocks
from bot.leads import blocks as leads_blocks
from bot.leads import forms as leads_forms
from bot.leads import review_forms
from bot.leads.files import Mapped
from bot.manifest import EXAMPLE_URL, manifest
from bot.people import blocks as people_blocks
from bot.people import roster
from bot.services import Services
from bot.sla import blocks as sla_blocks
from bot.sla import forms as sla_forms
from bot.store import Base
from bot.store.migrate import downgrade, upgrade
from config.policy import Policy
from config.settings import Commands
from tests.conftest import TurnedClock
from tests.world import MANIFEST, ROOT, settings_for

LISTENER = re.compile(r"app\.(action|view|command|event|shortcut|options)\(([^)]+)\)")
ROOMS = (
    handlers.answers,
    handlers.asking,
    handlers.commands,
    handlers.council,
    handlers.exports,
    handlers.field,
    handlers.home,
    handlers.leads,
    handlers.meeting,
    handlers.promises,
    handlers.reviews,
    handlers.talk,
    handlers.triage,
)


MAKERS = (
    leads_blocks,
    leads_forms,
    review_forms,
    home_blocks,
    people_blocks,
    sla_blocks,
    sla_forms,
    field_blocks,
    field_forms,
    duty_blocks,
    answer_blocks,
    export_forms,
    council_blocks,
    council_forms,
)


@pytest.fixture
def registered(sqlite_url: str, clock: TurnedClock) -> dict[str, set[str]]:
    """What Bolt really listens to, by kind, found by asking each listener's matcher."""
    services = Services.build(settings_for(sqlite_url, "http://127.0.0.1:1"), clock)
    bolt = create_app(services)
    named: dict[str, set[str]] = {}
    for room in ROOMS:
        known = {**vars(room), "named": services.settings.commands}
        for kind, what in LISTENER.findall(inspect.getsource(room)):
            owner, _, name = what.rpartition(".")
            found = getattr(known[owner], name) if owner else known.get(what, what.strip('"'))
            named.setdefault(kind, set()).add(str(found))
    assert len(bolt._listeners) == sum(map(len, named.values()))
    services.engine.dispose()
    return named


def test_the_manifest_names_exactly_the_commands_and_events_listened_to(registered: dict[str, set[str]]) -> None:
    assert {c["command"] for c in MANIFEST["features"]["slash_commands"]} == registered["command"]
    assert MANIFEST["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened", "message.im"]
    assert registered["event"] == {"app_home_opened", "message"}
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"]
    assert {s["callback_id"] for s in MANIFEST["features"]["shortcuts"]} == registered["shortcut"]


def test_the_manifest_in_the_repository_is_the_one_that_is_printed() -> None:
    assert manifest(Commands(), EXAMPLE_URL) == MANIFEST


def test_every_button_and_form_has_a_handler(registered: dict[str, set[str]]) -> None:
    made: set[str] = set()
    for room in MAKERS:
        made |= {value for name, value in vars(room).items() if name.isupper() and is_id(value)}
    only_shown = {leads_forms.LEAD_MODAL, leads_forms.MINE_MODAL, field_blocks.REPORT_MODAL}
    heard = registered["action"] | registered["view"] | registered["options"]
    assert made - INPUTS_READ_ON_SUBMIT - only_shown == heard


def is_id(value: object) -> bool:
    return (
        isinstance(value, str)
        and re.fullmatch(r"(lead|home|people|sla|field|duty|export|council)_[a-z_]+", value) is not None
    )


ROOM_NAMES = "lead|home|people|sla|field|duty|export|council"
HEARD_AT_ONCE = ("REASON_CHOSEN", "SWITCH", "RECEIVED", "WORKED", "DID_NOT", "WRITE", "WRITE_ANSWER")
INPUTS_READ_ON_SUBMIT = {
    value
    for forms in (
        leads_forms,
        review_forms,
        sla_forms,
        field_forms,
        duty_blocks,
        answer_blocks,
        export_forms,
        council_forms,
    )
    for name, value in vars(forms).items()
    if name.isupper() and is_id(value) and not name.endswith(("_FORM", "_MODAL")) and name not in HEARD_AT_ONCE
} | {people_blocks.HOURS}


def test_every_scope_has_its_reason_in_the_docs() -> None:
    told = (ROOT / "docs" / "operations.md").read_text("utf-8")
    for scope in MANIFEST["oauth_config"]["scopes"]["bot"]:
        assert f"`{scope}`" in told


def test_the_readme_lists_exactly_the_commands_there_are() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `tandem ([^`]+)`", readme, re.M)
    assert sorted(
        " ".join(word for word in row.split() if word.islower() and word.isalpha()) for row in rows
    ) == sorted(commands())


def commands() -> set[str]:
    found = set()
    for name, command in vars(get_command(command_line))["commands"].items():
        inner = getattr(command, "commands", None)
        found |= {f"{name} {sub}" for sub in inner} if inner else {name}
    return found


def test_the_two_commands_of_the_readme_are_in_the_makefile() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make ([a-z]+)", readme):
        assert re.search(rf"^{target}:", makefile, re.M) or re.search(rf"\.PHONY:.*\b{target}\b", makefile)


def test_every_command_explains_itself() -> None:
    done = subprocess.run([sys.executable, "-m", "bot", "--help"], capture_output=True, text=True, check=True)
    assert "people" in done.stdout and "outbox" in done.stdout


def test_migrations_match_the_models_and_go_back(engine: Engine) -> None:
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        connection.rollback()
    assert difference == []
    downgrade(engine, "base")
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_requirements_are_pinned_with_hashes_and_name_no_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert "--hash=sha256:" in text
        assert "http://" not in text and "https://" not in text


def test_no_column_holds_a_naive_time() -> None:
    kinds = {str(type(c.type).__name__) for t in Base.metadata.sorted_tables for c in t.columns}
    assert "DateTime" not in kinds and "UtcDateTime" in kinds


def test_the_examples_can_be_used_as_they_are() -> None:
    policy = Policy.load(ROOT / "config" / "policy.toml")
    assert len(roster.read(ROOT / "docs" / "examples" / "people.csv", policy)) == 4
    mapping = Mapped.load(ROOT / "docs" / "examples" / "mapping.toml")
    assert mapping.source in {source.code for source in policy.sources}


def test_documents_name_files_that_exist() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for path in re.findall(r"`((?:bot|config|docs|sandbox|tests|bench)/[\w./-]*)`", page.read_text("utf-8")):
            assert (ROOT / Path(path)).exists(), f"{page.name} names {path}"
