"""Taps, forms and commands as Slack sends them: one effect, one kind answer, whatever is tapped how often by whom."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from bot.leads.errors import LeadsError, TooLate
from bot.leads.rules import Answer
from bot.leads.tables import Lead, Offer
from bot.outbox.limits import check_message, check_view
from config.policy import Policy
from sandbox.delivery import FORM
from tests.conftest import TurnedClock
from tests.world import ROOT, World, at, has_action, words, world

Json = dict[str, Any]
JONAS, DANA, LIAM, PETRA, NELL, GUEST, PARTNER = "U02", "U03", "U04", "U01", "U91", "U90", "U92"
IRELAND = {"country": "Ireland"}  # Liam's alone
ACCEPT, REJECT, UNDO, REASON = "lead_accept", "lead_reject", "lead_undo", "lead_reject_reason"
SENTENCE, DATE = "lead_reject_sentence", "lead_reject_date"


@pytest.fixture
def here(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock) as made:
        yield made


def offered(here: World, **said: Any) -> int:
    """A lead of Liam's, its card delivered; the id of its offer."""
    got = here.lead(**{**IRELAND, **said})
    here.deliver()
    return made_offers(here, got.lead_id)[-1].id


def made_offers(here: World, lead_id: int | None = None) -> list[Offer]:
    with here.services.reading() as session:
        found = select(Offer).order_by(Offer.id)
        return list(session.scalars(found.filter_by(lead_id=lead_id) if lead_id else found))


def answers(here: World) -> list[str]:
    return [made.answer for made in made_offers(here)]


def card(here: World, user: str = LIAM) -> str:
    here.deliver()
    return words(here.cards(user)[-1])


def tapped_by(here: World, user: str, action_id: str, offer_id: int, team: str = "T0SANDBOX") -> list[str]:
    """A tap on an offer by somebody whose card it is not, signed as Slack's; what they are told."""
    before = len(here.messages(user))
    payload = {
        "type": "block_actions",
        "user": {"id": user, "team_id": team},
        "team": {"id": team},
        "trigger_id": here.sandbox.new_trigger(user),
        "response_url": here.sandbox.new_response_url(user, f"D{user[1:]}"),
        "container": {"type": "message", "is_ephemeral": False},
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": str(offer_id)}],
    }
    reply = here.slack.raw(urlencode({"payload": json.dumps(payload)}), FORM, {})
    assert reply["status"] == 200
    return [m["text"] for m in here.messages(user)[before:]]


def reject(here: World, user: str, reason: str, **values: str) -> Json:
    """Tap Reject…, choose, fill in, send."""
    here.tap(user, REJECT)
    here.slack.tap_in_view(user, REASON, selected_option=reason)
    return here.slack.submit(user, **values)


def form(here: World, user: str = LIAM) -> Json | None:
    modal: Json | None = here.slack.sees(user)["modal"]
    return modal


# -- one effect, one kind answer ----------------------------------------


def test_a_double_tap_accepts_once_and_says_so(here: World) -> None:
    offered(here)
    assert here.tap(LIAM, ACCEPT)["status"] == 200
    assert here.whispers(LIAM) == []
    here.tap(LIAM, ACCEPT)
    assert here.whispers(LIAM) == ["You accepted this lead at Mon 08:00. All is well, nothing more to do."]
    assert answers(here) == [Answer.ACCEPTED]


def test_a_redelivered_tap_has_no_second_effect_and_no_second_answer(here: World) -> None:
    offered(here)
    here.tap(LIAM, ACCEPT)
    before = made_offers(here)[0].undo_until
    here.clock.advance(seconds=3)
    assert here.slack.again()["status"] == 200
    assert (made_offers(here)[0].undo_until, here.whispers(LIAM)) == (before, [])


def test_a_redelivered_undo_does_not_undo_what_came_after(here: World) -> None:
    offered(here)
    here.tap(LIAM, ACCEPT)
    here.deliver()
    here.tap(LIAM, UNDO)
    undo = here.sandbox.delivery.last
    here.deliver()
    here.tap(LIAM, ACCEPT)
    here.sandbox.delivery.last = undo
    assert here.slack.again()["status"] == 200
    assert answers(here) == [Answer.ACCEPTED]


