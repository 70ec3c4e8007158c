"""`tandem doctor` finds what is wrong and says what to do; `tandem manifest` prints what the app needs."""

import json

from bot.manifest import SCOPES
from tests.cli.shell import Shell
from tests.world import MANIFEST


def healthy(shell: Shell) -> None:
    """The whole team, so that everybody the policy names is known."""
    rows = ["name,email,team,roles", "Marc Dubois,marc@helix.example,marketing,marketer"]
    user = {"id": "U08", "name": "marc", "real_name": "Marc Dubois", "email": "marc@helix.example"}
    shell.w.slack.set_up({"users": [user]})
    assert shell.quick("people", "import", shell.write("marc.csv", "\n".join(rows) + "\n"), "--yes").status == 0


def test_all_is_well(shell: Shell) -> None:
    healthy(shell)
    said = shell.quick("doctor")
    assert said.status == 0, said.out
    assert [line.split(":")[0] for line in said.out.splitlines()] == [
        "✓ Settings", "✓ Policy", "✓ Database", "✓ Bot token", "✓ Scopes", "✓ Clock", "✓ Way in", "✓ Channel",
        "✓ Channel", "✓ People", "All is well.",
    ]  # fmt: skip


def test_missing_settings_are_named_with_the_fix(shell: Shell) -> None:
    said = shell.quick("doctor", SLACK_BOT_TOKEN="")
    assert said.status == 1
    assert "SLACK_BOT_TOKEN: is missing" in said.out and ".env.example" in said.out


def test_a_revoked_token(shell: Shell) -> None:
    said = shell.quick("doctor", SLACK_BOT_TOKEN="xoxb-wrong")
    assert "✗ Bot token: Slack says invalid_auth" in said.out
    assert "→ copy the Bot User OAuth Token" in said.out


def test_missing_scopes_are_named_with_what_they_are_for(shell: Shell) -> None:
    held = sorted(set(SCOPES) - {"im:history"})
    shell.w.slack.set_up({"manifest": {**MANIFEST, "oauth_config": {"scopes": {"bot": held}}}})
    said = shell.quick("doctor")
    assert "✗ Scopes: missing: im:history (the same look, in direct messages" in said.out
    assert "install it again" in said.out


def test_a_channel_the_bot_is_not_in(shell: Shell) -> None:
    shell.w.slack.set_up({"channels": [{"id": "C01", "name": "leads", "members": ["U01"], "bot": False}]})
    said = shell.quick("doctor")
    assert "✗ Channel: not a member of #leads" in said.out and "/invite @Tandem" in said.out


def test_a_wrong_app_token(shell: Shell) -> None:
    said = shell.quick("doctor", SLACK_APP_TOKEN="xapp-wrong")
    assert "✗ Way in: Socket Mode: Slack says invalid_auth" in said.out and "connections:write" in said.out


def test_an_owner_whom_nobody_knows(shell: Shell) -> None:
    said = shell.quick("doctor")
    assert "✗ People: the policy names marc@helix.example, whom Tandem does not know" in said.out


def test_an_empty_database(shell: Shell) -> None:
    said = shell.quick("doctor", DATABASE_URL=f"sqlite:///{shell.folder}/new.sqlite3")
    assert "✗ Database: sqlite, not up to date\n  → tandem db upgrade" in said.out


def test_a_slack_that_does_not_answer(shell: Shell) -> None:
    said = shell.quick("doctor", SLACK_API_URL="http://127.0.0.1:9/api/")
    assert "✗ Bot token: Slack does not answer" in said.out


def test_a_broken_policy_is_told_with_its_line(shell: Shell) -> None:
    said = shell.quick("doctor", POLICY_FILE=shell.write("p.toml", 'company = "X"\n'))
    assert "✗ Policy: p.toml" in said.out and "tandem policy check p.toml" in said.out


def test_the_manifest_for_both_ways(shell: Shell) -> None:
    over_socket = json.loads(shell.quick("manifest", "--socket").out)
    assert over_socket["settings"]["socket_mode_enabled"] and "http" not in json.dumps(over_socket)
    over_http = json.loads(shell.quick("manifest", "--url", "https://t.helix.example/").out)
    assert over_http["settings"]["event_subscriptions"]["request_url"] == "https://t.helix.example/slack/events"


def test_a_prefix_for_commands(shell: Shell) -> None:
    told = json.loads(shell.quick("manifest", "--socket", COMMAND_PREFIX="tdm-").out)
    names = ["lead", "sla", "field-feedback", "council", "objection", "tandem"]
    assert [c["command"] for c in told["features"]["slash_commands"]] == [f"/tdm-{name}" for name in names]


def test_an_address_slack_would_not_take_is_refused(shell: Shell) -> None:
    assert "no public https address" in shell.quick("manifest", "--url", "http://localhost:3000").err
    assert "Say which" in shell.quick("manifest").err
