"""From accepted to won or lost, by taps and forms: one effect each, undone within five minutes, told kindly."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.journal.service import OPERATOR
from bot.leads import forms, handover
from bot.leads.errors import CannotReceive
from bot.leads.rules import Stage
from bot.leads.tables import Lead, LeadStep, Offer
from bot.outbox.limits import check_message, check_view
from bot.people import service as people
from bot.sla.tables import Obligation
from tests.conftest import TurnedClock
from tests.world import World, has_action, words, world

Json = dict[str, Any]
JONAS, DANA, LIAM, PETRA, ANA, MIA = "U02", "U03", "U04", "U01", "U07", "U05"
IRELAND = {"country": "Ireland"}  # Liam's alone
ACCEPT, REACHED, QUALIFY, UNDO, MORE = "lead_accept", "lead_reached", "lead_qualify", "lead_undo", "lead_more"
NO_ANSWER, NOT_A_FIT, WIN, LOSE = "lead_no_answer", "lead_not_a_fit", "lead_win", "lead_lose"


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest, clock: TurnedClock) -> Iterator[World]:
    with world(request.getfixturevalue(f"{request.param}_url"), clock) as made:
        yield made


@pytest.fixture
def small(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock) as made:
        yield made


def given(here: World, *taps: str, **said: Any) -> int:
    """A lead of Liam's, its card delivered and tapped on; the id of its offer."""
    got = here.lead(**{**IRELAND, **said})
    here.deliver()
    for action in taps:
        here.tap(LIAM, action)
        here.deliver()
    with here.services.reading() as session:
        return session.scalars(select(Offer.id).where(Offer.lead_id == got.lead_id)).all()[-1]


def more(here: World, user: str, what: str, offer_id: int) -> None:
    """Choose an item behind ⋯ of the newest card."""
    here.tap(user, MORE, selected_option=f"{what}:{offer_id}")


def lead(here: World) -> Lead:
    with here.services.reading() as session:
        return session.scalars(select(Lead)).one()


def promises(here: World) -> list[tuple[str, str | None]]:
    with here.services.reading() as session:
        return [(p.kind, p.outcome) for p in session.scalars(select(Obligation).order_by(Obligation.id))]


def our_id(user: str) -> str:
    """The people of this world have the numbers of their Slack ids."""
    return str(int(user[1:]))


def card(here: World, user: str = LIAM) -> str:
    here.deliver()
    return words(here.cards(user)[-1])


def form(here: World, user: str = LIAM) -> Json:
    modal: Json | None = here.slack.sees(user)["modal"]
    assert modal is not None
    return modal


# -- the way to the end ----------------------------------------


def test_from_accepted_to_won(here: World) -> None:
    given(here, ACCEPT)
    assert card(here).splitlines()[-7:-2] == [
        "✓ Yours since Mon 08:00",
        "First contact by *Tue 15:00*",
        "[Reached]",
        "[No answer…]",
        "[⋯]",
    ]
    here.tap(LIAM, REACHED)
    assert "✓ Reached Mon 08:00\nIs it a real chance?\n[Qualified]\n[Not a fit…]\n[⋯]" in card(here)
    assert promises(here) == [("answer", "met"), ("first_contact", "met")]
    here.tap(LIAM, QUALIFY)
    assert "✓ Qualified Mon 08:00\nHow did it end?\n[Won…]\n[Lost…]\n[⋯]" in card(here)
    here.tap(LIAM, WIN)
    here.slack.submit(LIAM, lead_value="84000.50", lead_currency="EUR")
    assert "✓ *Won* Mon 08:00: €84,000.50. Well done!" in card(here)
    assert (lead(here).stage, lead(here).owner_id is not None) == (Stage.WON, True)
    assert len(here.slack.notifications(LIAM)) == 1  # nobody is pinged for what they did themselves


