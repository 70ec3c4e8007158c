"""Who may call what: tokens, scopes, membership; and what Slack tells of people."""

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import Refused, SandboxClient
from sandbox.slack import Sandbox
from tests.sandbox.conftest import ANA, BEN, BOARD, GIL, LOUNGE, SALES, SCOPES, TEAM, error_of, manifest


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_authed"),
        ({"Authorization": "xoxb-sandbox"}, "not_authed"),  # no bearer
        ({"Authorization": "Bearer xoxb-else"}, "invalid_auth"),
    ],
)
def test_a_call_needs_the_right_token(sandbox: Sandbox, http: httpx.Client, headers: dict[str, str], code: str) -> None:
    answer = http.post("/api/auth.test", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"ok": False, "error": code})


def test_the_right_token_says_who_the_bot_is(bot: WebClient) -> None:
    assert bot.auth_test().data == {
        "ok": True,
        "url": "https://sandbox.example/",
        "team": "sandbox",
        "team_id": "T0SANDBOX",
        "user": "bot",
        "user_id": "U0BOT",
        "bot_id": "B0BOT",
    }


def test_a_workspace_may_have_its_own_token(people: SandboxClient, bot: WebClient) -> None:
    people.set_up({"token": "xoxb-mine"})
    assert error_of(bot.auth_test) == "invalid_auth"
    assert error_of(WebClient("xoxb-mine", base_url=bot.base_url, retry_handlers=[]).auth_test) == ""


def test_a_method_slack_does_not_have_is_unknown(bot: WebClient) -> None:
    assert error_of(bot.api_call, "chat.shout") == "unknown_method"


@pytest.mark.parametrize(
    ("name", "arguments", "scope"),
    [
        ("chat.postMessage", {"channel": TEAM, "text": "x"}, "chat:write"),
        ("chat.update", {"channel": TEAM, "ts": "1.0", "text": "x"}, "chat:write"),
        ("chat.postEphemeral", {"channel": TEAM, "user": ANA, "text": "x"}, "chat:write"),
        ("conversations.open", {"users": ANA}, "im:write"),
        ("conversations.join", {"channel": SALES}, "channels:join"),
        ("conversations.history", {"channel": TEAM}, "channels:history"),
        ("conversations.history", {"channel": LOUNGE}, "groups:history"),
        ("conversations.replies", {"channel": TEAM, "ts": "1.0"}, "channels:history"),
        ("conversations.list", {}, "channels:read"),
        ("users.info", {"user": ANA}, "users:read"),
        ("users.list", {}, "users:read"),
        ("users.lookupByEmail", {"email": "ana@helix.example"}, "users:read.email"),
        ("reactions.add", {"channel": TEAM, "timestamp": "1.0", "name": "eyes"}, "reactions:write"),
        ("files.getUploadURLExternal", {"filename": "a.txt", "length": 1}, "files:write"),
        ("files.info", {"file": "F1"}, "files:read"),
    ],
)
def test_a_missing_scope_is_named(
    people: SandboxClient, bot: WebClient, name: str, arguments: dict[str, str], scope: str
) -> None:
    others = sorted(set(SCOPES) - {scope})
    people.set_up({"manifest": manifest(scopes=others)})
    with pytest.raises(SlackApiError) as refused:
        bot.api_call(name, json=arguments)
    told = refused.value.response
    assert (told["error"], told["needed"], told["provided"]) == ("missing_scope", scope, ",".join(others))


def test_direct_messages_have_a_history_scope_of_their_own(people: SandboxClient, bot: WebClient) -> None:
    place = bot.conversations_open(users=ANA)["channel"]["id"]
    people.set_up({"manifest": manifest(scopes=["channels:history", "groups:history"])})
    with pytest.raises(SlackApiError) as refused:
        bot.conversations_history(channel=place)
    assert refused.value.response["needed"] == "im:history"


def test_a_view_needs_no_scope(people: SandboxClient, bot: WebClient) -> None:
    people.set_up({"manifest": manifest(scopes=["commands"])})
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    assert error_of(bot.views_publish, user_id=ANA, view=home) == ""


def test_the_bot_writes_only_where_it_is_a_member(bot: WebClient) -> None:
    assert error_of(bot.chat_postMessage, channel=TEAM, text="x") == ""
    assert error_of(bot.chat_postMessage, channel=SALES, text="x") == "not_in_channel"


def test_the_bot_reads_only_where_it_is_a_member(bot: WebClient) -> None:
    assert error_of(bot.conversations_history, channel=SALES) == "not_in_channel"
    assert error_of(bot.conversations_replies, channel=SALES, ts="1.0") == "not_in_channel"


def test_the_bot_may_join_a_public_channel(bot: WebClient) -> None:
    bot.conversations_join(channel=SALES)
    assert error_of(bot.chat_postMessage, channel=SALES, text="x") == ""


