"""Who may do what: every command, button and form for every role, in one table.

The lead is Liam's. `may` is who has an effect or sees the lead; everybody else is told kindly, sees no more than whose
it is, and changes nothing.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from bot.leads import blocks, forms, review_forms
from bot.leads.tables import Lead, LeadQuestion, LeadStep, Offer
from bot.people import blocks as people_blocks
from bot.people import roster
from bot.people.tables import Absence, Person
from bot.sla import blocks as sla_blocks
from bot.sla import forms as sla_forms
from bot.sla.tables import Obligation
from bot.store import Base
from handlers import commands
from sandbox.delivery import FORM
from tests.conftest import TurnedClock
from tests.world import World, world

Json = dict[str, Any]
HOLDER, MANAGER, MARKETER, OUTSIDER = "U04", "U01", "U07", "U92"
# Everybody who is not of this lead, one of each role.
OTHERS = {
    "administrator": "U11",
    "council": "U12",
    "sponsor": "U13",
    "quality": "U14",
    "medical": "U15",
    "product_manager": "U16",
    "strategic_account_manager": "U17",
    "manager": "U18",
}
ROLES = {
    "holder": HOLDER, "manager": MANAGER, "colleague": "U02", "sdr": "U05", "marketer": MARKETER,
    **{f"other {role}": user for role, user in OTHERS.items()},
    "stranger": "U91", "guest": "U90", "outsider": OUTSIDER,
}  # fmt: skip
HANDS = {"holder", "manager"}
SEE = {"holder", "manager", "marketer"}  # Ana answers for the campaign
EVERYBODY = set(ROLES) - {"stranger", "guest", "outsider"}
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
    menu: str = blocks.MORE  # the menu that `chosen` is an item of
    command: str | None = None
    shortcut: str | None = None
    value: str = "1"
    own: bool = False  # it is one's own: nobody else's, and nothing of the lead's, changes
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
    Deed("new by shortcut opens", EVERYBODY, shortcut=commands.NEW_LEAD, opens=True),
    Deed("mine by shortcut", EVERYBODY, shortcut=commands.MY_LEADS, opens=True),
    Deed("new", EVERYBODY, form=forms.NEW_FORM, own=True,
         fills=(("name", forms.NEW_NAME, {"value": "Ada"}), ("where", forms.NEW_WHERE, option("website")),
                ("who", forms.NEW_WHO, option(forms.TURN)))),
    Deed("next in queue", EVERYBODY, tapped=blocks.QUEUE_NEXT, own=True),
    Deed("my leads of the queue", EVERYBODY, tapped=blocks.QUEUE_MINE, own=True),
    Deed("hours are right", EVERYBODY, tapped=people_blocks.YES, own=True),
    Deed("hours change", EVERYBODY, tapped=people_blocks.CHANGE, opens=True),
    Deed("hours", EVERYBODY, form=people_blocks.HOURS_FORM, own=True,
         fills=(("hours", people_blocks.HOURS, {"value": "9-17"}),
                ("zone", people_blocks.ZONE, option("Europe/Berlin")))),
    Deed("plan opens", HANDS, tapped=blocks.PLAN, before=TAKEN, opens=True),
    Deed("plan", HANDS, form=review_forms.PLAN_FORM, before=TAKEN,
         fills=(("what", review_forms.PLAN_WHAT, SENTENCE),
                ("until", review_forms.PLAN_UNTIL, {"selected_date": "2026-12-01"}))),
    Deed("later opens", HANDS, chosen=sla_blocks.LATER, menu=sla_blocks.MORE, opens=True),
    Deed("later", HANDS, form=sla_forms.LATER_FORM,
         fills=(("when", sla_forms.LATER_WHEN, option("2026-11-23T10:00:00+00:00")),)),
    Deed("pause opens", HANDS, chosen=sla_blocks.PAUSE, menu=sla_blocks.MORE, opens=True),
    Deed("pause", HANDS, form=sla_forms.PAUSE_FORM,
         fills=(("why", sla_forms.PAUSE_WHY, SENTENCE),
                ("until", sla_forms.PAUSE_UNTIL, {"selected_date": "2026-12-01"}))),
    Deed("go on with what runs", set(HANDS), tapped=sla_blocks.RESUME, own=True),
    Deed("hand over a promise opens", HANDS, chosen=sla_blocks.HAND_OVER, menu=sla_blocks.MORE, opens=True),
    Deed("reassign opens", HANDS, tapped=sla_blocks.REASSIGN, opens=True),
    Deed("give an answer without its lead", set(), form=sla_forms.GIVE_FORM,
         fills=(("to", sla_forms.GIVE_TO, option("3")),)),
    Deed("ask for help", HANDS, chosen=sla_blocks.HELP, menu=sla_blocks.MORE),
    Deed("stop reminding", HANDS, chosen=sla_blocks.STOP, menu=sla_blocks.MORE),
    Deed("offer all to a colleague", HANDS, tapped=sla_blocks.OFFER_ALL, value="2:1"),
    Deed("all I owe", EVERYBODY, tapped=sla_blocks.MINE, own=True),
    Deed("what one owes", {"holder"}, command="/sla mine"),
    Deed("what one owes under tandem", {"holder"}, command="/tandem sla mine"),
    Deed("what the team owes", {"manager"}, command="/sla team"),
    Deed("the scoreboard", EVERYBODY, command="/sla board"),
    Deed("help of promises", EVERYBODY, command="/sla help"),
    Deed("quiet", EVERYBODY, command="/tandem quiet 2h"),
    Deed("quiet opens", EVERYBODY, tapped=sla_blocks.QUIET, opens=True),
    Deed("quiet by a form", EVERYBODY, form=sla_forms.QUIET_FORM, own=True,
         fills=(("when", sla_forms.QUIET_WHEN, option("2026-11-23T10:00:00+00:00")),)),
    Deed("away", EVERYBODY, command="/tandem out 2026-12-01..2026-12-05", own=True),
    Deed("away opens", EVERYBODY, command="/tandem out", opens=True),
    Deed("away by a form", EVERYBODY, form=sla_forms.OUT_FORM, own=True,
         fills=(("first", sla_forms.OUT_FIRST, {"selected_date": "2026-12-01"}),
                ("last", sla_forms.OUT_LAST, {"selected_date": "2026-12-05"}))),
    Deed("away, for the holder", HANDS, command="/tandem out @liam 2026-12-01..2026-12-05", own=True),
    Deed("away by a form, for the holder", HANDS, form=sla_forms.OUT_FORM, own=True,
         fills=(("who", sla_forms.OUT_WHO, option("4")),
                ("first", sla_forms.OUT_FIRST, {"selected_date": "2026-12-01"}),
                ("last", sla_forms.OUT_LAST, {"selected_date": "2026-12-05"}))),
)  # fmt: skip


@contextmanager
def given(url: str, clock: TurnedClock, deed: Deed) -> Iterator[World]:
    """A lead of Liam's, as far as the deed needs it."""
    with world(url, clock) as here:
        arrive(here)
        here.lead(country="Ireland")
        here.deliver()
        for action in deed.before:
            here.tap(HOLDER, action)
            here.deliver()
        yield here


