"""Decisions: written down once, owed on the ladder, in every digest until done, measured again on their day."""

import pytest
from sqlalchemy import select

from bot.council.tables import AgendaItem, Decision
from tests.council.kit import brief, channel, play_a_week, settle, thread
from tests.sla.kit import ANA, DANA, JONAS, PETRA, lead_for, owed, rang
from tests.world import World, words


def decide(here: World, **said: str) -> None:
    here.slack.command(PETRA, "/council", "decide")
    told = {"council_what": "Ask webinar guests about budget", "council_owner": ANA, "council_due": "2026-12-04"}
    here.slack.submit(PETRA, **(told | said))


def says(here: World, user: str, text: str, channel_id: str) -> str:
    """Somebody writes into a channel; the message's ts."""
    here.slack.say(user, text, channel_id)
    return here.sandbox.workspace.messages[channel_id][-1].ts


def ours(here: World, ts: str) -> list[str]:
    """What Tandem wrote into a thread of the channel of leads."""
    found = here.sandbox.workspace.messages["C01"]
    return [words(m.as_slack("U0BOT")) for m in found if m.thread_ts == ts and m.user == "U0BOT"]


def decisions(here: World) -> list[Decision]:
    with here.services.reading() as session:
        return list(session.scalars(select(Decision).order_by(Decision.id)))


def test_a_decision_is_owed_stands_in_the_digest_and_shows_then_and_now(anywhere: World) -> None:
    here = anywhere
    play_a_week(here)
    decide(here, council_measure="acceptance", council_about="source:website", council_target="70")
    here.slack.again()  # Slack delivers the form once more
    (made,) = decisions(here)
    assert (made.then_value, made.then_of) == (pytest.approx(100 * 4 / 6), 6)
    (promise,) = owed(here, "decision")
    assert (promise.owner_id, promise.deadline_at.isoformat()) == (made.owner_id, "2026-12-04T16:00:00+00:00")
    brief(here)
    assert "*Decided, open:* 1" in words(channel(here)[0])
    here.pass_time("2026-12-04T16:20:00+00:00", 60)
    assert any("decision to carry out" in line or "past the agreed time" in line for line in rang(here, ANA))
    brief(here, "2026-12-07T07:00:30+00:00")
    page = channel(here)[-1]
    assert "*Decided, open:* 1, 1 past 4 Dec" in words(page)
    assert "Ask webinar guests about budget: past 4 Dec. Go on, or drop it?" in words(page)
    figure = "Share of leads accepted (Website), 11 days each: 4 of 6 (67 %) then, – now, wanted 70 %"
    assert f"Ask webinar guests about budget: {figure}" in words(page)
    here.slack.command(ANA, "/council", "decisions")  # she is no member, but it is hers
    here.tap(ANA, "council_done")
    settle(here)
    assert [one.outcome for one in owed(here, "decision")] == ["missed"]
    assert "Decided, open" not in words(channel(here)[-1])
    assert any("✓ Ask webinar guests about budget: Ana" in words(m) for m in thread(here, channel(here)[-1]))


def test_what_did_not_change_is_the_same_then_and_now(here: World) -> None:
    """One lead a day, before and after: a decision due in a fortnight reads 14 then, 14 now, whenever one looks."""

    def a_lead_a_day(days: int, first: int) -> None:
        for number in range(first, first + days):
            lead_for(here, "jonas", number)
            here.clock.advance(days=1)

    a_lead_a_day(20, 1)
    decide(here, council_measure="leads", council_due="2026-12-27")  # it is the 13th of December
    a_lead_a_day(20, 21)  # the worker was down: it looks days after the 27th
    settle(here)
    (made,) = decisions(here)
    assert (made.then_value, made.later_value) == (14, 14)


def test_everybody_sees_what_is_decided_and_nobody_who_is_late_with_others(here: World) -> None:
    decide(here, council_owner=JONAS)
    here.slack.command(JONAS, "/council", "decisions")
    assert "Ask webinar guests about budget: Jonas, by 4 Dec" in words(here.messages(JONAS)[-1])
    here.slack.command(DANA, "/council", "decisions")
    seen = words(here.messages(DANA)[-1])
    assert "Ask webinar guests about budget: Jonas, by 4 Dec" in seen and "[Done]" not in seen
    here.pass_time("2026-12-05T09:00:00+00:00", 240)  # it is late now
    here.slack.command(DANA, "/council", "decisions")
    assert "Ask webinar guests about budget: by 4 Dec, past its day" in words(here.messages(DANA)[-1])
    here.slack.command(DANA, "/tandem", "board")
    told = words(here.messages(DANA)[-1])
    assert "Ask webinar guests about budget: by 4 Dec, past its day" in told and "Jonas" not in told
    here.slack.command(DANA, "/council", "agenda add Talk about the webinar")  # anybody may
    here.slack.submit(DANA)
    with here.services.reading() as session:
        assert session.scalars(select(AgendaItem.said)).all() == ["Talk about the webinar"]
    here.slack.command(DANA, "/council", "agenda")
    assert "This is for the council." in here.whispers(DANA)[-1]