def test_a_tap_on_an_earlier_revision_is_answered_kindly(here: World) -> None:
    offered(here)
    here.tap(LIAM, ACCEPT)
    assert "[Accept]" not in card(here)
    ts = here.cards(LIAM)[-1]["ts"]
    here.slack.tap(LIAM, "D04", ts, REJECT)  # a phone that still shows the card of before
    assert here.whispers(LIAM) == ["You accepted this lead at Mon 08:00. All is well, nothing more to do."]
    assert form(here) is None


def test_a_tap_on_a_withdrawn_card_is_answered_kindly(here: World) -> None:
    offered(here)
    here.lead(consent={"do_not_contact": True}, **IRELAND)
    ts = here.cards(LIAM)[-1]["ts"]
    here.slack.tap(LIAM, "D04", ts, ACCEPT)
    assert here.whispers(LIAM) == ["This lead was taken back."]
    assert answers(here) == [Answer.WITHDRAWN]
    assert "They asked not to be contacted." in card(here)


def test_a_lead_that_went_on_names_who_has_it_now(here: World) -> None:
    first = here.lead()
    here.deliver()
    reject(here, JONAS, "not_my_territory")
    here.tap(JONAS, UNDO) if has_action(here.cards(JONAS)[-1], UNDO) else None
    here.deliver()
    here.tap(JONAS, UNDO)
    here.deliver()
    ts = here.cards(DANA)[-1]["ts"]
    here.slack.tap(DANA, "D03", ts, ACCEPT)
    assert here.whispers(DANA) == ["This lead is with Jonas Brandt now."]
    assert made_offers(here, first.lead_id)[1].answer == Answer.WITHDRAWN


def test_a_tap_by_somebody_who_may_not_has_no_effect(here: World) -> None:
    offer_id = offered(here)
    told = "This lead was offered to Liam Walsh, so only they or their manager can answer it."
    for action in (ACCEPT, REJECT, UNDO):
        assert tapped_by(here, JONAS, action, offer_id) == [told]
    assert (answers(here), form(here, JONAS)) == ([Answer.PENDING], None)


def test_the_manager_may_answer_for_somebody(here: World) -> None:
    offer_id = offered(here)
    assert tapped_by(here, PETRA, ACCEPT, offer_id) == []
    assert "✓ Yours since Mon 08:00, accepted for you by Petra" in card(here)
    here.slack.tap(LIAM, "D04", here.cards(LIAM)[-1]["ts"], ACCEPT)  # Liam's phone shows the card of before
    assert here.whispers(LIAM) == ["Petra accepted this lead at Mon 08:00. All is well, nothing more to do."]


def test_a_tap_on_an_offer_there_is_not(here: World) -> None:
    assert tapped_by(here, LIAM, ACCEPT, 99) == ["This lead is not here any more."]


def test_a_tap_that_cannot_be_read_gets_a_reference(here: World) -> None:
    (told,) = tapped_by(here, LIAM, ACCEPT, "no number")  # type: ignore[arg-type]
    assert "nothing was lost" in told
    assert "reference" in told


# -- who is it ----------------------------------------


def test_strangers_guests_and_outsiders_are_told_kindly_and_change_nothing(here: World) -> None:
    offer_id = offered(here)
    for user, team, says in (
        (NELL, "T0SANDBOX", "ask Petra Sommer to add you"),
        (GUEST, "T0SANDBOX", "I don't have you on my list"),
        (PARTNER, "T0ELSE", "Tandem is for members of this company"),
    ):
        for action in (ACCEPT, REJECT, UNDO):
            (told,) = tapped_by(here, user, action, offer_id, team)
            assert says in told
        for command in ("/lead", "/tandem"):
            assert says in here.slack.command(user, command, "mine")["body"]
    assert answers(here) == [Answer.PENDING]


# -- reject ----------------------------------------