def test_lost_with_a_reason_that_needs_a_sentence(small: World) -> None:
    given(small, ACCEPT, REACHED, QUALIFY)
    small.tap(LIAM, LOSE)
    small.slack.submit(LIAM, lead_loss="missing_feature")
    assert "sentence" in form(small)["errors"]
    small.slack.submit(LIAM, lead_loss="missing_feature", lead_loss_sentence="No LIS <interface>")
    told = card(small)
    assert "Lost Mon 08:00: Something they need is missing\n> No LIS &lt;interface&gt;" in told
    assert lead(small).stage == Stage.LOST


@pytest.mark.parametrize("value", ["-1", "1e30", "NaN", "much"])
def test_a_value_that_is_none_is_told_beside_its_field(small: World, value: str) -> None:
    view = {"state": {"values": {"value": {forms.VALUE: {"value": value}}}}}
    with pytest.raises(forms.FormError) as told:
        forms.parse_won_form(view, small.services_policy().deals)
    assert list(told.value.errors) == ["value"]


def test_no_answer_counts_asks_when_and_comes_again_once(here: World) -> None:
    given(here, ACCEPT)
    here.tap(LIAM, NO_ANSWER)
    options = [o["text"]["text"] for o in form(here)["blocks"][1]["element"]["options"]]
    assert options == ["Mon 11:00", "Tue 08:00", "Wed 08:00"]
    here.slack.submit(LIAM)
    assert "Tried once, Mon 08:00: no answer\nTry again *Mon 11:00*\n[Reached]\n[No answer…]" in card(here)
    assert promises(here) == [("answer", "met"), ("first_contact", "met")]
    assert len(here.slack.notifications(LIAM)) == 1
    here.clock.advance(hours=3)
    here.deliver()
    assert [n["text"] for n in here.slack.notifications(LIAM)][1:] == ["Charité: you wanted to try again now."]
    here.tap(LIAM, REACHED)
    here.clock.advance(days=3)
    here.deliver()
    assert len(here.slack.notifications(LIAM)) == 2


def test_another_time_has_to_lie_ahead(small: World) -> None:
    given(small, ACCEPT)
    small.tap(LIAM, NO_ANSWER)
    past = int(small.clock.now().timestamp()) - 60
    small.slack.submit(LIAM, lead_again_at=str(past))
    assert form(small)["errors"] == {"again_at": "Please choose a time from now on."}
    small.slack.submit(LIAM, lead_again_at=str(past + 4000))
    assert "Try again *Mon 09:05*" in card(small)


def test_who_was_reached_meanwhile_is_not_tried_again(small: World) -> None:
    given(small, ACCEPT)
    small.tap(LIAM, NO_ANSWER)
    small.slack.submit(LIAM)
    small.deliver()
    small.tap(LIAM, REACHED)
    small.clock.advance(hours=4)
    small.deliver()
    assert len(small.slack.notifications(LIAM)) == 1


def test_not_a_fit_asks_why_and_the_lead_comes_back(here: World) -> None:
    given(here, ACCEPT, REACHED)
    here.tap(LIAM, NOT_A_FIT)
    assert form(here)["title"]["text"] == "Not a fit"
    here.slack.submit(LIAM, lead_reject_reason="no_budget")
    assert "✓ Sent back: No budget this year" in card(here)
    assert (lead(here).stage, lead(here).owner_id) == (Stage.REJECTED, None)
    here.tap(LIAM, UNDO)
    assert "✓ Reached" in card(here)
    assert (lead(here).stage, lead(here).reached_at is not None) == (Stage.SAL, True)


def test_on_a_card_not_yet_accepted_a_step_accepts_too(small: World) -> None:
    offer_id = given(small)
    more(small, LIAM, "reached", offer_id)
    assert "✓ Reached" in card(small)
    assert promises(small) == [("answer", "met"), ("first_contact", "met")]
    small.tap(LIAM, UNDO)  # both at once
    assert "[Accept]" in card(small)
    assert promises(small) == [("answer", None), ("first_contact", "cancelled")]


