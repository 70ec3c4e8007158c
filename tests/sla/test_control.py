"""What people do about what they owe: pause and go on, hand over, stop, ask for help; and the lists of it."""

from datetime import timedelta

from sqlalchemy import func, select

from bot.outbox.limits import check_message
from bot.outbox.tables import Message
from bot.people import service as people
from bot.people.tables import Person, PersonRole
from bot.sla import calls, control
from bot.sla.tables import Obligation
from tests.sla.kit import ANA, DANA, JONAS, PETRA, choose, lead_for, newest, owed, rang
from tests.world import World, words


def warned(here: World) -> None:
    """A lead of Jonas', six of its eight hours gone."""
    lead_for(here, "jonas")
    here.tick()
    here.pass_time("2026-11-23T14:10:00+00:00", 10)


def test_a_pause_stands_still_with_its_reason_and_runs_on_with_what_is_left(anywhere: World) -> None:
    here = anywhere
    warned(here)
    choose(here, JONAS, "pause")
    assert "runs on with the time that is left: 1 h 50" in str(here.slack.sees(JONAS)["modal"])
    here.slack.submit(JONAS, sla_pause_why="Customer asked for March", sla_pause_until="2027-03-01")
    here.tick()
    assert "Paused until Mon 1 Mar 08:00: “Customer asked for March”\n[Go on]" in newest(here, JONAS)
    before = len(rang(here, JONAS))
    here.clock.turn_to(here.clock.now() + timedelta(days=60))
    here.tick()
    assert len(rang(here, JONAS)) == before and len(rang(here, PETRA)) == 0
    here.pass_time("2027-03-01T07:30:00+00:00", 24 * 60)
    here.pass_time("2027-03-01T07:40:00+00:00")
    one = owed(here)[0]
    assert one.paused_at is None
    assert one.deadline_at.isoformat()[:16] == "2027-03-01T08:49"  # an hour and fifty minutes from eight
    assert len(rang(here, JONAS)) == before + 1  # that it runs again


def test_go_on_ends_a_pause_at_once(here: World) -> None:
    warned(here)
    choose(here, JONAS, "pause")
    here.slack.submit(JONAS, sla_pause_why="Holidays", sla_pause_until="2026-12-20")
    here.tick()
    here.clock.advance(days=2)
    here.tap(JONAS, "sla_resume")
    one = owed(here)[0]
    assert one.paused_at is None
    assert one.deadline_at - here.clock.now() < timedelta(hours=20)


def test_a_pause_is_capped_and_needs_a_reason(here: World) -> None:
    warned(here)
    choose(here, JONAS, "pause")
    said = here.slack.submit(JONAS, sla_pause_why="Long", sla_pause_until="2029-01-01")
    assert "further than agreed" in str(said)
    said = here.slack.submit(JONAS, sla_pause_why=" ", sla_pause_until="2026-12-20")
    assert "few words" in str(said)
    assert owed(here)[0].paused_at is None


def test_later_is_capped_and_past_the_deadline_the_manager_sees_it(here: World) -> None:
    warned(here)
    choose(here, JONAS, "later")
    said = here.slack.submit(JONAS, sla_later_date="2026-12-20")
    assert "further than agreed: at most until Sat 15:1" in str(said)
    here.slack.submit(JONAS, sla_later_date="2026-11-26")
    here.pass_time("2026-11-24T10:05:00+00:00", 10)
    assert "Jonas looks at it again Thu 08:00." in newest(here, PETRA)
    assert [line for line in rang(here, JONAS) if line.startswith("Tue")] == []


def test_stop_reminding_stops_reminders_and_nothing_else(here: World) -> None:
    warned(here)
    choose(here, JONAS, "stop")
    here.tick()
    assert "You are not reminded of this one any more; its time runs on." in newest(here, JONAS)
    assert "No more reminders of Answer: Doctor 1, Lab 1" in here.whispers(JONAS)[-1]
    before = len(rang(here, JONAS))
    here.pass_time("2026-11-24T12:00:00+00:00", 30)
    assert len(rang(here, JONAS)) == before
    assert len(rang(here, PETRA)) == 1
    assert owed(here)[0].outcome is None


