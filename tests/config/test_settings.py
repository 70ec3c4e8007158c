"""The environment is read once, and everything wrong with it is said at once."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
WRONG = {
    "DATABASE_URL": "mysql://localhost/tandem",
    "SLACK_BOT_TOKEN": "xoxp-a-users-token",
    "SLACK_API_URL": "http://slack.example/api/",
    "SLACK_TIMEOUT_SECONDS": "soon",
    "SLACK_POSTS_PER_MINUTE": "0",
    "PORT": "99999",
    "WEB_THREADS": "1",
    "SENDER_THREADS": "many",
    "TICK_SECONDS": "-1",
    "LOG_LEVEL": "chatty",
}


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def problems(environ: dict[str, str], dotenv: Path, *, slack: bool = False) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.load(environ, dotenv, slack=slack)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return caught.value.problems


def test_an_empty_environment_is_enough_to_begin(dotenv: Path) -> None:
    settings = Settings.load({}, dotenv)
    assert settings.database_url == "sqlite:///tandem.sqlite3"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.policy_file == Path("config/policy.toml")
    assert settings.clock_file is None


def test_every_problem_is_reported_at_once_with_its_variable_and_an_example(dotenv: Path) -> None:
    found = problems(WRONG, dotenv, slack=True)
    names = [problem.partition(":")[0] for problem in found]
    assert sorted(names) == sorted([*WRONG, "SLACK_SIGNING_SECRET"])
    for name, problem in zip(names, found, strict=True):
        example = (Settings.model_fields[name.lower()].examples or [])[0]
        assert problem.endswith(f"for example {example}")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_example_is_accepted(name: str, dotenv: Path) -> None:
    """What a problem suggests must work when it is pasted."""
    example = (Settings.model_fields[name].examples or [])[0]
    assert Settings.load({name.upper(): example}, dotenv).model_fields_set == {name}


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_talking_to_slack_needs_token_and_secret(blank: str | None, dotenv: Path) -> None:
    given = {} if blank is None else {"SLACK_BOT_TOKEN": blank, "SLACK_SIGNING_SECRET": blank}
    found = problems(given, dotenv, slack=True)
    assert [problem.split(" (")[0] for problem in found] == [
        "SLACK_BOT_TOKEN: is missing",
        "SLACK_SIGNING_SECRET: is missing",
    ]


def test_the_environment_goes_before_the_file(dotenv: Path) -> None:
    dotenv.write_text("PORT=4000\nHOST=0.0.0.0\nSLACK_BOT_TOKEN='xoxb-file'\n", "utf-8")
    settings = Settings.load({"PORT": "5000"}, dotenv)
    assert (settings.port, settings.host, settings.slack_bot_token) == (5000, "0.0.0.0", "xoxb-file")  # noqa: S104


def test_a_problem_in_the_file_is_reported_too(dotenv: Path) -> None:
    dotenv.write_text("PORT=high\n", "utf-8")
    assert problems({"HOST": "localhost"}, dotenv)[0].startswith("PORT: ")


def test_variables_of_others_and_empty_ones_are_left_alone(dotenv: Path) -> None:
    assert Settings.load({"HOME": "/root", "PORT": "", "CLOCK_FILE": ""}, dotenv) == Settings.load({}, dotenv)


@pytest.mark.parametrize(
    "given, kept",
    [
        ("postgres://u@h/db", "postgresql+psycopg://u@h/db"),
        ("postgresql://u@h/db", "postgresql+psycopg://u@h/db"),
        ("postgresql+psycopg://u@h/db", "postgresql+psycopg://u@h/db"),
        (" sqlite:////var/tandem.db ", "sqlite:////var/tandem.db"),
    ],
)
def test_a_database_may_be_named_as_hosts_name_it(given: str, kept: str, dotenv: Path) -> None:
    assert Settings.load({"DATABASE_URL": given}, dotenv).database_url == kept


@pytest.mark.parametrize(
    "given, kept",
    [
        ("https://slack.com/api", "https://slack.com/api/"),
        ("http://127.0.0.1:9000/api/", "http://127.0.0.1:9000/api/"),
        ("http://localhost:9000", "http://localhost:9000/"),
    ],
)
def test_any_slack_compatible_server_will_do(given: str, kept: str, dotenv: Path) -> None:
    assert Settings.load({"SLACK_API_URL": given}, dotenv).slack_api_url == kept


@pytest.mark.parametrize("url", ["http://127.0.0.1.evil.example/api/", "http://localhost.evil.example/"])
def test_the_token_is_not_sent_in_the_clear_to_another_machine(url: str, dotenv: Path) -> None:
    assert problems({"SLACK_API_URL": url}, dotenv)[0].startswith("SLACK_API_URL: ")


def test_secrets_are_not_shown(dotenv: Path) -> None:
    secret = {"SLACK_BOT_TOKEN": "xoxb-geheim", "SLACK_SIGNING_SECRET": "geheim"}
    assert "geheim" not in repr(Settings.load(secret, dotenv))
    wrong = {"SLACK_BOT_TOKEN": "geheim", "DATABASE_URL": "mysql://u:geheim@h/db"}
    assert "geheim" not in "".join(problems(wrong, dotenv))


def test_settings_do_not_change_under_way(dotenv: Path) -> None:
    with pytest.raises(ValidationError):
        Settings.load({}, dotenv).port = 1  # type: ignore[misc]


def test_the_example_file_names_every_variable_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    named = re.findall(r"^(?:# ?)?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)