def test_a_tap_on_an_earlier_revision_says_how_far_it_is(small: World) -> None:
    given(small, ACCEPT, REACHED, QUALIFY)
    ts = small.cards(LIAM)[-1]["ts"]
    small.slack.tap(LIAM, "D04", ts, REACHED)  # a phone that still shows the card of before
    (told,) = small.whispers(LIAM)
    assert told == "You qualified this lead at Mon 08:00. All is well; the card shows what can be done now."


def test_undo_goes_back_step_by_step_and_ends_after_five_minutes(here: World) -> None:
    given(here, ACCEPT)
    before = lead(here)
    here.clock.advance(minutes=1)
    here.tap(LIAM, REACHED)
    here.deliver()
    here.clock.advance(minutes=1)
    here.tap(LIAM, QUALIFY)
    here.deliver()
    here.tap(LIAM, UNDO)
    assert "✓ Reached" in card(here)
    here.tap(LIAM, UNDO)
    assert "✓ Yours since Mon 08:00" in card(here)
    after = lead(here)
    assert (after.stage, after.stage_since, after.reached_at) == (before.stage, before.stage_since, None)
    here.tap(LIAM, UNDO)
    assert "[Accept]" in card(here)
    here.tap(LIAM, ACCEPT)
    here.deliver()
    here.clock.advance(minutes=6)
    here.deliver()
    assert not has_action(here.cards(LIAM)[-1], UNDO)


def test_a_redelivered_step_is_made_once(small: World) -> None:
    given(small, ACCEPT)
    small.tap(LIAM, NO_ANSWER)
    small.slack.submit(LIAM)
    assert small.slack.again()["status"] == 200
    assert lead(small).attempts == 1


# -- hand over ----------------------------------------


def handed(here: World, to: str = JONAS, sentence: str = "Wants German <b>support</b>") -> int:
    offer_id = given(here, ACCEPT, REACHED)
    more(here, LIAM, "hand_over", offer_id)
    here.slack.submit(LIAM, lead_receiver=our_id(to), lead_handed_with=sentence)
    here.deliver()
    with here.services.reading() as session:
        return session.scalars(select(Offer.id).order_by(Offer.id.desc())).first() or 0


def test_a_lead_handed_over_keeps_how_far_it_came(here: World) -> None:
    handed(here)
    assert "✓ Handed to Jonas\n> Wants German &lt;b&gt;support&lt;/b&gt;\n[Undo until 08:05]" in card(here)
    told = card(here, JONAS)
    assert told.startswith("*Liam hands you this:* “Wants German &lt;b&gt;support&lt;/b&gt;”")
    assert len(here.slack.notifications(JONAS)) == 1
    here.tap(JONAS, ACCEPT)
    assert "✓ Reached Mon 09:00" in card(here, JONAS)  # in Berlin
    assert lead(here).stage == Stage.SAL


def test_who_gets_a_lead_may_give_it_back(here: World) -> None:
    offer_id = handed(here)
    more(here, JONAS, "give_back", offer_id)
    here.slack.submit(JONAS, lead_given_with="I am off, they call on Friday")
    assert card(here).startswith("*Jonas gives this back:* “I am off, they call on Friday”")
    assert "✓ Given back to Liam" in card(here, JONAS)
    assert len(here.slack.notifications(LIAM)) == 2


def test_a_hand_over_is_undone_until_it_is_taken(here: World) -> None:
    handed(here)
    here.tap(LIAM, UNDO)
    assert "✓ Reached" in card(here)
    assert "Liam took it back" in card(here, JONAS)
    handed_again = lead(here)
    assert (handed_again.round, handed_again.stage) == (1, Stage.SAL)


def test_a_hand_over_that_was_taken_is_not_undone(small: World) -> None:
    handed(small)
    small.tap(JONAS, ACCEPT)
    small.tap(LIAM, UNDO)
    assert small.whispers(LIAM) == ["Jonas Brandt has answered this lead meanwhile, so it can't be taken back."]


