"""Who may do what: every command, button and form for every role, in one table.

The lead is Liam's. `may` is who has an effect or sees the lead; everybody else is told kindly, sees no more than whose
it is, and changes nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from bot.leads import blocks, forms
from bot.leads.tables import Lead, LeadQuestion, LeadStep, Offer
from bot.store import Base
from sandbox.delivery import FORM
from tests.conftest import TurnedClock
from tests.world import World, world

Json = dict[str, Any]
HOLDER, MANAGER, COLLEAGUE, SDR, MARKETER, STRANGER, GUEST, OUTSIDER = (
    "U04", "U01", "U02", "U05", "U07", "U91", "U90", "U92",
)  # fmt: skip
ROLES = {
    "holder": HOLDER, "manager": MANAGER, "colleague": COLLEAGUE, "sdr": SDR, "marketer": MARKETER,
    "stranger": STRANGER, "guest": GUEST, "outsider": OUTSIDER,
}  # fmt: skip
HANDS = {"holder", "manager"}
SEE = {"holder", "manager", "marketer"}  # Ana answers for the campaign
EVERYBODY = {"holder", "manager", "colleague", "sdr", "marketer"}
SECRET = ("Miriam", "Weber", "m.weber@example.org", "5550")


@dataclass(frozen=True)
class Deed:
    """Something one can do: how it is sent, how far the lead is before, and who may."""

    name: str
    may: set[str]
    tapped: str | None = None  # a button's action id
    chosen: str | None = None  # an item behind ⋯
    form: str | None = None  # a form's callback id
    fills: tuple[tuple[str, str, Any], ...] = ()  # block, action, value
    command: str | None = None
    before: tuple[str, ...] = ()
    opens: bool = False  # it opens a form, and changes nothing yet


def option(value: str) -> Json:
    return {"selected_option": {"value": value}}


REASON = (("reason", forms.REASON_CHOSEN, option("no_budget")),)
SENTENCE = {"value": "In a sentence"}
TAKEN, REACHED, QUALIFIED = (
    (blocks.ACCEPT,),
    (blocks.ACCEPT, blocks.REACHED),
    (blocks.ACCEPT, blocks.REACHED, blocks.QUALIFY),
)
DEEDS = (
    Deed("accept", HANDS, tapped=blocks.ACCEPT),
    Deed("reject opens", HANDS, tapped=blocks.REJECT, opens=True),
    Deed("reject", HANDS, form=forms.REJECT_FORM, fills=REASON),
    Deed("reached", HANDS, tapped=blocks.REACHED, before=TAKEN),
    Deed("no answer opens", HANDS, tapped=blocks.NO_ANSWER, before=TAKEN, opens=True),
    Deed("no answer", HANDS, form=forms.NO_ANSWER_FORM, before=TAKEN,
         fills=(("again", forms.AGAIN, option("1795680000")),)),
    Deed("qualify", HANDS, tapped=blocks.QUALIFY, before=REACHED),
    Deed("not a fit opens", HANDS, tapped=blocks.NOT_A_FIT, before=REACHED, opens=True),
    Deed("win opens", HANDS, tapped=blocks.WIN, before=QUALIFIED, opens=True),
    Deed("win", HANDS, form=forms.WON_FORM, before=QUALIFIED, fills=(("value", forms.VALUE, {"value": "5"}),)),
    Deed("lose opens", HANDS, tapped=blocks.LOSE, before=QUALIFIED, opens=True),
    Deed("lose", HANDS, form=forms.LOST_FORM, before=QUALIFIED, fills=(("loss", forms.LOSS, option("price")),)),
    Deed("undo", HANDS, tapped=blocks.UNDO, before=TAKEN),
    Deed("reached by ⋯", HANDS, chosen="reached"),
    Deed("no answer by ⋯", HANDS, chosen="no_answer", opens=True),
    Deed("qualified by ⋯", HANDS, chosen="qualified", before=TAKEN),
    Deed("not a fit by ⋯", HANDS, chosen="not_a_fit", before=TAKEN, opens=True),
    Deed("hand over opens", HANDS, chosen=blocks.HAND_OVER, opens=True),
    Deed("hand over", HANDS, form=forms.HAND_OVER_FORM, before=TAKEN,
         fills=(("receiver", forms.RECEIVER, {"selected_user": "U03"}), ("sentence", forms.HANDED_WITH, SENTENCE))),
    Deed("give back what nobody handed over", set(), form=forms.GIVE_BACK_FORM, before=TAKEN,
         fills=(("sentence", forms.GIVEN_WITH, SENTENCE),)),
    Deed("ask opens", HANDS, chosen=blocks.ASK, opens=True),
    Deed("ask", HANDS, form=forms.ASK_FORM, fills=(("question", forms.QUESTION, SENTENCE),)),
    Deed("details", SEE, chosen=blocks.DETAILS, opens=True),
    Deed("open", SEE, tapped=blocks.OPEN, opens=True),
    Deed("show", SEE, command="/lead show 1"),
    Deed("show under tandem", SEE, command="/tandem lead show 1"),
    Deed("find", SEE, command="/lead find charit"),
    Deed("find under tandem", SEE, command="/tandem find weber"),
    Deed("mine", {"holder"}, command="/lead mine"),
    Deed("help", EVERYBODY, command="/lead help"),
    Deed("help of tandem", EVERYBODY, command="/tandem help"),
    Deed("new opens", EVERYBODY, command="/lead new", opens=True),
)  # fmt: skip


@contextmanager
def given(url: str, clock: TurnedClock, deed: Deed) -> Iterator[World]:
    """A lead of Liam's, as far as the deed needs it."""
    with world(url, clock) as here:
        here.lead(country="Ireland")
        here.deliver()
        for action in deed.before:
            here.tap(HOLDER, action)
            here.deliver()
        yield here


