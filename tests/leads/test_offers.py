"""Offer, accept, reject, undo: who is asked, by when, and what became of each promise."""

import threading
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.journal.tables import JournalEntry, Judgement
from bot.leads import errors
from bot.leads.rules import Answer, Stage
from bot.leads.tables import Offer
from bot.outbox.tables import Message
from bot.sla.tables import Obligation
from jobs.returns import bring_back
from tests.conftest import TurnedClock
from tests.leads.test_receive import (
    ANA,
    DANA,
    IRELAND,
    JONAS,
    LIAM,
    MIA,
    NOAH,
    PETRA,
    Office,
    anywhere,
    office,
    policy_with,
)
from tests.world import at

__all__ = ["anywhere", "office"]  # fixtures
HOT = {"touches": [{"kind": "demo_request", "asset": "CellScan"}]}
ABROAD = {"country": "France"}  # nobody's territory: inside sales


def message_of(office: Office, offer_id: int) -> Message:
    return office.one(Message, subject_kind="offer", subject_id=offer_id, template="lead_card")


def wide_awake(office: Office) -> None:
    """Monday 15:00 UTC: London, Berlin and New York are all at work."""
    office.clock.turn_to(at("2026-11-23T15:00:00Z"))


# -- by when ----------------------------------------


@pytest.mark.parametrize(
    ("now", "said", "card_at", "answer_by"),
    [
        ("2026-11-23T09:00:00+00:00", IRELAND, "2026-11-23T09:00:00Z", "2026-11-23T17:00:00Z"),
        ("2026-11-23T16:00:00+00:00", IRELAND, "2026-11-23T16:00:00Z", "2026-11-24T15:00:00Z"),
        ("2026-11-28T12:00:00+00:00", IRELAND, "2026-11-30T08:00:00Z", "2026-11-30T16:00:00Z"),
        ("2026-12-23T16:30:00+00:00", IRELAND, "2026-12-23T16:30:00Z", "2026-12-28T15:30:00Z"),
        ("2026-11-27T16:55:00+00:00", {**IRELAND, **HOT}, "2026-11-27T16:55:00Z", "2026-11-30T08:10:00Z"),
    ],
    ids=["in the day", "over the night", "Saturday", "over Christmas and company days", "hot on Friday evening"],
)
def test_deadline_and_card_follow_the_persons_working_time(
    office: Office, now: str, said: Any, card_at: str, answer_by: str
) -> None:
    office.clock.turn_to(at(now))
    got = office.receive(**{"touches": [{"kind": "event", "asset": "the fair"}], **said})
    (made,) = office.offers(got.lead_id)
    assert (made.person_id, made.answer_by) == (LIAM, at(answer_by))
    assert message_of(office, made.id).not_before == at(card_at)
    promise: Obligation = office.one(Obligation)
    assert (promise.deadline_at, promise.owner_id, promise.kind) == (made.answer_by, LIAM, "answer")


def test_a_deadline_is_in_the_zone_of_whoever_is_asked(office: Office) -> None:
    wide_awake(office)
    got = [office.receive(external_id=n, email=f"{n}@x.example", **ABROAD).lead_id for n in "ab"]
    mine = [office.offers(lead_id)[0] for lead_id in got]
    due = {made.person_id: made.answer_by for made in mine}
    assert due == {MIA: at("2026-11-23T17:00:00Z"), NOAH: at("2026-11-24T08:00:00Z")}


def test_editing_the_policy_moves_no_running_deadline(office: Office) -> None:
    got = office.receive(**IRELAND)
    before = office.offers(got.lead_id)[0].answer_by
    quick = [{"promise": p, "minutes": 5} for p in ("answer", "first_contact")]
    office.services.put_policy_in_force(policy_with(targets=quick))
    assert office.offers(got.lead_id)[0].answer_by == before
    later = office.receive(external_id="2", email="2@x.example", **IRELAND)
    assert office.offers(later.lead_id)[0].answer_by == office.clock.now() + timedelta(minutes=5)


# -- who ----------------------------------------


