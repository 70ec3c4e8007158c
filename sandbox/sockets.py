"""Socket Mode: the app asks for an address, connects, and hears over the socket what else would come over HTTP.

https://docs.slack.dev/apis/events-api/using-socket-mode : at most ten connections, any of which may get a payload; an
envelope is acknowledged by its id within three seconds; with Socket Mode on, nothing comes over HTTP.
"""

import asyncio
import contextlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.delivery import FORM, Reply
from sandbox.errors import SlackError

if TYPE_CHECKING:
    from sandbox.slack import Sandbox

Json = dict[str, Any]
MOST_CONNECTIONS = 10


@dataclass
class Sockets:
    """The connections of the app, and the envelopes that wait for an answer."""

    sandbox: "Sandbox"
    connections: list[WebSocket] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set)
    _waiting: dict[str, "asyncio.Future[Json]"] = field(default_factory=dict)

    def new_address(self) -> str:
        """Where the app may connect, once."""
        if not self.sandbox.workspace.socket_mode:
            raise SlackError("socket_mode_not_enabled")
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        return f"{self.sandbox.base_url.replace('http', 'ws', 1)}/link/{ticket}"

    async def serve(self, websocket: WebSocket) -> None:
        """One connection, from hello to its end."""
        ticket = websocket.path_params["ticket"]
        if ticket not in self._tickets or len(self.connections) >= MOST_CONNECTIONS:
            await websocket.close(1008)
            return
        self._tickets.discard(ticket)
        await websocket.accept()
        self.connections.append(websocket)
        try:
            hello = {"type": "hello", "num_connections": len(self.connections), "connection_info": {"app_id": "A0"}}
            await websocket.send_json(hello)
            while True:
                self._heard(await websocket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            with contextlib.suppress(ValueError):
                self.connections.remove(websocket)

    def _heard(self, text: str) -> None:
        told = json.loads(text) if text.startswith("{") else {}
        waiting = self._waiting.pop(str(told.get("envelope_id")), None)
        if waiting and not waiting.done():
            waiting.set_result(told)

    async def send(self, body: bytes, kind: str, more: dict[str, str]) -> Reply:
        """Bring one payload to the app over one of its connections; how it acknowledged."""
        began = time.monotonic()
        if not self.connections:
            return Reply(None, None, 0.0)
        envelope = {"envelope_id": secrets.token_hex(16), "accepts_response_payload": True, **_enveloped(body, kind)}
        if "X-Slack-Retry-Num" in more:
            envelope |= {"retry_attempt": int(more["X-Slack-Retry-Num"]), "retry_reason": more["X-Slack-Retry-Reason"]}
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = answer
        try:
            await secrets.choice(self.connections).send_json(envelope)
            told = await asyncio.wait_for(answer, self.sandbox.ack_seconds)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            self._waiting.pop(envelope["envelope_id"], None)
            return Reply(None, None, time.monotonic() - began)
        return Reply(200, told.get("payload", ""), time.monotonic() - began)


def _enveloped(body: bytes, kind: str) -> Json:
    """What would come over HTTP, as a socket brings it."""
    if kind != FORM:
        return {"type": "events_api", "payload": json.loads(body)}
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    if "payload" in fields:
        return {"type": "interactive", "payload": json.loads(fields["payload"])}
    return {"type": "slash_commands", "payload": fields}