def test_who_may_decide_and_who_may_end_it(here: World) -> None:
    here.slack.command(JONAS, "/council", "decide")
    assert "This is for the council." in here.whispers(JONAS)[-1]
    decide(here)
    decide(here, council_what="Another one")
    here.slack.command(PETRA, "/council", "decisions")
    told = here.messages(PETRA)[-1]
    assert "Ask webinar guests about budget: Ana, by 4 Dec" in words(told)
    assert "[Done]\n[Drop]" in words(told)
    here.slack.tap(PETRA, told["channel"] if "channel" in told else f"D{PETRA[1:]}", told["ts"], "council_drop", None)
    first, second = decisions(here)
    assert (first.dropped, second.done_at) == (True, None)
    assert [one.outcome for one in owed(here, "decision")] == ["cancelled", None]
    here.slack.command(PETRA, "/council", "decisions")
    assert "Another one" in words(here.messages(PETRA)[-1])


@pytest.mark.parametrize(
    "said, block, problem",
    [
        ({"council_due": "2026-11-01"}, "due", "Please choose a day from today on, within a year."),
        ({"council_measure": "none", "council_about": "source:website"}, "measure", "Please choose a figure"),
        ({"council_measure": "acceptance", "council_about": "category:price"}, "about", "is not counted for this"),
        ({"council_owner": "U91"}, "owner", "They are not in Tandem’s list of people."),
    ],
)
def test_a_form_that_cannot_be_taken_names_the_field(
    here: World, said: dict[str, str], block: str, problem: str
) -> None:
    here.slack.command(PETRA, "/council", "decide")
    told = {"council_what": "Something", "council_owner": ANA, "council_due": "2026-12-04"}
    answer = here.slack.submit(PETRA, **(told | said))
    assert problem in answer["answer"]["errors"][block] if "answer" in answer else problem in str(answer)
    assert decisions(here) == []


def test_whoever_is_away_has_somebody_to_do_it(here: World) -> None:
    decide(here, council_owner=DANA)
    here.slack.command(DANA, "/tandem", "out 2026-11-24..2026-12-10 backup @jonas")
    here.pass_time("2026-11-24T09:00:00+00:00", 60)
    (made,) = decisions(here)
    assert made.owner_id == 2  # Jonas


def test_a_message_goes_on_the_agenda_with_its_link(here: World) -> None:
    ts = says(here, ANA, "Webinar leads are *never* ready", "C01")
    here.slack.shortcut(PETRA, "council_message", "C01", ts)
    here.slack.submit(PETRA)
    with here.services.reading() as session:
        (item,) = session.scalars(select(AgendaItem)).all()
    assert (item.week, item.said) == ("2026-W48", "Webinar leads are *never* ready")
    assert item.link == f"https://{here.sandbox.workspace.domain}.slack.com/archives/C01/p{ts.replace('.', '')}"
    here.slack.command(PETRA, "/council", "agenda")
    told = here.messages(PETRA)[-1]
    assert f"1 Webinar leads are *never* ready (Petra, <{item.link}|message>)" in words(told)
    here.slack.tap(PETRA, f"D{PETRA[1:]}", told["ts"], "council_take_off")
    here.slack.command(PETRA, "/council", "agenda")
    assert "The agenda is empty." in words(here.messages(PETRA)[-1])


def test_the_facts_are_posted_into_a_thread_after_a_look(here: World) -> None:
    play_a_week(here)
    ts = says(here, JONAS, "Website leads are bad", "C01")
    here.slack.shortcut(PETRA, "council_facts", "C01", ts)
    here.slack.submit(PETRA, council_of="source:website")  # a look: nothing is posted yet
    settle(here)
    assert ours(here, ts) == []
    here.slack.submit(PETRA)
    settle(here)
    (text,) = ours(here, ts)
    assert "*Website: the last four weeks, and the four before*" in text
    assert "Share of leads accepted: 4 of 6 (67 %)\n" in text and "before" not in text.splitlines()[1]
    assert "Jonas" not in text
    here.slack.again()
    settle(here)
    assert len(ours(here, ts)) == 1