def test_a_hot_lead_goes_to_somebody_on_shift(office: Office) -> None:
    got = [office.receive(external_id=f"{n}", email=f"{n}@x.example", **ABROAD, **HOT) for n in range(3)]
    assert [g.offered_to for g in got] == [NOAH] * 3, "in New York it is three in the morning"
    made = office.offers(got[0].lead_id)[0]
    assert message_of(office, made.id).priority < 5
    assert made.answer_by == office.clock.now() + timedelta(minutes=15)


def test_a_lead_that_is_not_hot_takes_turns_whoever_sleeps(office: Office) -> None:
    got = [office.receive(external_id=f"{n}", email=f"{n}@x.example", **ABROAD) for n in range(4)]
    assert Counter(g.offered_to for g in got) == {MIA: 2, NOAH: 2}


def test_the_owner_of_the_account_comes_first(office: Office) -> None:
    assert office.receive(account_owner="liam@helix.example").offered_to == LIAM
    assert office.receive(external_id="2", email="2@x.example").offered_to == LIAM


def test_the_fallback_takes_what_nobody_fits(engine: Engine, clock: TurnedClock) -> None:
    routing = {"fallback": "petra@helix.example"}
    office = Office.open(engine, clock, policy_with(routing=routing))
    got = office.receive()
    assert got.offered_to == PETRA
    assert [step["code"] for step in office.offers(got.lead_id)[0].route] == ["fallback"]


def test_over_capacity_is_nobody_asked(engine: Engine, clock: TurnedClock) -> None:
    office = Office.open(engine, clock, liam={"capacity": 2})
    got = [office.receive(external_id=f"{n}", email=f"{n}@x.example", **IRELAND) for n in range(3)]
    assert [g.offered_to for g in got] == [LIAM, LIAM, MIA]
    assert {"code": "full", "person": LIAM} in office.offers(got[2].lead_id)[0].route
    office.reject(1, LIAM, "no_budget")
    assert office.receive(external_id="9", email="9@x.example", **IRELAND).offered_to == LIAM


def test_who_is_away_is_not_asked_and_the_backup_of_an_account_is(engine: Engine, clock: TurnedClock) -> None:
    away = {"away_from": date(2026, 11, 23), "away_until": date(2026, 11, 24), "backup": "dana@helix.example"}
    office = Office.open(engine, clock, liam=away)
    got = office.receive(**IRELAND)
    assert got.offered_to in (MIA, NOAH)
    assert office.offers(got.lead_id)[0].route[1]["until"] == "2026-11-25T00:00:00+00:00"
    own = office.receive(external_id="2", email="2@x.example", company="UCD", account_owner="liam@helix.example")
    assert own.offered_to == DANA
    office.clock.turn_to(at("2026-11-25T09:00:00Z"))
    assert office.receive(external_id="3", email="3@x.example", company="X", **IRELAND).offered_to == LIAM


def test_who_gave_it_back_is_not_asked_again_at_once(office: Office) -> None:
    got = office.receive()
    assert got.offered_to == JONAS
    office.reject(1, JONAS, "not_my_territory")
    office.reject(2, DANA, "not_my_territory")
    asked = [made.person_id for made in office.offers(got.lead_id)]
    assert asked[:2] == [JONAS, DANA]
    assert asked[2] in (MIA, NOAH)
    assert {"code": "gave_back", "person": JONAS} in office.offers(got.lead_id)[2].route


# -- accept ----------------------------------------


def test_accept_keeps_the_promise_and_opens_the_next(anywhere: Office) -> None:
    got = anywhere.receive(**IRELAND)
    anywhere.clock.advance(minutes=20)
    made = anywhere.accept(1, LIAM)
    lead = anywhere.lead(got.lead_id)
    assert (lead.stage, lead.owner_id, made.answer) == (Stage.SAL, LIAM, Answer.ACCEPTED)
    assert anywhere.outcomes(got.lead_id) == {("answer", 1): "met", ("first_contact", 1): None}
    assert made.contact_by == anywhere.one(Obligation, kind="first_contact").deadline_at
    assert made.contact_by == at("2026-11-24T15:20:00Z")
    assert anywhere.verbs(got.lead_id) == ["received", "offered", "accepted"]


