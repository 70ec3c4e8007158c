"""What stands in a conversation, who sees it, who is notified, and what the bot reads back."""

import pytest
from slack_sdk import WebClient

from sandbox.client import SandboxClient
from sandbox.slack import Sandbox
from tests.conftest import TurnedClock
from tests.sandbox.conftest import ANA, ANA_DM, BEN, BEN_DM, TEAM, Json, error_of
from tests.sandbox.kit import section

METADATA: Json = {"event_type": "delivery", "event_payload": {"delivery_id": "d-1"}}


def texts(messages: list[Json]) -> list[str]:
    return [m["text"] for m in messages]


def history(bot: WebClient, channel: str = TEAM, **more: object) -> list[Json]:
    told: list[Json] = bot.conversations_history(channel=channel, **more)["messages"]
    return told


# -- posting -------------------------------------------------------------------------------------------------------


def test_a_message_to_a_person_stands_in_their_direct_messages(bot: WebClient, people: SandboxClient) -> None:
    answer = bot.chat_postMessage(channel=ANA, text="Hello", blocks=[section("Hello", block_id="b")])
    assert answer["channel"] == bot.conversations_open(users=ANA)["channel"]["id"] == ANA_DM
    (seen,) = people.sees(ANA)["messages"]
    assert (seen["ts"], seen["text"], seen["blocks"]) == (answer["ts"], "Hello", [section("Hello", block_id="b")])
    assert (seen["user"], seen["bot_id"], seen["ephemeral"]) == ("U0BOT", "B0BOT", False)


def test_blocks_without_an_id_get_one(bot: WebClient, people: SandboxClient) -> None:
    bot.chat_postMessage(channel=ANA, text="x", blocks=[section("one"), section("two", block_id="mine")])
    first, second = people.sees(ANA)["messages"][0]["blocks"]
    assert first.get("block_id")
    assert second["block_id"] == "mine"


def test_no_two_messages_have_the_same_ts(bot: WebClient) -> None:
    given = [bot.chat_postMessage(channel=TEAM, text="x")["ts"] for _ in range(5)]
    assert given == sorted(set(given))


def test_a_message_keeps_its_permanent_link(bot: WebClient) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="x")["ts"]
    link = bot.chat_getPermalink(channel=TEAM, message_ts=ts)["permalink"]
    assert link == f"https://sandbox.example/archives/{TEAM}/p{ts.replace('.', '')}"


def test_the_newest_message_comes_first(bot: WebClient) -> None:
    for text in ("one", "two", "three"):
        bot.chat_postMessage(channel=TEAM, text=text)
    assert texts(history(bot)) == ["three", "two", "one"]


def test_history_may_be_asked_for_a_time(bot: WebClient, clock: TurnedClock) -> None:
    given = []
    for text in ("one", "two", "three"):
        given.append(bot.chat_postMessage(channel=TEAM, text=text)["ts"])
        clock.advance(minutes=1)
    assert texts(history(bot, oldest=given[0])) == ["three", "two"]
    assert texts(history(bot, oldest=given[0], latest=given[2])) == ["two"]


# -- metadata ------------------------------------------------------------------------------------------------------


def test_metadata_is_returned_whole_only_when_asked_for(bot: WebClient) -> None:
    bot.chat_postMessage(channel=TEAM, text="x", metadata=METADATA)
    assert history(bot, include_all_metadata=True)[0]["metadata"] == METADATA
    assert history(bot)[0]["metadata"] == {"event_type": "delivery"}


def test_metadata_of_replies_is_returned_whole_only_when_asked_for(bot: WebClient) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="x")["ts"]
    bot.chat_postMessage(channel=TEAM, text="y", thread_ts=ts, metadata=METADATA)
    whole = bot.conversations_replies(channel=TEAM, ts=ts, include_all_metadata=True)["messages"]
    assert whole[1]["metadata"] == METADATA
    assert bot.conversations_replies(channel=TEAM, ts=ts)["messages"][1]["metadata"] == {"event_type": "delivery"}


def test_an_edit_keeps_the_metadata_unless_it_brings_its_own(bot: WebClient) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="x", metadata=METADATA)["ts"]
    bot.chat_update(channel=TEAM, ts=ts, text="y")
    assert history(bot, include_all_metadata=True)[0]["metadata"] == METADATA
    other = {"event_type": "delivery", "event_payload": {"delivery_id": "d-2"}}
    bot.chat_update(channel=TEAM, ts=ts, text="z", metadata=other)
    assert history(bot, include_all_metadata=True)[0]["metadata"] == other


def test_a_message_without_metadata_has_none(bot: WebClient) -> None:
    bot.chat_postMessage(channel=TEAM, text="x")
    assert "metadata" not in history(bot, include_all_metadata=True)[0]


# -- lag -----------------------------------------------------------------------------------------------------------


