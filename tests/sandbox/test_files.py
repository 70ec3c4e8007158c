"""A file's three steps, and its sharing a moment after the last."""

import httpx
import pytest
from slack_sdk import WebClient

from sandbox.client import SandboxClient
from sandbox.slack import Sandbox
from tests.conftest import TurnedClock
from tests.sandbox.conftest import ANA, ANA_DM, BEN, SALES, TEAM, Json, error_of

CONTENT = b"sheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def announce(bot: WebClient, length: int = len(CONTENT)) -> tuple[str, str]:
    told = bot.files_getUploadURLExternal(filename="report.xlsx", length=length)
    return told["file_id"], told["upload_url"]


def uploaded(bot: WebClient, http: httpx.Client) -> str:
    file_id, url = announce(bot)
    assert http.post(url, content=CONTENT).status_code == 200
    return file_id


def complete(bot: WebClient, *file_ids: str, **more: object) -> str:
    return error_of(bot.files_completeUploadExternal, files=[{"id": i} for i in file_ids], **more)


def messages(people: SandboxClient, channel: str = ANA_DM) -> list[Json]:
    found: list[Json] = people.sees(ANA, channel)["messages"]
    return found


@pytest.fixture
def place(bot: WebClient) -> str:
    return str(bot.conversations_open(users=ANA)["channel"]["id"])


def test_a_file_is_shared_in_three_steps(
    bot: WebClient, http: httpx.Client, people: SandboxClient, clock: TurnedClock, place: str
) -> None:
    file_id = uploaded(bot, http)
    bot.files_completeUploadExternal(
        files=[{"id": file_id, "title": "The report"}], channel_id=place, initial_comment="Here it is"
    )
    clock.advance(seconds=1)
    bot.api_test()
    (message,) = messages(people)
    assert message["text"] == "Here it is"
    assert message["files"] == [
        {"id": file_id, "name": "report.xlsx", "title": "The report", "size": 5, "mimetype": XLSX}
    ]
    assert [n["user"] for n in people.notifications()] == [ANA]


def test_the_share_comes_after_the_answer(
    bot: WebClient, http: httpx.Client, people: SandboxClient, clock: TurnedClock, place: str
) -> None:
    file_id = uploaded(bot, http)
    assert complete(bot, file_id, channel_id=place) == ""
    bot.api_test()
    assert messages(people) == []
    assert bot.files_info(file=file_id)["file"]["channels"] == []
    clock.advance(seconds=1)
    assert bot.files_info(file=file_id)["file"]["channels"] == [place]
    assert len(messages(people)) == 1


def test_a_file_is_completed_only_once(
    bot: WebClient, http: httpx.Client, people: SandboxClient, clock: TurnedClock, place: str
) -> None:
    file_id = uploaded(bot, http)
    assert complete(bot, file_id, channel_id=place) == ""
    assert complete(bot, file_id, channel_id=place) == "invalid_arguments"
    clock.advance(seconds=1)
    bot.api_test()
    assert len(messages(people)) == 1


def test_a_file_stands_once_in_a_completion(bot: WebClient, http: httpx.Client) -> None:
    file_id = uploaded(bot, http)
    assert complete(bot, file_id, file_id) == "invalid_arguments"


def test_several_files_make_one_message(
    bot: WebClient, http: httpx.Client, people: SandboxClient, clock: TurnedClock, place: str
) -> None:
    files = [uploaded(bot, http), uploaded(bot, http)]
    assert complete(bot, *files, channel_id=place) == ""
    clock.advance(seconds=1)
    bot.api_test()
    (message,) = messages(people)
    assert [file["id"] for file in message["files"]] == files


def test_a_file_may_be_shared_in_a_thread(
    bot: WebClient, http: httpx.Client, clock: TurnedClock, people: SandboxClient
) -> None:
    ts = bot.chat_postMessage(channel=TEAM, text="x")["ts"]
    assert complete(bot, uploaded(bot, http), channel_id=TEAM, thread_ts=ts) == ""
    clock.advance(seconds=1)
    assert len(bot.conversations_replies(channel=TEAM, ts=ts)["messages"]) == 2


@pytest.mark.parametrize("length", [4, 6])
def test_the_length_must_be_as_announced(bot: WebClient, http: httpx.Client, length: int) -> None:
    file_id, url = announce(bot, length)
    assert http.post(url, content=CONTENT).status_code == 400
    assert complete(bot, file_id) == "invalid_arguments"


def test_a_file_of_no_length_is_refused(bot: WebClient) -> None:
    assert error_of(bot.api_call, "files.getUploadURLExternal", json={"filename": "a", "length": 0}) == (
        "invalid_arguments"
    )


def test_a_file_is_uploaded_only_once(bot: WebClient, http: httpx.Client) -> None:
    _, url = announce(bot)
    assert [http.post(url, content=CONTENT).status_code for _ in range(2)] == [200, 400]


def test_nothing_is_uploaded_where_nothing_was_announced(sandbox: Sandbox, http: httpx.Client) -> None:
    assert http.post("/upload/F0", content=CONTENT).status_code == 400


def test_a_file_that_was_not_uploaded_cannot_be_completed(bot: WebClient) -> None:
    file_id, _ = announce(bot)
    assert complete(bot, file_id) == "invalid_arguments"
    assert complete(bot, "F0") == "invalid_arguments"
    assert complete(bot) == "invalid_arguments"


def test_a_file_that_was_not_completed_is_not_found(bot: WebClient, http: httpx.Client) -> None:
    assert error_of(bot.files_info, file=uploaded(bot, http)) == "file_not_found"


def test_a_file_is_shared_only_where_the_bot_is_a_member(bot: WebClient, http: httpx.Client) -> None:
    file_id = uploaded(bot, http)
    assert complete(bot, file_id, channel_id=SALES) == "not_in_channel"
    assert complete(bot, file_id, channel_id="CNONE") == "channel_not_found"
    assert complete(bot, file_id, channel_id=TEAM) == ""


def test_a_file_may_be_shared_with_several_conversations(
    bot: WebClient, http: httpx.Client, clock: TurnedClock, people: SandboxClient, place: str
) -> None:
    other = bot.conversations_open(users=BEN)["channel"]["id"]
    assert complete(bot, uploaded(bot, http), channels=[place, other]) == ""
    clock.advance(seconds=1)
    bot.api_test()
    assert [m["channel"] for m in people.messages()] == [place, other]


def test_the_sdk_uploads_in_one_go(bot: WebClient, people: SandboxClient, clock: TurnedClock, place: str) -> None:
    bot.files_upload_v2(channel=place, filename="report.xlsx", title="The report", content=CONTENT)
    clock.advance(seconds=1)
    bot.api_test()
    assert messages(people)[0]["files"][0]["size"] == len(CONTENT)
