"""The HTTP face: Slack's requests, lead intake, health, metrics. It is given the Bolt app and the services."""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import anyio
import structlog
from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema
from slack_bolt import App
from slack_bolt.request import BoltRequest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy.exc import OperationalError

from bot.journal import service as journal
from bot.journal.service import Actor, ActorKind
from bot.leads import service as leads
from bot.leads import tokens
from bot.leads.intake import LeadIn, cleaned, problems_of
from bot.leads.tables import IntakeToken
from bot.outbox import pace
from bot.outbox import service as outbox
from bot.outbox.standing import halted_reason, in_doubt, waiting_now
from bot.services import Services

log = structlog.get_logger("tandem.web")
MOST_BYTES, MOST_LEADS, REQUESTS_A_MINUTE = 1 << 20, 500, 120
PROBLEM = "application/problem+json"


class Item(BaseModel):
    """What became of one lead of a request, in the order they were sent."""

    index: int
    external_id: str | None = None
    status: Literal["new", "updated", "touch", "recycled", "unchanged", "refused"]
    lead_id: int | None = None
    problems: list[dict[str, str]] = []


class IntakeAnswer(BaseModel):
    accepted: int
    refused: int
    items: list[Item]


class Refused(Exception):
    """A request that is refused as a whole, as RFC 9457 tells it."""

    def __init__(self, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.title, self.detail, self.headers = status, title, detail, headers
        super().__init__(detail)


def create_web(services: Services, bolt: App) -> FastAPI:
    """The web application."""
    web = FastAPI(title="Tandem", description="Send leads; Slack's requests come here too.", version="1")
    threads = anyio.CapacityLimiter(services.settings.web_threads)
    secret = services.settings.slack_signing_secret
    verifier = SignatureVerifier(secret) if secret else None  # with Socket Mode, nobody who comes here is Slack

    async def in_thread(function: Callable[..., Any], *args: Any) -> Any:
        return await anyio.to_thread.run_sync(function, *args, limiter=threads)

    @web.post("/slack/events", include_in_schema=False)
    async def slack(request: Request) -> Response:
        body = (await _read(request)).decode("utf-8", "replace")
        if not _signed(verifier, body, request.headers):
            return PlainTextResponse("bad signature", 401)
        answer = await in_thread(bolt.dispatch, BoltRequest(body=body, headers=dict(request.headers)))
        headers = {name: values[0] for name, values in answer.headers.items()}
        return Response(answer.body, answer.status, headers)

    @web.post(
        "/intake/leads",
        status_code=202,
        response_model=IntakeAnswer,
        summary="Send one lead, or up to 500",
        openapi_extra=_intake_body(),
        responses={status: {"description": told} for status, told in _REFUSALS.items()},
    )
    async def intake(
        request: Request,
        authorization: Annotated[str, Header(description="Bearer, and the token of your source")] = "",
        idempotency_key: Annotated[
            str | None, Header(max_length=200, description="the same key gets the same answer, once done")
        ] = None,
    ) -> Response:
        body = await _body(request)
        done = await in_thread(_take_in, services, body, authorization, idempotency_key)
        return JSONResponse(done, 202)

    @web.get("/health", summary="Is Tandem well?")
    async def health() -> Response:
        told = await in_thread(_health, services)
        return JSONResponse(told, 200 if told["ok"] else 503)

    @web.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(await in_thread(_metrics, services), media_type=CONTENT_TYPE_LATEST)

    @web.exception_handler(Refused)
    async def refused(_request: Request, error: Refused) -> Response:
        return _told(error)

    @web.exception_handler(RequestValidationError)
    async def unreadable(_request: Request, error: RequestValidationError) -> Response:
        detail = "; ".join(f"{problem['loc'][-1]}: {problem['msg']}" for problem in error.errors())
        return _told(Refused(422, "Unreadable", detail))

    _describe_leads(web)
    return web


def _told(error: Refused) -> Response:
    told = {"type": "about:blank", "title": error.title, "status": error.status, "detail": error.detail}
    return JSONResponse(told, error.status, dict(error.headers or {}), PROBLEM)


# -- Slack ----------------------------------------


def _signed(verifier: SignatureVerifier | None, body: str, headers: Mapping[str, str]) -> bool:
    """Whether Slack sent it. Checked before Bolt, which answers 500 to a malformed header and logs the body."""
    if verifier is None:
        return False
    timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 20 and signature.isascii()):
        return False
    return verifier.is_valid(body, timestamp, signature)


# -- intake ----------------------------------------

_REFUSALS = {
    401: "The token is missing, unknown or revoked",
    413: "The body is over 1 MiB",
    415: "The body is not JSON",
    422: "The body cannot be read",
    429: "Too many requests; see Retry-After",
}


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refused(415, "Not JSON", "Send Content-Type: application/json.")
    return await _read(request)