def test_the_bot_may_not_join_a_private_channel(bot: WebClient) -> None:
    assert error_of(bot.conversations_join, channel=BOARD) == "method_not_supported_for_channel_type"


def test_the_public_scope_lets_the_bot_write_but_not_read(people: SandboxClient, bot: WebClient) -> None:
    people.set_up({"manifest": manifest(scopes=[*SCOPES, "chat:write.public"])})
    assert error_of(bot.chat_postMessage, channel=SALES, text="x") == ""
    assert error_of(bot.conversations_history, channel=SALES) == "not_in_channel"


def test_the_public_scope_opens_no_private_channel(people: SandboxClient, bot: WebClient) -> None:
    people.set_up({"manifest": manifest(scopes=[*SCOPES, "chat:write.public"])})
    assert error_of(bot.chat_postMessage, channel=BOARD, text="x") in ("channel_not_found", "not_in_channel")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("chat.postMessage", {"text": "x"}),
        ("chat.postEphemeral", {"text": "x", "user": ANA}),
        ("chat.update", {"text": "x", "ts": "1.0"}),
        ("chat.delete", {"ts": "1.0"}),
        ("conversations.history", {}),
        ("conversations.info", {}),
        ("conversations.members", {}),
        ("reactions.add", {"timestamp": "1.0", "name": "eyes"}),
    ],
)
def test_an_unknown_channel_is_not_found(bot: WebClient, name: str, arguments: dict[str, str]) -> None:
    assert error_of(bot.api_call, name, json={"channel": "CNONE", **arguments}) == "channel_not_found"


def test_a_missing_argument_is_named(bot: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        bot.api_call("chat.postMessage", json={"text": "x"})
    told = refused.value.response
    assert told["error"] == "invalid_arguments"
    assert told["response_metadata"]["messages"] == ["[ERROR] missing channel"]


def test_a_channel_tells_whether_the_bot_is_in_it(bot: WebClient) -> None:
    assert bot.conversations_info(channel=TEAM)["channel"]["is_member"] is True
    assert bot.conversations_info(channel=SALES)["channel"]["is_member"] is False


def test_private_channels_without_the_bot_are_not_listed(bot: WebClient) -> None:
    both = bot.conversations_list(types="public_channel,private_channel")["channels"]
    assert {c["id"] for c in both} == {TEAM, SALES, LOUNGE}


def test_private_channels_are_listed_only_when_asked_for(bot: WebClient) -> None:
    assert {c["id"] for c in bot.conversations_list()["channels"]} == {TEAM, SALES}


def test_a_channel_lists_its_members(bot: WebClient) -> None:
    assert set(bot.conversations_members(channel=TEAM)["members"]) == {ANA, BEN, "U0BOT"}


def test_a_person_sees_only_their_channels(people: SandboxClient) -> None:
    with pytest.raises(Refused, match="not_in_channel"):
        people.sees(ANA, SALES)


def test_a_person_writes_only_in_their_channels(people: SandboxClient, http: httpx.Client) -> None:
    spoken = http.post("/control/say", json={"user": ANA, "text": "x", "channel": SALES})
    assert spoken.json() == {"error": "not_in_channel"}


# -- people --------------------------------------------------------------------------------------------------------


def test_a_person_is_found_by_email_with_their_zone(bot: WebClient) -> None:
    found = bot.users_lookupByEmail(email="Ana@Helix.example")["user"]
    assert (found["id"], found["tz"], found["profile"]["email"]) == (ANA, "Europe/Lisbon", "ana@helix.example")


@pytest.mark.parametrize("email", ["nobody@helix.example", "olga@helix.example"])
def test_nobody_and_the_deactivated_are_not_found_by_email(bot: WebClient, email: str) -> None:
    assert error_of(bot.users_lookupByEmail, email=email) == "users_not_found"


def test_emails_are_told_only_with_their_scope(people: SandboxClient, bot: WebClient) -> None:
    assert bot.users_info(user=ANA)["user"]["profile"]["email"] == "ana@helix.example"
    people.set_up({"manifest": manifest(scopes=["users:read"])})
    assert "email" not in bot.users_info(user=ANA)["user"]["profile"]
    assert all("email" not in user["profile"] for user in bot.users_list()["members"])


def test_guests_and_members_of_other_organisations_are_told_apart(bot: WebClient) -> None:
    known = {user["id"]: user for user in bot.users_list()["members"]}
    assert [known[u]["is_restricted"] for u in (ANA, GIL)] == [False, True]
    assert [known[u]["team_id"] for u in (ANA, "UPAT")] == ["T0SANDBOX", "T0ELSE"]


def test_an_unknown_person_is_not_found(bot: WebClient) -> None:
    assert error_of(bot.users_info, user="UNONE") == "user_not_found"
    assert error_of(bot.conversations_open, users="UNONE") == "user_not_found"


def test_no_conversation_is_opened_with_the_deactivated(bot: WebClient) -> None:
    assert error_of(bot.conversations_open, users="UOLD") == "user_disabled"