def test_asking_for_help_reaches_the_manager_at_once_and_once(here: World) -> None:
    warned(here)
    choose(here, JONAS, "help")
    here.tick()
    assert len(rang(here, PETRA)) == 1
    assert "Jonas asks for your help\n*Jonas, by Mon 17:00* Answer: Doctor 1, Lab 1" in newest(here, PETRA)
    assert "Petra hears that you would like a hand." in here.whispers(JONAS)[-1]
    assert "Ask Petra for help" not in str(here.cards(JONAS)[-1])
    here.tap(PETRA, "sla_reassign")
    here.slack.submit(PETRA, lead_receiver="3", lead_handed_with="Please take this one.")
    here.tick()
    assert [(o.owner_id, o.outcome) for o in owed(here)] == [(2, "cancelled"), (3, None)]
    assert "Please take this one." in newest(here, DANA)


def test_who_was_handed_it_may_ask_for_help_as_well(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.tick()
    here.tap(JONAS, "lead_reject")
    here.slack.submit(JONAS, lead_reject_reason="no_budget")
    here.tick()
    owes = owed(here, "review")[0]
    told = []
    with here.services.under_rules() as (session, rules):
        for owner_id in (owes.owner_id, 6):
            found = session.get_one(Obligation, owes.id)
            found.owner_id = owner_id
            helper = people.by_id(session, 1)
            calls.call(session, found, helper, rules.policy, here.clock.now())
            session.flush()
            told.append(session.scalar(select(func.count()).select_from(Message).where(Message.template == calls.HELP)))
    assert told == [1, 2]


def test_of_a_hot_lead_a_manager_hears_who_does_not_want_quiet(here: World) -> None:
    """Dana leads Jonas, and Petra leads Dana: Petra hears while Dana wants quiet; of another lead Dana does."""
    now = here.clock.now()
    with here.services.under_rules() as (session, rules):
        session.get_one(Person, 2).manager_id, session.get_one(Person, 3).manager_id = 3, 1
        session.flush()

        def hears(*, hot: bool) -> str | None:
            session.info.clear()  # what was found is remembered within a unit of work
            helper = calls.helper_of(session, 2, rules.policy, now, hot=hot)
            return helper.name if helper else None

        assert hears(hot=True) == "Dana Fischer"
        session.get_one(Person, 3).quiet_until = now + timedelta(hours=4)
        assert (hears(hot=True), hears(hot=False)) == ("Petra Sommer", "Dana Fischer")


def test_a_long_list_of_people_has_pages(here: World) -> None:
    with here.services.begin() as session:
        for number in range(12):
            rep = Person(
                workspace_id=1,
                slack_user_id=f"UX{number}",
                name=f"Rep{number} X",
                email=f"x{number}@helix.example",
                team="sales",
                manager_id=1,
                zone="Europe/Berlin",
                territories=[],
                weight=1,
                active=True,
            )
            rep.roles = [PersonRole(role="rep")]
            session.add(rep)
    for number in range(36):
        lead_for(here, f"x{number % 12}", number + 1)
    here.clock.advance(days=2)
    here.slack.command(PETRA, "/sla", "team")
    seen: list[str] = []
    for left in (6, 0):
        told = here.messages(PETRA)[-1]
        assert not list(check_message({"text": told["text"], "blocks": told["blocks"]}))
        assert (f"and {left} more people owe something" in words(told)) == bool(left)
        seen += [name for name in (f"Rep{number} X" for number in range(12)) if f"*{name}" in words(told)]
        if left:
            here.tap(PETRA, "sla_mine")
    assert sorted(seen) == sorted(f"Rep{number} X" for number in range(12))


def test_hand_over_from_a_reminder_is_the_leads_own_form(here: World) -> None:
    warned(here)
    choose(here, JONAS, "hand_over")
    here.slack.submit(JONAS, lead_receiver="3", lead_handed_with="I am at a congress all day.")
    here.tick()
    assert [(o.owner_id, o.outcome) for o in owed(here)] == [(2, "cancelled"), (3, None)]


def test_what_one_owes_and_what_the_team_owes(here: World) -> None:
    lead_for(here, "jonas", 1)
    lead_for(here, "jonas", 2)
    lead_for(here, "dana", 3)
    here.pass_time("2026-11-24T08:00:00+00:00", 60)
    lead_for(here, "dana", 4)
    here.slack.command(JONAS, "/sla", "mine")
    mine = words(here.messages(JONAS)[-1])
    assert mine.splitlines()[:2] == [
        "*You owe 2 things, 2 past the agreed time*",
        "*Since Mon 17:00* Answer: Doctor 1, Lab 1",
    ]
    here.slack.command(PETRA, "/sla", "team")
    team = words(here.messages(PETRA)[-1])
    assert team.splitlines()[0] == "*Your team owes 4 things, 3 past the agreed time*"
    lines = team.splitlines()
    assert lines.index("*Jonas Brandt:* 2 open, 2 past the agreed time") < lines.index(
        "*Dana Fischer:* 2 open, 1 past the agreed time"
    )
    assert "[Hand over…]" in lines
    here.slack.command(ANA, "/sla", "mine")
    assert here.whispers(ANA)[-1] == "You owe nothing at the moment. ✓"
    here.slack.command(ANA, "/sla", "team")
    assert here.whispers(ANA)[-1].startswith("Nobody reports to you in Tandem.")


def test_a_tap_in_the_list_shows_the_list_anew_and_it_has_pages(here: World) -> None:
    for number in range(12):
        lead_for(here, "jonas", number)
    here.slack.command(JONAS, "/sla", "mine")
    first = here.messages(JONAS)[-1]
    assert words(first).count("Answer: Doctor") == 10 and words(first).endswith("[More]")
    here.tap(JONAS, "lead_accept", block_id="owed-1")
    again = here.messages(JONAS)[-1]
    assert again["ts"] == first["ts"]
    assert "Doctor 0" not in words(again) and "Doctor 10" in words(again)  # its first contact is due last now
    here.tap(JONAS, "sla_mine")
    second = here.messages(JONAS)[-1]
    assert second["ts"] == first["ts"]
    assert words(second).count(": Doctor") == 2 and "Call: Doctor 0, Lab 0" in words(second)
    assert "[Earlier]" in words(second) and "[More]" not in words(second)


def test_several_leads_are_offered_to_a_colleague_with_one_tap(here: World) -> None:
    for number in (1, 2):
        lead_for(here, "jonas", number)
    here.tick()
    here.pass_time("2026-11-23T14:20:00+00:00", 1)
    assert "[Offer both to Dana]" in newest(here, JONAS).splitlines()
    here.tap(JONAS, "sla_offer_all")
    here.tap(JONAS, "sla_offer_all")
    assert here.whispers(JONAS)[0] == "✓ Dana is asked to take 2 leads."
    assert len(here.whispers(JONAS)) == 2 and "Dana" not in here.whispers(JONAS)[1]
    here.pass_time("2026-11-23T14:30:00+00:00", 1)
    assert rang(here, DANA) == ["Mon 15:22 2 leads need your answer by Tue 14:20."]
    assert [(o.owner_id, o.outcome) for o in owed(here)] == [(2, "cancelled")] * 2 + [(3, None)] * 2
    assert newest(here, JONAS).count("✓ Handed to Dana") == 2
    assert "Offer both" not in newest(here, JONAS)


def test_one_alone_or_a_mixed_bundle_is_not_offered_on(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.tick()
    here.pass_time("2026-11-23T14:20:00+00:00", 5)
    assert "[Offer" not in newest(here, JONAS)


def test_a_manager_who_cannot_be_reached_is_replaced_by_who_leads_them(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.tick()
    with here.services.begin() as session:
        session.get_one(Person, 1).manager_id = 7
    here.sandbox.workspace.users[PETRA].deleted = True
    here.pass_time("2026-11-24T16:00:00+00:00", 15)
    assert [line for line in rang(here, ANA) if "needs a hand" in line] == [
        "Tue 16:00 1 promise needs a hand: past the agreed time."  # at eleven it showed that Petra cannot be reached
    ]


def test_a_list_of_what_a_team_owes_costs_what_it_shows(here: World) -> None:
    """However much is open, a person's part is as long."""
    for number in range(40):
        lead_for(here, "jonas", number)
    here.slack.command(PETRA, "/sla", "team")
    shown = here.messages(PETRA)[-1]["blocks"]
    assert len(shown) <= 6


def test_done_already_is_said_kindly(here: World) -> None:
    warned(here)
    choose(here, JONAS, "later")
    here.tap(JONAS, "lead_accept")
    said = here.slack.submit(JONAS, sla_later_when=(here.clock.now() + timedelta(hours=1)).isoformat())
    assert "This is done already" in str(said)


def test_time_left_is_working_time(here: World) -> None:
    warned(here)
    with here.services.reading() as session:
        found = control.in_hand(session, here.services.subjects, 1, people.by_id(session, 2), lock=False)
        assert round(control.left(found, here.clock.now())) == 110