def test_only_those_who_can_get_a_lead_are_offered(small: World) -> None:
    offer_id = given(small, ACCEPT)
    more(small, LIAM, "hand_over", offer_id)
    offered = [o["text"]["text"] for o in form(small)["blocks"][1]["element"]["options"]]
    assert offered == ["Dana Fischer", "Jonas Brandt", "Mia Lopez", "Noah Berg", "Petra Sommer"]


@pytest.mark.parametrize(("to", "told"), [(LIAM, "has_it"), (ANA, "does_not_sell")])
def test_who_cannot_get_a_lead_does_not_whatever_is_sent(small: World, to: str, told: str) -> None:
    offer_id = given(small, ACCEPT)
    with small.services.under_rules() as (session, rules), pytest.raises(CannotReceive) as why:
        liam = people.by_id(session, int(our_id(LIAM)))
        handover.hand_over(session, offer_id, int(our_id(to)), "Please", liam, rules, OPERATOR, small.clock.now())
    assert why.value.why == told


# -- ask marketing ----------------------------------------


def test_a_question_goes_to_marketing_and_the_answer_comes_back_to_the_card(here: World) -> None:
    offer_id = given(here, ACCEPT)
    more(here, LIAM, "ask", offer_id)
    here.slack.submit(LIAM, lead_question="Which <analyser> do they have?")
    assert "*You asked Ana:* Which &lt;analyser&gt; do they have?\nAna has not answered yet" in card(here)
    assert "*Liam asks* about Dr. Miriam Weber, Charité, Berlin, Mon 09:00" in card(here, ANA)
    (rang,) = here.slack.notifications(ANA)
    assert rang["text"] == "Liam asks you about a lead of MEDICA 2026."
    here.tap(ANA, "lead_answer")
    here.slack.submit(ANA, lead_answer_text="A Sysmex XN, since 2019")
    here.deliver()
    assert "*Ana:* A Sysmex XN, since 2019" in words(next(c for c in here.cards(LIAM) if has_action(c, REACHED)))
    assert [n["text"] for n in here.slack.notifications(LIAM)][1:] == [
        "Ana answered your question about a lead of MEDICA 2026."
    ]
    reply = here.cards(LIAM)[-1]
    assert reply["thread_ts"] == here.cards(LIAM)[0]["ts"]
    assert "✓ Ana answered: A Sysmex XN, since 2019" in card(here, ANA)


def test_one_question_at_a_time_and_one_answer(small: World) -> None:
    offer_id = given(small, ACCEPT)
    more(small, LIAM, "ask", offer_id)
    small.slack.submit(LIAM, lead_question="First?")
    small.deliver()
    assert "Ask Ana…" not in json.dumps(small.cards(LIAM)[-1])
    small.tap(ANA, "lead_answer")
    small.slack.submit(ANA, lead_answer_text="Yes")
    small.deliver()
    ts = small.cards(ANA)[-1]["ts"]
    small.slack.tap(ANA, "D07", ts, "lead_answer")
    assert small.whispers(ANA) == ["Ana answered this already. Thank you."]


# -- details ----------------------------------------


def test_details_tell_the_history_in_words(here: World) -> None:
    offer_id = handed(here)
    more(here, JONAS, "details", offer_id)
    shown = form(here, JONAS)
    assert shown["title"]["text"] == "Lead 1"
    told = "\n".join(e["text"] for b in shown["blocks"][-3:] if b["type"] == "context" for e in b["elements"])
    assert told.splitlines() == [
        "*09:00* Came in from Website",
        "*09:00* Offered to Liam",
        "*09:00* Liam accepted it",
        "*09:00* Liam reached them",
        "*09:00* Liam handed it over: “Wants German &lt;b&gt;support&lt;/b&gt;”",
        "*09:00* Offered to Jonas",
    ]
    assert check_view({k: v for k, v in shown.items() if k not in ("errors", "id", "values")}) == []