def test_history_may_lag(sandbox: Sandbox, bot: WebClient, people: SandboxClient, clock: TurnedClock) -> None:
    people.set_up({"history_lag": 3.0})
    ts = bot.chat_postMessage(channel=ANA, text="x")["ts"]
    assert texts(people.sees(ANA)["messages"]) == ["x"]  # people see it at once
    clock.advance(seconds=2.9)
    assert history(bot, ANA_DM) == []
    assert bot.conversations_replies(channel=ANA_DM, ts=ts)["messages"] == []
    clock.advance(seconds=0.2)
    assert texts(history(bot, ANA_DM)) == ["x"]


# -- edits ---------------------------------------------------------------------------------------------------------


def test_an_edit_changes_the_message_in_place(bot: WebClient, people: SandboxClient) -> None:
    ts = bot.chat_postMessage(channel=ANA, text="old", blocks=[section("old", block_id="b")])["ts"]
    bot.chat_update(channel=ANA_DM, ts=ts, text="new", blocks=[section("new", block_id="b")])
    (seen,) = people.sees(ANA)["messages"]
    assert (seen["ts"], seen["text"], seen["blocks"], seen["edits"]) == (ts, "new", [section("new", block_id="b")], 1)
    assert seen["edited"]["user"] == "U0BOT"


def test_an_edit_without_blocks_removes_them(bot: WebClient, people: SandboxClient) -> None:
    ts = bot.chat_postMessage(channel=ANA, text="old", blocks=[section("old", block_id="b")])["ts"]
    bot.chat_update(channel=ANA_DM, ts=ts, text="new")
    assert people.sees(ANA)["messages"][0]["blocks"] == []


def test_the_bot_edits_and_deletes_only_its_own_messages(bot: WebClient, people: SandboxClient) -> None:
    people.say(ANA, "mine")
    (hers,) = people.sees(ANA)["messages"]
    assert error_of(bot.chat_update, channel=ANA_DM, ts=hers["ts"], text="x") == "cant_update_message"
    assert error_of(bot.chat_delete, channel=ANA_DM, ts=hers["ts"]) == "cant_delete_message"
    assert texts(people.sees(ANA)["messages"]) == ["mine"]


def test_a_message_that_is_not_there_cannot_be_edited(bot: WebClient) -> None:
    assert error_of(bot.chat_update, channel=TEAM, ts="1.000000", text="x") == "message_not_found"


def test_a_deleted_message_is_gone(bot: WebClient, people: SandboxClient) -> None:
    ts = bot.chat_postMessage(channel=ANA, text="x")["ts"]
    bot.chat_delete(channel=ANA_DM, ts=ts)
    assert people.sees(ANA)["messages"] == people.messages() == []


# -- ephemerals ----------------------------------------------------------------------------------------------------


def test_an_ephemeral_is_seen_by_one_person_only(bot: WebClient, people: SandboxClient) -> None:
    bot.chat_postEphemeral(channel=TEAM, user=ANA, text="for Ana")
    (seen,) = people.sees(ANA, TEAM)["messages"]
    assert (seen["text"], seen["ephemeral"]) == ("for Ana", True)
    assert people.sees(BEN, TEAM)["messages"] == []
    assert history(bot) == []


def test_an_ephemeral_cannot_be_edited(bot: WebClient) -> None:
    ts = bot.chat_postEphemeral(channel=TEAM, user=ANA, text="x")["message_ts"]
    assert error_of(bot.chat_update, channel=TEAM, ts=ts, text="y") in ("cant_update_message", "message_not_found")


def test_an_ephemeral_is_only_for_members_of_the_channel(bot: WebClient) -> None:
    assert error_of(bot.chat_postEphemeral, channel=TEAM, user="UGIL", text="x") == "user_not_in_channel"


# -- notifications -------------------------------------------------------------------------------------------------


def test_a_new_direct_message_notifies_its_reader(bot: WebClient, people: SandboxClient, clock: TurnedClock) -> None:
    ts = bot.chat_postMessage(channel=ANA, text="Hello")["ts"]
    told = {"user": ANA, "channel": ANA_DM, "ts": ts, "text": "Hello", "at": clock.tell()}
    assert people.notifications() == [told]
    assert people.notifications(ANA) == [told]
    assert people.notifications(BEN) == []


def test_in_a_channel_only_a_mention_notifies(bot: WebClient, people: SandboxClient) -> None:
    bot.chat_postMessage(channel=TEAM, text="for all")
    assert people.notifications() == []
    bot.chat_postMessage(channel=TEAM, text=f"for <@{BEN}>")
    assert [n["user"] for n in people.notifications()] == [BEN]


def test_a_mention_in_a_block_notifies(bot: WebClient, people: SandboxClient) -> None:
    bot.chat_postMessage(channel=TEAM, text="for Ben", blocks=[section(f"for <@{BEN}>")])
    assert [n["user"] for n in people.notifications()] == [BEN]


def test_a_mention_of_someone_outside_the_channel_notifies_nobody(bot: WebClient, people: SandboxClient) -> None:
    bot.chat_postMessage(channel=TEAM, text="for <@UGIL>")
    assert people.notifications() == []


def test_a_reply_in_direct_messages_notifies(bot: WebClient, people: SandboxClient) -> None:
    ts = bot.chat_postMessage(channel=ANA, text="one")["ts"]
    bot.chat_postMessage(channel=ANA, text="two", thread_ts=ts)
    assert texts(people.notifications(ANA)) == ["one", "two"]


