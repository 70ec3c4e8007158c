"""The jobs of the clock: run twice, nothing happens twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy.exc import OperationalError

from bot.leads.rules import Stage
from bot.leads.tables import Lead, Offer
from jobs.deliver import deliver, deliver_with
from jobs.returns import bring_back
from jobs.scheduler import guarded
from tests.conftest import TurnedClock
from tests.leads.test_receive import IRELAND, LIAM, Office, anywhere, office
from tests.world import at, words, world

__all__ = ["anywhere", "office"]  # fixtures


def put_off(office: Office, number: int = 1, day: date = date(2026, 12, 7)) -> int:
    got = office.receive(external_id=f"{number}", email=f"{number}@x.example", **IRELAND)
    office.reject(office.offers(got.lead_id)[0].id, LIAM, "not_now", return_on=day)
    return got.lead_id


def test_a_lead_returns_on_its_day_and_once(anywhere: Office) -> None:
    lead_id = put_off(anywhere)
    anywhere.clock.turn_to(at("2026-12-07T07:59:59Z"))
    assert bring_back(anywhere.services) == 0
    anywhere.clock.turn_to(at("2026-12-07T08:00:00Z"))
    assert bring_back(anywhere.services) == 1
    assert anywhere.lead(lead_id).stage == Stage.MQL
    assert [o.answer for o in anywhere.offers(lead_id)] == ["rejected", "pending"]
    before = anywhere.everything()
    assert bring_back(anywhere.services) == 0
    assert anywhere.everything() == before
    assert anywhere.verbs(lead_id)[-2:] == ["returned", "offered"]


def test_two_workers_at_once_bring_a_lead_back_once(anywhere: Office) -> None:
    for number in range(4):
        put_off(anywhere, number)
    anywhere.clock.turn_to(at("2026-12-08T09:00:00Z"))
    counted: list[int] = []
    threads = [threading.Thread(target=lambda: counted.append(bring_back(anywhere.services))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(counted) == 4
    assert len(anywhere.all(Offer)) == 8


def test_a_lead_whose_answer_was_undone_does_not_return(office: Office) -> None:
    lead_id = put_off(office)
    office.undo(1, LIAM)
    office.clock.turn_to(at("2026-12-08T09:00:00Z"))
    assert bring_back(office.services) == 0
    assert len(office.offers(lead_id)) == 1


def test_many_that_return_at_once_come_in_turns_of_a_hundred(office: Office) -> None:
    lead_id = put_off(office)
    with office.services.begin() as session:
        first = session.get_one(Lead, lead_id)
        same = {c.name: getattr(first, c.name) for c in Lead.__table__.columns if c.name != "id"}
        session.add_all(Lead(**same) for _ in range(149))
    office.clock.turn_to(at("2026-12-08T09:00:00Z"))
    assert [bring_back(office.services) for _ in range(3)] == [100, 50, 0]


def test_a_returned_lead_reaches_a_rep_as_a_new_message(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock) as here:
        here.lead(**IRELAND)
        here.deliver()
        here.tap("U04", "lead_reject")
        here.slack.tap_in_view("U04", "lead_reject_reason", selected_option="not_now")
        here.slack.submit("U04", lead_reject_date="2026-12-07")
        here.clock.turn_to(at("2026-12-07T16:00:00Z"))
        bring_back(here.services)
        here.deliver()
        cards = [m for user in ("U02", "U03", "U04", "U05", "U06") for m in here.cards(user)]
        assert len(cards) == 2
        assert sum("[Accept]" in words(card) for card in cards) == 1


def test_deliver_twice_sends_once(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock) as here:
        here.lead(**IRELAND)
        sender = here.services.sender()
        assert deliver(sender) == 4
        assert deliver(sender) == 0
        assert len(here.slack.messages()) == 2


def test_deliver_stops_when_asked_to(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock) as here, ThreadPoolExecutor(1) as threads:
        here.lead(**IRELAND)
        stop = threading.Event()
        stop.set()
        assert deliver_with(here.services.sender(), threads, 1, stop) == 0
        assert here.slack.messages() == []
        assert deliver_with(here.services.sender(), threads, 1, threading.Event()) == 4


def test_a_worker_with_nothing_to_say_is_in_nobodys_way(sqlite_url: str, clock: TurnedClock) -> None:
    """It asks for no lock: somebody who holds the only one there is does not make it wait or fail."""
    with world(sqlite_url, clock) as here, ThreadPoolExecutor(1) as threads:
        sender, stop = here.services.sender(), threading.Event()
        with here.services.begin() as session:
            session.connection()  # now it holds the lock
            assert deliver_with(sender, threads, 1, stop) == 0
        here.lead(**IRELAND)
        with here.services.begin() as session, pytest.raises(OperationalError, match="locked"):
            session.connection()
            deliver_with(sender, threads, 1, stop)


def test_a_job_that_raises_is_ticked_again() -> None:
    ticks: list[int] = []

    def job() -> None:
        ticks.append(1)
        raise RuntimeError("the database is away")

    run = guarded("job", job)
    run()
    run()
    assert len(ticks) == 2
    with pytest.raises(RuntimeError):
        job()