def test_a_step_in_the_details_shows_there_at_once(small: World) -> None:
    offer_id = given(small, ACCEPT)
    more(small, LIAM, "details", offer_id)
    small.slack.tap_in_view(LIAM, REACHED)
    assert "✓ Reached" in json.dumps(form(small), ensure_ascii=False)
    small.slack.tap_in_view(LIAM, NOT_A_FIT)
    assert form(small)["title"]["text"] == "Not a fit"
    small.slack.submit(LIAM, lead_reject_reason="no_budget")
    assert form(small)["title"]["text"] == "Lead 1"
    assert "Sent back: No budget this year" in json.dumps(form(small), ensure_ascii=False)


def test_every_state_of_a_card_is_within_slacks_limits_with_hostile_data(small: World) -> None:
    long = "<!channel> &*_" * 14
    offer_id = given(small, name=long[:200], company=long[:200], title=long[:200], city=long[:120])
    seen = [small.cards(LIAM)[-1]]
    for action in (ACCEPT, REACHED, QUALIFY):
        small.tap(LIAM, action)
        small.deliver()
        seen.append(small.cards(LIAM)[-1])
    more(small, LIAM, "ask", offer_id)
    small.slack.submit(LIAM, lead_question="<!here> &" * 100)
    small.tap(LIAM, WIN)
    small.slack.submit(LIAM, lead_value="999999999999")
    small.deliver()
    for message in [*seen, *small.cards(LIAM), *small.cards(ANA)]:
        assert check_message({"text": message["text"], "blocks": message["blocks"]}) == []
        assert "<!" not in words(message)


def test_every_step_is_kept_with_how_things_stood(small: World) -> None:
    given(small, ACCEPT, REACHED)
    with small.services.reading() as session:
        steps = session.scalars(select(LeadStep).order_by(LeadStep.id)).all()
    assert [(s.step, s.before["lead"]["stage"], s.before["offer"]["answer"]) for s in steps] == [
        ("accepted", "mql", "pending"),
        ("reached", "sal", "accepted"),
    ]


# -- what two taps, other hands and another life must not break ----------------------------------------


def test_undo_tapped_twice_takes_back_one_step(small: World) -> None:
    given(small, ACCEPT, REACHED)
    ts = small.cards(LIAM)[-1]["ts"]
    small.slack.tap(LIAM, "D04", ts, UNDO)
    small.slack.tap(LIAM, "D04", ts, UNDO)  # the same button: the phone was slow
    assert "✓ Yours since" in card(small)
    assert len(small.whispers(LIAM)) == 1


def test_a_lost_lead_that_comes_again_is_a_new_one_to_everybody(here: World) -> None:
    given(here, ACCEPT, REACHED, QUALIFY)
    here.tap(LIAM, LOSE)
    here.slack.submit(LIAM, lead_loss="price")
    here.deliver()
    here.clock.advance(days=21)
    here.lead(**IRELAND, touches=[{"kind": "demo_request", "at": here.clock.now().isoformat()}])
    told = card(here)
    assert "[Accept]" in told and "Reached" not in told
    assert "The newest message about it is further down." in words(here.cards(LIAM)[0])
    assert lead(here).stage == Stage.MQL


def test_a_tried_lead_handed_over_has_a_clock_again(small: World) -> None:
    offer_id = given(small, ACCEPT)
    small.tap(LIAM, NO_ANSWER)
    small.slack.submit(LIAM)
    small.deliver()
    more(small, LIAM, "hand_over", offer_id)
    small.slack.submit(LIAM, lead_receiver=our_id(JONAS), lead_handed_with="Please")
    small.deliver()
    small.tap(JONAS, ACCEPT)
    assert "Try again *Tue 16:00*" in card(small, JONAS)
    assert promises(small)[-1] == ("first_contact", None)


