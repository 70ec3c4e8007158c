"""What the team channel hears: a line a lead, and one running line for what is more than agreed."""

from bot.leads.tables import ChannelDay
from bot.outbox.tables import Message
from tests.conftest import TurnedClock
from tests.leads.test_receive import JONAS, Office, office, policy_with
from tests.world import World, at, world

__all__ = ["office"]  # a fixture
IRELAND = {"country": "Ireland"}


def channel(here: World) -> list[str]:
    """What stands in the team channel, brought up to date."""
    for _ in range(4):
        here.deliver()
    return [m["text"] for m in here.slack.messages() if m["channel"] == "C01"]


def lead(here: World, number: int, **said: object) -> None:
    here.lead(external_id=f"{number}", email=f"{number}@x.example", company=f"Lab {number}", **{**IRELAND, **said})


def test_a_line_a_lead_up_to_twenty_then_one_running_line(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock) as here:
        for number in range(1, 26):
            lead(here, number)
        lines = channel(here)
        assert len(lines) == 21
        assert lines[0] == "*Lab 1* (MEDICA 2026) → Liam"
        assert lines[-1] == "*5 more leads on 23 November:* 0 accepted, 5 waiting for an answer, 0 came back"
        lead(here, 26)
        here.slack.command("U04", "/lead", "mine")
        here.slack.tap("U04", "D04", here.messages("U04")[-1]["ts"], "lead_accept")
        lines = channel(here)
        assert len(lines) == 21
        assert lines[0] == "*Lab 1* (MEDICA 2026) → Liam ✓ accepted"
        assert lines[-1].startswith("*6 more leads on 23 November:*")
        assert here.slack.notifications("U01") == [], "a line in a channel rings nobody's phone"


def test_the_running_line_counts_answers(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock, policy_with(channels={"leads": "#leads", "lines_a_day": 0})) as here:
        for number in (1, 2, 3):
            lead(here, number)
        assert channel(here) == ["*3 leads on 23 November:* 0 accepted, 3 waiting for an answer, 0 came back"]
        here.tap("U04", "lead_accept", which=0)
        here.tap("U04", "lead_reject")
        here.slack.tap_in_view("U04", "lead_reject_reason", selected_option="no_budget")
        here.slack.submit("U04")
        assert channel(here) == ["*3 leads on 23 November:* 1 accepted, 1 waiting for an answer, 1 came back"]


def test_a_line_follows_its_lead(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock) as here:
        here.lead(touches=[{"kind": "demo_request"}])
        assert channel(here) == ["Hot: *Charité* (MEDICA 2026) → Jonas"]
        here.tap("U02", "lead_reject")
        here.slack.tap_in_view("U02", "lead_reject_reason", selected_option="not_my_territory")
        here.slack.submit("U02")
        assert channel(here) == ["Hot: *Charité* (MEDICA 2026) → Dana"]
        here.lead(consent={"do_not_contact": True}, touches=[{"kind": "demo_request"}])
        assert channel(here) == ["Hot: *Charité* (MEDICA 2026) → Dana, taken back"]


def test_a_line_names_no_person_outside(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock) as here:
        here.lead(company=None, **IRELAND)
        assert channel(here) == ["*A lead* (MEDICA 2026) → Liam"]


def test_no_channel_no_lines(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock, policy_with(channels={})) as here:
        lead(here, 1)
        assert channel(here) == []
        assert len(here.cards("U04")) == 1


def test_days_begin_and_end_in_the_policys_zone(office: Office) -> None:
    """23:30 UTC is the next day in Berlin already."""
    for number, now in enumerate(("2026-11-23T22:30:00Z", "2026-11-23T23:30:00Z", "2026-11-24T22:59:59Z")):
        office.clock.turn_to(at(now))
        office.receive(external_id=f"{number}", email=f"{number}@x.example")
    days = {str(day.day): day.lines for day in office.all(ChannelDay)}
    assert days == {"2026-11-23": 1, "2026-11-24": 2}


def test_a_second_round_takes_no_second_line(office: Office) -> None:
    office.receive()
    office.reject(1, JONAS, "not_my_territory")
    office.clock.advance(days=1)
    assert [day.lines for day in office.all(ChannelDay)] == [1]


def test_the_line_waits_for_its_card(office: Office) -> None:
    """Nobody in the channel knows of a lead before the one who is to answer it."""
    office.clock.turn_to(at("2026-11-23T22:00:00Z"))
    office.receive()
    waits = {message.template: message.not_before for message in office.all(Message)}
    assert waits == dict.fromkeys(("lead_card", "lead_line"), at("2026-11-24T07:00:00Z"))


def test_a_lead_for_somebody_who_sleeps_does_not_hold_the_running_line_back(
    sqlite_url: str, clock: TurnedClock
) -> None:
    with world(sqlite_url, clock, policy_with(channels={"leads": "#leads", "lines_a_day": 0})) as here:
        lead(here, 1)
        lead(here, 2, country="Spain", account_owner="mia@helix.example")  # in New York it is three in the morning
        assert channel(here) == ["*2 leads on 23 November:* 0 accepted, 2 waiting for an answer, 0 came back"]