def test_an_answer_after_its_deadline_is_late_and_counts(office: Office) -> None:
    got = office.receive(**IRELAND)
    office.clock.turn_to(at("2026-11-24T09:00:00Z"))
    office.accept(1, LIAM)
    assert office.outcomes(got.lead_id)["answer", 1] == "missed"


def test_an_answer_at_its_deadline_is_in_time(office: Office) -> None:
    got = office.receive(**IRELAND)
    office.clock.turn_to(office.offers(got.lead_id)[0].answer_by)
    office.reject(1, LIAM, "no_budget")
    assert office.outcomes(got.lead_id) == {("answer", 1): "met", ("review", 1): None}


def test_only_the_one_asked_and_their_manager_may_answer(office: Office) -> None:
    office.receive(**IRELAND)
    for who in (JONAS, ANA, MIA):
        with pytest.raises(errors.NotYours, match="Liam Walsh"):
            office.accept(1, who)
        with pytest.raises(errors.NotYours):
            office.reject(1, who, "no_budget")
        with pytest.raises(errors.NotYours):
            office.undo(1, who)
    made = office.accept(1, PETRA)
    assert (made.person_id, made.answered_by_id) == (LIAM, PETRA)
    entry: JournalEntry = office.one(JournalEntry, verb="accepted")
    assert (entry.actor_kind, entry.actor_id) == ("person", PETRA)


def test_what_was_answered_tells_who_was_first(office: Office) -> None:
    office.receive(**IRELAND)
    office.accept(1, PETRA)
    before = office.everything()
    with pytest.raises(errors.TooLate) as late:
        office.accept(1, LIAM)
    assert (late.value.answer, late.value.by, late.value.mine) == ("accepted", "Petra Sommer", False)
    with pytest.raises(errors.TooLate):
        office.reject(1, LIAM, "no_budget")
    assert office.everything() == before


def test_an_offer_there_is_not(office: Office) -> None:
    with pytest.raises(errors.NoSuchOffer):
        office.accept(7, LIAM)


# -- reject ----------------------------------------


def test_wrong_territory_is_routed_again_at_once(anywhere: Office) -> None:
    got = anywhere.receive(**IRELAND)
    anywhere.reject(1, LIAM, "not_my_territory")
    first, second = anywhere.offers(got.lead_id)
    assert (first.answer, second.answer, second.round) == (Answer.REJECTED, Answer.PENDING, 2)
    assert anywhere.lead(got.lead_id).owner_id == second.person_id != LIAM
    assert anywhere.outcomes(got.lead_id) == {("answer", 1): "met", ("answer", 2): None}
    told = anywhere.one(JournalEntry, verb="rejected").facts
    assert (told["reason"], told["class"]) == ("not_my_territory", "procedural")


def test_wrong_data_goes_to_marketing_after_the_time_to_undo(office: Office) -> None:
    got = office.receive(**IRELAND)
    office.reject(1, LIAM, "bad_contact", sentence="Nobody there")
    asks: Message = office.one(Message, template="data_needed")
    assert asks.not_before == office.clock.now() + timedelta(minutes=5)
    lead = office.lead(got.lead_id)
    assert (lead.stage, lead.owner_id, lead.awaits_data) == (Stage.REJECTED, None, True)
    assert office.outcomes(got.lead_id) == {("answer", 1): "met", ("data", 1): None}


def test_no_budget_stays_with_its_reason(office: Office) -> None:
    got = office.receive(**IRELAND)
    made = office.reject(1, LIAM, "no_budget", sentence="Next year")
    lead = office.lead(got.lead_id)
    assert (lead.stage, lead.owner_id, lead.returns_at) == (Stage.REJECTED, None, None)
    assert (made.reason, made.sentence) == ("no_budget", "Next year")
    assert "Next year" not in str([e.facts for e in office.all(JournalEntry)]), "the journal holds codes only"


@pytest.mark.parametrize(
    ("day", "returns_at"),
    [(date(2027, 7, 1), "2027-07-01T07:00:00Z"), (None, "2027-02-21T08:00:00Z")],
    ids=["on the day chosen, in summer time", "after the days agreed"],
)
def test_not_now_returns_in_the_persons_morning(office: Office, day: date | None, returns_at: str) -> None:
    got = office.receive(**IRELAND)
    office.reject(1, LIAM, "not_now", return_on=day)
    lead = office.lead(got.lead_id)
    assert (lead.stage, lead.returns_at, lead.owner_id) == (Stage.RECYCLED, at(returns_at), None)


