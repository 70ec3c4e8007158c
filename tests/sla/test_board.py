"""The two-way scoreboard: both teams on the same measures, people's figures for those they concern."""

from datetime import timedelta

from bot.people import service as people
from bot.sla import board
from tests.sla.kit import ANA, DANA, JONAS, PETRA, POLICY, lead_for
from tests.world import World, changed, words


def played(here: World) -> None:
    """Jonas answers one in time and one late; Dana sends one back in time, which Ana looks at in time."""
    lead_for(here, "jonas", 1)
    lead_for(here, "jonas", 2)
    lead_for(here, "dana", 3)
    here.tick()
    here.clock.advance(minutes=90)
    here.tap(JONAS, "lead_accept", which=0)
    here.tap(DANA, "lead_reject")
    here.slack.submit(DANA, lead_reject_reason="no_budget")
    here.pass_time("2026-11-24T09:00:00+00:00", 60)
    here.tap(JONAS, "lead_accept")
    here.slack.home(ANA)
    here.tick()
    here.slack.tap_in_view(ANA, "lead_recycle")
    here.slack.submit(ANA)
    here.tick()


def test_both_teams_stand_on_the_same_measures(anywhere: World) -> None:
    here = anywhere
    played(here)
    now = here.clock.now()
    with here.services.reading() as session:
        told = board.of(session, now - timedelta(days=7), now + timedelta(days=7), now)
    answers, looks = told.kinds["sales", "answer"], told.kinds["marketing", "review"]
    assert (answers.met, answers.late, answers.open) == (2, 1, 0)
    assert round(answers.median_minutes or 0) == 90
    assert round(answers.p90_minutes or 0) in range(600, 640)  # nine to five, and eight to ten
    assert (looks.met, looks.late) == (1, 0)
    assert told.kinds["sales", "first_contact"].open == 2
    assert (told.persons[2].met, told.persons[2].late) == (1, 1)
    assert told.pings >= 3


def test_figures_of_a_person_are_seen_by_them_and_who_leads_them(here: World) -> None:
    played(here)

    def seen(user: str) -> str:
        here.slack.command(user, "/sla", "board 7")
        return words(here.messages(user)[-1])

    assert "*Sales:* 2 of 3 in time" in seen(ANA)
    assert "Jonas" not in seen(ANA) and "*Ana Costa:*" in seen(ANA)
    assert "*Jonas Brandt:* 1 of 2 in time" in seen(JONAS) and "Dana" not in seen(JONAS)
    assert "Jonas" in seen(PETRA) and "Dana" in seen(PETRA)
    here.services.put_policy_in_force(changed(POLICY, people_figures=False))
    told = seen(PETRA)
    assert "Jonas" not in told and "Figures of single people are switched off" in told


def test_without_figures_of_single_people_a_teams_list_counts_nothing_of_theirs(here: World) -> None:
    for number in (1, 2, 3):
        lead_for(here, "jonas", number)
    here.pass_time("2026-11-24T16:30:00+00:00", 240)  # past the agreed time
    here.slack.command(PETRA, "/sla", "team")
    assert "and 1 more" in words(here.messages(PETRA)[-1])
    here.services.put_policy_in_force(changed(POLICY, people_figures=False))
    here.slack.command(PETRA, "/sla", "team")
    told = words(here.messages(PETRA)[-1])
    assert "There is more." in told and "and 2 more" not in told and told.count("Doctor") == 1


def test_late_counts_for_whose_it_was_when_its_time_was_up(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.pass_time("2026-11-24T10:05:00+00:00", 30)
    here.slack.command(JONAS, "/tandem", "out 2026-11-25 backup @dana")
    here.pass_time("2026-11-25T08:00:00+00:00", 60)
    here.tap(DANA, "lead_accept")
    now = here.clock.now()
    with here.services.reading() as session:
        told = board.of(session, now - timedelta(days=7), now + timedelta(days=1), now)
        jonas = people.by_id(session, 2)
        assert board.seen_by(session, told, jonas, POLICY).persons[2].late == 1
    assert told.persons.get(3) is None or told.persons[3].late == 0


def test_a_period_without_promises_is_said_plainly(here: World) -> None:
    here.slack.command(JONAS, "/sla", "board")
    assert words(here.messages(JONAS)[-1]).startswith("*Promises of the last 28 days, both ways*")
