"""What happened is written once, in codes; the rules it happened under are kept with it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from bot.journal.service import (
    OPERATOR,
    SEEN_FOR,
    SYSTEM,
    Actor,
    ActorKind,
    first_time,
    judge,
    put_in_force,
    record,
    rules_in_force,
)
from bot.journal.tables import JournalEntry, Judgement, PolicyVersion, SeenRequest, entries_of
from bot.store import begin, reading
from tests.conftest import MONDAY_9
from tests.leads.test_receive import IRELAND, LIAM, Office, office, policy_with

__all__ = ["office"]  # a fixture
NOW = MONDAY_9


def test_a_policy_is_put_in_force_once(engine: Engine) -> None:
    with begin(engine) as session:
        assert put_in_force(session, policy_with(), NOW)
        assert not put_in_force(session, policy_with(), NOW + timedelta(days=1))
        assert put_in_force(session, policy_with(undo_minutes=7), NOW + timedelta(days=2))
        assert rules_in_force(session).policy.undo_minutes == 7
        assert put_in_force(session, policy_with(), NOW + timedelta(days=3)), "back to the earlier rules"
    with reading(engine) as session:
        rules = rules_in_force(session)
        assert (rules.policy, rules.version_id) == (policy_with(), 3)
        assert len(session.scalars(select(PolicyVersion)).all()) == 3


def test_no_policy_in_force_says_what_to_do(engine: Engine) -> None:
    with reading(engine) as session, pytest.raises(LookupError, match="tandem db upgrade"):
        rules_in_force(session)


def test_a_request_is_new_once_and_forgotten_after_two_days(engine: Engine) -> None:
    with begin(engine) as session:
        assert first_time(session, "event:1", NOW)
        assert not first_time(session, "event:1", NOW + timedelta(hours=47))
        assert first_time(session, "event:2", NOW)
        assert first_time(session, "event:3", NOW + SEEN_FOR + timedelta(seconds=1))
    with reading(engine) as session:
        assert session.scalars(select(SeenRequest.key)).all() == ["event:3"]


def test_a_request_whose_work_was_undone_is_still_new(engine: Engine) -> None:
    with pytest.raises(RuntimeError), begin(engine) as session:
        first_time(session, "event:1", NOW)
        raise RuntimeError
    with begin(engine) as session:
        assert first_time(session, "event:1", NOW)


def test_an_entry_says_when_who_what_and_in_which_request(engine: Engine) -> None:
    earlier = NOW - timedelta(days=300)
    with begin(engine) as session:
        record(session, Actor(ActorKind.PERSON, 4, "r1"), "accepted", ("lead", 9), NOW, {"offer": 2})
        record(session, OPERATOR, "received", ("lead", 9), NOW, occurred_at=earlier)
        record(session, SYSTEM, "offered", ("lead", 8), NOW)
    with reading(engine) as session:
        first, second = session.scalars(entries_of("lead", 9)).all()
    assert (first.actor_kind, first.actor_id, first.request_id, first.facts) == ("person", 4, "r1", {"offer": 2})
    assert (second.occurred_at, second.recorded_at, second.actor_kind) == (earlier, NOW, "operator")


def test_what_did_not_happen_is_not_written(engine: Engine) -> None:
    with pytest.raises(RuntimeError), begin(engine) as session:
        record(session, SYSTEM, "offered", ("lead", 8), NOW)
        raise RuntimeError
    with reading(engine) as session:
        assert session.scalars(select(JournalEntry)).all() == []


def test_a_judgement_is_kept_with_the_version_of_its_rules(engine: Engine) -> None:
    with begin(engine) as session:
        put_in_force(session, policy_with(), NOW)
        judge(session, "route", ("lead", 1), rules_in_force(session), {"saw": "ä"}, {"person": 2}, NOW)
    with reading(engine) as session:
        kept = session.scalars(select(Judgement)).one()
    assert (kept.inputs, kept.outcome, kept.policy_version_id) == ({"saw": "ä"}, {"person": 2}, 1)


def test_the_journal_of_a_leads_life_holds_codes_and_nobodys_name(office: Office) -> None:
    got = office.receive(**IRELAND)
    office.reject(1, LIAM, "other", sentence="Dr. Weber moved to Bern")
    office.undo(1, LIAM)
    office.accept(1, LIAM)
    office.undo(1, LIAM)
    office.reject(1, LIAM, "not_now", sentence="Dr. Weber is away", return_on=date(2027, 1, 5))
    told = str([(e.verb, e.facts, e.request_id) for e in office.all(JournalEntry)])
    assert office.verbs(got.lead_id) == ["received", "offered", "rejected", "undone", "accepted", "undone", "rejected"]
    assert not [word for word in ("Weber", "Miriam", "5550", "example.org", "Bern", "Charité") if word in told]