def test_the_form_asks_for_a_reason_and_for_no_more_than_it_needs(here: World) -> None:
    offered(here)
    here.tap(LIAM, REJECT)
    shown = form(here)
    assert shown is not None
    assert shown["blocks"][0]["text"]["text"] == "*Dr. Miriam Weber, Charité, Berlin*"
    assert [b["label"]["text"] for b in shown["blocks"][1:]] == ["Why does it come back?", "In a sentence"]
    assert [o["text"]["text"] for o in shown["blocks"][1]["element"]["options"]][:3] == [
        "Not my territory",
        "Already known, somebody works on it",
        "Phone and e-mail wrong",
    ]
    here.slack.submit(LIAM)
    assert form(here)["errors"] == {"reason": "Please complete this required field."}  # type: ignore[index]
    assert answers(here) == [Answer.PENDING]


def test_a_date_lies_within_two_years(here: World) -> None:
    offered(here)
    here.tap(LIAM, REJECT)
    here.slack.tap_in_view(LIAM, "lead_reject_reason", selected_option="not_now")
    here.slack.submit(LIAM, lead_reject_reason="not_now", lead_reject_date="2099-01-01")
    assert form(here)["errors"] == {"return_on": "Please choose a day within two years."}  # type: ignore[index]


def test_a_choice_in_a_form_that_was_closed_meanwhile_harms_nobody(here: World) -> None:
    offered(here)
    here.tap(LIAM, REJECT)
    here.slack.tap_in_view(LIAM, "lead_reject_reason", selected_option="other")
    here.slack.close_modal(LIAM)
    assert here.slack.again()["status"] == 200
    assert here.whispers(LIAM) == []


def test_the_form_grows_for_a_date_and_keeps_what_was_typed(here: World) -> None:
    offered(here)
    here.tap(LIAM, REJECT)
    here.slack.submit(LIAM, **{SENTENCE: "They move house."})  # no reason yet: the sentence stays in the form
    here.slack.tap_in_view(LIAM, REASON, selected_option="not_now")
    shown = form(here)
    assert shown is not None
    assert [b["block_id"] for b in shown["blocks"][1:]] == ["reason", "return_on", "sentence"]
    assert shown["blocks"][2]["element"]["initial_date"] == "2027-02-21"
    here.slack.submit(LIAM, **{DATE: "2026-12-07"})
    (made,) = made_offers(here)
    assert (made.reason, made.sentence) == ("not_now", "They move house.")
    assert "It returns on 7 December." in card(here)


def test_a_date_in_the_past_is_refused_beside_its_field(here: World) -> None:
    offered(here)
    for day in ("2026-11-22", "2026-11-23"):
        reject(here, LIAM, "not_now", **{DATE: day})
        assert form(here)["errors"] == {"return_on": "Please choose a day after today."}  # type: ignore[index]
    assert answers(here) == [Answer.PENDING]
    here.slack.submit(LIAM, **{DATE: "2026-11-24"})
    assert (form(here), answers(here)) == (None, [Answer.REJECTED])


def test_something_else_needs_a_sentence(here: World) -> None:
    offered(here)
    reject(here, LIAM, "other")
    assert list(form(here)["errors"]) == ["sentence"]  # type: ignore[index]
    here.slack.submit(LIAM, **{SENTENCE: " \n "})
    assert form(here)["errors"]["sentence"].startswith("Please say in a sentence why")  # type: ignore[index]
    here.slack.submit(LIAM, **{SENTENCE: "Lab moves to Berlin; <!channel>"})
    assert form(here) is None
    assert "> Lab moves to Berlin; &lt;!channel&gt;" in card(here)


def test_the_same_submission_twice_gets_the_same_success(here: World) -> None:
    offered(here)
    first = reject(here, LIAM, "no_budget")
    again = here.slack.again()
    assert (first["status"], first["body"]) == (again["status"], again["body"]) == (200, "")
    assert answers(here) == [Answer.REJECTED]


def test_a_form_sent_after_the_lead_was_accepted_says_so(here: World) -> None:
    offer_id = offered(here)
    here.tap(LIAM, REJECT)
    tapped_by(here, PETRA, ACCEPT, offer_id)
    here.slack.tap_in_view(LIAM, REASON, selected_option="no_budget")
    here.slack.submit(LIAM)
    shown = form(here)
    assert shown is not None
    assert "Petra accepted this lead" in shown["blocks"][0]["text"]["text"]
    assert check_view({k: v for k, v in shown.items() if k not in ("errors", "id")}) == []