def test_what_a_manager_hands_over_is_said_by_them_and_the_holders_card_shows_it(small: World) -> None:
    offer_id = given(small, ACCEPT)
    small.slack.command(PETRA, "/lead", "show 1")
    small.tap(PETRA, MORE, selected_option=f"hand_over:{offer_id}")
    small.slack.submit(PETRA, lead_receiver=our_id(JONAS), lead_handed_with="Liam is swamped")
    assert card(small, JONAS).startswith("*Petra hands you this:* “Liam is swamped”")
    assert "✓ Handed to Jonas" in card(small, LIAM)  # at once, without a sound
    before = len(small.slack.notifications(LIAM))
    small.clock.advance(days=1)
    small.deliver()
    assert len(small.slack.notifications(LIAM)) == before  # news rings only with something else


def test_a_lead_handed_over_and_sent_on_goes_back_as_far_as_it_was(here: World) -> None:
    offer_id = given(here, ACCEPT, REACHED, QUALIFY)
    more(here, LIAM, "hand_over", offer_id)
    here.slack.submit(LIAM, lead_receiver=our_id(JONAS), lead_handed_with="Yours?")
    here.deliver()
    here.tap(JONAS, "lead_reject")
    here.slack.submit(JONAS, lead_reject_reason="not_my_territory")
    assert card(here).startswith("*Jonas gives this back:* “Not my territory”")
    assert lead(here).stage == Stage.SQL


def test_a_reminder_taken_away_by_a_step_comes_back_with_its_undo(small: World) -> None:
    given(small, ACCEPT)
    small.tap(LIAM, NO_ANSWER)
    small.slack.submit(LIAM)
    small.deliver()
    small.clock.advance(hours=2, minutes=58)
    small.tap(LIAM, REACHED)
    small.clock.advance(minutes=1)
    small.deliver()
    small.tap(LIAM, UNDO)
    small.clock.advance(minutes=3)
    small.deliver()
    assert small.slack.notifications(LIAM)[-1]["text"] == "Charité: you wanted to try again now."


def test_nobody_is_reminded_to_call_who_asked_not_to_be_contacted(small: World) -> None:
    given(small, ACCEPT)
    small.tap(LIAM, NO_ANSWER)
    small.slack.submit(LIAM)
    small.lead(**IRELAND, consent={"do_not_contact": True})
    small.clock.advance(hours=4)
    small.deliver()
    assert len(small.slack.notifications(LIAM)) == 1


def test_a_try_after_they_were_reached_shows(small: World) -> None:
    offer_id = given(small, ACCEPT, REACHED)
    small.clock.advance(minutes=10)
    more(small, LIAM, "no_answer", offer_id)
    small.slack.submit(LIAM)
    assert "✓ Reached Mon 08:00; tried Mon 08:10, no answer\nTry again *Mon 11:15*" in card(small)


def test_a_time_that_was_picked_is_meant(small: World) -> None:
    given(small, ACCEPT)
    small.tap(LIAM, NO_ANSWER)
    at = int(small.clock.now().timestamp()) + 86400 * 3 + 3600
    small.slack.submit(LIAM, lead_again_at=str(at))
    assert "Try again *Thu 09:00*" in card(small)


def test_the_answer_goes_to_whoever_has_the_lead_by_then(small: World) -> None:
    offer_id = given(small, ACCEPT)
    more(small, LIAM, "ask", offer_id)
    small.slack.submit(LIAM, lead_question="Which analyser?")
    small.deliver()
    more(small, LIAM, "hand_over", offer_id)
    small.slack.submit(LIAM, lead_receiver=our_id(JONAS), lead_handed_with="Yours")
    small.deliver()
    assert "*Liam asked Ana:* Which analyser?" in card(small, JONAS)
    small.tap(ANA, "lead_answer")
    small.slack.submit(ANA, lead_answer_text="A Sysmex")
    small.deliver()
    assert "*Ana:* A Sysmex" in words(small.cards(JONAS)[0])
    assert small.slack.notifications(JONAS)[-1]["text"] == "Ana answered your question about a lead of MEDICA 2026."


def test_details_within_details_are_not_offered(small: World) -> None:
    offer_id = given(small, ACCEPT)
    more(small, LIAM, "details", offer_id)
    assert "details:" not in json.dumps(form(small)["blocks"])