async def _read(request: Request) -> bytes:
    """The body, no more of it than is allowed: whoever sends it is not known yet."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MOST_BYTES:
        raise _too_large()
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise _too_large()
    return body


def _too_large() -> Refused:
    return Refused(413, "Too large", "A body may have 1 MiB; send fewer leads at once.")


def _take_in(services: Services, body: bytes, authorization: str, idempotency_key: str | None) -> dict[str, Any]:
    """Every lead in a transaction of its own: one that is refused keeps no other back."""
    token = _token(services, authorization)
    items = _parsed(body)
    key = tokens.Key(token.id, idempotency_key, tokens.body_hash(body)) if idempotency_key else None
    if key and (earlier := _reserved(services, key)):
        return earlier
    actor = Actor(ActorKind.TOKEN, token.id)
    results = [_one(services, token.source, actor, number, item) for number, item in enumerate(items)]
    refused = sum(item.status == "refused" for item in results)
    answer = IntakeAnswer(accepted=len(results) - refused, refused=refused, items=results).model_dump()
    if key:
        with services.begin() as session:
            tokens.keep_answer(session, key, answer)
    return answer


def _token(services: Services, authorization: str) -> IntakeToken:
    scheme, _, presented = authorization.partition(" ")
    now = services.now()
    with services.reading() as session:  # a stranger is not to hold up those who write
        token = tokens.known(session, presented.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        challenge = {"WWW-Authenticate": "Bearer"}
        raise Refused(401, "Unknown token", "Send Authorization: Bearer with your source's token.", challenge)
    with services.begin() as session:
        allowed_at = pace.allowed_at(session, f"intake:{token.id}", REQUESTS_A_MINUTE, now)
        if allowed_at > now:
            wait = {"Retry-After": str(int((allowed_at - now).total_seconds()) + 1)}
            raise Refused(429, "Too many requests", f"At most {REQUESTS_A_MINUTE} requests a minute.", wait)
        pace.mark(session, f"intake:{token.id}", now)
        return token


def _parsed(body: bytes) -> list[Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(422, "Unreadable", f"The body is not valid JSON: {error}.") from error
    items = found if isinstance(found, list) else [found]
    if not items or len(items) > MOST_LEADS:
        raise Refused(422, "Unreadable", f"Send one lead, or a list of 1 to {MOST_LEADS}.")
    return items


def _reserved(services: Services, key: tokens.Key) -> dict[str, Any] | None:
    try:
        with services.begin() as session:
            return tokens.reserve(session, key, services.now())
    except tokens.KeyReused as error:
        raise Refused(422, "Key used before", "This Idempotency-Key came with another body before.") from error


def _one(services: Services, source: str, actor: Actor, number: int, item: Any) -> Item:
    external_id = item.get("external_id") if isinstance(item, dict) else None
    told = {"index": number, "external_id": cleaned(str(external_id))[:200] if external_id is not None else None}
    try:
        lead = LeadIn.model_validate(item)
    except ValidationError as error:
        return Item(**told, status="refused", problems=problems_of(error))
    try:
        received = _received(services, lead, source, actor)
    except (LookupError, OperationalError) as error:
        log.exception("not_taken", index=number)
        told["problems"] = [{"field": "lead", "message": f"not taken, please send it again ({type(error).__name__})"}]
        return Item(**told, status="refused")
    return Item(**told, status=received.result.value, lead_id=received.lead_id)


def _received(services: Services, lead: LeadIn, source: str, actor: Actor) -> leads.Received:
    """In a transaction of its own; once more when the database broke a tie between two against us."""
    for last in (False, True):
        try:
            with services.under_rules() as (session, rules):
                return leads.receive(session, lead, source, rules, actor, services.now())
        except OperationalError:
            if last:
                raise
    raise AssertionError("unreachable")


def _intake_body() -> dict[str, Any]:
    one = {"$ref": "#/components/schemas/LeadIn"}
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_LEADS}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": [one, many]}}}}}


def _describe_leads(web: FastAPI) -> None:
    """Put the shape of a lead into the OpenAPI page: the route reads its body itself, to answer for each item."""
    made = web.openapi

    def openapi() -> dict[str, Any]:
        if web.openapi_schema is None:
            schema = made()
            _, lead = models_json_schema([(LeadIn, "validation")], ref_template="#/components/schemas/{model}")
            schema["components"]["schemas"] |= lead["$defs"]
            web.openapi_schema = schema
        return web.openapi_schema

    web.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to add to its description


# -- health and metrics ----------------------------------------


def _health(services: Services) -> dict[str, Any]:
    with services.reading() as session:
        halted = halted_reason(session, services.settings.slack_bot_token)
        policy = journal.rules_in_force(session).version_id
        waiting, in_flight = waiting_now(session, services.now()), in_doubt(session)
    return {
        "ok": halted is None,
        "sender_halted": halted,
        "messages_due": waiting,
        "messages_in_flight": in_flight,
        "policy_version": policy,
    }


def _metrics(services: Services) -> bytes:
    """Counted when asked, from the database: right with any number of processes."""
    registry = CollectorRegistry()
    messages = Gauge("tandem_outbox_messages", "Messages by state", ["state"], registry=registry)
    due = Gauge("tandem_outbox_due", "Messages due and not yet sent", registry=registry)
    with services.reading() as session:
        for state, count in outbox.counts(session).items():
            messages.labels(state).set(count)
        due.set(waiting_now(session, services.now()))
    return generate_latest(registry)