def test_a_form_sent_by_somebody_else_has_no_effect(here: World) -> None:
    offered(here)
    here.tap(LIAM, REJECT)
    view = here.sandbox.workspace.stacks[LIAM][0].as_slack("T0SANDBOX", "U0BOT")
    view["state"]["values"] = {"reason": {REASON: {"selected_option": {"value": "no_budget"}}}}
    payload = {"type": "view_submission", "user": {"id": JONAS, "team_id": "T0SANDBOX"}, "view": view}
    payload |= {"team": {"id": "T0SANDBOX"}}
    reply = here.slack.raw(urlencode({"payload": json.dumps(payload)}), FORM, {})
    assert "was offered to Liam Walsh" in str(reply["body"])
    assert answers(here) == [Answer.PENDING]


def test_a_sentence_of_50_kilobytes_is_refused_beside_its_field(here: World) -> None:
    """Slack's own form stops at 1,000 characters; what does not must not fill, or on PostgreSQL break, the column."""
    offered(here)
    here.tap(LIAM, REJECT)
    view = here.sandbox.workspace.stacks[LIAM][0].as_slack("T0SANDBOX", "U0BOT")
    view["state"]["values"] = {
        "reason": {REASON: {"selected_option": {"value": "other"}}},
        "sentence": {SENTENCE: {"value": "<!channel> " * 5000}},
    }
    payload = {"type": "view_submission", "user": {"id": LIAM, "team_id": "T0SANDBOX"}, "view": view}
    payload |= {"team": {"id": "T0SANDBOX"}}
    reply = here.slack.raw(urlencode({"payload": json.dumps(payload)}), FORM, {})
    assert (reply["status"], answers(here)) == (200, [Answer.PENDING])
    assert list(reply["body"]["errors"]) == ["sentence"]


# -- undo ----------------------------------------


def test_undo_within_five_minutes_and_the_button_goes_by_itself(here: World) -> None:
    offered(here)
    here.tap(LIAM, ACCEPT)
    assert "[Undo until 08:05]" in card(here)
    here.tap(LIAM, UNDO)
    assert "[Accept]" in card(here)
    assert "Undo" not in card(here)
    here.tap(LIAM, ACCEPT)
    here.deliver()
    here.clock.advance(minutes=3)
    assert "[Undo until 08:05]" in card(here)
    here.clock.turn_to(at("2026-11-23T08:06:00Z"))
    assert "Undo" not in card(here)
    assert [n["user"] for n in here.slack.notifications(LIAM)] == [LIAM], "edits notify nobody"


def test_undo_after_five_minutes_is_refused_kindly(here: World) -> None:
    offered(here)
    here.tap(LIAM, ACCEPT)
    here.deliver()
    here.clock.advance(minutes=5)
    here.tap(LIAM, UNDO)  # before the button went
    assert here.whispers(LIAM) == ["The time to undo is over. Please talk to your manager, who can help."]
    assert answers(here) == [Answer.ACCEPTED]


def test_undo_of_a_reject_is_refused_when_the_next_one_took_it(here: World) -> None:
    here.lead()
    here.deliver()
    reject(here, JONAS, "not_my_territory")
    here.deliver()
    here.tap(DANA, ACCEPT)
    here.tap(JONAS, UNDO)
    assert here.whispers(JONAS) == ["Dana Fischer has answered this lead meanwhile, so it can't be taken back."]
    assert answers(here) == [Answer.REJECTED, Answer.ACCEPTED]


# -- commands ----------------------------------------


def test_help_and_what_is_not_known(here: World) -> None:
    for command, text in (("/lead", ""), ("/lead", "help"), ("/lead", " HELP "), ("/tandem", ""), ("/tandem", "help")):
        told = here.slack.command(LIAM, command, text)["body"]
        assert "`/lead mine`" in told, (command, text)
    told = here.slack.command(LIAM, "/lead", "<!channel> now")["body"]
    assert told == "I don't know `/lead &lt;!channel&gt;`. `/lead help` shows what I know."
    assert "`/tandem help`" in here.slack.command(LIAM, "/tandem", "x" * 5000)["body"]