def state(here: World) -> Json:
    """What a deed may change."""
    with here.services.reading() as session:
        tables: list[type[Base]] = [Lead, Offer, LeadStep, LeadQuestion]
        return {t.__tablename__: session.execute(select(t.__table__).order_by(t.__table__.c.id)).all() for t in tables}


def sent(here: World, user: str, deed: Deed) -> Json:
    """Signed as Slack's, also where the user has no such button: whoever knows an id could send it."""
    team = "T0ELSE" if user == OUTSIDER else "T0SANDBOX"
    if deed.command:
        command, _, text = deed.command.partition(" ")
        fields = {"command": command, "text": text, "user_id": user, "team_id": team, "channel_id": f"D{user[1:]}"}
        fields |= {"trigger_id": here.sandbox.new_trigger(user), "response_url": "http://127.0.0.1:9/none"}
        return here.slack.raw(urlencode(fields), FORM, {})
    payload: Json = {"user": {"id": user, "team_id": team}, "team": {"id": team}}
    payload |= {"trigger_id": here.sandbox.new_trigger(user)}
    if deed.form:
        values: Json = {}
        for block, action, value in deed.fills:
            values.setdefault(block, {})[action] = value
        view = {"id": f"V{user}", "type": "modal", "callback_id": deed.form, "state": {"values": values}}
        view |= {"private_metadata": json.dumps({"id": 1})}
        payload |= {"type": "view_submission", "view": view}
    else:
        action = {"action_id": deed.tapped or blocks.MORE, "block_id": "b", "type": "button", "value": "1"}
        if deed.tapped == blocks.UNDO:
            action["value"] = "1:1"
        if deed.chosen:
            action |= {"type": "overflow", **option(f"{deed.chosen}:1")}
        url = here.sandbox.new_response_url(user, f"D{user[1:]}")
        payload |= {"type": "block_actions", "actions": [action], "response_url": url, "container": {"type": "message"}}
    return here.slack.raw(urlencode({"payload": json.dumps(payload)}), FORM, {})


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_who_may(sqlite_url: str, clock: TurnedClock, deed: Deed) -> None:
    with given(sqlite_url, clock, deed) as here:
        # Those who may not first, so that each finds the lead as it was.
        for role, user in sorted(ROLES.items(), key=lambda one: one[0] in deed.may):
            before, whispered = state(here), len(here.whispers(user))
            reply = sent(here, user, deed)
            assert reply["status"] == 200, (role, reply)
            modal = here.slack.sees(user)["modal"]
            seen = json.dumps([reply["body"], modal, here.whispers(user)[whispered:]], ensure_ascii=False)
            if role in deed.may:
                assert (state(here) != before) == (not deed.opens and not deed.command), role
                assert not deed.opens or modal is not None, role
                assert "reference" not in seen, (role, seen)
                if deed.may is HANDS and not deed.opens:
                    break  # the lead is further now
            else:
                assert state(here) == before, role
                assert not any(secret in seen for secret in SECRET), (role, seen)
                assert reply["body"] or modal or here.whispers(user)[whispered:], f"{role} was told nothing"


@pytest.mark.parametrize(
    "deed", [deed for deed in DEEDS if deed.may is HANDS and not deed.opens], ids=lambda deed: deed.name
)
def test_the_manager_may_do_what_their_people_may(sqlite_url: str, clock: TurnedClock, deed: Deed) -> None:
    with given(sqlite_url, clock, deed) as here:
        before = state(here)
        assert sent(here, MANAGER, deed)["status"] == 200
        assert state(here) != before


def test_every_button_and_form_of_leads_stands_in_the_table() -> None:
    named = {deed.tapped for deed in DEEDS} | {deed.form for deed in DEEDS}
    ids = {v for n, v in {**vars(blocks), **vars(forms)}.items() if n.isupper() and str(v).startswith("lead_")}
    buttons = {i for i in ids if i in set(blocks.ACTIONS.values()) | {blocks.UNDO, blocks.OPEN, blocks.MORE}}
    made = buttons | {i for i in ids if i.endswith("_form")}
    # ⋯ is each of its items; a question's answer and one's own queue are in the tests of those.
    assert made - named - {None} == {blocks.MORE, forms.ANSWER_FORM, forms.NEW_FORM}


def test_only_who_was_asked_and_their_manager_answer_a_question(sqlite_url: str, clock: TurnedClock) -> None:
    with given(sqlite_url, clock, DEEDS[0]) as here:
        asking = next(deed for deed in DEEDS if deed.name == "ask")
        sent(here, HOLDER, asking)
        here.deliver()
        answer = Deed("answer", set(), form=forms.ANSWER_FORM, fills=(("answer", forms.ANSWER_TEXT, SENTENCE),))
        for role, user in ROLES.items():
            if role != "marketer":
                before = state(here)
                sent(here, user, answer)
                assert state(here) == before, role
        sent(here, MARKETER, answer)
        assert "In a sentence" in str(state(here)["lead_questions"])


def test_a_queue_is_everybodys_own(sqlite_url: str, clock: TurnedClock) -> None:
    with given(sqlite_url, clock, DEEDS[0]) as here:
        take = Deed("take", {"holder"}, tapped=blocks.QUEUE_TAKE)
        for role, user in ROLES.items():
            if role not in HANDS:
                before = state(here)
                assert sent(here, user, take)["status"] == 200
                assert state(here) == before, role
