"""Facts that need more than one week: months held against each other, points as they were."""

from sqlalchemy import select

from bot.council import details, gather
from bot.council.facts import Cohort, Facts, Reached
from bot.council.rules import Week
from bot.journal.service import rules_in_force
from bot.leads.tables import Lead, LeadStep
from tests.council.kit import COUNCIL
from tests.sla.kit import JONAS, lead_for
from tests.world import World, at


def facts_of(here: World, week: str) -> Facts:
    with here.services.reading() as session:
        return gather.facts_of(session, Week.parse(week), rules_in_force(session), here.clock.now())


def accepted(here: World, lead_id: int, day: str) -> None:
    when = at(f"{day}T10:00:00Z")
    with here.services.begin() as session:
        session.add(LeadStep(lead_id=lead_id, step="accepted", by_id=1, at=when, kept_at=when, before={}))


def test_a_month_is_held_against_the_one_before_when_that_was_as_old(anywhere: World) -> None:
    here = anywhere
    here.clock.turn_to(at("2027-03-10T09:00:00Z"))
    january = [
        here.lead(external_id=f"j{n}", email=f"j{n}@lab.example", received_at="2027-01-12T09:00:00Z") for n in "123"
    ]
    february = [
        here.lead(external_id=f"f{n}", email=f"f{n}@lab.example", received_at="2027-02-12T09:00:00Z") for n in "12"
    ]
    accepted(here, january[0].lead_id, "2027-02-05")
    accepted(here, january[1].lead_id, "2027-02-20")  # when February was as old the week was over
    accepted(here, february[0].lead_id, "2027-03-03")
    accepted(here, february[1].lead_id, "2027-03-09")  # after the week
    facts = facts_of(here, "2027-W09")  # until 8 March, seven days after February
    assert facts.flow.cohorts == (
        Cohort(month="2027-01", came=3, accepted=2, qualified=0, won=0),
        Cohort(
            month="2027-02",
            came=2,
            accepted=1,
            qualified=0,
            won=0,
            before=Reached(came=3, accepted=1, qualified=0, won=0),
        ),
    )
    with here.services.reading() as session:
        told = [line for part in details.of(session, facts, COUNCIL) for line in part.lines]
    of_february = "Of the 2 leads of February 2027: 1 accepted, 0 qualified, 0 won so far"
    assert f"{of_february}; at the same age, of the 3 of the month before: 1, 0, 0" in told


def test_the_score_is_judged_by_the_points_a_lead_was_offered_with(anywhere: World) -> None:
    here = anywhere
    lead_for(here, "jonas", 1, fields={})
    here.tick()
    first = facts_after_an_answer(here)
    offered_with = points(here)
    lead_for(
        here, "jonas", 1, fields={}, touches=[{"kind": "event", "at": "2026-11-23T08:10:00Z"}]
    )  # its score goes on
    assert offered_with < 75 < points(here)  # into another band
    assert facts_of(here, "2026-W48").quality.bands == first


def points(here: World) -> int:
    with here.services.reading() as session:
        lead = session.scalars(select(Lead)).one()
        return lead.fit + lead.engagement


def facts_after_an_answer(here: World) -> object:
    here.tap(JONAS, "lead_accept")
    here.clock.advance(minutes=20)
    here.tick()
    bands = facts_of(here, "2026-W48").quality.bands
    assert [(band.taken, band.answered) for band in bands] == [(1, 1)]
    return bands
