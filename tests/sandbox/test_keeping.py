"""A workspace outlives its process when it is kept in a file."""

from pathlib import Path

import httpx
from slack_sdk import WebClient

from sandbox import keeping
from sandbox.client import SandboxClient
from sandbox.slack import Sandbox
from tests.sandbox.conftest import ANA, ANA_DM
from tests.sandbox.kit import actions, button, home, section


def test_what_is_kept_comes_back_whole(
    sandbox: Sandbox, bot: WebClient, people: SandboxClient, http: httpx.Client, tmp_path: Path
) -> None:
    said = bot.chat_postMessage(channel=ANA, text="Hello", blocks=[section(), actions(button())])
    bot.chat_update(channel=said["channel"], ts=said["ts"], text="Hello again", blocks=[section("Changed")])
    bot.chat_postMessage(channel=ANA, text="In the thread", thread_ts=said["ts"])
    bot.views_publish(user_id=ANA, view=home())
    file = bot.files_getUploadURLExternal(filename="sheet.xlsx", length=3)
    http.post(file["upload_url"], content=b"\x00\xff\x01")
    people.say(ANA, "Thank you")
    sandbox.workspace.mark_read(ANA, ANA_DM)

    keeping.save(tmp_path / "kept.json", sandbox.workspace)
    kept = keeping.load(tmp_path / "kept.json")

    assert kept == sandbox.workspace
    assert kept.files[file["file_id"]].content == b"\x00\xff\x01"
    assert kept.new_ts(0) > said["ts"]
    assert kept.messages["a channel without messages"] == []
