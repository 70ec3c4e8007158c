"""Facts that need more than one week: months held against each other, points as they were."""

from datetime import date

from sqlalchemy import select, update

from bot.council import details, gather, service, views
from bot.council.facts import Cohort, Facts, Reached
from bot.council.rules import Week
from bot.journal.service import OPERATOR, rules_in_force
from bot.leads import handover
from bot.leads.tables import Lead, LeadStep
from bot.people import service as people
from bot.people.tables import Person
from config.policy import Campaign
from tests.council.kit import COUNCIL, channel, play_a_week, settle, thread
from tests.council.test_decisions import decide
from tests.sla.kit import JONAS, PETRA, lead_for
from tests.sla.kit import owed as owed_by_all
from tests.world import World, at, changed, words


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


def hand_on(here: World, to_id: int) -> None:
    with here.services.under_rules() as (session, rules):
        by = people.by_id(session, 2)
        handover.hand_over(session, 1, to_id, "Please", by, rules, OPERATOR, here.clock.now())
    here.tick()


def test_what_moved_on_undone_is_no_answer_and_no_contact(anywhere: World) -> None:
    here = anywhere
    lead_for(here, "jonas", 1)
    here.tick()
    here.pass_time("2026-11-24T10:00:00+00:00", 60)  # past its time, unanswered
    hand_on(here, 3)
    facts = facts_of(here, "2026-W48")
    assert (facts.promises.answer.now.number, facts.promises.of("sales").kept.of.now) == (0, 1)  # type: ignore[union-attr]
    assert [stage.times.now.number for stage in facts.flow.stages] == [0]
    assert facts.promises.medians["sales"].now.number == 0


def test_a_lead_waits_since_it_is_where_it_is_whoever_has_it(anywhere: World) -> None:
    here = anywhere
    lead_for(here, "jonas", 1)
    here.tick()
    here.pass_time("2026-11-24T10:00:00+00:00", 60)
    hand_on(here, 3)
    here.pass_time("2026-11-24T12:00:00+00:00", 60)
    (wait,) = facts_of(here, "2026-W48").flow.waits
    assert (wait.kind, wait.number, round(wait.hours)) == ("answer", 1, 28)


def test_a_campaign_of_the_week_is_told_with_what_it_brought_and_is_over_after_it(here: World) -> None:
    fair = Campaign(
        code="medica-2026",
        name="MEDICA",
        starts=date(2026, 11, 23),
        ends=date(2026, 11, 26),
        cost=10_000,
        owner="ana@helix.example",
    )
    here.services.put_policy_in_force(changed(COUNCIL, campaigns=(fair,)))
    play_a_week(here)
    here.clock.turn_to(at("2026-11-30T07:00:30+00:00"))
    (told,) = facts_of(here, "2026-W48").campaigns
    assert (told.runs, told.came, told.this_week, told.cost) == (True, 6, 6, 10_000)
    assert facts_of(here, "2026-W49").campaigns == ()
    (coming,) = facts_of(here, "2026-W47").campaigns
    assert not coming.runs


def test_who_works_for_both_teams_promises_for_the_one_it_is_about(here: World) -> None:
    with here.services.begin() as session:
        session.execute(update(Person).where(Person.id.in_([2, 3])).values(team="both"))
    play_a_week(here)
    here.clock.turn_to(at("2026-11-30T07:00:30+00:00"))
    facts = facts_of(here, "2026-W48")
    assert [team.team for team in facts.promises.teams] == ["sales", "marketing"]
    assert facts.promises.of("sales").kept.of.now == 10  # type: ignore[union-attr]


def test_what_was_put_down_for_a_week_that_was_never_told_comes_with_the_next(here: World) -> None:
    here.slack.command(PETRA, "/council", "agenda add Who answers the price question")
    here.slack.submit(PETRA)
    here.clock.turn_to(at("2026-12-08T10:00:00+00:00"))  # nobody was at work over two digests
    settle(here)
    for _ in range(2):
        here.clock.advance(days=7)
        settle(here)
    told = ["price question" in words(page) for page in channel(here)]
    assert told == [True, False, False]


def test_many_campaigns_leave_room_for_what_was_won(here: World) -> None:
    many = tuple(
        Campaign(code=f"c{n}", name=f"Campaign for the launch of product number {n}, Europe", starts=date(2026, 11, 1))
        for n in range(60)
    )
    here.services.put_policy_in_force(changed(COUNCIL, campaigns=COUNCIL.campaigns + many))
    play_a_week(here)
    here.pass_time("2026-11-30T07:00:30+00:00", 240)
    settle(here)
    (page,) = channel(here)
    assert "*Won:* Lab 1, €84k" in words(page) and "and 57 more" in words(page)


def test_only_what_belongs_to_the_week_is_corrected(here: World) -> None:
    """A decision that is written down, a lead of weeks before: nothing of it is of the week."""
    play_a_week(here)
    here.pass_time("2026-11-30T07:00:30+00:00", 240)
    settle(here)
    decide(here)
    here.lead(external_id="late", email="late@lab.example", received_at="2026-11-12T10:00:00Z", campaign=None)
    here.clock.advance(hours=2)
    settle(here)
    (page,) = channel(here)
    assert "Corrected" not in words(page)
    assert not any("corrected" in message["text"] for message in thread(here, page))


def test_who_counted_earlier_does_not_undo_what_was_counted_later(here: World) -> None:
    play_a_week(here)
    here.pass_time("2026-11-30T07:00:30+00:00", 240)
    settle(here)
    older = facts_of(here, "2026-W48")
    here.clock.advance(hours=2)
    settle(here)
    with here.services.under_rules() as (session, rules):
        digest = service.newest(session)
        assert digest is not None
        less = older.model_copy(update={"flow": older.flow.model_copy(update={"entered": {}})})
        assert service.correct(session, digest.id, less, rules.policy, here.clock.now()) == []


def test_what_moves_on_by_itself_is_no_answer_either(here: World) -> None:
    here.lead(external_id="turn", email="t@turn.example", company="Turn Lab", country="United States")
    here.tick()
    here.pass_time("2026-11-27T16:00:00+00:00", 60)
    late = [owed for owed in owed_by_all(here) if owed.outcome == "missed"]
    assert late and all(owed.worked_seconds is None and owed.waited_seconds is None for owed in late)
    assert facts_of(here, "2026-W48").promises.answer.now.number == 0


def test_what_is_told_of_the_week_that_comes_up_short_of_five_is_no_change(here: World) -> None:
    play_a_week(here)  # the price came up twice, and never before
    facts = facts_of(here, "2026-W48").model_copy(update={"compares": True})
    with here.services.reading() as session:
        assert not any("first time" in line for line in views.of(session, facts, COUNCIL).changed)
