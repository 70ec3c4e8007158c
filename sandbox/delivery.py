"""What Slack sends to an app: signed HTTP, three seconds to acknowledge, events again when that fails."""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from sandbox.limits import limits

if TYPE_CHECKING:
    from sandbox.slack import Sandbox

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"


@dataclass
class Reply:
    """How the app acknowledged: None as status when it did not within three seconds."""

    status: int | None
    body: Any
    seconds: float
    no_retry: bool = False

    @property
    def acknowledged(self) -> bool:
        return self.status == 200


@dataclass
class Delivery:
    sandbox: "Sandbox"
    last: tuple[bytes, str] = (b"", FORM)

    async def form(self, fields: Json) -> Reply:
        return await self.send(urlencode(fields).encode(), FORM)

    async def payload(self, payload: Json) -> Reply:
        return await self.form({"payload": json.dumps(payload)})

    async def event(self, event: Json) -> Reply:
        """An event, with Slack's retries when it is not acknowledged: at once, after a minute, after five."""
        space = self.sandbox.workspace
        body = json.dumps(
            {
                "token": "sandbox",
                "team_id": space.team,
                "api_app_id": "A0SANDBOX",
                "event": event,
                "type": "event_callback",
                "event_id": "Ev" + secrets.token_hex(6).upper(),
                "event_time": int(self.sandbox.time.now()),
                "authorizations": [{"team_id": space.team, "user_id": space.bot_user, "is_bot": True}],
            }
        ).encode()
        reply = await self.send(body, "application/json")
        for number, delay in enumerate(limits()["timing"]["event_retries"]["delays_seconds"], start=1):
            if reply.acknowledged or reply.no_retry:
                break
            await self.sandbox.time.sleep(delay)
            retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_error"}
            reply = await self.send(body, "application/json", retry)
        return reply

    async def again(self) -> Reply:
        """The last request once more, as after a lost acknowledgement."""
        body, kind = self.last
        return await self.send(body, kind, {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})

    async def send(self, body: bytes, kind: str, more: dict[str, str] | None = None) -> Reply:
        self.last = (body, kind)
        if self.sandbox.workspace.socket_mode:
            return await self.sandbox.sockets.send(body, kind, more or {})
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.sandbox.ack_seconds):  # for all of it: httpx counts each read anew
                answer = await self.sandbox.http.post(
                    self.sandbox.app_url,
                    content=body,
                    headers={
                        "Content-Type": kind,
                        **signature(self.sandbox.workspace.signing_secret, body),
                        **(more or {}),
                    },
                )
        except (httpx.HTTPError, TimeoutError):
            return Reply(None, None, time.monotonic() - began)
        is_json = "json" in answer.headers.get("content-type", "")
        told = answer.json() if is_json and answer.content else answer.text
        no_retry = answer.headers.get("x-slack-no-retry") == "1"
        return Reply(answer.status_code, told, time.monotonic() - began, no_retry)


def signature(secret: str, body: bytes, at: int | None = None) -> dict[str, str]:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    timestamp = str(at if at is not None else int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}