def test_a_look_back_on_time_that_is_known_tells_what_was_before(here: World) -> None:
    for number, days in ((1, 10), (2, 40), (3, 7)):
        here.clock.advance(days=days)
        lead_for(here, "jonas", number)
    ts = says(here, JONAS, "Website leads are bad", "C01")
    here.slack.shortcut(PETRA, "council_facts", "C01", ts)
    here.slack.submit(PETRA, council_of="source:website")
    here.slack.submit(PETRA)
    settle(here)
    (text,) = ours(here, ts)
    assert "Leads that came in: 1, before 1\n" in text


def test_a_look_at_a_stage(here: World) -> None:
    play_a_week(here)
    ts = says(here, JONAS, "Nobody qualifies anything", "C01")
    here.slack.shortcut(PETRA, "council_facts", "C01", ts)
    here.slack.submit(PETRA, council_of="stage:sal")
    here.slack.submit(PETRA)
    settle(here)
    assert ours(here, ts) == [
        "*Accepted: the last four weeks, and the four before*\nLeads that entered it: 4\nIn it now: 3"
    ]


def test_a_far_day_is_refused(here: World) -> None:
    here.slack.command(PETRA, "/council", "decide")
    told = {"council_what": "Something", "council_owner": ANA, "council_due": "9999-12-31"}
    assert "within a year" in str(here.slack.submit(PETRA, **told))


def test_where_tandem_is_no_member_whoever_asked_is_told(here: World) -> None:
    here.slack.set_up({"channels": [{"id": "C09", "name": "private", "members": [PETRA], "is_private": True}]})
    here.sandbox.workspace.channels["C09"].members.discard("U0BOT")
    ts = says(here, PETRA, "Hm", "C09")
    here.slack.shortcut(PETRA, "council_facts", "C09", ts)
    here.slack.submit(PETRA, council_of="source:website")
    here.slack.submit(PETRA)
    settle(here)
    assert any("Tandem is not in that channel" in m["text"] for m in here.cards(PETRA))


def test_what_may_be_for_quality_is_checked_in_these_forms_too(here: World) -> None:
    here.slack.command(PETRA, "/council", "agenda add A patient got a rash from the electrodes")
    here.slack.submit(PETRA)
    with here.services.reading() as session:
        assert session.scalars(select(AgendaItem)).all() == []
    here.slack.submit(PETRA)  # the check, as it stands: it is for quality
    with here.services.reading() as session:
        assert session.scalars(select(AgendaItem)).all() == []


def test_the_list_of_decisions_stays_one_message_however_often_one_taps(here: World) -> None:
    for what in ("Ask webinar guests", "Call every lead", "Print the sheet"):
        decide(here, council_what=what)
    here.slack.command(PETRA, "/council", "decisions")
    before = len(here.whispers(PETRA))
    for left in (2, 1):
        here.tap(PETRA, "council_done")
        assert len(here.whispers(PETRA)) == before
        assert words(here.messages(PETRA)[-1]).count("[Done]") == left


def test_more_decisions_than_fit_have_pages(here: World) -> None:
    for number in range(14):
        decide(here, council_what=f"Decision {number:02d}")
    here.slack.command(PETRA, "/council", "decisions")
    assert "Decision 11" in words(here.messages(PETRA)[-1]) and "Decision 12" not in words(here.messages(PETRA)[-1])
    here.tap(PETRA, "council_decisions")
    assert "Decision 13" in words(here.messages(PETRA)[-1]) and "Decision 11" not in words(here.messages(PETRA)[-1])
    here.tap(PETRA, "council_done")  # what is left of this page stays in sight, and then the page before
    left = words(here.messages(PETRA)[-1])
    assert ("Decision 12" in left) != ("Decision 13" in left) and "Decision 11" not in left
    here.tap(PETRA, "council_done")
    assert "Decision 11" in words(here.messages(PETRA)[-1])


def test_drop_asks_before_it_drops(here: World) -> None:
    decide(here)
    here.slack.command(PETRA, "/council", "decisions")
    taps = [tap for block in here.messages(PETRA)[-1]["blocks"] for tap in block.get("elements", ())]
    (drop,) = [tap for tap in taps if tap.get("action_id") == "council_drop"]
    assert drop["confirm"]["deny"]["text"] == "Keep it"