def test_mine_is_empty_kindly(here: World) -> None:
    told = here.slack.command(LIAM, "/lead", "mine")["body"]
    assert told == "You have no open leads. New ones come here by themselves."


def test_mine_lists_the_most_urgent_first_and_its_buttons_work(here: World) -> None:
    offered(here, name="A. First")
    here.tap(LIAM, ACCEPT)
    here.clock.advance(minutes=30)
    offered(here, external_id="2", email="b@example.org", name="B. Second")
    offered(here, external_id="3", email="c@example.org", name="C. Hot", touches=[{"kind": "demo_request"}])
    here.slack.command(LIAM, "/lead", "mine")
    shown = here.messages(LIAM)[-1]
    lines = [line for line in words(shown).splitlines() if "Answer:" in line or "First contact:" in line]
    assert [line.split(": ")[1].split(",")[0] for line in lines] == ["C. Hot", "B. Second", "A. First"]
    assert lines[0].startswith("*Mon 08:45* Answer")
    here.slack.tap(LIAM, "D04", shown["ts"], ACCEPT)
    renewed = next(m for m in here.messages(LIAM) if m["ts"] == shown["ts"])
    assert "First contact: C. Hot" in words(renewed)
    assert words(renewed).count("[Accept]") == 1
    assert "✓ Yours since" in card(here)


def test_a_double_tap_in_the_list_is_answered_kindly(here: World) -> None:
    offered(here)
    here.slack.command(LIAM, "/lead", "mine")
    shown = here.messages(LIAM)[-1]
    here.slack.tap(LIAM, "D04", shown["ts"], ACCEPT)
    here.slack.tap(LIAM, "D04", shown["ts"], ACCEPT)
    assert "You accepted this lead at Mon 08:00. All is well, nothing more to do." in here.whispers(LIAM)
    assert answers(here) == [Answer.ACCEPTED]


def test_a_reject_from_the_list_opens_the_form(here: World) -> None:
    offered(here)
    here.slack.command(LIAM, "/lead", "mine")
    here.slack.tap(LIAM, "D04", here.messages(LIAM)[-1]["ts"], REJECT)
    here.slack.tap_in_view(LIAM, REASON, selected_option="no_budget")
    here.slack.submit(LIAM)
    assert answers(here) == [Answer.REJECTED]


def test_mine_says_how_many_more_there_are(here: World) -> None:
    for n in range(12):
        here.lead(external_id=f"x{n}", email=f"x{n}@example.org", name=f"{n} {'<!here> 🩺' * 20}", **IRELAND)
    told = here.slack.command(LIAM, "/lead", "mine")["body"]
    assert told["text"] == "*12 open leads, the most urgent first*"
    assert "and 2 more" in json.dumps(told["blocks"][-1])
    assert check_message(told) == []
    assert "<!here>" not in words(told)
    assert "&lt;!here&gt;" in words(told)


# -- hostile text ----------------------------------------

HOSTILE = [
    "<!channel> <@U01>",
    "<https://evil.example|click>",
    "🩺" * 60,
    "\u202eabc",
    "&" * 80,
    "* _ ~ ` > |",
    "a\nb\tc",
]
PLACES = ("name", "title", "phone", "company", "city", "campaign", "account_type")


@pytest.mark.parametrize("where", ["as told", "as long as may be"])
def test_hostile_text_in_every_field_is_shown_as_typed_and_within_limits(here: World, where: str) -> None:
    longest = {"name": 200, "title": 200, "phone": 60, "company": 200, "city": 120, "campaign": 80, "account_type": 80}
    for n, text in enumerate(HOSTILE):
        fill = (
            (lambda most, t=text: (t * most)[:most])
            if where == "as long as may be"
            else (lambda most, t=text: t[:most])
        )
        said = {place: fill(longest[place]) for place in PLACES}
        touch = {"kind": "demo_request", "asset": fill(200), "at": "2026-11-23T08:00:00Z"}
        here.lead(external_id=f"h{n}", email=f"h{n}@example.org", touches=[touch], **{**said, **IRELAND})
    here.clock.advance(minutes=1)
    here.deliver()
    here.tap(LIAM, ACCEPT, which=0)
    reject(here, LIAM, "other", **{SENTENCE: "&<!channel>" * 90})
    here.deliver()
    stands = here.slack.messages()
    cards = [m for m in stands if m["channel"] == "D04" and not m["ephemeral"]]
    assert len(cards) == len(HOSTILE), "a card was lost"
    for message in stands:
        told = message["text"] + words(message)
        assert not any(alive in told for alive in ("<!", "<@", "<http", "\x00"))
        assert check_message({"text": message["text"], "blocks": message["blocks"]}) == []
        assert whole_entities(message["text"])
        assert all(whole_entities(line) for line in words(message).splitlines())


