"""Home tabs by role and `/tandem board`: the week that runs, as each needs it."""

from sqlalchemy import event

from bot.outbox.limits import check_view
from tests.council.kit import brief, play_a_week, settle
from tests.council.test_decisions import decide
from tests.home.test_home import home_of, opened
from tests.sla.kit import ANA, JONAS, PETRA, lead_for
from tests.world import World, words


def test_a_rep_sees_their_week(here: World) -> None:
    play_a_week(here)
    here.clock.advance(days=2)
    told = opened(here, JONAS)
    assert "*Promises this week:* 4 of 5 in time" in told
    assert "Both teams this week" not in told and "Your team’s promises" not in told


def test_a_marketer_sees_what_resonates(here: World) -> None:
    play_a_week(here)
    told = opened(here, ANA)
    assert "What resonates, last four weeks\nMEDICA 2026: 4 of 6 (67 %) taken by sales" in told


def test_a_manager_sees_what_waits_and_who_is_away_the_council_its_goals(here: World) -> None:
    play_a_week(here)
    decide(here)
    here.slack.command(JONAS, "/tandem", "out 2026-11-26..2026-11-27 backup @dana")
    here.pass_time("2026-11-25T09:00:00+00:00", 120)
    told = opened(here, PETRA)
    assert "Your team’s promises\n" in told
    assert "Away: Jonas Brandt, 26–27 November, Dana Fischer stands in" in told
    assert "Both teams this week: Week 48, 23–29 November" in told
    assert "1 of 120 SQLs\nDay 56 of 92; this pace gives 2" in told
    assert "Ask webinar guests about budget: Ana, by 4 Dec" in told
    view = home_of(here, PETRA)
    assert view is not None and not list(check_view(view))
    rows = next(block for block in view["blocks"] if block["type"] == "table")["rows"]
    assert [cell["text"] for cell in rows[1]] == ["In time", "7 of 10", "0 of 4"]
    here.slack.close_modal(PETRA)
    here.slack.tap_in_view(PETRA, "council_done")
    settle(here)
    assert "*Decided, open:* nothing" in opened(here, PETRA)


def test_a_manager_sees_how_much_each_has_to_do_and_who_needs_a_hand_first(here: World) -> None:
    for number, rep in enumerate(("jonas", "jonas", "dana"), 1):
        lead_for(here, rep, number)
    here.tick()
    assert "*To do now:* Jonas 2; Dana 1" in opened(here, PETRA)
    here.tap(JONAS, "lead_accept")
    here.tap(JONAS, "lead_accept", which=0)
    here.pass_time("2026-11-24T09:00:00+00:00", 240)  # Dana did not answer in eight hours
    told = opened(here, PETRA)
    assert "*To do now:* Dana 1, 1 past its time; Jonas 2" in told
    assert told.index("*Dana Fischer:*") < told.index("*Jonas Brandt:*")


def test_the_newest_picture_stands_there(here: World) -> None:
    play_a_week(here)
    brief(here)
    opened(here, PETRA)
    view = home_of(here, PETRA)
    shown = [block for block in (view or {"blocks": []})["blocks"] if block["type"] == "image"]
    assert len(shown) == 1 and shown[0]["alt_text"].startswith(
        "In time: sales 7 of 10, marketing 0 of 6. Promises kept in"
    )


def test_the_board_tells_anyone_what_is_theirs_and_both_teams(here: World) -> None:
    play_a_week(here)
    for user, own in ((JONAS, "in time"), (ANA, "What resonates"), (PETRA, "Your team’s promises")):
        here.slack.command(user, "/tandem", "board")
        told = words(here.messages(user)[-1])
        assert "Both teams this week: Week 48" in told and own in told.partition("Both teams")[0]
    assert "[Drop]" not in words(here.messages(JONAS)[-1])


def test_a_home_tab_asks_as_much_however_many_decisions_there_are(here: World) -> None:
    play_a_week(here)

    def asked() -> int:
        statements: list[str] = []

        def count(_c: object, _u: object, statement: str, *_: object) -> None:
            statements.append(statement)

        event.listen(here.services.engine, "before_cursor_execute", count)
        opened(here, PETRA)
        event.remove(here.services.engine, "before_cursor_execute", count)
        return len(statements)

    decide(here)
    opened(here, PETRA)
    here.clock.advance(minutes=11)
    few = asked()
    for number in range(5):
        decide(here, council_what=f"Another {number}")
    settle(here)
    here.clock.advance(minutes=11)
    assert asked() <= few + 2
