"""The bot's side of a test: an app that verifies Slack's signature, keeps what it was sent, and answers as told."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from slack_sdk.signature import SignatureVerifier

Json = dict[str, Any]
SECRET = "sandbox-secret"


@dataclass
class Received:
    body: str
    headers: dict[str, str]  # names in lower case

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body))

    @property
    def payload(self) -> Json:
        told: Json = json.loads(self.form["payload"])
        return told

    @property
    def event(self) -> Json:
        told: Json = json.loads(self.body)
        return told


@dataclass
class Answer:
    status: int = 200
    body: str | Json = ""
    headers: dict[str, str] = field(default_factory=dict)
    waits: float = 0.0  # seconds of silence before answering
    drips: float = 0.0  # seconds over which the body comes, a byte every tenth of them


@dataclass
class App:
    url: str = ""
    received: list[Received] = field(default_factory=list)
    forged: int = 0
    answers: deque[Answer] = field(default_factory=deque)
    always: Answer = field(default_factory=Answer)
    _came: threading.Condition = field(default_factory=threading.Condition)

    def anew(self) -> None:
        self.received, self.forged, self.answers, self.always = [], 0, deque(), Answer()

    @property
    def last(self) -> Received:
        return self.received[-1]

    def wait_for(self, count: int, seconds: float = 10) -> None:
        """Until so many requests have come, or it takes too long."""
        with self._came:
            self._came.wait_for(lambda: len(self.received) >= count, seconds)

    def take(self, request: Received) -> None:
        with self._came:
            self.received.append(request)
            self._came.notify_all()

    def will(self, *answers: Answer) -> None:
        self.answers.extend(answers)


@contextmanager
def serving() -> Iterator[App]:
    app, stopping = App(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if not SignatureVerifier(SECRET).is_valid_request(body, headers):
                app.forged += 1
                self._answer(Answer(401))
                return
            app.take(Received(body.decode(), headers))
            self._answer(app.answers.popleft() if app.answers else app.always)

        def _answer(self, answer: Answer) -> None:
            stopping.wait(answer.waits)
            is_json = isinstance(answer.body, dict)
            content = (json.dumps(answer.body) if is_json else str(answer.body)).encode()
            with suppress(ConnectionError):  # Slack did not wait
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json" if is_json else "text/plain")
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self._drip(content, answer.drips) if answer.drips else self.wfile.write(content)

        def _drip(self, content: bytes, seconds: float) -> None:
            for byte in (content + b" " * 10)[:10]:
                stopping.wait(seconds / 10)
                self.wfile.write(bytes([byte]))

        def log_message(self, format: str, *args: Any) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    app.url = f"http://127.0.0.1:{server.server_port}/slack"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield app
    stopping.set()
    server.shutdown()
    thread.join(5)
    server.server_close()
