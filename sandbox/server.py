"""The sandbox over HTTP: Slack's Web API under /api/, and under /control/ what people and tests do with it."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import keeping
from sandbox.control import routes as control_routes
from sandbox.errors import SlackError
from sandbox.faults import Fault, Script
from sandbox.slack import Sandbox

Json = dict[str, Any]
JSON_ARGUMENTS = ("blocks", "metadata", "view", "files", "attachments")
PUMP_SECONDS, KEEP_SECONDS = 0.02, 2.0


class WebApi:
    """An ASGI endpoint of its own: a fault may end the connection without an answer, which no framework lets one do."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        name = scope["path"].removeprefix("/api/")
        arguments, token = await _arguments(request)
        script = self.sandbox.faults.strikes(name)
        if script is None:
            await self._answer(name, arguments, token)(scope, receive, send)
        else:
            await self._fail(script, name, arguments, token, scope, receive, send)

    def _answer(self, name: str, arguments: Json, token: str | None) -> Response:
        try:
            told = self.sandbox.call(name, arguments, token)
            return JSONResponse(told, headers={"x-oauth-scopes": ",".join(sorted(self.sandbox.workspace.scopes))})
        except SlackError as error:
            told = {"ok": False, "error": error.code, **error.more}
            if error.code == "ratelimited":
                return JSONResponse(told, 429, {"Retry-After": str(error.more["retry_after"])})
            return JSONResponse(told)

    async def _fail(
        self,
        script: Script,
        name: str,
        arguments: Json,
        token: str | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        match script.fault:
            case Fault.RATE_LIMITED:
                seconds = str(max(1, round(script.seconds)))
                told = JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": seconds})
                await told(scope, receive, send)
            case Fault.SERVER_ERROR:
                await PlainTextResponse("upstream connect error", 500)(scope, receive, send)
            case Fault.ERROR:
                await JSONResponse({"ok": False, "error": script.code})(scope, receive, send)
            case Fault.LATENCY:
                await self.sandbox.time.sleep(script.seconds)
                await self._answer(name, arguments, token)(scope, receive, send)
            case Fault.DROP:
                await _hang_up(send)
            case Fault.ACCEPT_AND_DROP:
                self._answer(name, arguments, token)
                await _hang_up(send)
            case Fault.ACCEPT_LATE:
                late = self.sandbox.faults.dice.uniform(0, min(script.seconds, 5.0))
                self.sandbox.time.later(late, lambda: _ignore(self._answer(name, arguments, token)))
                await _hang_up(send)


def _ignore(_answer: Response) -> None:
    """Nobody is left to hear it."""


async def _hang_up(send: Send) -> None:
    """End the connection without a word, as a broken network does."""
    cycle = send.__self__  # type: ignore[attr-defined]  # uvicorn's own request cycle: ASGI has no word for it
    cycle.transport.abort()
    while not cycle.disconnected:
        await asyncio.sleep(0)


async def _arguments(request: Request) -> tuple[Json, str | None]:
    body = await request.body()
    arguments: Json = dict(request.query_params)
    if "json" in request.headers.get("content-type", ""):
        arguments |= json.loads(body or b"{}")
    else:
        arguments |= dict(parse_qsl(body.decode()))
    for name in JSON_ARGUMENTS:
        if isinstance(arguments.get(name), str):
            arguments[name] = json.loads(arguments[name])
    header = request.headers.get("authorization", "")
    token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else arguments.get("token")
    return arguments, token


def make_app(sandbox: Sandbox, *, page: bool = False) -> ASGIApp:
    """The whole sandbox. The Web API stands before the framework, which would wrap what a fault needs to reach.

    `page` adds the page for a browser, which needs the project's extra `page`.
    """
    web_api, rest = WebApi(sandbox), _rest(sandbox)
    if page:
        from sandbox.page.app import serve  # noqa: PLC0415 - only who wants the page pays for it

        serve(sandbox, rest)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and scope["path"].startswith("/api/")
        await (web_api if is_call else rest)(scope, receive, send)

    return app


def _rest(sandbox: Sandbox) -> FastAPI:
    async def upload(request: Request) -> Response:
        file = sandbox.workspace.files.get(request.path_params["file_id"])
        content = await request.body()
        if file is None or file.content is not None or len(content) != file.length:
            return PlainTextResponse("not as announced", 400)
        file.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def respond(request: Request) -> Response:
        try:
            return JSONResponse(sandbox.respond(request.path_params["key"], await request.json()))
        except SlackError as error:
            return JSONResponse({"ok": False, "error": error.code}, 404)

    @contextlib.asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_pump(sandbox))]
        if sandbox.kept_in:
            tasks.append(asyncio.create_task(_keep(sandbox, sandbox.kept_in)))
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await sandbox.http.aclose()

    return FastAPI(
        lifespan=life,
        openapi_url=None,
        routes=[
            Route("/upload/{file_id}", upload, methods=["POST"]),
            WebSocketRoute("/link/{ticket}", sandbox.sockets.serve),
            Route("/response/{key}", respond, methods=["POST"]),
            Mount("/control", routes=control_routes(sandbox)),
        ],
    )


async def _pump(sandbox: Sandbox) -> None:
    while True:
        sandbox.time.pump()
        await asyncio.sleep(PUMP_SECONDS)


async def _keep(sandbox: Sandbox, file: Path) -> None:
    """Save the workspace whenever it has changed, a little later; and once more at the end."""
    saved = -1
    try:
        while True:
            if saved != sandbox.revision:
                saved = sandbox.revision
                keeping.save(file, sandbox.workspace)
            await asyncio.sleep(KEEP_SECONDS)
    finally:
        keeping.save(file, sandbox.workspace)


class PromptServer(uvicorn.Server):
    """Served from a thread, and ended at once when told to: uvicorn's own looks ten times a second, and waits."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self.lifespan.shutdown()

    def end(self) -> None:
        """From another thread."""
        self._loop.call_soon_threadsafe(self._ended.set)


class Running:
    """A sandbox served from a thread of this process; used as a context manager."""

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        self.sandbox = sandbox
        self._socket = socket.create_server((host, port))
        # asyncio leaves this out for a socket made without a protocol; every kept connection would wait 40 ms a call.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sandbox.base_url = f"http://{host}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(make_app(sandbox), log_level="error", access_log=False, timeout_graceful_shutdown=1)
        self._server = PromptServer(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Sandbox:
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.005)
        return self.sandbox

    def __exit__(self, *_error: object) -> None:
        self._server.end()
        self._thread.join(5)
        self._socket.close()