def whole_entities(text: str) -> bool:
    """Whether every & of an escaped text begins a whole entity: none was cut in two."""
    return text.count("&") == sum(text.count(e) for e in ("&amp;", "&lt;", "&gt;"))


def test_a_hostile_lead_in_every_answer_of_its_card(here: World) -> None:
    """The longest names of all, in the cards of a lead that came back and in what marketing is asked."""
    said = dict.fromkeys(PLACES, "&" * 60) | {"name": "&" * 200, "company": "<" * 200, "city": "&" * 120}
    offered(here, **said, touches=[{"kind": "demo_request"}])
    reject(here, LIAM, "bad_contact", **{SENTENCE: "&" * 1000})
    assert "Marketing is asked for the right data." in card(here)
    here.clock.advance(minutes=6)
    asked = card(here, "U07")
    assert "it then goes out by itself" in asked
    assert whole_entities(asked)


def test_the_lock_screen_says_by_when_and_never_a_name_a_phone_or_an_email(here: World) -> None:
    said = {"name": "Zoltan Q. Kovacs", "phone": "+36 1 777 888", "email": "zoltan.k@clinic.example"}
    offered(here, **said, company="C" * 200, touches=[{"kind": "demo_request", "asset": "a very long thing " * 11}])
    assert here.slack.notifications(LIAM)[-1]["text"].endswith("Please answer now, by 08:15.")
    here.tap(LIAM, ACCEPT)
    here.deliver()
    here.tap(LIAM, UNDO)
    here.deliver()
    reject(here, LIAM, "bad_contact")
    here.deliver()
    here.clock.advance(minutes=6)
    here.deliver()
    shown = [n["text"] for n in here.slack.notifications()] + [m["text"] for m in here.slack.messages()]
    assert len(shown) >= 4
    assert not [t for t in shown for secret in ("Zoltan", "Kovacs", "777", "zoltan.k") if secret in t]


def test_the_lock_screen_of_a_practice_named_after_its_doctor_does_not_name_the_doctor(here: World) -> None:
    offered(here, name="Zoltan Kovacs", company="Zoltan Kovacs")
    assert "Zoltan" not in here.slack.notifications(LIAM)[-1]["text"]


def test_the_lock_screen_does_not_say_what_a_form_passed_on(here: World) -> None:
    asset = "contact form of zoltan.k@clinic.example"
    offered(here, email="zoltan.k@clinic.example", touches=[{"kind": "demo_request", "asset": asset}])
    assert "zoltan.k" not in here.slack.notifications(LIAM)[-1]["text"]


# -- the whole way, and what may go wrong on it ----------------------------------------


def test_a_dead_card_lets_its_lead_go_to_somebody_else(here: World) -> None:
    here.slack.set_up(
        {"users": [{"id": LIAM, "name": "liam", "real_name": "L", "email": "l@x.example", "deleted": True}]}
    )
    got = here.lead(**IRELAND)
    here.deliver()
    first, second = made_offers(here, got.lead_id)
    assert (first.answer, first.reason, second.answer) == (Answer.WITHDRAWN, "undeliverable", Answer.PENDING)
    here.clock.advance(hours=6)  # Mia's morning
    here.deliver()
    assert len(here.cards("U05")) == 1


def test_when_nobody_can_be_reached_the_sender_comes_to_rest(here: World) -> None:
    here.clock.turn_to(at("2026-11-23T15:00:00Z"))  # everybody is at work
    gone = [u for u in here.sandbox.workspace.users.values() if u.id < "U90"]
    for user in gone:
        user.deleted = True
    got = here.lead(**IRELAND)
    sender = here.services.sender()
    steps = sum(sender.step() for _ in range(60))
    assert steps < 60
    assert len(made_offers(here, got.lead_id)) <= len(gone)