def test_not_now_goes_back_to_the_one_who_said_later(office: Office) -> None:
    """They did not give it up: they asked for it at another time, and it is their territory."""
    got = office.receive(**IRELAND)
    office.reject(1, LIAM, "not_now", return_on=date(2027, 2, 1))
    office.clock.turn_to(at("2027-02-01T09:00:00Z"))
    bring_back(office.services)
    assert office.lead(got.lead_id).owner_id == LIAM


# -- undo ----------------------------------------


def test_undo_of_an_accept_puts_everything_back(anywhere: Office) -> None:
    got = anywhere.receive(**IRELAND)
    before = anywhere.offers(got.lead_id)[0].answer_by
    anywhere.accept(1, LIAM)
    anywhere.clock.advance(minutes=4, seconds=59)
    made = anywhere.undo(1, LIAM)
    assert (made.answer, made.answer_by, made.contact_by, made.undo_until) == (Answer.PENDING, before, None, None)
    assert anywhere.outcomes(got.lead_id) == {("answer", 1): None, ("first_contact", 1): "cancelled"}
    assert (anywhere.lead(got.lead_id).stage, anywhere.lead(got.lead_id).owner_id) == (Stage.MQL, LIAM)
    anywhere.clock.advance(minutes=30)
    anywhere.accept(1, LIAM)
    assert anywhere.outcomes(got.lead_id) == {("answer", 1): "met", ("first_contact", 1): None}
    assert anywhere.one(Obligation, kind="first_contact").opened_at == anywhere.clock.now()


@pytest.mark.parametrize("reason", ["no_budget", "bad_contact", "not_now", "duplicate", "other", "not_my_territory"])
def test_undo_of_every_kind_of_reject_puts_everything_back(office: Office, reason: str) -> None:
    got = office.receive(**IRELAND)
    office.reject(1, LIAM, reason, sentence="x")
    office.clock.advance(minutes=2)
    made = office.undo(1, LIAM)
    lead = office.lead(got.lead_id)
    assert (made.answer, made.reason, made.sentence) == (Answer.PENDING, None, None)
    assert (lead.stage, lead.owner_id, lead.round) == (Stage.MQL, LIAM, 1)
    assert (lead.returns_at, lead.awaits_data) == (None, False)
    assert office.outcomes(got.lead_id)["answer", 1] is None
    office.accept(1, LIAM)
    assert office.lead(got.lead_id).stage == Stage.SAL


def test_undo_takes_the_lead_back_from_whoever_has_it_now(anywhere: Office) -> None:
    got = anywhere.receive()
    anywhere.reject(1, JONAS, "not_my_territory")
    anywhere.undo(1, JONAS)
    first, second = anywhere.offers(got.lead_id)
    assert (first.answer, second.answer, second.reason) == (Answer.PENDING, Answer.WITHDRAWN, "taken_back")
    assert anywhere.outcomes(got.lead_id) == {("answer", 1): None, ("answer", 2): "cancelled"}
    with pytest.raises(errors.TooLate) as late:
        anywhere.accept(2, DANA)
    assert late.value.now_with == "Jonas Brandt"
    anywhere.reject(1, JONAS, "not_my_territory")
    assert [o.round for o in anywhere.offers(got.lead_id)] == [1, 2, 3]
    assert anywhere.offers(got.lead_id)[2].person_id == DANA


def test_undo_is_refused_when_the_next_one_took_it(office: Office) -> None:
    got = office.receive()
    office.reject(1, JONAS, "not_my_territory")
    office.accept(2, DANA)
    before = office.everything()
    with pytest.raises(errors.AlreadyTaken, match="Dana Fischer"):
        office.undo(1, JONAS)
    assert office.everything() == before
    assert office.lead(got.lead_id).owner_id == DANA


def test_undo_after_five_minutes_is_over(office: Office) -> None:
    office.receive(**IRELAND)
    office.accept(1, LIAM)
    office.clock.advance(minutes=5)
    with pytest.raises(errors.UndoOver):
        office.undo(1, LIAM)
    assert office.one(Offer).answer == Answer.ACCEPTED