def test_an_edit_notifies_nobody(bot: WebClient, people: SandboxClient) -> None:
    direct = bot.chat_postMessage(channel=ANA, text="old")["ts"]
    public = bot.chat_postMessage(channel=TEAM, text="old")["ts"]
    bot.chat_update(channel=ANA_DM, ts=direct, text="new")
    bot.chat_update(channel=TEAM, ts=public, text=f"now for <@{BEN}>")
    assert texts(people.notifications()) == ["old"]


def test_an_ephemeral_notifies_nobody(bot: WebClient, people: SandboxClient) -> None:
    bot.conversations_open(users=ANA)
    bot.chat_postEphemeral(channel=ANA_DM, user=ANA, text="x")
    bot.chat_postEphemeral(channel=TEAM, user=BEN, text=f"<@{BEN}>")
    assert people.notifications() == []


def test_nobody_is_notified_of_their_own_message(people: SandboxClient) -> None:
    people.say(ANA, f"I am <@{ANA}>")
    assert people.notifications() == []


# -- threads -------------------------------------------------------------------------------------------------------


def test_replies_stand_in_their_thread_and_not_in_the_history(bot: WebClient) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="question")["ts"]
    bot.chat_postMessage(channel=TEAM, text="else")
    for text in ("first", "second"):
        bot.chat_postMessage(channel=TEAM, text=text, thread_ts=ts)
    thread = bot.conversations_replies(channel=TEAM, ts=ts)["messages"]
    assert texts(thread) == ["question", "first", "second"]
    assert [m.get("thread_ts") for m in thread[1:]] == [ts, ts]
    assert texts(history(bot)) == ["else", "question"]


def test_a_message_without_replies_is_its_own_thread(bot: WebClient) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="alone")["ts"]
    assert texts(bot.conversations_replies(channel=TEAM, ts=ts)["messages"]) == ["alone"]


def test_a_thread_that_is_not_there_is_not_found(bot: WebClient) -> None:
    assert error_of(bot.conversations_replies, channel=TEAM, ts="1.000000") == "thread_not_found"


def test_nobody_replies_to_what_is_not_there(bot: WebClient, people: SandboxClient) -> None:
    assert error_of(bot.chat_postMessage, channel=TEAM, text="x", thread_ts="1.000000") != ""
    assert people.messages() == []


# -- pages ---------------------------------------------------------------------------------------------------------


def test_history_comes_in_pages(bot: WebClient) -> None:
    for n in range(5):
        bot.chat_postMessage(channel=TEAM, text=str(n))
    pages = [(texts(page["messages"]), page["has_more"]) for page in bot.conversations_history(channel=TEAM, limit=2)]
    assert pages == [(["4", "3"], True), (["2", "1"], True), (["0"], False)]


def test_a_thread_comes_in_pages(bot: WebClient) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="0")["ts"]
    for n in (1, 2):
        bot.chat_postMessage(channel=TEAM, text=str(n), thread_ts=ts)
    pages = [texts(page["messages"]) for page in bot.conversations_replies(channel=TEAM, ts=ts, limit=2)]
    assert pages == [["0", "1"], ["2"]]


def test_lists_come_in_pages(bot: WebClient) -> None:
    users = [u["id"] for page in bot.users_list(limit=2) for u in page["members"]]
    assert len(users) == len(set(users)) == 5
    kinds = "public_channel,private_channel"
    channels = [len(page["channels"]) for page in bot.conversations_list(limit=2, types=kinds)]
    assert channels == [2, 1]
    members = [len(page["members"]) for page in bot.conversations_members(channel=TEAM, limit=2)]
    assert members == [2, 1]


def test_a_wrong_cursor_is_refused(bot: WebClient) -> None:
    assert error_of(bot.users_list, cursor="elsewhere") == "invalid_cursor"


# -- reactions -----------------------------------------------------------------------------------------------------


def test_a_reaction_is_added_once_and_taken_back_once(bot: WebClient) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="x")["ts"]
    eyes = {"channel": TEAM, "timestamp": ts, "name": "eyes"}
    bot.reactions_add(**eyes)
    assert error_of(bot.reactions_add, **eyes) == "already_reacted"
    told = bot.reactions_get(channel=TEAM, timestamp=ts)["message"]["reactions"]
    assert told == [{"name": "eyes", "users": ["U0BOT"], "count": 1}]
    bot.reactions_remove(**eyes)
    assert error_of(bot.reactions_remove, **eyes) == "no_reaction"
    assert "reactions" not in history(bot)[0]


@pytest.mark.parametrize(("user", "place"), [(ANA, ANA_DM), (BEN, BEN_DM)])
def test_direct_messages_are_between_two(bot: WebClient, people: SandboxClient, user: str, place: str) -> None:
    bot.chat_postMessage(channel=ANA, text="for Ana")
    bot.chat_postMessage(channel=BEN, text="for Ben")
    assert len(people.sees(user)["messages"]) == 1
    assert [n["channel"] for n in people.notifications(user)] == [place]
