"""Who may do and see what of reports, in one table (docs/field.md): everybody else changes nothing and reads nothing.

The report is Jonas's, Ana answers for it; what was passed on is for Noah, and Petra, who leads Jonas, stands in.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from bot.exports.tables import ExportOrder
from bot.feedback import answer_blocks, blocks, duty_blocks, forms
from bot.feedback.answer_tables import AnswerVersion
from bot.feedback.tables import DutyReport, FieldReport, FieldStep
from bot.store import Base
from sandbox.delivery import FORM
from tests.conftest import TurnedClock
from tests.feedback.kit import GUARDED, RASH, says, settle
from tests.handlers.test_permissions import OTHERS, arrive
from tests.sla.kit import ANA, DANA, JONAS, NOAH, PETRA
from tests.world import World, world

Json = dict[str, Any]
SAID = "Nobody finds the price guide"
ROLES = {"reporter": JONAS, "colleague": DANA, "manager": PETRA, "owner": ANA, "contact": NOAH, "stranger": "U91"}
ROLES |= {f"other {role}": user for role, user in OTHERS.items()}
MARKETING = {"owner", "other product_manager"}


@dataclass(frozen=True)
class Deed:
    """A tap, or a form with its metadata and one field; who may."""

    name: str
    may: set[str]
    tapped: str = ""
    value: str = "1"
    form: str = ""
    told: str = '{"id": 1}'
    filled: tuple[str, str] = ("", "")
    opens: bool = False
    fresh: bool = False  # before anybody was told


def step(name: str) -> str:
    return json.dumps({"id": 1, "step": name})


TEXT = (forms.STEP_TEXT, "A sentence.")
DEEDS = (
    Deed("open", {"reporter", "manager", *MARKETING}, tapped=blocks.OPEN_REPORT, opens=True),
    Deed("undo", {"reporter"}, tapped=blocks.UNDO, fresh=True),
    Deed("undo of what was told", set(), tapped=blocks.UNDO),
    Deed("seen", {"owner"}, tapped=blocks.SEE, value="seen:1"),
    Deed("answer opens", {"owner"}, tapped=blocks.ANSWER, value="answered:1", opens=True),
    Deed("answer", {"owner"}, form=forms.STEP_FORM, told=step("answered"), filled=TEXT),
    Deed("decline", {"owner"}, form=forms.STEP_FORM, told=step("declined"), filled=TEXT),
    Deed("ask back", {"owner"}, form=forms.STEP_FORM, told=step("asked_back"), filled=TEXT),
    Deed("done", {"owner"}, form=forms.STEP_FORM, told=step("done"), filled=TEXT),
    Deed("plan opens", {"owner"}, tapped=blocks.PLAN, value="planned:1", opens=True),
    Deed("merge opens", {"owner"}, tapped=blocks.MERGE, value="merged:1", opens=True),
    Deed("pass on opens", {"owner"}, tapped=blocks.PASS_ON, value="passed_on:1", opens=True),
    Deed("thank", {"owner"}, form=forms.STEP_FORM, told=step("thanked"), filled=TEXT),
    Deed("what was held back", set(), tapped=blocks.LOOK_AT_IT, value="field_talk_stopped:x"),
    Deed("reply", {"reporter"}, form=forms.REPLY_FORM, filled=(forms.REPLY_TEXT, "Well.")),
    Deed("answer for all opens", MARKETING, tapped=answer_blocks.WRITE, opens=True),
    Deed("answer for all", MARKETING, form=answer_blocks.WRITE_FORM, filled=(answer_blocks.TEXT, "Say this.")),
    Deed("received", {"contact", "manager"}, tapped=duty_blocks.RECEIVED),
)  # fmt: skip


@contextmanager
def given(url: str, clock: TurnedClock, *, fresh: bool) -> Iterator[World]:
    with world(url, clock, GUARDED) as here:
        arrive(here)
        says(here, DANA, RASH)
        here.slack.submit(DANA)
        here.slack.close_modal(DANA)
        says(here, JONAS, SAID)
        if not fresh:
            settle(here)
        yield here


def state(here: World) -> Json:
    with here.services.reading() as session:
        tables: list[type[Base]] = [FieldReport, FieldStep, DutyReport, AnswerVersion, ExportOrder]
        return {t.__tablename__: session.execute(select(t.__table__).order_by(t.__table__.c.id)).all() for t in tables}


def sent(here: World, user: str, deed: Deed) -> Json:
    """Signed as Slack's, also by who has no such button: whoever knows an id could send it."""
    team = "T0SANDBOX"
    payload: Json = {"user": {"id": user, "team_id": team}, "team": {"id": team}}
    payload |= {"trigger_id": here.sandbox.new_trigger(user)}
    if deed.form:
        field, text = deed.filled
        values = {"text": {field: {"type": "plain_text_input", "value": text}}}
        view = {"id": f"V{user}{deed.name}", "type": "modal", "callback_id": deed.form, "state": {"values": values}}
        payload |= {"type": "view_submission", "view": {**view, "private_metadata": deed.told}}
    else:
        action = {"action_id": deed.tapped, "block_id": "b", "type": "button", "value": deed.value}
        url = here.sandbox.new_response_url(user, f"D{user[1:]}")
        payload |= {"type": "block_actions", "actions": [action], "response_url": url, "container": {"type": "message"}}
    return here.slack.raw(urlencode({"payload": json.dumps(payload)}), FORM, {})


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_who_may(sqlite_url: str, clock: TurnedClock, deed: Deed) -> None:
    with given(sqlite_url, clock, fresh=deed.fresh) as here:
        # Those who may not first, so that each finds the report as it was.
        for role, user in sorted(ROLES.items(), key=lambda one: one[0] in deed.may):
            before, whispered = state(here), len(here.whispers(user))
            here.slack.close_modal(user)
            reply = sent(here, user, deed)
            modal = here.slack.sees(user)["modal"]
            seen = json.dumps([reply["body"], modal, here.whispers(user)[whispered:]], ensure_ascii=False)
            assert reply["status"] == 200, (role, reply)
            assert "Something went wrong" not in seen, (role, seen)
            if role in deed.may:
                assert (state(here) != before) == (not deed.opens), (role, seen)
                assert not deed.opens or modal is not None, role
                if not deed.opens:
                    break  # the report is further now
            else:
                assert state(here) == before, role
                assert SAID not in seen and RASH not in seen, (role, seen)