def test_undo_of_what_was_not_answered(office: Office) -> None:
    office.receive(**IRELAND)
    with pytest.raises(errors.TooLate):
        office.undo(1, LIAM)


def test_undo_after_the_deadline_leaves_the_promise_open_and_then_late(office: Office) -> None:
    got = office.receive(**IRELAND)
    office.clock.turn_to(office.offers(got.lead_id)[0].answer_by - timedelta(minutes=1))
    office.accept(1, LIAM)
    office.clock.advance(minutes=3)
    office.undo(1, LIAM)
    assert office.outcomes(got.lead_id)["answer", 1] is None
    office.accept(1, LIAM)
    assert office.outcomes(got.lead_id)["answer", 1] == "missed"


# -- at once ----------------------------------------


def at_once(*acts: Any) -> list[BaseException | None]:
    """Do all at the same moment; what each raised."""
    ready, raised = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Any) -> None:
        ready.wait(10)
        try:
            act()
        except Exception as error:
            raised[number] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def test_of_an_accept_and_a_reject_at_once_exactly_one_wins(anywhere: Office) -> None:
    for number in range(1, 7):
        got = anywhere.receive(external_id=f"{number}", email=f"{number}@x.example", **IRELAND)
        (made,) = anywhere.offers(got.lead_id)
        raised = at_once(
            lambda i=made.id: anywhere.accept(i, LIAM),
            lambda i=made.id: anywhere.reject(i, PETRA, "no_budget"),
        )
        assert [type(r) for r in raised].count(type(None)) == 1
        assert {type(r) for r in raised} == {type(None), errors.TooLate}
        lead, answer = anywhere.lead(got.lead_id), anywhere.offers(got.lead_id)[0].answer
        assert (answer, lead.stage) in ((Answer.ACCEPTED, Stage.SAL), (Answer.REJECTED, Stage.REJECTED))
        assert sum(verb in ("accepted", "rejected") for verb in anywhere.verbs(got.lead_id)) == 1


def test_of_an_undo_and_the_next_ones_accept_at_once_exactly_one_wins(anywhere: Office) -> None:
    for number in range(1, 5):
        got = anywhere.receive(external_id=f"{number}", email=f"{number}@x.example")
        (first,) = anywhere.offers(got.lead_id)
        anywhere.reject(first.id, first.person_id, "not_my_territory")
        second = anywhere.offers(got.lead_id)[1]
        raised = at_once(
            lambda a=first: anywhere.undo(a.id, a.person_id), lambda b=second: anywhere.accept(b.id, b.person_id)
        )
        assert [r is None for r in raised].count(True) == 1
        assert all(r is None or isinstance(r, errors.LeadsError) for r in raised)
        lead = anywhere.lead(got.lead_id)
        expected = (first.person_id, Stage.MQL) if raised[0] is None else (second.person_id, Stage.SAL)
        assert (lead.owner_id, lead.stage) == expected


def test_two_leads_at_once_take_two_turns(anywhere: Office) -> None:
    raised = at_once(
        *[lambda n=n: anywhere.receive(external_id=f"{n}", email=f"{n}@x.example", **ABROAD) for n in range(6)]
    )
    assert raised == [None] * 6
    assert Counter(made.person_id for made in anywhere.all(Offer)) == {MIA: 3, NOAH: 3}


def test_the_same_lead_twice_at_once_is_one_lead(anywhere: Office) -> None:
    raised = at_once(*[lambda: anywhere.receive(**IRELAND) for _ in range(4)])
    assert raised == [None] * 4
    assert len(anywhere.all(Offer)) == 1


# -- replay ----------------------------------------


def test_a_route_is_kept_with_everything_it_saw(office: Office) -> None:
    got = office.receive()
    kept: Judgement = office.one(Judgement, kind="route")
    assert kept.outcome["person"] == got.offered_to
    assert {c["id"] for c in kept.inputs["candidates"]} == set(range(1, 8))
    assert kept.inputs["pools"]["territory:DACH"] == [0, 0, {}]
    assert kept.inputs["facts"]["country"] == "Germany"
