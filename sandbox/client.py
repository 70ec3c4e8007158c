"""Drive a running sandbox from another thread or process."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

Json = dict[str, Any]


class Refused(Exception):
    """The sandbox refused, as Slack would: the error code."""


@dataclass
class SandboxClient:
    base_url: str
    _http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.base_url, timeout=30)

    def close(self) -> None:
        self._http.close()

    def set_up(self, arrangement: Json) -> None:
        self._post("set_up", arrangement)

    def faults(self, *scripts: Json, seed: int = 0) -> None:
        self._post("faults", {"scripts": list(scripts), "seed": seed})

    def command(self, user: str, command: str, text: str = "", channel: str | None = None) -> Json:
        return self._post("command", {"user": user, "command": command, "text": text, "channel": channel})

    def shortcut(self, user: str, callback_id: str, channel: str | None = None, ts: str | None = None) -> Json:
        return self._post("shortcut", {"user": user, "callback_id": callback_id, "channel": channel, "ts": ts})

    def tap(self, user: str, channel: str, ts: str, action_id: str, block_id: str | None = None, **chosen: Any) -> Json:
        """Use an element of a message; `block_id` tells two of one action id apart."""
        where = {"channel": channel, "ts": ts, "action_id": action_id, "block_id": block_id}
        return self._post("tap", {"user": user, **where, "chosen": chosen})

    def suggestions(self, user: str, action_id: str, typed: str) -> list[Json]:
        """The options an external select of the modal on top gets from the app."""
        found: list[Json] = self._post("suggestions", {"user": user, "action_id": action_id, "typed": typed})["options"]
        return found

    def tap_in_view(self, user: str, action_id: str, block_id: str | None = None, **chosen: Any) -> Json:
        return self._post("tap", {"user": user, "action_id": action_id, "block_id": block_id, "chosen": chosen})

    def submit(self, user: str, **values: str) -> Json:
        return self._post("submit", {"user": user, "values": values})

    def close_modal(self, user: str, *, top: bool = False) -> None:
        """All of them, or only the one on top."""
        self._post("close", {"user": user, "top": top})

    def say(self, user: str, text: str, channel: str | None = None, thread_ts: str | None = None) -> Json:
        return self._post("say", {"user": user, "text": text, "channel": channel, "thread_ts": thread_ts})

    def home(self, user: str) -> Json:
        return self._post("home", {"user": user})

    def turn_to(self, at: datetime) -> None:
        """Turn the workspace's clock on; it never goes back."""
        self._post("clock", {"to": at.isoformat()})

    def again(self) -> Json:
        """Deliver the last request once more."""
        return self._post("again", {})

    def raw(self, body: str, kind: str, headers: dict[str, str]) -> Json:
        return self._post("raw", {"body": body, "kind": kind, "headers": headers})

    def sees(self, user: str, channel: str | None = None) -> Json:
        return self._get("sees", user=user, **({"channel": channel} if channel else {}))

    def notifications(self, user: str | None = None) -> list[Json]:
        told = self._get("notifications", **({"user": user} if user else {}))
        found: list[Json] = told["notifications"]
        return found

    def messages(self) -> list[Json]:
        found: list[Json] = self._get("messages")["messages"]
        return found

    def _post(self, what: str, asked: Json) -> Json:
        return _read(self._http.post(f"/control/{what}", json=asked))

    def _get(self, what: str, **query: str) -> Json:
        return _read(self._http.get(f"/control/{what}", params=query))


def _read(answer: httpx.Response) -> Json:
    told: Json = answer.json()
    if answer.status_code == 409:
        raise Refused(told["error"])
    answer.raise_for_status()
    return told
