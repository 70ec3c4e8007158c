"""The sender against a strict Slack over HTTP: whatever goes wrong, each message stands exactly once."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bot.outbox import service as outbox
from bot.outbox.claims import Claim
from bot.outbox.rules import LEASE, Kind, Priority, State
from bot.outbox.sender import Sender, preview_of
from bot.outbox.service import Draft
from bot.outbox.slack import SlackCalls, sending_client
from bot.outbox.standing import halted_reason, introduce
from bot.outbox.tables import Message
from bot.outbox.templates import Address, Rendered, RenderRequest, Subject, Template, Templates
from bot.store import begin, make_engine, reading
from jobs.deliver import deliver
from sandbox.client import SandboxClient
from sandbox.clock import Time
from sandbox.server import Running
from sandbox.slack import Sandbox
from tests.conftest import TurnedClock
from tests.world import MANIFEST

Json = dict[str, Any]
POST, UPDATE, OPEN = "chat.postMessage", "chat.update", "conversations.open"
USERS = [{"id": f"U{n:02d}", "name": f"u{n}", "real_name": f"U {n}", "email": f"u{n}@x.example"} for n in range(1, 42)]
CHANNELS = [
    {"id": "C01", "name": "team", "members": ["U01"]},
    {"id": "C02", "name": "closed", "members": ["U01"], "bot": False},
]


@dataclass
class Book:
    """Where `user:` and `channel:` targets are reached, and who is left out for now or gone."""

    held: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def regard(self, _session: Session, _target: str, _now: datetime) -> None:
        return None

    def address(self, _session: Session, target: str) -> Address:
        kind, _, name = target.partition(":")
        where = {"user": name} if kind == "user" else {"channel": name}
        unreachable = "person_inactive" if name in self.gone else None
        return Address(**where, held=name in self.held, unreachable=unreachable)


@dataclass
class Room:
    """What a room above the outbox would be: a state that its cards show, and what it heard of dead ones."""

    says: dict[int, str] = field(default_factory=dict)
    over: set[int] = field(default_factory=set)
    fresh_until: dict[int, datetime] = field(default_factory=dict)
    dead: list[tuple[int, str]] = field(default_factory=list)

    def render(self, _session: Session, request: RenderRequest) -> Rendered:
        number = request.subject.id
        text = request.facts.get("text") or self.says.get(number, f"card {number}")
        until = self.fresh_until.get(number)
        fresh = until if until and request.now < until else None
        shown = {"type": "section", "text": {"type": "mrkdwn", "text": f"{text}{' (fresh)' if fresh else ''}"}}
        return Rendered(text, [shown], fresh)

    def still_true(self, _session: Session, request: RenderRequest) -> bool:
        return request.subject.id not in self.over

    def on_dead(self, _session: Session, request: RenderRequest, reason: str) -> None:
        self.dead.append((request.subject.id, reason))

    def template(self) -> Template:
        return Template("card", self.render, self.still_true, self.on_dead)


def raises(*_anything: object) -> Any:
    raise ValueError("a template has a mistake")


@dataclass
class Post:
    """A post office: the sender, the sandbox it talks to, and the clock of both."""

    sender: Sender
    sandbox: Sandbox
    slack: SandboxClient
    clock: TurnedClock
    room: Room
    book: Book

    def put(self, number: int = 1, to: str = "user:U01", **more: Any) -> int | None:
        draft = Draft(to, more.pop("template", "card"), Subject("thing", number), more.pop("key", f"k{number}"), **more)
        with begin(self.sender.engine) as session:
            return outbox.enqueue(session, draft, self.clock.now())

    def change(self, number: int, says: str, priority: int = Priority.NORMAL) -> None:
        self.room.says[number] = says
        with begin(self.sender.engine) as session:
            outbox.touch(session, Subject("thing", number), self.clock.now(), priority)

    def run(self, seconds: float = 60, sender: Sender | None = None) -> None:
        """Deliver, turning the clock to each wake within `seconds`; every wake must lead on."""
        sender = sender or self.sender
        until = self.clock.now() + timedelta(seconds=seconds)
        for _ in range(2000):
            deliver(sender)
            wake = sender.next_wake_at()
            if wake is None or wake > until:
                self.clock.turn_to(until)
                return
            assert wake > self.clock.now(), "the sender says it can do something now, but does nothing"
            self.clock.turn_to(wake)
        raise AssertionError("the sender never comes to rest")

    def slack_moves_on(self) -> None:
        """What Slack was late with happens at the present time of the clock, and not after its next turn."""
        sending_client("xoxb-sandbox", f"{self.sandbox.base_url}/api/", 5).api_test()

    def row(self, message_id: int | None) -> Message:
        with reading(self.sender.engine) as session:
            return session.get_one(Message, message_id)

    def state(self, message_id: int | None) -> str:
        return self.row(message_id).state

    def texts(self, channel: str | None = None) -> list[str]:
        """What stands in Slack, in order."""
        return [m["text"] for m in self.slack.messages() if channel in (None, m["channel"])]

    def calls(self, method: str) -> int:
        return sum(name == method for _, name, _ in self.sandbox.calls)

    def heard(self) -> list[str]:
        return [n["text"] for n in self.slack.notifications()]


@contextmanager
def post_office(url: str, clock: TurnedClock) -> Iterator[Post]:
    engine = make_engine(url)
    with Running(Sandbox(time=Time(clock.tell, rate=0))) as sandbox:
        slack = SandboxClient(sandbox.base_url)
        slack.set_up({"users": USERS, "channels": CHANNELS, "manifest": MANIFEST})
        introduce(engine, "U0BOT", "T0SANDBOX")
        room, book, templates = Room(), Book(), Templates()
        templates.register(room.template())
        templates.register(Template("broken", raises))
        try:
            yield Post(make_sender(engine, clock, sandbox, templates, book), sandbox, slack, clock, room, book)
        finally:
            slack.close()
            engine.dispose()


def make_sender(engine: Any, clock: TurnedClock, sandbox: Sandbox, templates: Templates, book: Book) -> Sender:
    calls = SlackCalls(sending_client("xoxb-sandbox", f"{sandbox.base_url}/api/", 5))
    return Sender(engine, clock, calls, templates, book, "xoxb-sandbox")


@pytest.fixture
def post(sqlite_url: str, clock: TurnedClock) -> Iterator[Post]:
    with post_office(sqlite_url, clock) as made:
        yield made


@pytest.fixture
def anywhere(database_url: str, clock: TurnedClock) -> Iterator[Post]:
    with post_office(database_url, clock) as made:
        yield made


# -- sent ----------------------------------------


def test_a_message_is_posted_once_and_its_place_is_kept(anywhere: Post) -> None:
    message_id = anywhere.put()
    anywhere.run()
    (stands,) = anywhere.slack.messages()
    row = anywhere.row(message_id)
    assert (row.state, row.channel, row.ts) == (State.SENT, "D01", stands["ts"])
    assert stands["metadata"]["event_payload"] == {"delivery_id": row.delivery_id}
    assert anywhere.sender.step() is False
    assert anywhere.sender.next_wake_at() is None


def test_the_same_key_is_said_once(post: Post) -> None:
    assert post.put(1, key="once") is not None
    assert post.put(2, key="once") is None
    post.run()
    assert post.texts() == ["card 1"]


def test_a_conversation_is_opened_once_and_gets_one_message_a_second(post: Post) -> None:
    for number in range(1, 5):
        post.put(number)
    began = post.clock.now()
    post.run()
    assert post.texts() == [f"card {n}" for n in range(1, 5)]
    assert post.calls(OPEN) == 1
    sent = [at - began.timestamp() for at, name, _ in post.sandbox.calls if name == POST]
    assert sent == pytest.approx([0, 1, 2, 3])


def test_a_message_waits_for_its_time(post: Post) -> None:
    at = post.clock.now() + timedelta(hours=2)
    post.put(not_before=at)
    post.run(seconds=7199)
    assert post.texts() == []
    assert post.sender.next_wake_at() == at
    post.run(seconds=2)
    assert post.texts() == ["card 1"]


# -- 429 ----------------------------------------


def test_retry_after_is_obeyed(post: Post) -> None:
    post.slack.faults({"fault": "429", "method": POST, "seconds": 30, "times": 1})
    post.put(1)
    post.put(2, to="user:U02")
    post.run(seconds=29.9)
    assert post.texts() == []
    post.run(seconds=5)
    assert sorted(post.texts()) == ["card 1", "card 2"]


def test_retry_after_for_posts_lets_updates_through(post: Post) -> None:
    first = post.put(1)
    post.run()
    post.slack.faults({"fault": "429", "method": POST, "seconds": 30, "times": 1})
    post.put(2, to="user:U02")
    post.run(seconds=5)
    post.change(1, "changed")
    post.run(seconds=5)
    assert (post.texts(), post.state(first)) == (["changed"], State.SENT)


# -- in doubt ----------------------------------------

DOUBTS: dict[str, Json] = {
    "accepted, then dropped": {"fault": "accept_and_drop"},
    "accepted late": {"fault": "accept_late", "seconds": 5},
    "dropped": {"fault": "drop"},
    "500": {"fault": "500"},
    "internal_error": {"fault": "error", "code": "internal_error"},
    "fatal_error": {"fault": "error", "code": "fatal_error"},
}


@pytest.mark.parametrize("fault", DOUBTS.values(), ids=list(DOUBTS))
def test_after_a_doubt_a_message_stands_exactly_once(post: Post, fault: Json) -> None:
    post.slack.set_up({"history_lag": 3.0})
    post.slack.faults({**fault, "method": POST, "times": 1})
    message_id = post.put(1)
    post.put(2)
    post.run(seconds=5)
    post.slack_moves_on()
    post.run(seconds=5)
    assert post.state(message_id) == State.AMBIGUOUS
    assert post.calls("conversations.history") == 0, "looked before Slack had settled"
    post.run(seconds=120)
    assert sorted(post.texts()) == ["card 1", "card 2"]
    assert post.state(message_id) == State.SENT
    assert post.calls("conversations.history") == 1


def test_a_doubt_about_a_doubt_is_looked_at_again(post: Post) -> None:
    history = {"fault": "500", "method": "conversations.history", "times": 3}
    post.slack.faults({"fault": "accept_and_drop", "method": POST, "times": 1}, history)
    message_id = post.put()
    post.run(seconds=120)
    assert (post.texts(), post.state(message_id)) == (["card 1"], State.SENT)


def test_a_card_found_after_a_doubt_is_brought_up_to_date(post: Post) -> None:
    post.slack.faults({"fault": "accept_and_drop", "method": POST, "times": 1})
    post.put()
    post.run(seconds=5)
    post.change(1, "newer")
    post.run(seconds=60)
    assert (post.texts(), post.calls(POST)) == (["newer"], 1)


@pytest.mark.parametrize("fault", [DOUBTS["accepted, then dropped"], DOUBTS["accepted late"], DOUBTS["500"]])
def test_an_update_in_doubt_ends_with_the_newest_state(post: Post, fault: Json) -> None:
    post.put()
    post.run()
    post.slack.faults({**fault, "method": UPDATE, "times": 1})
    post.change(1, "second")
    post.run(seconds=3)
    post.change(1, "third")
    post.run(seconds=120)
    assert (post.texts(), post.heard()) == (["third"], ["card 1"])


def test_a_reply_in_doubt_is_looked_for_in_its_thread(post: Post) -> None:
    parent = post.put(1)
    post.run()
    post.slack.faults({"fault": "accept_and_drop", "method": POST, "times": 1})
    post.put(2, parent_id=parent)
    post.run(seconds=60)
    assert post.texts() == ["card 1", "card 2"]
    assert post.calls("conversations.replies") == 1


def test_opening_in_doubt_opens_again(post: Post) -> None:
    post.slack.faults({"fault": "drop", "method": OPEN, "times": 2})
    post.put()
    post.run()
    assert post.texts() == ["card 1"]


# -- dead ----------------------------------------


@pytest.mark.parametrize("reason", ["user_disabled", "channel_not_found", "is_archived"])
def test_a_dead_message_tells_its_room_once_and_blocks_nobody(post: Post, reason: str) -> None:
    post.slack.faults({"fault": "error", "method": POST, "code": reason, "times": 1})
    dead = post.put(1)
    post.put(2)
    post.run(seconds=300)
    assert (post.state(dead), post.row(dead).outcome) == (State.DEAD, reason)
    assert post.room.dead == [(1, reason)]
    assert post.texts() == ["card 2"]


def test_a_deactivated_member_cannot_be_opened(post: Post) -> None:
    post.slack.set_up({"users": [{**USERS[0], "deleted": True}]})
    post.put()
    post.run()
    assert post.room.dead == [(1, "user_disabled")]


@pytest.mark.parametrize(("channel", "reason"), [("C02", "not_in_channel"), ("#none", "channel_not_found")])
def test_a_channel_that_cannot_be_written_to_is_dead(post: Post, channel: str, reason: str) -> None:
    scopes = [s for s in MANIFEST["oauth_config"]["scopes"]["bot"] if s != "chat:write.public"]
    manifest = {**MANIFEST, "oauth_config": {"scopes": {"bot": scopes}}}
    post.slack.set_up({"manifest": manifest})
    post.put(to=f"channel:{'#closed' if channel == 'C02' else channel}")
    post.run()
    assert post.room.dead == [(1, reason)]


def test_a_channel_is_found_by_its_name(post: Post) -> None:
    post.put(to="channel:#team")
    post.run()
    assert post.texts("C01") == ["card 1"]


def test_somebody_unreachable_is_dead_without_a_call(post: Post) -> None:
    post.book.gone.add("U01")
    post.put()
    post.run()
    assert (post.room.dead, post.sandbox.calls) == ([(1, "person_inactive")], [])


def test_a_dead_update_is_not_undelivered(post: Post) -> None:
    message_id = post.put()
    post.run()
    post.slack.faults({"fault": "error", "method": UPDATE, "code": "message_not_found", "times": 1})
    post.change(1, "second")
    post.run()
    assert (post.state(message_id), post.room.dead) == (State.DEAD, [])


def test_what_slack_would_cut_or_refuse_is_dead_and_not_sent(post: Post) -> None:
    message_id = post.put(1)
    post.room.says[1] = "x" * 50_000
    post.run()
    assert (post.state(message_id), post.texts(), len(post.room.dead)) == (State.DEAD, [], 1)


# -- halted ----------------------------------------


def test_a_revoked_token_halts_everything_until_there_is_a_new_one(anywhere: Post) -> None:
    anywhere.slack.faults({"fault": "error", "method": POST, "code": "token_revoked", "times": 1})
    anywhere.put(1)
    anywhere.put(2, to="user:U02")
    anywhere.run(seconds=3600)
    assert anywhere.texts() == []
    assert (anywhere.sender.step(), anywhere.sender.next_wake_at()) == (False, None)
    with reading(anywhere.sender.engine) as session:
        assert halted_reason(session, "xoxb-sandbox") == "token_revoked"
        assert halted_reason(session, "xoxb-new") is None
    anywhere.slack.set_up({"token": "xoxb-new"})
    client = sending_client("xoxb-new", f"{anywhere.sandbox.base_url}/api/", 5)
    anywhere.run(sender=replace(anywhere.sender, slack=SlackCalls(client), token="xoxb-new"))
    assert sorted(anywhere.texts()) == ["card 1", "card 2"]


# -- threads ----------------------------------------


def test_a_reply_waits_for_its_parent(post: Post) -> None:
    parent = post.put(1, not_before=post.clock.now() + timedelta(minutes=5))
    post.put(2, parent_id=parent, priority=Priority.ANSWER_TO_A_TAP)
    post.run(seconds=200)
    assert post.texts() == []
    post.run(seconds=200)
    first, second = post.slack.messages()
    assert (first["text"], second["text"], second["thread_ts"]) == ("card 1", "card 2", first["ts"])


def test_a_reply_dies_with_its_parent(post: Post) -> None:
    post.slack.faults({"fault": "error", "method": POST, "code": "channel_not_found", "times": 1})
    parent = post.put(1)
    child = post.put(2, parent_id=parent)
    post.run()
    assert (post.state(child), post.texts()) == (State.DEAD, [])


def test_a_reply_comes_along_when_its_parent_is_tried_again(post: Post) -> None:
    post.slack.faults({"fault": "error", "method": POST, "code": "channel_not_found", "times": 1})
    parent = post.put(1)
    child = post.put(2, parent_id=parent)
    post.run()
    with begin(post.sender.engine) as session:
        outbox.retry(session, parent or 0, post.clock.now())
    post.run()
    assert (post.state(child), post.texts()) == (State.SENT, ["card 1", "card 2"])


def test_a_reply_to_what_is_dead_already_does_not_wait_for_ever(post: Post) -> None:
    post.slack.faults({"fault": "error", "method": POST, "code": "channel_not_found", "times": 1})
    parent = post.put(1)
    post.run()
    child = post.put(2, parent_id=parent)
    post.run()
    assert post.state(child) == State.DEAD


def test_a_reply_to_what_nobody_needs_any_more_does_not_wait_for_ever(post: Post) -> None:
    parent = post.put(1)
    child = post.put(2, parent_id=parent)
    post.room.over.add(1)
    post.run()
    assert post.state(child) in (State.DEAD, State.EXPIRED)


# -- not sent ----------------------------------------


def test_what_expired_is_not_sent(post: Post) -> None:
    late = post.put(1, expires_at=post.clock.now() + timedelta(minutes=10))
    post.clock.advance(minutes=11)
    post.run()
    assert (post.state(late), post.texts()) == (State.EXPIRED, [])


def test_what_is_no_longer_true_is_not_sent(post: Post) -> None:
    message_id = post.put(1)
    post.put(2)
    post.room.over.add(1)
    post.run()
    assert (post.state(message_id), post.texts()) == (State.EXPIRED, ["card 2"])


def test_whom_the_pilot_leaves_out_is_held_and_asked_again_later(post: Post) -> None:
    post.book.held.add("U01")
    message_id = post.put()
    post.run()
    assert (post.state(message_id), post.sandbox.calls) == (State.HELD, [])
    post.book.held.clear()
    with begin(post.sender.engine) as session:
        outbox.release_held(session, post.clock.now())
    post.run()
    assert (post.state(message_id), post.texts()) == (State.SENT, ["card 1"])


# -- order ----------------------------------------


def test_the_answer_to_a_tap_goes_before_a_backlog(post: Post) -> None:
    post.put(1)
    post.run()
    for number in range(2, 32):
        post.put(number)
    deliver(post.sender)
    post.change(1, "tapped", Priority.ANSWER_TO_A_TAP)
    began = post.clock.now()
    post.run(seconds=1.5)
    assert "tapped" in post.texts()
    at = next(at for at, name, _ in reversed(post.sandbox.calls) if name == UPDATE)
    assert at - began.timestamp() <= 1.0
    assert len(post.texts()) < 5


def test_the_conversation_with_the_tap_is_served_first(post: Post) -> None:
    for number in range(1, 31):
        post.put(number, to=f"user:U{number:02d}")
    post.put(40, to="user:U40", priority=Priority.ANSWER_TO_A_TAP)
    post.sender.step()
    post.sender.step()
    assert post.texts() == ["card 40"]


def test_after_its_answer_a_tap_gives_no_more_right_of_way(post: Post) -> None:
    message_id = post.put(1)
    post.run()
    post.change(1, "tapped", Priority.ANSWER_TO_A_TAP)
    post.run()
    assert post.row(message_id).priority == Priority.NORMAL


def test_pending_updates_collapse_into_one(anywhere: Post) -> None:
    anywhere.put()
    anywhere.run()
    for n in range(10):
        anywhere.change(1, f"version {n}")
    anywhere.run()
    assert (anywhere.texts(), anywhere.calls(UPDATE)) == (["version 9"], 1)


def test_a_card_changed_before_it_was_sent_is_sent_as_it_is_now(post: Post) -> None:
    post.put()
    post.change(1, "newer")
    post.run()
    assert (post.texts(), post.calls(UPDATE)) == (["newer"], 0)


def test_a_card_changed_while_it_was_sent_is_updated_after(post: Post) -> None:
    post.put()
    changing = replace(post.sender, after_claim=lambda c: post.change(1, "newer") if c.payload else None)
    post.sender.step()
    changing.step()
    assert post.texts() == ["card 1"]
    post.run()
    assert post.texts() == ["newer"]


def test_a_letter_is_said_once_whatever_changes(post: Post) -> None:
    post.put(1, kind=Kind.LETTER, facts={"text": "good morning"})
    post.run()
    post.change(1, "changed")
    post.run()
    assert (post.texts(), post.calls(UPDATE)) == (["good morning"], 0)


def test_a_card_is_renewed_when_its_time_is_over(post: Post) -> None:
    post.room.fresh_until[1] = post.clock.now() + timedelta(minutes=5)
    post.put()
    post.run(seconds=290)
    assert "(fresh)" in str(post.slack.messages()[0]["blocks"])
    post.run(seconds=20)
    assert "(fresh)" not in str(post.slack.messages()[0]["blocks"])
    assert (post.calls(UPDATE), post.sender.next_wake_at()) == (1, None)


# -- a template with a mistake ----------------------------------------


def test_a_template_that_raises_blocks_nobody_and_ends_dead(post: Post) -> None:
    broken = post.put(1, template="broken")
    post.put(2)
    post.put(3, to="user:U03")
    post.run(seconds=30)
    assert sorted(post.texts()) == ["card 2", "card 3"]
    post.run(seconds=3600)
    assert post.state(broken) == State.DEAD


def test_a_room_that_raises_on_bad_news_blocks_nobody(post: Post) -> None:
    post.sender.templates.register(Template("unlucky", post.room.render, on_dead=raises))
    post.book.gone.add("U01")
    dead = post.put(1, template="unlucky")
    post.put(2, to="user:U02")
    post.run(seconds=3600)
    assert (post.texts(), post.state(dead)) == (["card 2"], State.DEAD)


# -- killed ----------------------------------------


class PowerCut(Exception):
    pass


def cut(_claim: Claim) -> None:
    raise PowerCut


def test_killed_between_claim_and_send_it_is_sent_once_by_the_next(anywhere: Post) -> None:
    anywhere.put(1)
    anywhere.put(2)
    anywhere.sender.step()
    with pytest.raises(PowerCut):
        replace(anywhere.sender, after_claim=cut).step()
    assert anywhere.texts() == []
    began = anywhere.clock.now()
    anywhere.run(seconds=59)
    assert anywhere.texts() == [], "the lease of the dead one still holds"
    anywhere.run(seconds=60)
    assert sorted(anywhere.texts()) == ["card 1", "card 2"]
    assert anywhere.clock.now() >= began + LEASE


def test_killed_between_send_and_settle_it_stands_once(anywhere: Post) -> None:
    message_id = anywhere.put()
    anywhere.sender.step()
    claim = anywhere.sender._claim()
    assert claim is not None
    anywhere.sender._send(claim)
    assert anywhere.state(message_id) == State.IN_FLIGHT
    anywhere.run(seconds=120)
    assert (anywhere.texts(), anywhere.state(message_id)) == (["card 1"], State.SENT)


def test_killed_while_updating_the_newest_state_stands(post: Post) -> None:
    post.put()
    post.run()
    post.change(1, "second")
    with pytest.raises(PowerCut):
        replace(post.sender, after_claim=cut).step()
    post.run(seconds=120)
    assert post.texts() == ["second"]


def test_one_who_was_too_slow_leaves_the_message_to_who_took_over(post: Post) -> None:
    message_id = post.put()
    post.sender.step()
    slow = post.sender._claim()
    assert slow is not None
    outcome = post.sender._send(slow)
    post.clock.advance(seconds=61)
    other = post.sender._claim()
    assert other is not None
    post.sender._settle(slow, outcome)
    assert post.state(message_id) == State.IN_FLIGHT
    post.sender._settle(other, post.sender._send(other))
    post.run()
    assert (post.texts(), post.state(message_id)) == (["card 1"], State.SENT)


# -- several at once ----------------------------------------


def test_two_senders_at_once_never_send_a_message_twice(postgres_url: str, clock: TurnedClock) -> None:
    with post_office(postgres_url, clock) as post:
        for number in range(1, 31):
            post.put(number, to=f"user:U{number % 15 + 1:02d}")
        for _ in range(4):
            threads = [threading.Thread(target=deliver, args=(post.sender,)) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            clock.advance(seconds=1)
        assert Counter(post.texts()) == {f"card {n}": 1 for n in range(1, 31)}
        assert all(post.state(n) == State.SENT for n in range(1, 31))


def just_before(post: Post, statement: str, meanwhile: Callable[[], object], act: Callable[[], object]) -> None:
    """Another sender does `meanwhile` at the moment when `act` is about to run its first such statement."""
    other = threading.Thread(target=meanwhile)

    def begin_now(_conn: Any, _cursor: Any, said: str, *_more: Any) -> None:
        if said.startswith(statement) and other.ident is None:
            other.start()
            other.join(0.5)  # done, or waiting for this transaction

    event.listen(post.sender.engine, "before_cursor_execute", begin_now)
    act()
    event.remove(post.sender.engine, "before_cursor_execute", begin_now)
    assert other.ident is not None
    other.join(10)


def test_a_reply_put_while_its_parent_is_being_settled_is_sent(postgres_url: str, clock: TurnedClock) -> None:
    """The parent comes to stand between the look whether it stands and the writing of the reply."""
    with post_office(postgres_url, clock) as post:
        parent = post.put(1)
        post.sender.step()
        claim = post.sender._claim()
        assert claim is not None
        outcome = post.sender._send(claim)
        settle = partial(post.sender._settle, claim, outcome)
        just_before(post, "INSERT INTO outbox_messages", settle, lambda: post.put(2, parent_id=parent))
        post.run()
        assert post.texts() == ["card 1", "card 2"]


def test_a_tap_on_a_card_that_is_being_claimed_is_not_turned_away(postgres_url: str, clock: TurnedClock) -> None:
    """Both want the same card and conversation; taken in another order they would lock each other out."""
    with post_office(postgres_url, clock) as post:
        post.put(1)
        post.run()
        post.change(1, "second")
        tap = partial(post.change, 1, "tapped", Priority.ANSWER_TO_A_TAP)
        just_before(post, "UPDATE outbox_conversations", post.sender.step, tap)
        post.run()
        assert post.texts() == ["tapped"]


# -- waking and cost ----------------------------------------


def test_next_wake_is_never_late(post: Post) -> None:
    """However the queue stands, turning to the wake leads on, and in the end everything is sent."""
    post.slack.faults(
        {"fault": "429", "share": 0.1, "seconds": 3},
        {"fault": "accept_and_drop", "share": 0.1},
        {"fault": "500", "share": 0.1},
        seed=4,
    )
    ids = [post.put(n, to=f"user:U{n % 4 + 1:02d}", not_before=post.clock.now() + n * LEASE / 30) for n in range(24)]
    post.run(seconds=3600)
    assert {post.state(i) for i in ids} == {State.SENT}
    assert Counter(post.texts()) == {f"card {n}": 1 for n in range(24)}


def test_next_wake_obeys_the_posts_of_a_minute(post: Post) -> None:
    few = replace(post.sender, posts_per_minute=3)
    for number in range(1, 6):
        post.put(number, to=f"user:U{number:02d}")
    began = post.clock.now()
    post.run(sender=few, seconds=70)
    sent = [at - began.timestamp() for at, name, _ in post.sandbox.calls if name == POST]
    assert len(sent) == 5
    assert sent[2] == pytest.approx(0)
    assert sent[3] == pytest.approx(60.25)


def test_an_operators_drop_leaves_no_wake_behind(post: Post) -> None:
    message_id = post.put() or 0
    with begin(post.sender.engine) as session:
        outbox.drop(session, message_id)
    assert post.sender.step() is False
    assert post.sender.next_wake_at() is None


def test_a_step_costs_the_same_whatever_waits(post: Post) -> None:
    def statements_of_a_step() -> int:
        counted: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            counted.append(statement)

        event.listen(post.sender.engine, "before_cursor_execute", note)
        post.clock.advance(seconds=1)
        assert post.sender.step()
        event.remove(post.sender.engine, "before_cursor_execute", note)
        return len(counted)

    for number in range(10):
        post.put(number)
    post.sender.step()
    few = statements_of_a_step()
    with begin(post.sender.engine) as session:
        for number in range(10, 410):
            draft = Draft(f"user:U{number % 40 + 1:02d}", "card", Subject("thing", number), f"k{number}")
            outbox.enqueue(session, draft, post.clock.now())
    assert statements_of_a_step() <= few + 2


def test_a_preview_shows_what_would_be_sent_and_sends_nothing(post: Post) -> None:
    message_id = post.put() or 0
    with reading(post.sender.engine) as session:
        shown = preview_of(session, post.sender.templates, message_id, post.clock.now())
        assert shown.text == "card 1"
        with pytest.raises(outbox.OutboxError, match="tandem outbox list"):
            preview_of(session, post.sender.templates, 99, post.clock.now())
        assert session.scalars(select(Message.state)).all() == [State.WAITING]
