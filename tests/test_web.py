"""The HTTP face over real HTTP: lead intake, Slack's signed requests, health, metrics."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from sqlalchemy import func, select

from bot.journal.tables import JournalEntry
from bot.leads import tokens
from bot.leads.tables import Account, Contact, Lead, LeadIdentity, LeadTouch
from bot.store import Base
from tests.conftest import TurnedClock
from tests.world import World, world

MIB = 1 << 20
AT_ONCE = 8


@pytest.fixture(scope="module")
def shared(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One company for all tests that only send: each names its own leads and has its own token."""
    path = tmp_path_factory.mktemp("web") / "tandem.sqlite3"
    path.write_bytes(empty_sqlite.read_bytes())
    with world(f"sqlite:///{path}", TurnedClock()) as made:
        yield made


@pytest.fixture
def both(database_url: str, clock: TurnedClock) -> Iterator[World]:
    """A fresh company on each database."""
    with world(database_url, clock) as made:
        yield made


def count(w: World, table: type[Base]) -> int:
    with w.services.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def raw(w: World, content: Any, token: str = "", **headers: str) -> httpx.Response:
    told = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", **headers}
    return httpx.post(f"{w.app_url}/intake/leads", content=content, headers=told, timeout=30)


def assert_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """A refusal as RFC 9457 tells it."""
    told: dict[str, Any] = answer.json()
    assert answer.status_code == told["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(isinstance(told[name], str) and told[name] for name in ("type", "title", "detail"))
    return told


def at_once(w: World, bodies: list[Any], **headers: str) -> list[httpx.Response]:
    token = w.token()
    with ThreadPoolExecutor(len(bodies)) as threads:
        return list(threads.map(lambda body: w.post(body, token, **headers), bodies))


# -- what goes in ----------------------------------------


def test_one_lead(shared: World) -> None:
    answer = shared.post({"external_id": "one", "email": "one@example.org"}, shared.token())
    assert answer.status_code == 202
    told = answer.json()
    assert (told["accepted"], told["refused"], len(told["items"])) == (1, 0, 1)
    item = told["items"][0]
    with shared.services.reading() as session:
        found = session.scalars(select(LeadIdentity).where(LeadIdentity.external_id == "one")).one()
        entry = session.scalars(select(JournalEntry).where(JournalEntry.subject_id == found.lead_id)).first()
    assert item == {"index": 0, "external_id": "one", "status": "new", "lead_id": found.lead_id, "problems": []}
    assert found.source == "website"
    assert entry is not None
    assert entry.actor_kind == "token"


def test_a_list_gets_a_result_for_each_in_order_and_refused_ones_name_the_field(shared: World) -> None:
    body = [
        {"external_id": "list-1"},
        {"external_id": "list-2", "email": "nobody"},
        {"name": "No Id"},
        {"external_id": "list-1"},
        {"external_id": "list-3", "touches": [{"kind": "event"}, {"kind": "No Code", "at": "yesterday"}]},
        {"external_id": 5, "colour": "red"},
        "a lead",
        None,
        {"external_id": "list-4"},
    ]
    answer = shared.post(body, shared.token())
    told = answer.json()
    items = told["items"]
    assert answer.status_code == 202
    assert (told["accepted"], told["refused"]) == (3, 6)
    assert [item["index"] for item in items] == list(range(9))
    assert [item["status"] for item in items] == [
        "new",
        "refused",
        "refused",
        "unchanged",
        *["refused"] * 4,
        "new",
    ]
    fields = [[problem["field"] for problem in item["problems"]] for item in items]
    assert fields == [
        [],
        ["email"],
        ["lead"],
        [],
        ["touches.1.kind", "touches.1.at"],
        ["external_id", "colour"],
        ["lead"],
        ["lead"],
        [],
    ]
    assert all(problem["message"] for item in items for problem in item["problems"])
    assert [item["external_id"] for item in items[:3]] == ["list-1", "list-2", None]
    assert items[0]["lead_id"] == items[3]["lead_id"]
    assert items[1]["lead_id"] is None


def test_the_most_that_fit_in_one_request(shared: World) -> None:
    answer = shared.post([{"external_id": f"many-{n % 50}"} for n in range(500)], shared.token())
    assert answer.status_code == 202
    assert [i["status"] for i in answer.json()["items"]] == ["new"] * 50 + ["unchanged"] * 450


def test_a_lead_belongs_to_the_source_of_its_token(shared: World) -> None:
    """Two sources may use one id for different leads."""
    ids = [
        shared.post({"external_id": "same-id"}, shared.token(source)).json()["items"][0]["lead_id"]
        for source in ("website", "event")
    ]
    assert ids[0] != ids[1]
    with shared.services.reading() as session:
        assert [session.get_one(Lead, i).source for i in ids] == ["website", "event"]


def test_what_passes_the_gate_reaches_its_rep(shared: World) -> None:
    before = len(shared.cards("U02")) + len(shared.cards("U03"))
    asked = {"email": "demo@example.org", "country": "Germany", "touches": [{"kind": "demo_request"}]}
    assert shared.post(asked, shared.token()).status_code == 202
    shared.deliver()
    assert len(shared.cards("U02")) + len(shared.cards("U03")) == before + 1


# -- who may not ----------------------------------------


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer tnd_unknown", "tnd_unknown", "Basic dTpw"])
def test_an_unknown_token_is_refused(shared: World, authorization: str) -> None:
    leads = count(shared, Lead)
    headers = {"Authorization": authorization} if authorization else {}
    answer = httpx.post(f"{shared.app_url}/intake/leads", json={"external_id": "no"}, headers=headers)
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert count(shared, Lead) == leads


def test_a_token_is_not_taken_under_another_scheme(shared: World) -> None:
    token = shared.token()
    assert_problem(shared.post({"external_id": "x"}, "", Authorization=f"Basic {token}"), 401)
    assert shared.post({"external_id": "x"}, "", Authorization=f"bearer {token}").status_code == 202


def test_a_revoked_token_is_refused_at_once(shared: World) -> None:
    token = shared.token()
    assert shared.post({"external_id": "still"}, token).status_code == 202
    with shared.services.begin() as session:
        known = tokens.known(session, token)
        assert known is not None
        tokens.revoke(session, known.id, shared.clock.now())
    answer = shared.post({"external_id": "late"}, token)
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


# -- what cannot be read ----------------------------------------


def test_a_body_announced_too_large_is_refused(shared: World) -> None:
    assert_problem(raw(shared, b" " * (MIB + 1), shared.token()), 413)


def test_a_streamed_body_is_refused_where_it_gets_too_large(shared: World) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(17):
            yield b" " * (MIB // 16)

    assert_problem(raw(shared, chunks(), shared.token()), 413)


def test_a_body_of_exactly_the_most_is_read(shared: World) -> None:
    lead = b'{"external_id": "mib"}'
    assert raw(shared, lead.ljust(MIB), shared.token()).status_code == 202


@pytest.mark.parametrize("kind", ["", "text/csv", "application/x-www-form-urlencoded", "application/jsonx"])
def test_what_is_not_json_is_refused(shared: World, kind: str) -> None:
    assert_problem(raw(shared, b'{"external_id": "a"}', shared.token(), **{"Content-Type": kind}), 415)


def test_a_charset_beside_json_does_not_disturb(shared: World) -> None:
    told = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert raw(shared, b'{"external_id": "charset"}', shared.token(), **told).status_code == 202


UNREADABLE = {
    "nothing": b"",
    "half": b'{"external_id": ',
    "not utf-8": b'{"external_id": "\xff\xfe"}',
    "empty list": b"[]",
    "501": json.dumps([{"external_id": "a"}] * 501).encode(),
    "deep list": b"[" * 50_000 + b"]" * 50_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "number of 5,000 digits": b'{"external_id": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_body_is_refused_as_a_whole(shared: World, body: bytes) -> None:
    assert_problem(raw(shared, body, shared.token()), 422)


# -- how often, and how often the same ----------------------------------------


def test_too_many_requests_wait_as_told(shared: World) -> None:
    token, other = shared.token(), shared.token()
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:

        def ask() -> httpx.Response:
            return client.post(f"{shared.app_url}/intake/leads", json=[])

        answers = [ask() for _ in range(121)]
        assert {a.status_code for a in answers[:120]} == {422}
        assert_problem(answers[120], 429)
        wait = int(answers[120].headers["retry-after"])
        assert 1 <= wait <= 61
        assert shared.post({"external_id": "other"}, other).status_code == 202
        shared.clock.advance(seconds=wait)
        assert ask().status_code == 422


def test_the_same_key_gets_the_same_answer_and_does_nothing_twice(shared: World) -> None:
    token, body = shared.token(), {"external_id": "key-1", "touches": [{"kind": "page", "asset": "prices"}]}
    first = shared.post(body, token, **{"Idempotency-Key": "k1"})
    leads, touches, entries = (count(shared, table) for table in (Lead, LeadTouch, JournalEntry))
    shared.clock.advance(seconds=5)
    again = shared.post(body, token, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (202, first.json())
    assert first.json()["items"][0]["status"] == "new"
    assert (leads, touches, entries) == tuple(count(shared, table) for table in (Lead, LeadTouch, JournalEntry))


def test_the_same_key_with_another_body_is_refused(shared: World) -> None:
    token = shared.token()
    assert shared.post({"external_id": "key-2"}, token, **{"Idempotency-Key": "k2"}).status_code == 202
    assert_problem(shared.post({"external_id": "key-3"}, token, **{"Idempotency-Key": "k2"}), 422)
    other = shared.post({"external_id": "key-3"}, shared.token(), **{"Idempotency-Key": "k2"})
    assert other.json()["items"][0]["status"] == "new", "another sender's keys are their own"


def test_a_key_is_forgotten_after_a_week(shared: World) -> None:
    token = shared.token()
    shared.post({"external_id": "key-4"}, token, **{"Idempotency-Key": "k4"})
    shared.clock.advance(days=8)
    assert shared.post({"external_id": "key-5"}, token, **{"Idempotency-Key": "k4"}).status_code == 202


def test_a_key_that_is_too_long_is_refused_like_everything_else(shared: World) -> None:
    assert_problem(shared.post({"external_id": "key-6"}, shared.token(), **{"Idempotency-Key": "k" * 201}), 422)


# -- at once, on both databases ----------------------------------------


def test_the_same_lead_at_once_is_one_lead(both: World) -> None:
    by_id = at_once(both, [{"external_id": "twin"}] * AT_ONCE)
    by_mail = at_once(both, [{"email": "twin@example.org"}] * AT_ONCE)
    for answers in (by_id, by_mail):
        assert {a.status_code for a in answers} == {202}
        statuses = sorted(a.json()["items"][0]["status"] for a in answers)
        assert statuses.count("new") == 1
        assert len({a.json()["items"][0]["lead_id"] for a in answers}) == 1
    assert (count(both, Lead), count(both, Contact), count(both, LeadIdentity)) == (2, 1, 1)


def test_different_leads_of_a_new_company_at_once(both: World) -> None:
    answers = at_once(both, [{"external_id": f"c-{n}", "company": "Charité"} for n in range(AT_ONCE)])
    assert {a.status_code for a in answers} == {202}
    assert (count(both, Lead), count(both, Account)) == (AT_ONCE, 1)


def test_the_same_key_at_once_does_nothing_twice(both: World) -> None:
    body = {"external_id": "k", "email": "k@example.org", "touches": [{"kind": "page", "asset": "prices"}]}
    answers = at_once(both, [body] * AT_ONCE, **{"Idempotency-Key": "same"})
    assert {a.status_code for a in answers} == {202}
    assert (count(both, Lead), count(both, LeadTouch)) == (1, 1)
    with both.services.reading() as session:
        verbs = list(session.scalars(select(JournalEntry.verb).where(JournalEntry.subject_kind == "lead")))
    assert verbs.count("received") == 1


# -- hostile text, on both databases ----------------------------------------

LONG = "a" * 50_000
TEXTS = (
    "\x00",
    "a\x00b",
    LONG,
    "🧪👩🏽‍🔬" * 15,
    "\u202eמרים\u202c \u200fد. سمير",
    "\ud800",
    "<@U01> & <!channel>",
    "' OR 1=1; --",
)
FIELDS = ("external_id", "name", "title", "phone", "company", "domain", "account_type", "country", "city", "campaign")
WRONG: tuple[Any, ...] = (5, 1.5, True, [], {}, [["deep"]], {"a": {"b": {}}}, "ß" * 200, "İ" * 200)


def hostile() -> Iterator[tuple[str, Any]]:
    """Leads that no kind sender would send, each with a name for the report."""
    for text in TEXTS:
        for field in FIELDS:
            yield f"{field}={text[:9]!r}", {"email": "h@example.org", field: text}
        yield f"email={text[:9]!r}", {"email": f"a{text}@example.org"}
        yield f"url={text[:9]!r}", {"external_id": "h", "url": f"https://example.org/{text}"}
        yield f"asset={text[:9]!r}", {"external_id": "h", "touches": [{"kind": "page", "asset": text}]}
        yield f"kind={text[:9]!r}", {"external_id": "h", "touches": [{"kind": text}]}
        yield f"fields.x={text[:9]!r}", {"external_id": "h", "fields": {"x": text}}
        yield f"fields.{text[:9]!r}", {"external_id": "h", "fields": {text: 1}}
        yield f"unknown {text[:9]!r}", {"external_id": "h", text: 1}
        yield f"text {text[:9]!r}", text
    for value in WRONG:
        for field in (*FIELDS, "email", "url", "received_at", "touches", "consent", "fields", "account_owner"):
            yield f"{field}={str(value)[:9]}", {"external_id": "h", field: value}
    for value in (10**400, 1e308, -1, None):
        yield f"beds={str(value)[:9]}", {"external_id": "h", "fields": {"beds": value}}
    for instant in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-02-30", "1e400", -(10**30)):
        yield f"received_at={instant}", {"external_id": "h", "received_at": instant}
        yield f"at={instant}", {"external_id": "h", "touches": [{"kind": "page", "asset": "price", "at": instant}]}


def breaking(w: World, cases: list[tuple[str, Any]]) -> list[str]:
    """Which of these leads break a request, found by halving."""
    answer = raw(w, json.dumps([lead for _, lead in cases]), w.token())
    if answer.status_code == 202 and len(answer.json()["items"]) == len(cases):
        return []
    half = len(cases) // 2
    return breaking(w, cases[:half]) + breaking(w, cases[half:]) if half else [cases[0][0]]


def test_hostile_leads_are_taken_or_refused_but_break_nothing(both: World) -> None:
    cases = list(hostile())
    assert [name for start in range(0, len(cases), 15) for name in breaking(both, cases[start : start + 15])] == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_json_does_not_have_break_nothing(both: World, number: str) -> None:
    answer = raw(both, f'{{"external_id": "n", "fields": {{"beds": {number}}}}}', both.token())
    assert answer.status_code in (202, 422)
    assert count(both, Lead) == 0, "PostgreSQL cannot keep it, so nobody does"


def test_a_lead_is_known_by_something_that_can_be_read(shared: World) -> None:
    """An id of nothing but NULs would make all such leads one."""
    answers = shared.post([{"external_id": "\x00"}, {"external_id": " \x00 "}], shared.token()).json()
    assert [item["status"] for item in answers["items"]] == ["refused", "refused"]


def test_a_date_without_dashes_is_no_instant(shared: World) -> None:
    """Read as seconds since 1970 it would be a day in 1970."""
    (item,) = shared.post({"external_id": "bare", "received_at": "20261123"}, shared.token()).json()["items"]
    assert [problem["field"] for problem in item["problems"]] == ["received_at"]


def test_right_to_left_and_emoji_come_back_as_sent(both: World) -> None:
    both.post({"external_id": "😀-é", "email": "rtl@example.org", "name": "ד״ר מרים 👩🏽‍🔬"}, both.token())
    with both.services.reading() as session:
        assert session.scalars(select(Contact.name)).one() == "ד״ר מרים 👩🏽‍🔬"
        assert session.scalars(select(LeadIdentity.external_id)).one() == "😀-é"


# -- the description ----------------------------------------


def resolved(schema: dict[str, Any], part: Any) -> set[str]:
    """The names of all schemas that a part refers to, followed to the end. Raises KeyError for one there is not."""
    names: set[str] = set()
    waiting = [part]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            if ref := at.get("$ref"):
                name = ref.removeprefix("#/components/schemas/")
                if name not in names:
                    names.add(name)
                    waiting.append(schema["components"]["schemas"][name])
            waiting += at.values()
        elif isinstance(at, list):
            waiting += at
    return names


def test_the_description_holds_the_shape_of_a_lead(shared: World) -> None:
    schema = httpx.get(f"{shared.app_url}/openapi.json").json()
    route = schema["paths"]["/intake/leads"]["post"]
    assert resolved(schema, route["requestBody"]) == {"LeadIn", "TouchIn", "ConsentIn"}
    assert resolved(schema, schema) == set(schema["components"]["schemas"])
    assert {"401", "413", "415", "422", "429", "202"} <= set(route["responses"])
    assert {"external_id", "email", "touches", "consent"} <= set(
        schema["components"]["schemas"]["LeadIn"]["properties"]
    )
    assert "/slack/events" not in schema["paths"]


def test_the_description_can_be_read_in_a_browser(shared: World) -> None:
    answer = httpx.get(f"{shared.app_url}/docs")
    assert answer.status_code == 200
    assert "/openapi.json" in answer.text


def test_whatever_the_description_allows_breaks_nothing(shared: World) -> None:
    schema = schemathesis.openapi.from_url(f"{shared.app_url}/openapi.json")
    operation = schema["/intake/leads"]["POST"]
    token = shared.token()

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def ask(case: Any) -> None:
        seen.append(case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=[not_a_server_error]))

    seen: list[Any] = []
    ask()
    assert 202 in {answer.status_code for answer in seen}


# -- Slack's requests ----------------------------------------

SECRET = "sandbox-secret"
BODY = "command=%2Flead&text=geheimer+Satz&user_id=U02&team_id=T0SANDBOX"


def sign(body: str, timestamp: str, secret: str = SECRET) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()


def now_ago(seconds: int = 0) -> str:
    return str(int(time.time()) - seconds)


UNSIGNED: dict[str, Callable[[], dict[str, str | bytes]]] = {
    "nothing": dict,
    "no signature": lambda: {"x-slack-request-timestamp": now_ago()},
    "no timestamp": lambda: {"x-slack-signature": sign(BODY, now_ago())},
    "bad signature": lambda: {"x-slack-request-timestamp": now_ago(), "x-slack-signature": "v0=" + "0" * 64},
    "other secret": lambda: {
        "x-slack-request-timestamp": now_ago(),
        "x-slack-signature": sign(BODY, now_ago(), "other"),
    },
    "not a number": lambda: {"x-slack-request-timestamp": "now", "x-slack-signature": sign(BODY, "now")},
    "superscript": lambda: {"x-slack-request-timestamp": "²".encode("latin-1"), "x-slack-signature": sign(BODY, "²")},
    "not ascii": lambda: {"x-slack-request-timestamp": now_ago(), "x-slack-signature": "v0=é".encode("latin-1")},
    "old": lambda: {"x-slack-request-timestamp": now_ago(400), "x-slack-signature": sign(BODY, now_ago(400))},
    "from the future": lambda: {
        "x-slack-request-timestamp": now_ago(-400),
        "x-slack-signature": sign(BODY, now_ago(-400)),
    },
    "5,000 digits": lambda: {"x-slack-request-timestamp": "9" * 5000, "x-slack-signature": "v0=0"},
}


@pytest.mark.parametrize("make", UNSIGNED.values(), ids=UNSIGNED)
def test_what_slack_did_not_sign_is_refused_and_not_logged(
    shared: World,
    make: Callable[[], dict[str, str | bytes]],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"content-type": "application/x-www-form-urlencoded", **make()}
    answer = httpx.post(f"{shared.app_url}/slack/events", content=BODY, headers=httpx.Headers(list(headers.items())))
    assert answer.status_code == 401
    said = caplog.text + "".join(capfd.readouterr())
    assert "geheim" not in said
    assert "geheim" not in answer.text


def test_what_slack_signed_is_answered(shared: World) -> None:
    """The same helper that makes the bad ones makes a good one."""
    body = "command=%2Ftandem&text=help&user_id=U02&team_id=T0SANDBOX&channel_id=D02&trigger_id=1"
    timestamp = now_ago()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": sign(body, timestamp),
    }
    answer = httpx.post(f"{shared.app_url}/slack/events", content=body, headers=headers)
    assert answer.status_code == 200
    assert "/lead mine" in answer.text


# -- health and metrics ----------------------------------------


def test_health_and_metrics_tell_how_it_is(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock) as w:

        def health() -> httpx.Response:
            return httpx.get(f"{w.app_url}/health")

        def metrics() -> list[str]:
            return httpx.get(f"{w.app_url}/metrics").text.splitlines()

        well = health()
        assert (well.status_code, well.json()["ok"], well.json()["messages_due"]) == (200, True, 0)
        assert well.json()["policy_version"] == 1
        assert "tandem_outbox_due 0.0" in metrics()

        w.lead(country="Germany")
        waiting = health().json()["messages_due"]
        assert waiting >= 1
        assert f"tandem_outbox_due {waiting}.0" in metrics()
        assert f'tandem_outbox_messages{{state="waiting"}} {waiting}.0' in metrics()

        w.slack.faults({"fault": "error", "code": "token_revoked", "share": 1.0})
        w.deliver()
        halted = health()
        assert (halted.status_code, halted.json()["ok"]) == (503, False)
        assert halted.json()["sender_halted"] == "token_revoked"
        assert halted.json()["messages_due"] == waiting, "nothing is lost while the sender is halted"