def arrive(here: World) -> None:
    """One person of every other role, with another manager than the holder's."""
    rows = [
        roster.RosterRow.model_validate(
            {"name": f"Other {role}", "email": f"{role}@helix.example", "team": "sales", "roles": role, "weight": 0}
        )
        for role in OTHERS
    ]
    members = {
        f"{role}@helix.example": roster.Member(user, "T0SANDBOX", "Europe/Berlin", is_guest=False)
        for role, user in OTHERS.items()
    }
    users = [{"id": u, "name": r, "real_name": r, "email": f"{r}@helix.example"} for r, u in OTHERS.items()]
    here.slack.set_up({"users": users})
    with here.services.begin() as session:
        roster.write(session, roster.match(rows, members.get))
        session.execute(update(Person).values(met_at=here.clock.now()))


def state(here: World) -> Json:
    """What a deed may change."""
    with here.services.reading() as session:
        tables: list[type[Base]] = [Lead, Offer, LeadStep, LeadQuestion, Obligation, Absence]
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
    if deed.shortcut:
        payload |= {"type": "shortcut", "callback_id": deed.shortcut, "trigger_id": here.sandbox.new_trigger(user)}
        return here.slack.raw(urlencode({"payload": json.dumps(payload)}), FORM, {})
    payload |= {"trigger_id": here.sandbox.new_trigger(user)}
    if deed.form:
        values: Json = {}
        for block, action, value in deed.fills:
            values.setdefault(block, {})[action] = value
        view = {"id": f"V{user}", "type": "modal", "callback_id": deed.form, "state": {"values": values}}
        view |= {"private_metadata": json.dumps({"id": 1})}
        payload |= {"type": "view_submission", "view": view}
    else:
        action = {"action_id": deed.tapped or deed.menu, "block_id": "b", "type": "button", "value": deed.value}
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
                changes = not deed.opens and not deed.command and not deed.own
                assert (state(here) != before) == changes or deed.own, role
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


