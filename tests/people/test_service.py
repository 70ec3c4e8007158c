"""Finding people, knowing when they work, and whom the pilot lets messages reach."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot import store
from bot.leads.tables import Offer
from bot.outbox import service as outbox
from bot.outbox.rules import State
from bot.outbox.service import Draft
from bot.outbox.templates import Subject
from bot.people import roster, service
from bot.people.roster import Member, RosterRow
from bot.people.tables import Person
from config.policy import Policy
from tests.conftest import MONDAY_9, TurnedClock
from tests.world import ROOT, World, changed, world

POLICY = Policy.load(ROOT / "config" / "policy.toml")


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with store.begin(engine) as begun:
        yield begun


def add(session: Session, name: str = "jonas", zone: str = "Europe/Berlin", **said: Any) -> Person:
    told = {"name": name.title(), "email": f"{name}@helix.example", "team": "sales", "roles": "rep", **said}
    roster.write(session, [(RosterRow.model_validate(told), Member(f"U-{name}", "T01", zone, is_guest=False))])
    session.expire_all()
    found = service.by_email(session, told["email"])
    assert found is not None
    return found


def hours(person: Person, begins: datetime, policy: Policy = POLICY) -> list[int]:
    """The full hours of the next day, in UTC, at which a person works."""
    calendar = service.calendar_of(person, policy, begins)
    return [h for h in range(24) if calendar.is_open(begins.replace(hour=0) + timedelta(hours=h))]


# -- finding ----------------------------------------


def test_a_slack_user_is_found_in_their_workspace_only(session: Session) -> None:
    jonas = add(session)
    assert service.at_slack(session, "T01", "U-jonas").id == jonas.id
    with pytest.raises(service.Stranger):
        service.at_slack(session, "T01", "U-dana")
    with pytest.raises(service.Outsider):
        service.at_slack(session, "T02", "U-jonas")


def test_a_stranger_is_told_whom_to_ask(session: Session) -> None:
    add(session, "petra", roles="administrator;manager")
    add(session)
    with pytest.raises(service.Stranger) as caught:
        service.at_slack(session, "T01", "U-nobody")
    assert caught.value.administrators == ["Petra"]


def test_who_left_is_a_stranger(session: Session) -> None:
    jonas = add(session)
    jonas.active = False
    session.flush()
    assert service.by_email(session, "jonas@helix.example") is None
    with pytest.raises(service.Stranger):
        service.at_slack(session, "T01", "U-jonas")
    assert service.address(session, f"person:{jonas.id}", POLICY).unreachable == "person_inactive"


def test_an_email_is_found_however_it_is_written(session: Session) -> None:
    assert service.by_email(session, "Jonas@Helix.EXAMPLE") is None
    jonas = add(session)
    found = service.by_email(session, "Jonas@Helix.EXAMPLE")
    assert found is not None
    assert found.id == jonas.id


# -- hours ----------------------------------------


def test_hours_of_ones_own_go_before_a_calendar_before_the_default(session: Session) -> None:
    everyday = add(session)
    inside = add(session, "dana", calendar="inside")
    own = add(session, "liam", calendar="inside", hours="Mon 10-12")
    assert hours(everyday, MONDAY_9) == list(range(7, 16)), "8 to 17 in Berlin"
    assert hours(inside, MONDAY_9) == [7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "8:00 to 12:30 and 13:00 to 18:00"
    assert hours(own, MONDAY_9) == [9, 10]


def test_a_team_has_hours_for_whom_the_list_names_none(session: Session) -> None:
    policy = changed(POLICY, team_calendars={"sales": "inside"})
    inside = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    assert hours(add(session), MONDAY_9, policy) == inside
    assert hours(add(session, "dana", calendar="field"), MONDAY_9, policy) == list(range(7, 16))
    assert hours(add(session, "ana", team="marketing", roles="marketer"), MONDAY_9, policy) == list(range(7, 16))


def test_a_calendar_that_the_policy_no_longer_has_is_the_default(session: Session) -> None:
    jonas = add(session, calendar="inside")
    jonas.calendar = "abolished"
    assert hours(jonas, MONDAY_9) == list(range(7, 16))


def test_hours_are_those_of_the_zone_of_the_person(session: Session) -> None:
    assert hours(add(session, zone="Europe/London"), MONDAY_9) == list(range(8, 17))


def test_nobody_works_on_holidays_or_while_away(session: Session) -> None:
    jonas = add(session, away_from="2026-11-24", away_until="2026-11-25")
    assert hours(jonas, datetime(2026, 11, 24, tzinfo=UTC)) == []
    assert hours(jonas, datetime(2026, 11, 26, tzinfo=UTC)) == list(range(7, 16))
    assert hours(jonas, datetime(2026, 12, 24, tzinfo=UTC)) == [], "a day of the company"
    assert hours(jonas, datetime(2026, 12, 25, tzinfo=UTC)) == [], "a public holiday"


def test_an_absence_ends_with_its_last_day(session: Session) -> None:
    jonas = add(session, away_from="2026-11-24", away_until="2026-11-24")
    begins, ends = datetime(2026, 11, 23, 23, tzinfo=UTC), datetime(2026, 11, 24, 23, tzinfo=UTC)
    moments = (begins - timedelta(seconds=1), begins, ends - timedelta(seconds=1), ends)
    assert [service.absence_at(jonas, at) is not None for at in moments] == [False, True, True, False]


# -- the pilot ----------------------------------------


def in_pilot(*emails: str) -> Policy:
    return POLICY.model_copy(update={"pilot": emails})


def test_the_pilot_decides_who_is_reached(session: Session) -> None:
    jonas, dana = add(session), add(session, "dana")
    policy = in_pilot("jonas@helix.example")
    targets = (f"person:{jonas.id}", f"person:{dana.id}", "channel:#leads", "user:U77")
    assert [service.address(session, t, policy).held for t in targets] == [False, True, True, True]
    assert [service.address(session, t, POLICY).held for t in targets] == [False] * 4
    assert service.address(session, targets[0], policy).user == "U-jonas"


@pytest.fixture
def piloted(sqlite_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(sqlite_url, clock, in_pilot("jonas@helix.example", "petra@helix.example")) as made:
        yield made


def states(w: World) -> dict[str, int]:
    with w.services.reading() as session:
        return outbox.counts(session)


def test_the_rest_is_held_and_released_when_the_pilot_grows(piloted: World) -> None:
    w = piloted
    for n in range(4):
        w.lead(external_id=f"crm-{n}", email=f"lead-{n}@example.org", company=f"Lab {n}")
    w.deliver()
    with w.services.reading() as session:
        offered = session.scalars(select(Offer.person_id)).all()
    assert len(set(offered)) == 2, "two reps take turns, one of them in the pilot"
    assert len(w.cards("U02")) == 2
    assert w.slack.notifications("U03") == []
    assert w.messages("U01", "C01") == []
    held = states(w)[State.HELD]
    assert states(w)[State.SENT] == 2

    with w.services.begin() as session:
        hello = Draft("user:U91", "reply", Subject("note", 0), "hello", facts={"text": "Hello"})
        outbox.enqueue(session, hello, w.clock.now())
    assert w.services.put_policy_in_force(in_pilot("jonas@helix.example", "dana@helix.example"))
    w.deliver()
    assert len(w.cards("U03")) == 2
    assert len(w.cards("U02")) == 2, "nothing is said twice"
    assert states(w)[State.HELD] == held - 2 + 1, "channel lines and somebody unknown still wait"

    assert w.services.put_policy_in_force(POLICY)
    w.clock.advance(hours=1)
    w.deliver()
    assert set(states(w)) == {State.SENT}
    assert len(w.messages("U01", "C01")) >= 1