def test_a_card_that_could_not_go_out_in_working_hours_waits_for_the_next(here: World) -> None:
    """Slack was away until the evening: nobody's phone rings at night for it."""
    here.lead(**IRELAND)
    here.clock.turn_to(at("2026-11-23T22:00:00Z"))
    here.deliver()
    assert here.slack.notifications(LIAM) == []
    here.clock.turn_to(at("2026-11-24T08:00:00Z"))
    here.deliver()
    assert len(here.slack.notifications(LIAM)) == 1


def test_data_is_asked_for_once_also_after_an_undo(here: World) -> None:
    offered(here)
    reject(here, LIAM, "bad_contact")
    here.deliver()
    here.tap(LIAM, UNDO)
    here.deliver()
    here.clock.advance(minutes=2)
    reject(here, LIAM, "bad_contact")
    here.clock.advance(minutes=3, seconds=30)  # the first asking would be due, but the new answer can still be undone
    here.deliver()
    assert here.cards("U07") == []
    for _ in range(4):
        here.clock.advance(minutes=3)
        here.deliver()
    assert len(here.cards("U07")) == 1


def test_data_is_asked_for_also_when_the_first_asking_was_undone_and_passed(here: World) -> None:
    offered(here)
    reject(here, LIAM, "bad_contact")
    here.deliver()
    here.tap(LIAM, UNDO)
    here.clock.advance(minutes=10)
    here.deliver()
    reject(here, LIAM, "bad_contact")
    here.clock.advance(minutes=10)
    here.deliver()
    assert len(here.cards("U07")) == 1


def test_data_is_not_asked_for_after_an_undo(here: World) -> None:
    offered(here)
    reject(here, LIAM, "bad_contact")
    here.deliver()
    here.tap(LIAM, UNDO)
    here.clock.advance(minutes=10)
    here.deliver()
    assert here.cards("U07") == []


def test_data_that_came_in_is_said_on_what_asked_for_it(here: World) -> None:
    offered(here)
    reject(here, LIAM, "bad_contact", **{SENTENCE: "Nobody <there>"})
    here.clock.advance(minutes=6)
    asked = card(here, "U07")
    assert "came back from Liam: Phone and e-mail wrong\n&gt; " not in asked
    assert "> Nobody &lt;there&gt;" in asked
    here.lead(phone="+353 1 5", **IRELAND)
    assert "✓ Completed, and on its way again." in card(here, "U07")


def test_only_the_pilot_gets_messages(sqlite_url: str, clock: TurnedClock) -> None:
    agreed = Policy.load(ROOT / "config" / "policy.toml").model_dump(mode="json", by_alias=True)
    pilot = Policy.model_validate({**agreed, "pilot": ["liam@helix.example"]})
    with world(sqlite_url, clock, pilot) as here:
        here.lead(**IRELAND)
        here.lead(external_id="2", email="b@example.org")
        here.deliver()
        assert [m["channel"] for m in here.slack.messages()] == ["D04"]
        here.services.put_policy_in_force(Policy.model_validate(agreed))
        here.deliver()
        assert sorted(m["channel"] for m in here.slack.messages()) == ["C01", "C01", "D02", "D04"]


def test_on_postgresql_the_same_way_from_card_to_undo(postgres_url: str, clock: TurnedClock) -> None:
    with world(postgres_url, clock) as here:
        offered(here)
        here.tap(LIAM, ACCEPT)
        here.tap(LIAM, ACCEPT)
        here.slack.again()
        here.deliver()
        here.tap(LIAM, UNDO)
        here.deliver()
        reject(here, LIAM, "not_now", **{DATE: "2026-12-01"})
        shown, told, found = card(here), here.whispers(LIAM), answers(here)
        with here.services.reading() as session:
            returns_at = session.scalars(select(Lead.returns_at)).one()
    assert "It returns on 1 December." in shown
    assert (len(told), found) == (2, [Answer.REJECTED])
    assert returns_at == at("2026-12-01T08:00:00Z")
    assert issubclass(TooLate, LeadsError)
