"""How often Tandem rings: the day's budget, company, working hours, quiet, the morning brief, and what was acted on."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.outbox import calm as pings_of
from bot.outbox import notes
from bot.outbox import service as outbox
from bot.outbox.tables import Ping
from bot.people.tables import Person
from tests.conftest import TurnedClock
from tests.sla.kit import ANA, DANA, JONAS, PETRA, calm, choose, lead_for, newest, owed, pings, rang
from tests.world import World, changed, world

DEMO = [{"kind": "demo_request", "asset": "CellScan", "at": "2026-11-23T07:59:00Z"}]


def test_what_goes_over_the_days_budget_joins_one_bundle_within_the_hour(database_url: str, clock: TurnedClock) -> None:
    """Four a day for somebody in the field. The fifth to seventh are due before tomorrow's brief: one bundle at ten."""
    policy = calm(pings=pings(4))
    policy = changed(policy, queue=policy.queue.model_copy(update={"from_unanswered": 100}))
    with world(database_url, clock, policy) as here:
        here.tick()
        for number in range(7):
            lead_for(here, "jonas", number)
            here.tick()
        assert len(rang(here, JONAS)) == 4
        here.pass_time("2026-11-23T09:01:00+00:00")
        assert rang(here, JONAS)[4:] == ["Mon 10:00 3 leads need your answer by Tue 08:00."]
        assert newest(here, JONAS).splitlines()[:3] == [
            "*3 leads need your answer*",
            "*Tue 08:00* Answer: Doctor 4, Lab 4",
            "Read the CellScan price guide",
        ]
        here.tap(JONAS, "lead_accept", block_id="card-5")
        here.tick()
        assert "✓ Yours since Mon 10:01" in newest(here, JONAS)


def test_warnings_count_as_well(sqlite_url: str, clock: TurnedClock) -> None:
    """Two a day: two cards are all; six warnings of the afternoon come in two bundles, an hour apart."""
    with world(sqlite_url, clock, calm(pings=pings(2))) as here:
        here.tick()
        for number in range(6):
            lead_for(here, "jonas", number)
            here.tick()
            here.clock.advance(minutes=7)
        here.pass_time("2026-11-23T16:00:00+00:00")
        told = rang(here, JONAS)
        assert len(told) <= 6, told
        late = [line for line in told if "Past the agreed time" in line]
        assert len([line for line in told[2:] if line not in late]) <= 3, told


def test_what_can_wait_waits_for_the_brief(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock, calm(pings=pings(1))) as here:
        here.tick()
        lead_for(here, "jonas")
        here.tick()
        with here.services.begin() as session:
            notes.tell(session, outbox.person(2), "The price list is new.", "news", clock.now(), clock.now())
        here.pass_time("2026-11-24T07:01:00+00:00", 30)
        told = rang(here, JONAS)
        assert [line for line in told if "price list" in line] == []
        assert told[-1].startswith("Tue 08:00 Your Tuesday: ")
        assert "The price list is new." in newest(here, JONAS)


def test_hot_leads_and_what_is_past_its_time_are_outside_the_budget(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock, calm(pings=pings(1))) as here:
        here.tick()
        lead_for(here, "jonas", 1)
        here.tick()
        lead_for(here, "jonas", 2, touches=DEMO)
        here.pass_time("2026-11-23T08:30:00+00:00", 1)
        assert [line[4:9] for line in rang(here, JONAS)] == ["09:00", "09:01", "09:12", "09:15"]


def test_an_answer_to_a_tap_is_never_held_back(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock, calm(pings=pings(1))) as here:
        here.tick()
        lead_for(here, "jonas")
        here.tick()
        here.slack.say(JONAS, "hello")
        here.tick()
        assert len(rang(here, JONAS)) == 2


def test_the_budget_begins_anew_with_the_readers_day(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock, calm(pings=pings(1), morning_brief=False)) as here:
        here.tick()
        lead_for(here, "jonas", 1)
        here.tick()
        here.pass_time("2026-11-24T09:00:00+00:00", 60)
        before = len(rang(here, JONAS))
        lead_for(here, "jonas", 2)
        here.tick()
        assert len(rang(here, JONAS)) == before + 1


def test_nothing_rings_at_night_and_what_came_meanwhile_is_one_brief(here: World) -> None:
    """Two leads by night, and one that waits since yesterday: one message at eight, the first due first."""
    lead_for(here, "jonas", 1)
    here.tick()
    here.pass_time("2026-11-23T19:00:00+00:00", 30)
    before = len(rang(here, JONAS))
    lead_for(here, "jonas", 2)
    here.tick()
    lead_for(here, "jonas", 3)
    here.pass_time("2026-11-24T07:02:00+00:00", 7)
    assert rang(here, JONAS)[before:] == ["Tue 08:01 Your Tuesday: 3 things, first since Mon 17:00."]
    told = newest(here, JONAS).splitlines()
    assert told[0] == "*Good morning, Jonas. 3 today.*"
    assert [line for line in told if "* Answer: " in line] == [
        "*Since Mon 17:00* Answer: Doctor 1, Lab 1",
        "*Tue 16:00* Answer: Doctor 2, Lab 2",
        "*Tue 16:00* Answer: Doctor 3, Lab 3",
    ]
    assert told[-1] == "[Quiet until…]"


def test_a_day_without_anything_due_has_no_brief(here: World) -> None:
    here.pass_time("2026-11-26T09:00:00+00:00", 60)
    assert rang(here, JONAS) == rang(here, PETRA) == rang(here, ANA) == []


