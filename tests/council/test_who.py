"""Who may do what of the council's, in one table: every command, button and form, for each role.

The decision is Ana's, the agenda item Petra's. Whoever may not is told kindly, and changes nothing.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from bot.council import blocks, forms
from bot.council.tables import AgendaItem, Decision
from bot.store import Base
from handlers import council
from sandbox.delivery import FORM
from tests.conftest import TurnedClock
from tests.council.kit import COUNCIL
from tests.council.test_decisions import decide
from tests.handlers.test_permissions import OTHERS, arrive
from tests.sla.kit import ANA, JONAS, PETRA
from tests.world import World, world

Json = dict[str, Any]
ROLES = {"member": PETRA, "owner": ANA, "rep": JONAS, "stranger": "U91"}
ROLES |= {f"other {role}": user for role, user in OTHERS.items()}
DESK = {"member", "other council", "other sponsor", "other administrator"}
EVERYBODY = set(ROLES) - {"stranger"}
DUE = {"type": "datepicker", "selected_date": "2026-12-04"}


@dataclass(frozen=True)
class Deed:
    """A command, a tap, a shortcut on a message, or a form; who may. `changes`: it writes something down."""

    name: str
    may: set[str]
    command: str = ""
    tapped: str = ""
    value: str = "1"
    shortcut: str = ""
    form: str = ""
    told: str = "{}"
    filled: tuple[tuple[str, str, Any], ...] = ()
    changes: bool = False


def typed(text: str) -> Json:
    return {"type": "plain_text_input", "value": text}


DECIDED = (
    ("what", forms.WHAT, typed("Another one")),
    ("owner", forms.OWNER, {"type": "users_select", "selected_user": JONAS}),
    ("due", forms.DUE, DUE),
    ("measure", forms.MEASURE, {"type": "static_select", "selected_option": {"value": forms.NOTHING}}),
    ("about", forms.ABOUT, {"type": "static_select", "selected_option": None}),
    ("target", forms.TARGET, {"type": "number_input", "value": None}),
)
LOOK = json.dumps({"channel": "C02", "ts": "1.0", "seen": "stage:mql"})
DEEDS = (
    Deed("help", EVERYBODY, command="help"),
    Deed("preview", DESK, command="preview"),
    Deed("digest", DESK, command="digest 2026-W47"),
    Deed("decide opens", DESK, command="decide"),
    Deed("decisions", EVERYBODY, command="decisions"),
    Deed("agenda", DESK, command="agenda"),
    Deed("agenda add opens", EVERYBODY, command="agenda add Price"),
    Deed("the digest's Decide…", DESK, tapped=blocks.DECIDE, value="2026-W48"),
    Deed("the digest's Add to agenda…", EVERYBODY, tapped=blocks.ADD, value="2026-W48"),
    Deed("How counted", EVERYBODY, tapped=blocks.COUNTED, value="2026-W48"),
    Deed("another page", EVERYBODY, tapped=blocks.DECISIONS, value="0"),
    Deed("Done", DESK | {"owner"}, tapped=blocks.DONE, changes=True),
    Deed("Drop", DESK, tapped=blocks.DROP, changes=True),
    Deed("Take off", DESK, tapped=blocks.TAKE_OFF, changes=True),
    Deed("Add to agenda on a message", EVERYBODY, shortcut=council.ADD_MESSAGE),
    Deed("Show the facts on a message", EVERYBODY, shortcut=council.SHOW_FACTS),
    Deed("decide", DESK, form=forms.DECIDE_FORM, filled=DECIDED, changes=True),
    Deed("add", EVERYBODY, form=forms.AGENDA_FORM, filled=(("said", forms.SAID, typed("Price")),), changes=True),
)  # fmt: skip


@contextmanager
def given(url: str, clock: TurnedClock) -> Iterator[World]:
    with world(url, clock, COUNCIL) as here:
        arrive(here)
        decide(here, council_owner=ANA)
        here.slack.close_modal(PETRA)
        here.slack.command(PETRA, "/council", "agenda add Who trains at night?")
        here.slack.submit(PETRA)
        here.slack.close_modal(PETRA)
        yield here


def state(here: World) -> Json:
    with here.services.reading() as session:
        tables: list[type[Base]] = [Decision, AgendaItem]
        return {t.__tablename__: session.execute(select(t.__table__).order_by(t.__table__.c.id)).all() for t in tables}


def sent(here: World, user: str, deed: Deed) -> Json:
    """Signed as Slack's, also by who has no such button: whoever knows an id could send it."""
    team = "T0SANDBOX"
    if deed.command:
        fields = {"command": "/council", "text": deed.command, "user_id": user, "team_id": team}
        fields |= {"channel_id": f"D{user[1:]}", "trigger_id": here.sandbox.new_trigger(user)}
        return here.slack.raw(urlencode({**fields, "response_url": "http://127.0.0.1:9/none"}), FORM, {})
    payload: Json = {"user": {"id": user, "team_id": team}, "team": {"id": team, "domain": "helix"}}
    payload |= {"trigger_id": here.sandbox.new_trigger(user)}
    if deed.shortcut:
        payload |= {"type": "message_action", "callback_id": deed.shortcut, "channel": {"id": "C02", "name": "council"}}
        payload |= {"message": {"text": "Talk about it", "ts": "1.0", "user": PETRA}, "message_ts": "1.0"}
    elif deed.form:
        values = {block: {action: value} for block, action, value in deed.filled}
        view = {"id": f"V{user}{deed.name}", "type": "modal", "callback_id": deed.form, "state": {"values": values}}
        payload |= {"type": "view_submission", "view": {**view, "private_metadata": deed.told}}
    else:
        action = {"action_id": deed.tapped, "block_id": "b", "type": "button", "value": deed.value}
        url = here.sandbox.new_response_url(user, f"D{user[1:]}")
        payload |= {"type": "block_actions", "actions": [action], "response_url": url, "container": {"type": "message"}}
    return here.slack.raw(urlencode({"payload": json.dumps(payload)}), FORM, {})


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_who_may(sqlite_url: str, clock: TurnedClock, deed: Deed) -> None:
    with given(sqlite_url, clock) as here:
        for role, user in sorted(ROLES.items(), key=lambda one: one[0] in deed.may):  # those who may not first
            before, whispered = state(here), len(here.whispers(user))
            here.slack.close_modal(user)
            reply = sent(here, user, deed)
            seen = json.dumps([reply["body"], here.slack.sees(user)["modal"], here.whispers(user)[whispered:]])
            assert reply["status"] == 200 and "Something went wrong" not in seen, (role, reply)
            if role in deed.may:
                assert (state(here) != before) == deed.changes, (role, seen)
                if deed.changes and deed.tapped:
                    break  # it is ended now
            else:
                assert state(here) == before, role
                assert seen != '["", null, []]', f"{role} was told nothing"
                if role != "stranger":
                    assert "This is for the council" in seen or "decision" in seen, (role, seen)


def test_every_button_and_form_stands_in_the_table() -> None:
    named = {deed.tapped for deed in DEEDS} | {deed.form for deed in DEEDS} | {deed.shortcut for deed in DEEDS}
    told = (blocks, forms, council)
    ids = {
        str(v)
        for room in told
        for n, v in vars(room).items()
        if n.isupper() and re.fullmatch(r"council_[a-z_]+", str(v))
    }
    filled = {forms.WHAT, forms.OWNER, forms.DUE, forms.MEASURE, forms.ABOUT, forms.TARGET, forms.SAID}
    looks = {forms.OF, forms.FACTS_FORM}  # anybody's, in their own form: tests/council/test_decisions.py
    assert ids - filled - looks <= named
