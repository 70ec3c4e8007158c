"""Every line of the digest and of its thread: what a played week tells, and what histories, changes and gaps add."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.council import details, views
from bot.council.facts import (
    Away,
    Back,
    Band,
    CampaignFact,
    Count,
    Ended,
    Facts,
    Kept,
    Minutes,
    Origin,
    Pattern,
    Said,
    Share,
    Speed,
    Stage,
    Times,
    Used,
    Value,
    Wait,
    Within,
)
from bot.council.tables import CouncilDigest
from bot.feedback.answers import State as AnswerState
from bot.feedback.answers import Written, write
from bot.journal.service import OPERATOR, rules_in_force
from bot.people import service as people
from tests.council.kit import BRIEFED, play_a_week
from tests.council.test_gather import facts_of
from tests.world import World

PLAYED = {
    "The way of the leads": (
        "Came in: 6",
        "Handed to sales: 6",
        "Accepted: 4",
        "Qualified: 1",
        "Won: 1",
        "Came back: 2",
        "No longer unanswered: 6",
        "No longer accepted: 1",
        "No longer qualified: 1",
        "In hand now, accepted: 3",
        "Came back, with marketing: 2",
        "Leads wait longest for the first contact: half of 3 for 6.9 days or longer",
        "Most given reasons when leads come back: “No budget this year” 2",
        "From arrival to sales’ answer: half of 6 within 40 min",
        "From accepted to qualified, or not a fit: half of 1 within 80 min",
        "From qualified to won or lost: half of 1 within 1 min",
    ),
    "What became of them": (
        "Sales took 4 of 6 (67 %)",
        "Came back: 2 definitional",
        "“No budget this year”: 2",
        "Website: 6 came",
        "Website: 4 of 6 (67 %) taken; came back: “No budget this year” 2",
        "MEDICA 2026: 6 came",
        "MEDICA 2026: 4 of 6 (67 %) taken; came back: “No budget this year” 2",
        "Taken by points, last 12 weeks: 75 and more points: 4 of 6 (67 %)",
    ),
    "Promises, both ways": (
        "Sales, answers to leads: 6 of 6 (100 %) in time",
        "Sales, first contacts: 1 of 4 in time; 3 open now",
        "Marketing, looks at what came back: 0 of 2 in time; 2 open now",
        "Marketing, looks at reports: 0 of 2 in time; 2 open now",
        "Marketing, answers to reports: 0 of 2 in time; 2 open now",
        "From arrival to first contact: half within 70 min",
        "From arrival to first contact: nine of ten within 70 min",
        "First contact within 5 minutes: 0 of 1",
        "First contact within the hour: 0 of 1",
        "13 messages rang; acted on within the hour: 6 of 13 (46 %)",
    ),
    "What the field hears": ("“Too expensive”: 2, new", "Reports answered in time: 0 of 2"),
    "Won and lost": (
        "Value won: €84k",
        "Website, MEDICA 2026: 1 won (€84k); 0 lost",
        "From arrival to won: half of 1 within 1 h 40",
    ),
    "Campaigns": (
        "MEDICA 2026: 6 leads since 12 Oct, 6 this week, until 18 Dec; cost €48k, €8,000 a lead",
        "MEDICA 2026, what sales made of it this week: 4 of 6 (67 %) taken",
        "CellScan launch: 0 leads since 1 Oct, 0 this week",
    ),
    "Who is there": (
        "Sales: 6 people, 3 promises open, 3 leads in hand",
        "Marketing: 1 person, 6 promises open",
    ),
    "Who answers for our goals": ("SQLs, until 31 Dec: Petra and Ana", "won, until 31 Dec: Petra and Ana"),
}


@pytest.fixture
def played(here: World) -> World:
    play_a_week(here)
    here.pass_time(BRIEFED, 240)
    return here


def thread_of(here: World, facts: Facts) -> dict[str, tuple[str, ...]]:
    with here.services.reading() as session:
        return {part.heading: part.lines for part in details.of(session, facts, rules_in_force(session).policy)}


def page_of(here: World, facts: Facts) -> views.DigestView:
    with here.services.reading() as session:
        return views.of(session, facts, rules_in_force(session).policy)


def test_a_week_tells_all_of_this(played: World) -> None:
    assert thread_of(played, facts_of(played, "2026-W48")) == PLAYED


# -- with eight weeks behind it ---------------------------------------------------------------------------------------


def weeks(now: int, before: int, usual: int) -> Count:
    """`usual` in each of the four weeks before, but `before` in the last of them."""
    return Count(weeks=(0, 0, 0, usual, usual, usual, before, now))


def share(now: tuple[int, int], before: tuple[int, int], usual: tuple[int, int]) -> Share:
    return Share(hits=weeks(now[0], before[0], usual[0]), of=weeks(now[1], before[1], usual[1]))


def took(now: float, before: float, usual: float, number: int = 20) -> Times:
    """Medians in minutes, each with its interval close around it."""
    told = [Minutes(number=number, median=one, p90=3 * one, low=one - 1, high=one + 1) for one in (now, before, usual)]
    return Times(now=told[0], before=told[1], four=told[2])


def with_history(facts: Facts, **parts: dict[str, Any]) -> Facts:
    """The same week, as if four had been before it, with these parts of flow, quality, promises and field."""
    inner = {name: getattr(facts, name).model_copy(update=update) for name, update in parts.items()}
    return facts.model_copy(update={**inner, "compares": True, "silent": 0})


def test_beside_each_figure_stand_the_week_before_and_what_is_usual(played: World) -> None:
    facts = facts_of(played, "2026-W48")
    taken = share((30, 40), (20, 40), (20, 40))
    told = with_history(
        facts,
        flow={
            "entered": {**facts.flow.entered, "came": weeks(40, 28, 30)},
            "left": {"mql": weeks(12, 9, 10)},
            "stages": (Stage(stage="mql", times=took(40, 50, 60)),),
            "in_hand": {"mql": 3, "raw": 4, "recycled": 2},
            "waits": (Wait(kind="review", number=3, hours=30), Wait(kind="answer", number=9, hours=2)),
        },
        quality={
            "acceptance": taken,
            "back": (
                Back(reason="no_budget", kind="definitional", count=weeks(6, 2, 3)),
                Back(reason="bad_contact", kind="clerical", count=weeks(4, 3, 3)),
            ),
            "sources": (Origin(code="event", came=weeks(40, 28, 30), taken=taken, reasons=(("no_budget", 6),)),),
            "campaigns": (
                Origin(code="medica-2026", came=weeks(9, 8, 7), taken=share((5, 9), (4, 8), (3, 7)), reasons=()),
            ),
            "bands": (
                Band(name="25–49", taken=5, answered=40, taken_before=6, answered_before=41),
                Band(name="50–74", taken=30, answered=40),
            ),
        },
        promises={
            "kinds": (Kept(team="sales", kind="answer", kept=share((38, 40), (30, 40), (25, 40)), open=2),),
            "speed": Speed(
                times=took(20, 30, 40),
                now=Within(number=20, in_5=4, in_60=18),
                before=Within(number=10, in_5=1, in_60=7),
                four=Within(number=40, in_5=5, in_60=30),
            ),
            "rang": share((60, 80), (50, 70), (40, 60)),
        },
        field={
            "objections": (Said(code="price", count=weeks(9, 4, 4)),),
            "feedback": (Said(code="pricing", count=weeks(5, 6, 4)),),
            "answered": share((7, 8), (5, 8), (6, 8)),
        },
    )
    ended = Ended(source="event", campaign=None, won=weeks(2, 1, 1), lost=weeks(3, 2, 1), values=(("EUR", 8_400_000),))
    value = Value(currency="EUR", count=weeks(8_400_000, 2_000_000, 4_000_000))
    campaign = CampaignFact(
        code="medica-2026", runs=True, starts=date(2026, 10, 12), ends=None, cost=None, came=50, this_week=9
    )
    told = told.model_copy(
        update={"ended": (ended,), "won_value": (value,), "cycle": took(90, 60, 30), "campaigns": (campaign,)}
    )
    lines = [line for part in thread_of(played, told).values() for line in part]
    for line in (
        "Came in: 40, the week before 28, usually 30",
        "No longer unanswered: 12, the week before 9, usually 9.8",
        "Not passed to sales: 4",
        "Kept for later: 2",
        "Leads wait longest for marketing’s look at what came back: half of 3 for 30 h or longer",
        "Most given reasons when leads come back: “No budget this year” 6, “Phone and e-mail wrong” 4",
        "From arrival to sales’ answer: half of 20 within 40 min, the week before 50 min, usually 60 min",
        "Sales took 30 of 40 (75 %), the week before 20 of 40, usually 5 in 10",
        "Came back: 6 definitional, the week before 2, usually 2.8; 4 clerical, the week before 3, usually 3",
        "“No budget this year”: 6, the week before 2, usually 2.8",
        "Trade fairs: 40 came, the week before 28, usually 30",
        "Trade fairs: 30 of 40 (75 %) taken, the week before 20 of 40, usually 5 in 10;"
        " came back: “No budget this year” 6",
        "Taken by points, last 12 weeks: 25–49 points: 5 of 40 (12 %), before 6 of 41; 50–74 points: 30 of 40 (75 %)",
        "The score tells the truth: more points, more taken",
        "Sales, answers to leads: 38 of 40 (95 %) in time, the week before 30 of 40, usually 7 in 10; 2 open now",
        "From arrival to first contact: half within 20 min, the week before 30 min, usually 40 min",
        "From arrival to first contact: nine of ten within 60 min, the week before 90 min, usually 2 h",
        "First contact within 5 minutes: 4 of 20, the week before 1 of 10, usually 5 of 40 in four weeks",
        "First contact within the hour: 18 of 20, the week before 7 of 10, usually 30 of 40 in four weeks",
        "80 messages rang; acted on within the hour: 60 of 80 (75 %), the week before 50 of 70, usually 7 in 10",
        "“Too expensive”: 9, the week before 4, usually 4",
        "Feedback: Pricing 5, the week before 6, usually 4.5",
        "Reports answered in time: 7 of 8 (88 %), the week before 5 of 8, usually 7 in 10",
        "Value won: €84k, the week before €20k, usually €35k",
        "Trade fairs: 2 won (€84k), the week before 1, usually 1; 3 lost, the week before 2, usually 1.2",
        "From arrival to won: half of 20 within 90 min, the week before 60 min, usually 30 min",
        "MEDICA 2026: 50 leads since 12 Oct, 9 this week, the week before 8, usually 7.2",
        "MEDICA 2026, what sales made of it this week: 5 of 9 (56 %) taken, the week before 4 of 8, usually 4 in 10",
    ):
        assert line in lines, (line, lines)


def test_what_changed_is_told_by_what_it_is(played: World) -> None:
    facts = facts_of(played, "2026-W48")
    worse = share((5, 40), (30, 40), (30, 40))
    told = with_history(
        facts,
        flow={"entered": {**facts.flow.entered, "came": weeks(80, 30, 30)}},
        quality={
            "acceptance": worse,
            "campaigns": (
                Origin(code="medica-2026", came=weeks(40, 40, 40), taken=worse, reasons=(("no_budget", 20),)),
            ),
        },
        promises={
            "answer": took(20, 100, 100),
            "teams": (Kept(team="sales", kind=None, kept=worse, open=2),),
        },
        field={
            "objections": (
                Said(code="price", count=weeks(20, 4, 4)),
                Said(code="service", count=weeks(9, 0, 0), is_new=True),
            )
        },
    )
    page, thread = page_of(played, told), thread_of(played, told)
    every = (
        "Median answer 20 min, usually 1 h 40",
        "Sales kept 5 of 40 promises, usually 8 in 10",
        "Sales took 5 of 40 leads, usually 8 in 10",
        "80 leads came in, usually 30",
        "“Too expensive” 20 times, usually 4",
        "“Service and training” for the first time, 9 reports",
        "MEDICA 2026: 35 of 40 came back, 20 “No budget this year”",
    )
    assert [line for line in thread["What changed, all of it"] if line not in every] == []
    assert len(thread["What changed, all of it"]) == len(every)
    assert page.changed == (*thread["What changed, all of it"][:3], "4 more changes, in the thread")
    assert "MEDICA 2026: ask about “No budget this year” before handing over?" in page.decide


def test_what_asks_for_a_decision_and_what_the_field_hears(played: World) -> None:
    facts = facts_of(played, "2026-W48")
    with played.services.under_rules() as (session, rules):
        ana = people.by_id(session, 7)
        version = write(
            session,
            1,
            Written("Our trainers come at night.", AnswerState.INTERNAL),
            ana,
            rules,
            OPERATOR,
            played.clock.now(),
        )
        card = version.card_id
    away = Away(person=3, first=date(2026, 12, 1), last=date(2026, 12, 5), backup=None)
    stands_in = Away(person=2, first=date(2026, 12, 2), last=date(2026, 12, 2), backup=3)
    told = with_history(
        facts,
        field={
            "patterns": (Pattern(report=1, kind="price", form="objection", reporters=4),),
            "used": (Used(card=card, used=6, worked=5, used_before=4, worked_before=3),),
            "messages": (2,),
            "trends": (1,),
        },
    ).model_copy(update={"away": (away, stands_in)})
    page, thread = page_of(played, told), thread_of(played, told)
    said = "Who trains my night shift, and at that price?"
    assert f"Who answers “{said}”? 4 colleagues heard it" in page.decide
    assert "Cover for Dana, 1–5 December?" in page.decide
    assert page.running == "MEDICA 2026 6 leads, CellScan launch 0 leads"
    heard = thread["What the field hears"]
    assert f"No answer yet: “{said}”, heard by 4 colleagues" in heard
    assert any(
        line.startswith(f"The answer to “{said}” resonates: worked 5 of 6 times, the week before 3 of 4")
        for line in heard
    )
    assert any(line.startswith(f"On our message: “{said}”") for line in heard)
    assert any(line.startswith(f"Market: “{said}”") for line in heard)
    there = thread["Who is there"]
    assert "Away: Dana Fischer, 1–5 December, nobody named to stand in" in there
    assert "Away: Jonas Brandt, 2 December, Dana Fischer stands in" in there


def test_a_bottleneck_has_what_was_told_of_it_before(played: World) -> None:
    """Four digests told how long leads waited: the last of them is the week before, all four what is usual."""
    facts = facts_of(played, "2026-W48")
    waits = (Wait(kind="first_contact", number=3, hours=30),)
    with played.services.begin() as session:
        for back, hours in ((1, 10), (2, 20), (3, 30), (4, 40)):
            earlier = facts.model_copy(
                update={
                    "week": f"2026-W{48 - back}",
                    "flow": facts.flow.model_copy(
                        update={"waits": (Wait(kind="first_contact", number=3, hours=hours),)}
                    ),
                }
            )
            at = played.clock.now() - timedelta(weeks=back)
            session.add(digest_row(earlier, at))
    told = with_history(facts, flow={"waits": waits})
    (line,) = [line for line in thread_of(played, told)["The way of the leads"] if line.startswith("Leads wait")]
    assert (
        line
        == "Leads wait longest for the first contact: half of 3 for 30 h or longer, the week before 10 h, usually 25 h"
    )


def digest_row(facts: Facts, at: datetime) -> CouncilDigest:
    return CouncilDigest(
        week=facts.week,
        slot_at=at,
        made_at=at,
        counted_at=at,
        facts=facts.model_dump(mode="json"),
        corrections=[],
        tries=0,
    )