def test_a_lead_alone_by_night_is_a_brief_of_one(here: World) -> None:
    here.pass_time("2026-11-23T19:00:00+00:00", 60)
    lead_for(here, "jonas")
    here.pass_time("2026-11-24T07:02:00+00:00", 7)
    assert rang(here, JONAS) == ["Tue 08:01 Your Tuesday: 1 thing, first by 16:00."]


def test_when_quiet_is_over_early_what_waited_comes_at_once(here: World) -> None:
    here.slack.command(JONAS, "/tandem", "quiet 4h")
    lead_for(here, "jonas", 1)
    here.tick()
    assert rang(here, JONAS) == []
    here.clock.advance(minutes=10)
    here.slack.command(JONAS, "/tandem", "quiet off")
    here.tick()
    assert len(rang(here, JONAS)) == 1


def test_days_off_that_are_said_before_the_day_begins_cost_no_brief(here: World) -> None:
    here.tick()
    here.clock.turn_to(datetime.fromisoformat("2026-11-23T14:00:00+00:00"))
    lead_for(here, "jonas", 1)  # due on Tuesday
    here.tick()
    here.clock.turn_to(datetime.fromisoformat("2026-11-24T05:30:00+00:00"))
    here.tick()
    here.slack.command(JONAS, "/tandem", "out 2026-12-14..2026-12-18")
    here.pass_time("2026-11-24T07:10:00+00:00", 5)
    assert "Good morning, Jonas" in newest(here, JONAS)


def test_quiet_means_no_messages_and_hot_leads_go_elsewhere(here: World) -> None:
    here.slack.command(JONAS, "/tandem", "quiet 2h")
    assert "Quiet until Mon 11:00" in here.whispers(JONAS)[-1]
    lead_for(here, "jonas", 1)
    here.tick()
    here.lead(external_id="hot", email="hot@lab.example", company="Hot Lab", touches=DEMO)  # DACH: Jonas or Dana
    here.tick()
    assert rang(here, JONAS) == []
    assert len(rang(here, DANA)) == 1
    due = owed(here)[0].deadline_at
    here.pass_time("2026-11-23T10:01:00+00:00")
    assert all(line.startswith("Mon 11:00") for line in rang(here, JONAS)) and rang(here, JONAS)
    assert owed(here)[0].deadline_at == due  # deadlines run on


@pytest.mark.parametrize(
    "typed, said",
    [
        ("quiet", "Until when?"),
        ("quiet soon", "Until when?"),
        ("quiet 25:00", "Until when?"),
        ("quiet 0h", "Until when?"),
        ("quiet 99h", "further than agreed: at most until Mon 21:00"),
        ("quiet off", "You were not quiet."),
        ("quiet 30m", "Quiet until Mon 09:30"),
        ("quiet 15:30", "Quiet until Mon 15:30"),
    ],
)
def test_how_quiet_is_said(here: World, typed: str, said: str) -> None:
    here.slack.command(JONAS, "/tandem", typed)
    assert said in here.whispers(JONAS)[-1]


def test_quiet_until_from_the_brief(here: World) -> None:
    here.pass_time("2026-11-23T19:00:00+00:00", 60)
    lead_for(here, "jonas")
    here.pass_time("2026-11-24T07:02:00+00:00", 7)
    here.tap(JONAS, "sla_quiet")
    here.slack.submit(JONAS, sla_quiet_when=(here.clock.now() + timedelta(hours=2)).isoformat())
    with here.services.reading() as session:
        until = session.scalar(select(Person.quiet_until).where(Person.id == 2))
    assert until is not None and timedelta(0) < until - here.clock.now() <= timedelta(hours=2)


def test_pings_are_counted_with_those_acted_on_within_the_hour(here: World) -> None:
    lead_for(here, "jonas", 1)
    lead_for(here, "dana", 2)
    here.tick()
    here.clock.advance(minutes=40)
    here.tap(JONAS, "lead_accept")
    here.clock.advance(minutes=30)
    here.tap(DANA, "lead_accept")
    with here.services.reading() as session:
        now = here.clock.now()
        assert pings_of.totals(session, (now - timedelta(hours=3), now)) == [(2, 1)]
        acted = session.scalars(select(Ping.acted_at).order_by(Ping.id)).all()
    assert [at is not None for at in acted] == [True, False]


def test_ones_own_deed_never_rings(here: World) -> None:
    lead_for(here, "jonas")
    here.tick()
    before = len(rang(here, JONAS))
    for action in ("lead_accept", "lead_reached", "lead_undo", "lead_undo"):
        here.tap(JONAS, action)
        here.tick()
    assert len(rang(here, JONAS)) == before


def test_later_puts_reminders_off_and_then_comes_back_once(here: World) -> None:
    lead_for(here, "jonas")
    here.tick()
    here.pass_time("2026-11-23T14:10:00+00:00")
    choose(here, JONAS, "later")
    here.slack.submit(JONAS, sla_later_when=(here.clock.now() + timedelta(hours=1)).isoformat())
    here.tick()
    assert "You asked to hear of it again Mon 16:1" in newest(here, JONAS)
    before = len(rang(here, JONAS))
    here.pass_time("2026-11-23T15:00:00+00:00")
    assert len(rang(here, JONAS)) == before
    here.pass_time("2026-11-23T15:20:00+00:00")
    assert len(rang(here, JONAS)) == before + 1
