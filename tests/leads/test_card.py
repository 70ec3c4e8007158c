"""The card as screens.md shows it: what stands where before and after an answer, in the reader's own time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.leads import blocks, texts
from bot.leads.views import CardView, Reader
from bot.outbox.limits import check_message
from tests.conftest import MONDAY_9, TurnedClock
from tests.world import World, at, words, world

MIA, NOAH, LIAM, JONAS = "U05", "U06", "U04", "U02"


@pytest.fixture
def here(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock) as made:
        yield made


def card(here: World, user: str) -> str:
    here.deliver()
    return words(here.cards(user)[-1])


# -- the whole card ----------------------------------------


def test_the_card_reads_in_the_order_of_the_screen(here: World) -> None:
    here.clock.turn_to(at("2026-11-24T08:12:00Z"))
    pages = [{"kind": "page", "asset": "price list", "at": f"2026-11-2{day}T10:00:00Z"} for day in (2, 3)]
    read = {"kind": "download", "asset": "the CellScan price guide", "at": "2026-11-24T08:12:00Z"}
    here.lead(external_id="2", email="other@example.org", account_owner="jonas@helix.example")
    here.lead(touches=[read, *pages])
    here.deliver()
    assert card(here, JONAS).splitlines() == [
        "*Dr. Miriam Weber*, Charité, Berlin",
        "Head of laboratory, haematology",
        "Read the CellScan price guide, 09:12",
        "<tel:+49305550101|+49 30 5550 101>",
        "<mailto:m.weber@example.org|m.weber@example.org>",
        "Agreed to: call, e-mail",
        "*Fit 57:* hospital lab, 600+ beds, heads the lab",
        "*Engagement 34:* read the price guide, price page twice",
        "*Why you:* Charité is your account",
        "Please answer by *Wed 08:12*",
        "[Accept]",
        "[Reject…]",
        "[⋯]",
        "MEDICA 2026, by Ana, marketing",
        "1 more open lead here, yours",
    ]
    assert here.cards(JONAS)[-1]["text"] == "Charité read the CellScan price guide. Please answer by Wed 08:12."


def test_after_accept_undo_and_reject(here: World) -> None:
    here.clock.turn_to(at("2026-11-24T09:20:00Z"))
    here.lead(country="Ireland")
    before = card(here, LIAM)
    here.tap(LIAM, "lead_accept")
    told = card(here, LIAM).splitlines()
    assert told[-7:] == [
        "✓ Yours since Tue 09:20",
        "First contact by *Wed 16:20*",
        "[Reached]",
        "[No answer…]",
        "[⋯]",
        "MEDICA 2026, by Ana, marketing",
        "[Undo until 09:25]",
    ]
    assert told[0] == "*Dr. Miriam Weber*, Charité, Berlin"
    here.tap(LIAM, "lead_undo")
    assert card(here, LIAM) == before
    here.tap(LIAM, "lead_reject")
    here.slack.tap_in_view(LIAM, "lead_reject_reason", selected_option="no_budget")
    here.slack.submit(LIAM, lead_reject_sentence="Ask again in spring")
    assert card(here, LIAM).splitlines() == [
        "*Dr. Miriam Weber, Charité*",
        "✓ Sent back: No budget this year",
        "> Ask again in spring",
        "Marketing sees it with the reason.",
        "[Undo until 09:25]",
    ]
    here.clock.advance(minutes=6)
    assert "Undo" not in card(here, LIAM)
    assert len(here.slack.notifications(LIAM)) == 1


def test_times_are_in_the_readers_own_zone(here: World) -> None:
    here.clock.turn_to(at("2026-11-23T15:00:00Z"))
    for n in "ab":
        here.lead(external_id=n, email=f"{n}@example.org", country="France")
    here.deliver()
    assert "Read the CellScan price guide, 03:00" in card(here, MIA)
    assert "Please answer by *Mon 12:00*" in card(here, MIA)
    assert "Read the CellScan price guide, 09:00" in card(here, NOAH)
    assert "Please answer by *Tue 09:00*" in card(here, NOAH)
    here.tap(MIA, "lead_accept")
    assert "✓ Yours since Mon 10:00" in card(here, MIA)


def test_a_card_of_the_night_comes_in_the_morning(here: World) -> None:
    here.clock.turn_to(at("2026-11-23T22:00:00Z"))
    here.lead()
    here.deliver()
    assert here.slack.notifications() == []
    here.clock.turn_to(at("2026-11-24T06:58:00Z"))
    here.deliver()
    assert here.slack.notifications() == []
    here.clock.turn_to(at("2026-11-24T07:00:00Z"))
    here.deliver()
    (rung,) = here.slack.notifications()
    assert (rung["user"], datetime.fromtimestamp(rung["at"], UTC)) == (JONAS, at("2026-11-24T07:00:00Z"))


def test_a_card_follows_what_is_learnt_of_its_lead(here: World) -> None:
    here.lead(phone=None, country="Ireland")
    assert "tel:" not in card(here, LIAM)
    here.lead(phone="+353 1 555", country="Ireland")
    assert "<tel:+3531555|+353 1 555>" in card(here, LIAM)


def test_a_card_of_somebody_who_withdrew_their_consent_says_so_also_after_accept(here: World) -> None:
    here.lead(country="Ireland")
    here.deliver()
    here.tap(LIAM, "lead_accept")
    here.deliver()
    here.lead(country="Ireland", consent={"call": False, "email": False, "do_not_contact": True})
    assert "Agreed to: call, e-mail" not in card(here, LIAM)


def test_a_lead_by_its_id_alone_has_a_card(here: World) -> None:
    from_nowhere = {"email": None, "name": None, "title": None, "phone": None, "company": None, "city": None}
    here.lead(**from_nowhere, campaign=None, consent={}, touches=[{"kind": "demo_request"}], country="Ireland")
    assert card(here, LIAM).splitlines()[:2] == ["*Ireland*", "Asked for a demo, 08:00"]
    assert here.cards(LIAM)[-1]["text"] == "A new lead asked for a demo. Please answer now, by 08:15."


# -- its parts ----------------------------------------


def view(**changed: Any) -> CardView:
    told: dict[str, Any] = dict.fromkeys(CardView.__dataclass_fields__)
    told |= {"offer_id": 1, "reader": Reader(2, "Europe/Berlin"), "answer": "pending", "answered_by_me": False}
    told |= {"undo_open": False, "answer_by": MONDAY_9 + timedelta(hours=8), "awaits_data": False, "hot": False}
    told |= {"stage": "mql", "fit": 42, "engagement": 31, "fit_reasons": (), "engagement_reasons": (), "route": ()}
    told |= {"names": {2: "Jonas Brandt", 3: "Dana Fischer"}, "campaign": "MEDICA 2026"}
    told |= {"others_mine": 0, "others_with": (), "others_open": 0}
    return CardView(**{**told, **changed})


@pytest.mark.parametrize("answer", ["pending", "accepted", "rejected", "withdrawn"])
def test_a_card_of_which_nothing_is_known_is_whole(answer: str) -> None:
    rendered = blocks.card(view(answer=answer), MONDAY_9)
    assert check_message({"text": rendered.text, "blocks": rendered.blocks}) == []
    assert "None" not in rendered.text + words({"blocks": rendered.blocks})


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            [
                {"code": "territory", "country": "Germany", "territory": "DACH"},
                {"code": "away", "person": 2, "until": "2026-12-03T00:00:00+01:00"},
                {"code": "next_in_turn", "person": 3},
            ],
            "Germany → DACH; Jonas is away until 3 December; next in turn: Dana",
        ),
        ([{"code": "account_owner", "person": 3}], "Charité is Dana’s account"),
        ([{"code": "account_owner", "person": 2}], "Charité is your account"),
        (
            [{"code": "full", "person": 3}, {"code": "fallback", "person": 2}],
            "Dana has enough for now; nobody else fits",
        ),
        ([{"code": "pool", "pool": "<!here>"}], "&lt;!here&gt;"),
    ],
)
def test_why_you_is_said_in_words(steps: list[dict[str, Any]], told: str) -> None:
    assert texts.why_you(steps, {2: "Jonas Brandt", 3: "Dana Fischer"}, 2, "Charité") == told


@pytest.mark.parametrize(
    ("call", "email", "told"),
    [
        (True, True, "Agreed to: call, e-mail"),
        (True, False, "Agreed to: call"),
        (False, None, "Agreed to neither call nor e-mail"),
        (None, None, None),
    ],
)
def test_what_they_agreed_to(call: bool | None, email: bool | None, told: str | None) -> None:
    assert texts.agreed_to(call, email) == told


@pytest.mark.parametrize(
    ("phone", "told"),
    [
        ("+49 (30) 5550-101", "<tel:+49305550101|+49 (30) 5550-101>"),
        ("110", "110"),
        ("<@U1>|x 0301234567", "<tel:10301234567|&lt;@U1&gt;/x 0301234567>"),
        ("call <!here>", "call &lt;!here&gt;"),
    ],
)
def test_a_phone_can_be_dialled_and_nothing_else_comes_alive(phone: str, told: str) -> None:
    said = blocks.card(view(contact_name="A", phone=phone), MONDAY_9).blocks[0]["text"]["text"]
    assert said.splitlines()[1] == told


@pytest.mark.parametrize("email", ["a|b@x.example", "a&b@x.example", "ä@x.example"])
def test_a_strange_email_is_no_link(email: str) -> None:
    said = blocks.card(view(contact_name="A", email=email), MONDAY_9).blocks[0]["text"]["text"]
    assert "mailto" not in said
    assert "&b" not in said


@pytest.mark.parametrize(
    ("total", "mine", "others", "told"),
    [
        (0, 0, (), None),
        (1, 1, (), "1 more open lead here, yours"),
        (3, 1, ("Dana Fischer", "Liam Walsh"), "3 more open leads here, with you, Dana and Liam"),
        (2, 0, (), "2 more open leads here"),
    ],
)
def test_what_else_is_open_at_the_account(total: int, mine: int, others: tuple[str, ...], told: str | None) -> None:
    assert texts.more_here(total, mine, others) == told


def test_a_card_that_comes_late_does_not_ask_for_what_is_past(here: World) -> None:
    offered = here.lead(country="Ireland", touches=[{"kind": "demo_request"}])
    here.clock.advance(hours=1)  # its fifteen minutes are over before it could be brought
    here.deliver()
    assert offered.lead_id
    card = here.cards(LIAM)[-1]
    assert card["text"].endswith("Waiting for your answer since 08:15.")
    assert "Waiting for your answer since *Mon 08:15*" in words(card)


def test_a_kind_of_touch_that_marketing_added_is_said_as_it_is() -> None:
    assert texts.touch("trade_in", "the old analyser") == "Trade in: the old analyser"
    assert texts.touch("trade_in", "") == "Trade in"


def test_an_asset_in_braces_is_only_text() -> None:
    assert texts.touch("trade_in", "{asset.__class__} {0}") == "Trade in: {asset.__class__} {0}"


def test_the_lock_screen_never_says_a_word_of_blame() -> None:
    said = [v for v in vars(texts).values() if isinstance(v, str)]
    assert not [s for s in said for word in ("breach", "escalat", "violation", "failed") if word in s.lower()]
