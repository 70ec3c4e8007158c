"""Queues, not floods: one message for many leads, edited in place, ringing at most hourly, worked through in it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot.leads.tables import Offer
from bot.people.tables import Person
from config.policy import Policy
from tests.conftest import TurnedClock
from tests.world import ROOT, World, has_action, with_plenty, words, world

LIAM, JONAS = "U04", "U02"
NEXT, TAKE, MINE, ACCEPT, UNDO = "lead_queue_next", "lead_queue_take", "lead_queue_mine", "lead_accept", "lead_undo"
POLICY = with_plenty(Policy.load(ROOT / "config" / "policy.toml"))


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest, clock: TurnedClock) -> Iterator[World]:
    with world(request.getfixturevalue(f"{request.param}_url"), clock) as made:
        yield made


def leads(here: World, number: int, begin: int = 0, **said: object) -> None:
    for n in range(begin, begin + number):
        told = {"country": "Ireland", "email": f"n{n}@lab{n}.example", "company": f"Lab {n}", "name": f"Doctor {n}"}
        here.lead(**{"external_id": f"crm-{n}", "phone": None, **told, **said})


def rang(here: World, user: str = LIAM) -> list[str]:
    return [n["text"] for n in here.slack.notifications(user)]


def queue(here: World, user: str = LIAM) -> str:
    here.deliver()
    found = [m for m in here.cards(user) if any(b.get("block_id") == "queue" for b in m["blocks"])]
    return words(found[-1])


def answers(here: World) -> list[str]:
    with here.services.reading() as session:
        return list(session.scalars(select(Offer.answer).order_by(Offer.id)))


def test_up_to_five_are_cards_and_from_then_on_there_is_one_message(here: World) -> None:
    leads(here, 5)
    here.deliver()
    assert len(rang(here)) == 5
    leads(here, 7, begin=5)
    here.deliver()
    assert rang(here)[5:] == ["12 leads need your answer, the first by Mon 16:00."]
    assert queue(here).splitlines() == [
        "*12 leads wait for your answer*, the first by *Mon 16:00*",
        "*Mon 16:00* Answer: Doctor 0, Lab 0, Berlin",
        "*Mon 16:00* Answer: Doctor 1, Lab 1, Berlin",
        "*Mon 16:00* Answer: Doctor 2, Lab 2, Berlin",
        "and 9 more",
        "[Next lead]",
        "[Take 5]",
        "[My leads]",
    ]


def test_what_came_by_night_is_one_message_in_the_morning(here: World) -> None:
    here.clock.advance(hours=12)
    leads(here, 20)
    here.deliver()
    assert rang(here) == []
    here.clock.advance(hours=12)
    here.deliver()
    assert rang(here) == ["20 leads need your answer, the first by Tue 16:00."]


def test_it_rings_at_most_hourly_and_only_for_what_was_not_seen(here: World) -> None:
    leads(here, 6)
    here.deliver()
    before = len(rang(here))
    here.clock.advance(minutes=10)
    leads(here, 2, begin=6)
    here.deliver()
    assert len(rang(here)) == before
    assert "*8 leads wait" in queue(here)  # edited in place
    here.clock.advance(minutes=50)
    here.deliver()
    assert rang(here)[before:] == ["8 leads need your answer, the first by Mon 16:00."]
    here.clock.advance(minutes=1)
    here.deliver()
    moved = [words(m) for m in here.cards(LIAM) if "further down" in words(m)]
    assert moved == ["Your queue is further down."]
    leads(here, 1, begin=8)
    here.deliver()
    here.tap(LIAM, NEXT)
    here.clock.advance(minutes=90)
    here.deliver()
    assert len(rang(here)) == before + 1  # Liam has looked since the last one came


def test_next_lead_shows_one_whole_and_goes_on_by_itself(here: World) -> None:
    leads(here, 7)
    queue(here)
    here.tap(LIAM, NEXT)
    assert "Doctor 0" in queue(here) and "[Accept]\n[Reject…]\n[⋯]" in queue(here)
    here.tap(LIAM, NEXT)
    assert "*Doctor 1*, Lab 1, Berlin" in queue(here)
    here.tap(LIAM, ACCEPT)
    told = queue(here)
    assert "*6 leads wait" in told and "✓ Doctor 1, Lab 1, Berlin: yours" in told
    assert "*Doctor 0*, Lab 0, Berlin" in told  # the most urgent one
    here.tap(LIAM, UNDO)
    assert "*7 leads wait" in queue(here)
    assert len(rang(here)) == 1  # nothing rings for one’s own taps


def test_take_five_accepts_the_five_most_urgent(here: World) -> None:
    leads(here, 8)
    queue(here)
    here.tap(LIAM, TAKE)
    assert answers(here) == ["accepted"] * 5 + ["pending"] * 3
    assert "[Take 3]" in queue(here)
    here.tap(LIAM, TAKE)
    told = queue(here)
    assert told.startswith("✓ Nothing waits in your queue. 8 answered today.")
    assert "[My leads]" in told
    here.tap(LIAM, MINE)
    assert here.whispers(LIAM)[-1] == "8 leads are yours"


def test_a_tap_twice_takes_five_once(here: World) -> None:
    leads(here, 12)
    queue(here)
    here.tap(LIAM, TAKE)
    assert here.slack.again()["status"] == 200
    assert answers(here).count("accepted") == 5


def test_hot_leads_come_as_cards_of_their_own(here: World) -> None:
    leads(here, 8)
    here.deliver()
    before = len(rang(here))
    here.lead(
        external_id="hot", email="hot@lab.example", company="Labor Heiß", country="Ireland",
        touches=[{"kind": "demo_request", "asset": "CellScan"}],
    )  # fmt: skip
    here.deliver()
    assert [text.partition(".")[0] for text in rang(here)[before:]] == ["Labor Heiß asked for a demo of CellScan"]


def test_the_next_day_begins_with_cards_again(here: World) -> None:
    leads(here, 6)
    queue(here)
    here.tap(LIAM, TAKE)
    here.deliver()
    here.tap(LIAM, NEXT)
    here.deliver()
    here.tap(LIAM, ACCEPT)
    here.clock.advance(hours=1)
    leads(here, 1, begin=6)  # the same day: into the queue
    assert "*1 lead waits" in queue(here)
    here.tap(LIAM, NEXT)
    here.deliver()
    here.tap(LIAM, ACCEPT)
    here.clock.advance(days=1)
    before = len(rang(here))
    leads(here, 1, begin=7)
    here.deliver()
    assert has_action(here.cards(LIAM)[-1], ACCEPT)
    assert len(rang(here)) == before + 1


def test_who_cannot_be_reached_has_no_queue_and_the_leads_go_on(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock) as here:
        for n in range(8):
            here.lead(external_id=f"crm-{n}", email=f"n{n}@lab{n}.example", company=f"Lab {n}", account_owner=None)
        with here.services.begin() as session:
            session.scalars(select(Person).where(Person.slack_user_id == JONAS)).one().active = False
        here.deliver()
        with here.services.reading() as session:
            waiting = session.scalars(select(Offer).where(Offer.answer == "pending")).all()
            holders = {made.person_id for made in waiting}
            gone = session.scalars(select(Person.id).where(Person.slack_user_id == JONAS)).one()
        assert len(waiting) == 8 and gone not in holders


def test_a_company_may_keep_a_card_for_every_lead(sqlite_url: str, clock: TurnedClock) -> None:
    cards = POLICY.model_copy(update={"queue": POLICY.queue.model_copy(update={"from_unanswered": 1000})})
    with world(sqlite_url, clock, cards) as here:
        leads(here, 9)
        here.deliver()
        assert len(rang(here)) == 9


def test_take_five_tapped_twice_takes_five(here: World) -> None:
    leads(here, 12)
    queue(here)
    ts = here.cards(LIAM)[-1]["ts"]
    here.slack.tap(LIAM, "D04", ts, TAKE)
    here.slack.tap(LIAM, "D04", ts, TAKE)  # another tap on the same button: the phone was slow
    assert answers(here).count("accepted") == 5


def test_it_does_not_ring_again_for_what_it_rang_for(here: World) -> None:
    leads(here, 7)
    here.deliver()
    here.clock.advance(minutes=20)
    leads(here, 1, begin=7)
    here.deliver()
    with here.services.reading() as session:
        newest = session.scalars(select(Offer).order_by(Offer.id.desc())).first()
    assert newest is not None
    here.slack.command(LIAM, "/lead", "show 8")
    here.tap(LIAM, ACCEPT)
    here.clock.advance(minutes=50)
    here.deliver()
    assert len(rang(here)) == 1


def test_a_hot_lead_and_one_taken_away_show_in_the_queue(here: World) -> None:
    leads(here, 8)
    queue(here)
    here.lead(
        external_id="hot", email="hot@lab.example", company="Labor Heiß", country="Ireland",
        touches=[{"kind": "demo_request", "asset": "CellScan"}],
    )  # fmt: skip
    assert "*9 leads wait" in queue(here)
    here.lead(external_id="crm-3", email="n3@lab3.example", country="Ireland", consent={"do_not_contact": True})
    assert "*8 leads wait" in queue(here)
