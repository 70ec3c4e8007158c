"""Who is away: what they owe goes to who stands in, or waits; they hear nothing, and are welcomed back."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.journal.service import OPERATOR
from bot.leads.tables import Lead
from bot.people import absences as rules
from bot.people import roster
from bot.people import service as people
from bot.people.absences import Away, NotUnderstood, parse_away
from bot.people.tables import Absence, Person
from jobs.ladder import climb_ladders
from tests.conftest import TurnedClock
from tests.sla.kit import ANA, DANA, JONAS, LIAM, PETRA, POLICY, choose, lead_for, newest, owed, rang
from tests.world import World, words, world


def out(here: World, user: str, text: str) -> str:
    here.slack.command(user, "/tandem", f"out {text}")
    return here.whispers(user)[-1]


def owner_of_lead(here: World, number: int = 1) -> int | None:
    with here.services.reading() as session:
        return session.scalar(select(Lead.owner_id).where(Lead.id == number))


def test_what_is_open_goes_to_the_backup_with_the_time_that_is_left(anywhere: World) -> None:
    """Jonas answered one and owes another; four of eight hours are gone when his absence begins at midnight."""
    here = anywhere
    here.clock.turn_to(datetime.fromisoformat("2026-11-23T12:00:00+00:00"))
    lead_for(here, "jonas", 1)
    lead_for(here, "jonas", 2)
    here.tick()
    here.tap(JONAS, "lead_accept", which=0)
    here.tick()
    said = out(here, JONAS, "2026-11-24..2026-11-26 backup @dana")
    assert said.startswith("✓ Away Tue 24 November to Thu 26 November; Dana Fischer stands in.")
    assert "What is open then (2 promises now) goes there with the time that is left." in said
    before = len(rang(here, JONAS))
    here.pass_time("2026-11-24T07:05:00+00:00", 15)
    assert (owner_of_lead(here, 1), owner_of_lead(here, 2)) == (3, 3)
    assert len(rang(here, JONAS)) == before
    assert len(rang(here, DANA)) == 1
    told = newest(here, DANA)
    assert "Jonas is away through Thu 26 November. 2 promises came to you, with the time that was left:" in told
    now_owed = [o for o in owed(here) if o.outcome is None]
    assert {(o.kind, o.owner_id) for o in now_owed} == {("answer", 3), ("first_contact", 3)}
    assert all(round(o.used_seconds / 60) == 4 * 60 for o in now_owed)
    by = {o.kind: o.deadline_at.isoformat()[:16] for o in now_owed}
    # Four of eight hours are left of one, twelve of sixteen of the other, from eight o'clock on.
    assert by == {"answer": "2026-11-24T11:00", "first_contact": "2026-11-25T10:00"}


def test_nothing_is_routed_to_who_is_away_and_nothing_rings_there(here: World) -> None:
    out(here, JONAS, "2026-11-23 backup @dana")
    here.tick()
    lead_for(here, "jonas", 1)
    here.pass_time("2026-11-23T16:00:00+00:00", 20)
    assert rang(here, JONAS) == []
    assert owner_of_lead(here) == 3


def test_between_two_who_are_away_the_manager_gets_it(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.tick()
    out(here, JONAS, "2026-11-24..2026-11-25 backup @dana")
    out(here, DANA, "2026-11-24")
    here.pass_time("2026-11-24T07:10:00+00:00", 15)
    assert owner_of_lead(here) == 1
    assert "Jonas is away through Wed 25 November." in newest(here, PETRA)


def test_what_cannot_be_handed_over_waits_and_runs_on_at_the_return(here: World) -> None:
    """Ana has nobody above her and named nobody: what she is to look at waits for her."""
    lead_for(here, "jonas", 1)
    here.tick()
    here.tap(JONAS, "lead_reject")
    here.slack.submit(JONAS, lead_reject_reason="no_budget")
    out(here, ANA, "2026-11-24..2026-11-26")
    here.pass_time("2026-11-24T09:00:00+00:00", 30)
    look = owed(here, "review")[0]
    assert look.paused_for_absence
    here.pass_time("2026-11-27T07:10:00+00:00", 30)
    look = owed(here, "review")[0]
    assert look.paused_at is None
    assert "1 promise waited for you and runs on now." in str([words(card) for card in here.cards(ANA)])


def test_at_the_return_one_hears_what_became_of_it_and_starts_gently(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.tick()
    out(here, JONAS, "2026-11-24..2026-11-26 backup @dana")
    here.pass_time("2026-11-27T07:10:00+00:00", 30)
    assert "Welcome back, Jonas. While you were away 1 promise went to Dana." in newest(here, JONAS)
    with here.services.reading() as session:
        jonas = people.by_id(session, 2)
        friday, monday = here.clock.now(), here.clock.now() + timedelta(days=3)
        shares = [people.share_of(jonas, POLICY, at) for at in (friday, monday)]
    assert shares == [50, 100]


def test_the_welcome_names_everybody_who_stood_in(here: World) -> None:
    """Ana, of marketing, takes a decision of Jonas and no lead: that goes to Petra, who leads him."""
    lead_for(here, "jonas", 1)
    here.tick()
    here.slack.command(PETRA, "/council", "decide")
    here.slack.submit(PETRA, council_what="Call the guests", council_owner=JONAS, council_due="2026-12-04")
    out(here, JONAS, "2026-11-24..2026-11-26 backup @ana")
    here.pass_time("2026-11-27T07:10:00+00:00", 60)
    assert "While you were away 1 promise went to Petra and 1 promise went to Ana." in newest(here, JONAS)


def test_whichever_job_looks_first_the_return_is_told_of_in_one_message(here: World) -> None:
    """The ladder comes before the end of the absence: what waited is left to that, and is told of with it."""
    with here.services.begin() as session:
        for person in session.scalars(select(Person).where(Person.id != 2)):
            person.active = False  # nobody stands in
    lead_for(here, "jonas", 1)
    lead_for(here, "jonas", 2)
    here.tick()
    out(here, JONAS, "2026-11-24..2026-11-25")
    here.pass_time("2026-11-25T22:30:00+00:00", 60)
    here.clock.turn_to(datetime.fromisoformat("2026-11-25T23:00:01+00:00"))
    climb_ladders(here.services)
    here.pass_time("2026-11-26T07:10:00+00:00", 30)
    assert "2 promises waited for you and run on now." in str([words(card) for card in here.cards(JONAS)])
    assert all(o.paused_at is None for o in owed(here))


def test_on_the_first_day_back_a_lead_counts_double_in_turn(here: World) -> None:
    """Half of the usual leads: of six in turn, Jonas gets two and Dana four."""
    out(here, JONAS, "2026-11-24..2026-11-26")
    here.pass_time("2026-11-27T08:00:00+00:00", 60)
    for number in range(6):
        here.lead(external_id=f"t{number}", email=f"t@t{number}.example", company=f"T {number}")
    with here.services.reading() as session:
        owners = list(session.scalars(select(Lead.owner_id)))
    assert (owners.count(2), owners.count(3)) == (2, 4)


def test_a_manager_says_it_for_their_people_and_nobody_else_does(here: World) -> None:
    assert out(here, PETRA, "@liam 2026-12-01..2026-12-05 backup Noah").startswith(
        "For Liam Walsh: ✓ Away Tue 1 December"
    )
    assert out(here, JONAS, "@liam 2026-12-01") == "Only Liam Walsh or who leads them can do this."
    with here.services.reading() as session:
        absence = session.scalars(select(Absence)).one()
    assert (absence.person_id, absence.backup_id) == (4, 6)


@pytest.mark.parametrize(
    "typed, said",
    [
        ("tomorrow", "When are you away?"),
        ("2026-13-01", "When are you away?"),
        ("2026-12-05..2026-12-01", "When are you away?"),
        ("2026-12-01 backup @nobody", "I don't have that person on my list."),
        ("2026-12-01 backup @jonas", "One cannot stand in for oneself."),
        ("2026-11-01", "This time has gone by."),
        ("off", "There is no such absence ahead."),
    ],
)
def test_what_is_not_understood_says_how(here: World, typed: str, said: str) -> None:
    assert said in out(here, JONAS, typed)


def test_an_absence_is_called_off(here: World) -> None:
    out(here, JONAS, "2026-12-01..2026-12-05")
    assert out(here, JONAS, "off") == "✓ No longer away."
    with here.services.reading() as session:
        assert session.scalars(select(Absence)).all() == []


def test_who_stands_in_and_is_away_themselves_is_refused_at_once(here: World) -> None:
    out(here, DANA, "2026-12-01..2026-12-10")
    assert "Dana Fischer is away in that time, too." in out(here, JONAS, "2026-12-02 backup @dana")


def test_who_is_named_to_stand_in_hears_of_it_with_their_next_day(here: World) -> None:
    here.slack.command(JONAS, "/tandem", "out 2026-12-01..2026-12-04 backup @dana")
    here.pass_time("2026-11-23T16:00:00+00:00", 60)
    assert rang(here, DANA) == []
    here.pass_time("2026-11-24T08:00:00+00:00", 30)
    said = "Jonas is away Tue 1 December to Fri 4 December and names you to stand in. What is open then comes to you."
    assert rang(here, DANA) == [f"Tue 08:00 {said}"]


def test_who_is_named_to_stand_in_and_goes_away_hears_of_it_on_their_return(here: World) -> None:
    here.slack.command(JONAS, "/tandem", "out 2026-12-01..2026-12-04 backup @dana")
    out(here, DANA, "2026-11-24")
    here.pass_time("2026-11-24T20:00:00+00:00", 60)
    assert rang(here, DANA) == []
    here.pass_time("2026-11-25T08:00:00+00:00", 30)
    assert [line[:9] for line in rang(here, DANA)] == ["Wed 08:00"]


def test_half_days(here: World) -> None:
    assert parse_away("2026-12-24 am") == Away(date(2026, 12, 24), date(2026, 12, 24), "am")
    morning = Away(date(2026, 12, 24), date(2026, 12, 24), "am").span("Europe/Berlin")
    afternoon = Away(date(2026, 12, 24), date(2026, 12, 24), "pm").span("Europe/Berlin")
    assert [at.isoformat() for at in morning] == ["2026-12-24T00:00:00+01:00", "2026-12-24T12:00:00+01:00"]
    assert [at.isoformat() for at in afternoon] == ["2026-12-24T12:00:00+01:00", "2026-12-25T00:00:00+01:00"]
    with pytest.raises(NotUnderstood):
        parse_away("am 2026-12-24")


def test_by_a_form_with_the_first_half_day_at_work(here: World) -> None:
    here.slack.command(LIAM, "/tandem", "out")
    here.slack.submit(
        LIAM, sla_out_first="2026-12-01", sla_out_last="2026-12-02", sla_out_part="am", sla_out_backup="U06"
    )
    with here.services.reading() as session:
        absence = session.scalars(select(Absence)).one()
    # "The first day from noon on", in London.
    assert absence.starts_at.isoformat() == "2026-12-01T12:00:00+00:00"
    assert absence.ends_at.isoformat() == "2026-12-03T00:00:00+00:00"
    assert absence.backup_id == 6


def test_an_absence_of_the_list_of_people_is_the_same(sqlite_url: str, clock: TurnedClock, tmp_path: Path) -> None:
    """Told by CSV, it passes on what is owed as well."""
    with world(sqlite_url, clock, POLICY) as here:
        here.tick()
        lead_for(here, "jonas", 1)
        here.tick()
        path = tmp_path / "away.csv"
        path.write_text(
            "name,email,team,roles,manager,away_from,away_until,backup,territories\n"
            "Jonas Brandt,jonas@helix.example,sales,rep,petra@helix.example,2026-11-24,2026-11-25,"
            "dana@helix.example,DACH\n"
            "Dana Fischer,dana@helix.example,sales,rep,petra@helix.example,,,,DACH\n"
            "Petra Sommer,petra@helix.example,sales,manager;administrator;council,,,,,\n",
            "utf-8",
        )
        rows = roster.read(path, POLICY)
        with here.services.begin() as session:
            roster.write(session, roster.match(rows, here.services.find_member))
        here.pass_time("2026-11-24T07:10:00+00:00", 30)
        assert owner_of_lead(here) == 3


def test_a_look_twice_passes_on_once(anywhere: World) -> None:
    here = anywhere
    lead_for(here, "jonas", 1)
    here.tick()
    out(here, JONAS, "2026-11-24 backup @dana")
    here.clock.turn_to(datetime.fromisoformat("2026-11-24T00:00:00+00:00"))
    for _ in range(3):
        here.tick()
    assert [o.outcome for o in owed(here)] == ["cancelled", None]


def test_longer_away_than_said_keeps_what_was_passed_on(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.tick()
    out(here, JONAS, "2026-11-24 backup @dana")
    here.pass_time("2026-11-24T09:00:00+00:00", 60)
    with here.services.begin() as session:
        jonas = people.by_id(session, 2)
        rules.go_away(session, jonas, Away(date(2026, 11, 24), date(2026, 11, 30)), 3, OPERATOR, here.clock.now())
    with here.services.reading() as session:
        absence = session.scalars(select(Absence)).one()
    assert absence.handed_at is not None and absence.ends_at.date() == date(2026, 11, 30)


def test_who_comes_back_early_and_leaves_again_hands_over_what_came_meanwhile(here: World) -> None:
    """A morning off, a lead at noon, and then the rest of the week away: Dana gets it."""
    out(here, JONAS, "2026-11-23 am")
    here.pass_time("2026-11-23T11:30:00+00:00", 30)
    lead_for(here, "jonas", 1)
    here.tick()
    out(here, JONAS, "2026-11-23..2026-11-27 backup @dana")
    here.tick()
    assert owner_of_lead(here) == 3


def test_a_half_day_within_a_leave_leaves_the_leave(here: World) -> None:
    out(here, JONAS, "2026-12-01..2026-12-11 backup @dana")
    out(here, JONAS, "2026-12-03 am")
    with here.services.reading() as session:
        absence = session.scalars(select(Absence)).one()
    assert (absence.ends_at - absence.starts_at, absence.backup_id) == (timedelta(days=11), 3)


def test_a_pause_that_ends_during_an_absence_goes_to_who_stands_in(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.pass_time("2026-11-23T14:10:00+00:00", 10)
    choose(here, JONAS, "pause")
    here.slack.submit(JONAS, sla_pause_why="Ward round", sla_pause_until="2026-11-25")
    out(here, JONAS, "2026-11-24..2026-12-04 backup @dana")
    here.pass_time("2026-11-25T08:00:00+00:00", 60)
    assert owner_of_lead(here) == 3


def test_two_absences_in_a_row_are_told_of_together(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.tick()
    out(here, JONAS, "2026-11-24..2026-11-25 backup @dana")
    out(here, JONAS, "2026-11-26..2026-11-27 backup @dana")
    here.pass_time("2026-11-30T07:10:00+00:00", 60)
    assert "1 promise went to Dana" in str([words(card) for card in here.cards(JONAS)])


def test_a_manager_who_is_away_too_hears_on_their_return(here: World) -> None:
    out(here, PETRA, "2026-11-23..2026-11-24")
    here.tick()
    lead_for(here, "jonas", 1)
    here.pass_time("2026-11-25T12:00:00+00:00", 30)
    assert [line[:3] for line in rang(here, PETRA)] == ["Wed"]


def test_what_is_done_while_paused_is_in_time(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.tick()
    here.tap(JONAS, "lead_accept")
    here.pass_time("2026-11-24T12:00:00+00:00", 30)
    choose(here, JONAS, "pause")
    here.slack.submit(JONAS, sla_pause_why="Asked for March", sla_pause_until="2027-03-01")
    here.clock.advance(days=20)
    here.slack.command(JONAS, "/lead", "mine")
    here.slack.tap(JONAS, "D02", here.messages(JONAS)[-1]["ts"], "lead_reached")
    assert [o.outcome for o in owed(here, "first_contact")] == ["met"]


def test_pausing_what_is_late_hides_nothing(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.pass_time("2026-11-24T07:30:00+00:00", 30)
    choose(here, JONAS, "pause")
    here.slack.submit(JONAS, sla_pause_why="Later", sla_pause_until="2026-12-01")
    here.pass_time("2026-11-24T10:30:00+00:00", 30)
    assert len(rang(here, PETRA)) == 1
