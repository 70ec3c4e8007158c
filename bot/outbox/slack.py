"""The calls the sender makes, each answered by an outcome instead of an exception."""

from collections.abc import Callable
from http.client import HTTPException
from typing import Any, Protocol, TypeVar
from urllib.error import URLError

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.outbox.rules import Ambiguous, Dead, Outcome, Sent, classify_error
from bot.outbox.templates import Json

T = TypeVar("T")
NEWEST = 200
KINDS = "public_channel,private_channel"
METADATA_TYPE = "tandem_delivery"
QUIET: Json = {"unfurl_links": False, "unfurl_media": False, "parse": "none", "link_names": False}


def sending_client(token: str, base_url: str, timeout_seconds: float) -> WebClient:
    """A client that never repeats a call by itself: the SDK's default re-posts after a dropped connection."""
    # The SDK takes whole seconds by its type, but hands the value to the socket, which takes fractions.
    return WebClient(token=token, base_url=base_url, timeout=timeout_seconds, retry_handlers=[])  # type: ignore[arg-type]


class Calls(Protocol):
    """What the sender asks of Slack; a bench brings a far side of its own."""

    def post(self, channel: str, message: Json, delivery_id: str, thread_ts: str | None) -> Outcome: ...

    def update(self, channel: str, ts: str, message: Json, delivery_id: str) -> Outcome: ...

    def publish(self, user: str, view: Json) -> Outcome: ...

    def open(self, user: str) -> Outcome: ...

    def find_channel(self, name: str) -> Outcome: ...

    def look_for(self, channel: str, delivery_id: str, since: float, thread_ts: str | None) -> Outcome | None: ...


class SlackCalls:
    """Slack's Web API as the sender needs it."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def post(self, channel: str, message: Json, delivery_id: str, thread_ts: str | None) -> Outcome:
        metadata = {"event_type": METADATA_TYPE, "event_payload": {"delivery_id": delivery_id}}
        return _sent(
            lambda: self._client.chat_postMessage(
                channel=channel, thread_ts=thread_ts, metadata=metadata, **message, **QUIET
            )
        )

    def update(self, channel: str, ts: str, message: Json, delivery_id: str) -> Outcome:
        metadata = {"event_type": METADATA_TYPE, "event_payload": {"delivery_id": delivery_id}}
        return _sent(
            lambda: self._client.chat_update(
                channel=channel, ts=ts, metadata=metadata, parse="none", link_names=False, **message
            )
        )

    def publish(self, user: str, view: Json) -> Outcome:
        """Put a home tab in place of the one before."""

        def call() -> Sent:
            self._client.views_publish(user_id=user, view=view)
            return Sent(ts="", channel="")

        return _guarded(call)

    def open(self, user: str) -> Outcome:
        """Open the direct conversation with a user; Sent carries its channel."""

        def call() -> Sent:
            answer = self._client.conversations_open(users=user)
            return Sent(ts="", channel=answer["channel"]["id"])

        return _guarded(call)

    def find_channel(self, name: str) -> Outcome:
        """The id of a channel given as `#name`; Dead when there is none that the bot can see."""

        def call() -> Outcome:
            for page in self._client.conversations_list(limit=200, exclude_archived=True, types=KINDS):
                for found in page["channels"]:
                    if name.removeprefix("#") in (found["name"], found["id"]):
                        return Sent(ts="", channel=found["id"])
            return Dead("channel_not_found")

        return _guarded(call)

    def look_for(self, channel: str, delivery_id: str, since: float, thread_ts: str | None) -> Outcome | None:
        """Look whether a message stands in the conversation: Sent, None when it does not, or why we cannot tell."""

        def call() -> Outcome | None:
            ask: dict[str, Any] = {
                "channel": channel,
                "oldest": f"{since:.6f}",
                "include_all_metadata": True,
                "limit": 200,
            }
            if thread_ts:
                pages = self._client.conversations_replies(ts=thread_ts, **ask)
            else:
                pages = self._client.conversations_history(**ask)
            for page in pages:
                for message in page["messages"]:
                    payload = (message.get("metadata") or {}).get("event_payload") or {}
                    if payload.get("delivery_id") == delivery_id:
                        return Sent(ts=message["ts"], channel=channel)
            return None

        return _guarded(call)


def _sent(call: Callable[[], SlackResponse]) -> Outcome:
    def made() -> Sent:
        answer = call()
        return Sent(ts=answer["ts"], channel=answer["channel"])

    return _guarded(made)


def _guarded(call: Callable[[], T]) -> T | Outcome:
    try:
        return call()
    except SlackApiError as error:
        answer = error.response
        return classify_error(str(answer.get("error", "")), answer.status_code, answer.headers)
    except (URLError, HTTPException, OSError, ValueError) as error:
        # Nothing, or nothing readable, came back: Slack may have taken it.
        return Ambiguous(type(error).__name__)


class SlackFiles:
    """Put a file into a conversation, in the steps Slack asks for, and take it out again."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def begin(self, name: str, length: int) -> "tuple[str, str] | Outcome":
        """Where to send the bytes, and the id of the file to be."""

        def call() -> tuple[str, str]:
            answer = self._client.files_getUploadURLExternal(filename=name, length=length)
            return str(answer["upload_url"]), str(answer["file_id"])

        return _guarded(call)

    def send(self, url: str, content: bytes, timeout_seconds: float) -> Outcome | None:
        """The bytes themselves; None when they arrived."""
        try:
            answer = httpx.post(url, content=content, timeout=timeout_seconds)
        except httpx.HTTPError as error:
            return Ambiguous(type(error).__name__)
        return None if answer.status_code == httpx.codes.OK else Ambiguous(f"http_{answer.status_code}")

    def share(self, file_id: str, title: str, channel: str, comment: str, thread_ts: str | None = None) -> Outcome:
        """Show it in a conversation. Slack does it once: of one it refuses `is_shown` tells."""

        def call() -> Sent:
            files: list[dict[str, str | None]] = [{"id": file_id, "title": title}]
            self._client.files_completeUploadExternal(
                files=files, channel_id=channel, initial_comment=comment, thread_ts=thread_ts
            )
            return Sent(ts="", channel=channel)

        return _guarded(call)

    def is_shown(self, file_id: str, channel: str, thread_ts: str | None = None) -> "bool | Outcome":
        """Whether one of the newest 200 messages of a conversation, or of what is below one of them, shows it."""

        def call() -> bool:
            if thread_ts:
                page = self._client.conversations_replies(channel=channel, ts=thread_ts, limit=NEWEST)
            else:
                page = self._client.conversations_history(channel=channel, limit=NEWEST)
            return any(file["id"] == file_id for message in page["messages"] for file in message.get("files") or ())

        return _guarded(call)

    def complete(self, file_id: str, title: str) -> Outcome:
        """Keep it without showing it anywhere: messages and home tabs show it by its id."""

        def call() -> Sent:
            files: list[dict[str, str | None]] = [{"id": file_id, "title": title}]
            self._client.files_completeUploadExternal(files=files)
            return Sent(ts="", channel="")

        return _guarded(call)

    def remove(self, file_id: str) -> Outcome:
        def call() -> Sent:
            self._client.files_delete(file=file_id)
            return Sent(ts="", channel="")

        return _guarded(call)