@pytest.mark.parametrize("role", ROLES)
def test_what_was_passed_to_quality_is_read_by_its_contact_only(sqlite_url: str, clock: TurnedClock, role: str) -> None:
    """In no list, search or message of anybody else; whoever wrote it had typed it themselves."""
    with given(sqlite_url, clock, fresh=False) as here:
        user = ROLES[role]
        here.pass_time("2026-11-24T08:00:00+00:00", 240)
        for text in ("inbox", "mine", "search patient rash electrode"):
            here.slack.command(user, "/field-feedback", text)
        read = json.dumps(here.messages(user), ensure_ascii=False)
        assert (RASH in read) == (role in ("contact", "manager"))


def test_lists_show_each_their_own(sqlite_url: str, clock: TurnedClock) -> None:
    with given(sqlite_url, clock, fresh=False) as here:
        for role, user in ROLES.items():
            here.slack.command(user, "/field-feedback", "mine")
            here.slack.command(user, "/field-feedback", "inbox")
            read = json.dumps(here.messages(user), ensure_ascii=False)
            assert (SAID in read) == (role in ("reporter", "owner")), role


def test_a_search_finds_what_one_may_see(sqlite_url: str, clock: TurnedClock) -> None:
    with given(sqlite_url, clock, fresh=False) as here:
        for role, user in ROLES.items():
            here.slack.command(user, "/field-feedback", "search price guide")
            here.slack.command(user, "/field-feedback", "the price guide")
            read = json.dumps(here.messages(user), ensure_ascii=False)
            assert (SAID in read) == (role in ("reporter", "manager", *MARKETING)), role