def test_every_button_form_and_shortcut_stands_in_the_table() -> None:
    named = {deed.tapped for deed in DEEDS} | {deed.form for deed in DEEDS} | {deed.shortcut for deed in DEEDS}
    told = (blocks, forms, review_forms, people_blocks, sla_blocks, sla_forms, commands)
    rooms = {(room.__name__, name): value for room in told for name, value in vars(room).items()}
    ids = {v for (_, n), v in rooms.items() if n.isupper() and re.fullmatch(r"(lead|people|sla)_[a-z_]+", str(v))}
    read_on_submit = {action for deed in DEEDS for _, action, _ in deed.fills}
    read_on_submit |= {v for n, v in vars(forms).items() if n.startswith("NEW_") and n != "NEW_FORM"}
    read_on_submit |= {forms.SENTENCE, forms.RETURN_ON, forms.AGAIN_AT, forms.CURRENCY, forms.LOSS_SENTENCE}
    shown = {forms.LEAD_MODAL, forms.MINE_MODAL, forms.REASON_CHOSEN, forms.ANSWER_TEXT}
    # ⋯ is each of its items; an answer and one's own queue have tests of their own below.
    below = {blocks.MORE, sla_blocks.MORE, blocks.ANSWER, forms.ANSWER_FORM, blocks.QUEUE_TAKE}
    below |= {blocks.RECYCLE, blocks.REVIEW, review_forms.REVIEW_FORM}  # as is what came back
    read_on_submit |= {v for n, v in vars(review_forms).items() if n.startswith("REVIEW_") and n != "REVIEW_FORM"}
    read_on_submit |= {sla_forms.LATER_DATE, sla_forms.OUT_PART, sla_forms.OUT_BACKUP}
    assert ids - read_on_submit - shown - below <= named


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


def test_only_who_owes_the_look_and_their_manager_look_at_what_came_back(sqlite_url: str, clock: TurnedClock) -> None:
    with given(sqlite_url, clock, DEEDS[0]) as here:
        sent(here, HOLDER, next(deed for deed in DEEDS if deed.name == "reject"))
        fills = (
            ("leads", review_forms.REVIEW_LEADS, {"selected_options": [{"value": "1"}]}),
            ("step", review_forms.REVIEW_STEP, option("disqualified")),
        )
        looks = Deed("look", set(), tapped=blocks.RECYCLE, value="7:no_budget")
        review = Deed("review", set(), form=review_forms.REVIEW_FORM, fills=fills)
        for role, user in ROLES.items():
            if role != "marketer":
                before = state(here)
                sent(here, user, looks)
                seen = json.dumps([here.slack.sees(user)["modal"], here.whispers(user)], ensure_ascii=False)
                assert role in HANDS or not any(secret in seen for secret in SECRET), role
                sent(here, user, review)
                assert state(here) == before, role
        sent(here, MARKETER, review)
        assert "disqualified" in str(state(here)["leads"])


def test_a_queue_is_everybodys_own(sqlite_url: str, clock: TurnedClock) -> None:
    with given(sqlite_url, clock, DEEDS[0]) as here:
        take = Deed("take", {"holder"}, tapped=blocks.QUEUE_TAKE)  # of the holder's offer
        for role, user in ROLES.items():
            if role not in HANDS:
                before = state(here)
                assert sent(here, user, take)["status"] == 200
                assert state(here) == before, role
