"""The home tab, opened and tapped as people do, over signed HTTP against the local Slack."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.council import service as council
from bot.council.service import Decided
from bot.home.rules import AT_ONCE
from bot.journal.service import OPERATOR
from bot.leads.blocks import ACCEPT, REJECT, UNDO
from bot.outbox.limits import check_view
from bot.outbox.tables import Message
from bot.people import service as people
from bot.people.tables import Person
from sandbox.client import Refused
from tests.conftest import TurnedClock
from tests.world import World, changed, world

Json = dict[str, Any]
PETRA, JONAS, DANA, LIAM, ANA, NELL = "U01", "U02", "U03", "U04", "U07", "U91"


@pytest.fixture
def here(database_url: str, clock: TurnedClock) -> Iterator[World]:
    with world(database_url, clock) as made:
        yield made


def home_of(here: World, user: str) -> Json | None:
    found: Json | None = here.slack.sees(user)["home"]
    return found


def opened(here: World, user: str) -> str:
    here.slack.home(user)
    here.deliver()
    return told(here, user)


def told(here: World, user: str) -> str:
    """Everything a person reads on their home tab, line by line."""
    lines = []
    for block in (home_of(here, user) or {"blocks": []})["blocks"]:
        lines += [block["text"]["text"]] if "text" in block else []
        for element in block.get("elements", []):
            shown = element.get("text", {"text": "⋯"})
            lines.append(shown if isinstance(shown, str) else f"[{shown['text']}]")
    return "\n".join(lines)


def publishes(here: World) -> int:
    return sum(name == "views.publish" for _, name, _ in here.sandbox.calls)


def lead_for(here: World, user: str, number: int = 1, **more: Any) -> None:
    owner = {JONAS: "jonas", DANA: "dana", LIAM: "liam"}[user]
    said = {
        "external_id": f"h-{number}",
        "email": f"h{number}@lab{number}.example",
        "name": f"Contact {number}",
        "company": f"Lab {number}",
        "account_owner": f"{owner}@helix.example",
    }
    here.lead(**{**said, **more})


# -- a rep -------------------------------------------------------------------------------------------------------


def test_a_rep_sees_open_leads_by_deadline_with_their_buttons(here: World) -> None:
    lead_for(here, JONAS, 1)
    here.clock.advance(hours=1)
    lead_for(here, JONAS, 2)
    lines = opened(here, JONAS).splitlines()
    assert lines == [
        "Your open leads",
        "*Mon 17:00* Answer: Contact 1, Lab 1, Berlin",
        "[Accept]",
        "[Reject…]",
        "[Open]",
        "*Tue 09:00* Answer: Contact 2, Lab 2, Berlin",
        "[Accept]",
        "[Reject…]",
        "[Open]",
        "*This week:* nothing answered yet",
        "[Field feedback]",
        "[Objection]",
        "As of Mon 10:00",
    ]


def test_a_rep_without_leads_is_told_so(here: World) -> None:
    assert "Nothing waits for you." in opened(here, JONAS)


def test_a_tap_in_the_home_tab_shows_at_once_what_came_of_it(here: World) -> None:
    lead_for(here, JONAS)
    opened(here, JONAS)
    here.slack.tap_in_view(JONAS, ACCEPT)
    here.services.sender().step()  # without the clock moving: the ten seconds are for others' changes
    while here.services.sender().step():
        pass
    seen = told(here, JONAS)
    assert "First contact: Contact 1" in seen
    assert "[Undo until 09:05]" in seen
    assert "*This week:* 1 accepted, 0 sent back" in seen
    here.slack.tap_in_view(JONAS, UNDO)
    here.deliver()
    assert "[Accept]" in told(here, JONAS)


def test_a_lead_is_sent_back_from_the_home_tab(here: World) -> None:
    lead_for(here, JONAS)
    opened(here, JONAS)
    here.slack.tap_in_view(JONAS, REJECT)
    here.slack.submit(JONAS, lead_reject_reason="no_budget")
    while here.services.sender().step():
        pass
    seen = told(here, JONAS)
    assert "Nothing waits for you." in seen
    assert "*This week:* 0 accepted, 1 sent back" in seen
    assert "↩ Mon 09:00 sent back: Contact 1, Lab 1, Berlin (No budget this year)" in seen


def test_the_home_tab_says_when_half_the_time_has_gone_and_rings_nobody(here: World) -> None:
    lead_for(here, JONAS)
    here.tick()
    assert "Half the time has gone" not in opened(here, JONAS)
    rang = len(here.slack.notifications(JONAS))
    here.pass_time("2026-11-23T12:31:00+00:00", 15)
    assert "Half the time has gone" in told(here, JONAS)
    assert len(here.slack.notifications(JONAS)) == rang


def test_a_deal_quiet_for_long_owes_a_next_step_in_the_home_tab(here: World) -> None:
    lead_for(here, JONAS)
    here.tick()
    for action in ("lead_accept", "lead_reached", "lead_qualify"):
        here.tap(JONAS, action)
        here.tick()
    opened(here, JONAS)
    here.pass_time("2026-12-07T12:00:00+00:00", 240)
    shown = opened(here, JONAS)
    assert "Next step: Contact 1, Lab 1" in shown and "[Next step…]" in shown
    here.slack.tap_in_view(JONAS, "lead_plan")
    here.slack.submit(JONAS, lead_plan_what="Send the quote", lead_plan_until="2026-12-15")
    here.deliver()
    assert "Next step: Contact 1, Lab 1" not in told(here, JONAS)


def test_an_outdated_tap_in_the_home_tab_is_answered_in_a_small_modal(here: World) -> None:
    lead_for(here, JONAS)
    opened(here, JONAS)
    here.deliver()
    here.slack.tap(JONAS, f"D{JONAS[1:]}", here.cards(JONAS)[-1]["ts"], ACCEPT)
    here.slack.tap_in_view(JONAS, ACCEPT)
    modal = here.slack.sees(JONAS)["modal"]
    assert "You accepted this lead" in modal["blocks"][0]["text"]["text"]


def test_many_leads_are_paged_and_stay_within_slacks_limits(here: World) -> None:
    size = AT_ONCE["mine"]
    for number in range(size * 2 + 1):
        lead_for(here, JONAS, number, name="N" * 190, company=f"{number} " + "C" * 190)
    seen = opened(here, JONAS)
    assert f"1–{size} of {size * 2 + 1}" in seen
    assert "[‹ Back]" not in seen
    for _ in range(2):
        here.slack.tap_in_view(JONAS, "home_next")
        here.deliver()
    seen = told(here, JONAS)
    assert f"{size * 2 + 1}–{size * 2 + 1} of {size * 2 + 1}" in seen
    assert "[Next ›]" not in seen
    home = home_of(here, JONAS)
    assert home is not None and check_view({"type": "home", "blocks": home["blocks"]}) == []
    here.slack.tap_in_view(JONAS, "home_back")
    here.deliver()
    assert f"{size + 1}–{size * 2} of {size * 2 + 1}" in told(here, JONAS)


def test_the_last_page_stays_a_page_when_its_leads_are_done(here: World) -> None:
    size = AT_ONCE["mine"]
    for number in range(size + 1):
        lead_for(here, JONAS, number)
    opened(here, JONAS)
    here.slack.tap_in_view(JONAS, "home_next")
    here.deliver()
    here.slack.tap_in_view(JONAS, REJECT)
    here.slack.submit(JONAS, lead_reject_reason="no_budget")
    here.deliver()
    assert told(here, JONAS).count("[Accept]") == size


# -- marketing ---------------------------------------------------------------------------------------------------


def test_a_marketer_sees_what_was_accepted_and_what_made_it_good_then_what_came_back_by_reason(here: World) -> None:
    lead_for(here, JONAS, 1)
    lead_for(here, DANA, 2)
    lead_for(here, LIAM, 3)
    lead_for(here, LIAM, 4, campaign="cellscan-launch")  # Marc's, who is not here: Ana is the fallback
    here.deliver()
    here.tap(JONAS, ACCEPT)
    here.tap(DANA, REJECT)
    here.slack.tap_in_view(DANA, "lead_reject_reason", selected_option="other")
    here.slack.submit(DANA, lead_reject_reason="other", lead_reject_sentence="They <b>bought</b> from another maker.")
    lines = opened(here, ANA).splitlines()
    assert lines[0] == "Yours to do" and lines[1].endswith("Look at: 1 lead that came back: Something else")
    assert lines[2:5] == ["Contact 2, Lab 2, Berlin", "[Recycle…]", "[Look through…]"]
    lines = lines[lines.index("What became of your leads") :]
    assert lines[:3] == [
        "What became of your leads",
        "*Last 14 days:* 1 accepted, 1 came back; 2 wait for an answer now",
        "*What made the accepted ones good:* hospital lab (1), 600+ beds (1), heads the lab (1), phone known (1), "
        "read the price guide (1)",
    ]
    assert "✓ *Contact 1, Lab 1, Berlin* → Jonas, Mon 09:00" in lines
    assert "MEDICA 2026: hospital lab, 600+ beds, heads the lab" in lines
    assert lines[-4:-1] == [
        "*Came back, by reason*",
        "*1 Something else:* Contact 2, Lab 2, Berlin",
        "> “They &lt;b&gt;bought&lt;/b&gt; from another maker.” Dana",
    ]


def test_what_is_older_than_a_fortnight_is_left_out(here: World) -> None:
    lead_for(here, JONAS)
    here.deliver()
    here.tap(JONAS, ACCEPT)
    here.clock.advance(days=15)
    assert "None of your leads was answered in the last 14 days." in opened(here, ANA)


# -- a manager ---------------------------------------------------------------------------------------------------


def test_a_manager_sees_the_team_by_person_and_what_is_past_its_time(here: World) -> None:
    lead_for(here, JONAS, 1)
    for number in range(2, 9):
        lead_for(here, DANA, number)
    here.deliver()
    here.tap(JONAS, ACCEPT)
    here.clock.advance(days=1)
    lines = opened(here, PETRA).splitlines()
    assert lines[0] == "Your team’s promises" and lines[1].startswith("*7 promises wait past the agreed time*")
    begins = lines.index("Your team’s open leads")
    assert lines[begins + 1] == "*8 open leads*, 7 past the agreed time"
    assert "*Dana Fischer:* 7 open, 7 past the agreed time" in lines
    assert lines.count("and 2 more") == 1
    assert "*Jonas Brandt:* 1 open" in lines
    assert "*Tue 18:00* First contact: Contact 1, Lab 1, Berlin" not in lines  # 16 hours of working time, not 33
    assert "*Liam Walsh:* nothing open" in lines
    assert next(name for name in lines if ":*" in name and "open" in name).startswith("*Dana")


def test_a_qualified_lead_is_in_hand_and_owes_nothing(here: World) -> None:
    lead_for(here, JONAS)
    here.deliver()
    here.tap(JONAS, ACCEPT)
    here.deliver()
    here.tap(JONAS, "lead_more", selected_option="qualified:1")
    here.clock.advance(days=3)
    assert "*Qualified:* Contact 1, Lab 1, Berlin" in opened(here, JONAS)
    assert "*Jonas Brandt:* 1 open, qualified" in opened(here, PETRA)


def test_with_figures_of_single_people_off_nobody_is_counted(here: World) -> None:
    lead_for(here, JONAS)
    here.deliver()
    here.tap(JONAS, ACCEPT)
    assert "*Jonas Brandt:* 1 open" in opened(here, PETRA)
    assert "1 of 1 in time" in opened(here, JONAS)
    here.services.put_policy_in_force(changed(here.services_policy(), people_figures=False))
    here.clock.advance(minutes=1)
    assert "*Jonas Brandt:*" not in opened(here, PETRA)
    assert "in time" not in opened(here, JONAS)


def test_who_left_still_stands_there_as_long_as_they_hold_leads(here: World) -> None:
    lead_for(here, JONAS)
    here.deliver()
    here.tap(JONAS, ACCEPT)
    with here.services.begin() as session:
        for person in session.scalars(select(Person).where(Person.name.in_(["Jonas Brandt", "Dana Fischer"]))):
            person.active = False
    seen = opened(here, PETRA)
    assert "*Jonas Brandt:* 1 open" in seen
    assert "Dana" not in seen


def test_where_more_is_owed_than_fits_the_home_tab_says_so_and_stays_within_limits(here: World) -> None:
    for number in range(1, 10):
        here.lead(external_id=f"m-{number}", email=f"m{number}@m{number}.example", company=f"M {number}")
    here.deliver()
    with here.services.under_rules() as (session, rules):
        petra = people.by_id(session, 1)
        for number in range(1, 13):
            day = (here.clock.now() + timedelta(days=number)).date()
            decided = Decided(f"Something to carry out {number}", petra.id, day)
            assert council.decide(session, decided, petra, rules, f"d{number}", OPERATOR, here.clock.now())
    seen = opened(here, PETRA)
    assert "There is more: `/sla mine` shows all of it." in seen
    assert "and 7 more" in seen  # five decisions of twelve
    home = home_of(here, PETRA)
    assert home is not None and check_view({"type": "home", "blocks": home["blocks"]}) == []


def test_hostile_and_long_data_stay_text_and_within_limits_in_every_part(here: World) -> None:
    for number in range(5):
        lead_for(here, JONAS, number, name=f"<!channel> &*{'x' * 180}", company=f"{number} <@U01> {'&' * 180}")
    here.deliver()
    for _ in range(3):
        here.tap(JONAS, ACCEPT, which=0)
        here.clock.advance(seconds=2)
        here.deliver()
    for _ in range(2):
        here.tap(JONAS, REJECT, which=-1)
        here.slack.tap_in_view(JONAS, "lead_reject_reason", selected_option="other")
        sentence = "<!here> " + "&" * 900
        here.slack.submit(JONAS, lead_reject_reason="other", lead_reject_sentence=sentence)
        here.deliver()
    for user in (JONAS, ANA, PETRA):
        opened(here, user)
        home = home_of(here, user)
        assert home is not None and check_view({"type": "home", "blocks": home["blocks"]}) == []
        assert "&lt;" in told(here, user)
        assert not any(live in told(here, user) for live in ("<!", "<@"))


# -- kept fresh, and calm ----------------------------------------------------------------------------------------


def test_it_is_published_at_most_every_ten_seconds_whatever_happens(here: World) -> None:
    opened(here, JONAS)
    before = publishes(here)
    for number in range(6):
        lead_for(here, JONAS, number)
        while here.services.sender().step():
            pass
    assert publishes(here) == before
    here.clock.advance(seconds=10)
    while here.services.sender().step():
        pass
    assert publishes(here) == before + 1
    assert told(here, JONAS).count("[Accept]") == 6


def test_pending_publishes_of_a_person_collapse_into_one(here: World) -> None:
    opened(here, JONAS)
    before = publishes(here)
    for number in range(4):
        lead_for(here, JONAS, number)
        here.slack.home(JONAS)
    here.clock.advance(minutes=1)
    here.deliver()
    assert publishes(here) == before + 1
    assert told(here, JONAS).count("[Accept]") == 4


def test_nobody_who_never_opened_it_has_one(here: World) -> None:
    lead_for(here, JONAS)
    here.deliver()
    here.tap(JONAS, ACCEPT)
    here.deliver()
    assert publishes(here) == 0


def test_it_is_kept_fresh_for_a_week_after_it_was_opened_and_then_rests(here: World) -> None:
    opened(here, JONAS)
    here.clock.advance(days=6)
    lead_for(here, JONAS, 1)
    here.deliver()
    assert "Contact 1" in told(here, JONAS)
    here.clock.advance(days=2)
    before = publishes(here)
    lead_for(here, JONAS, 2)
    here.deliver()
    assert publishes(here) == before
    assert "Contact 2" in opened(here, JONAS)


def test_it_changes_by_itself_when_something_falls_due(here: World) -> None:
    lead_for(here, JONAS)
    opened(here, JONAS)
    here.clock.advance(hours=8)  # due at this very instant: not late yet
    here.deliver()
    assert "*Waiting since Mon 17:00* Answer: Contact 1" in told(here, JONAS)


def test_it_begins_a_new_week_at_the_readers_midnight(here: World) -> None:
    lead_for(here, JONAS)
    here.deliver()
    here.tap(JONAS, ACCEPT)
    here.clock.advance(days=5)  # Saturday
    assert "*This week:* 1 accepted" in opened(here, JONAS)
    here.clock.advance(days=1, hours=15)
    here.deliver()
    assert "*This week:* nothing answered yet" in told(here, JONAS)


def test_opening_a_form_is_no_reason_to_publish(here: World) -> None:
    lead_for(here, JONAS)
    opened(here, JONAS)
    before = publishes(here)
    here.slack.tap_in_view(JONAS, REJECT)
    here.deliver()
    assert publishes(here) == before


def test_an_opening_told_twice_publishes_once(here: World) -> None:
    opened(here, JONAS)
    before = publishes(here)
    here.slack.again()
    here.clock.advance(minutes=1)
    here.deliver()
    assert publishes(here) == before


def test_a_stranger_who_opens_it_harms_nobody(here: World) -> None:
    assert here.slack.home(NELL)["status"] == 200
    here.deliver()
    assert home_of(here, NELL) is None


@pytest.mark.parametrize("fault", ["accept_and_drop", "drop", "500", "429"])
def test_what_slack_did_not_take_or_did_not_answer_is_published_again(here: World, fault: str) -> None:
    here.slack.faults({"fault": fault, "method": "views.publish", "times": 1, "seconds": 2})
    here.slack.home(JONAS)
    for _ in range(3):
        here.clock.advance(minutes=1)
        here.deliver()
    assert "Nothing waits for you." in told(here, JONAS)
    assert publishes(here) == (2 if fault == "accept_and_drop" else 1)
    with here.services.reading() as session:
        message = session.scalars(select(Message).where(Message.op == "publish")).one()
        assert (message.state, message.sent_revision) == ("sent", 1)


def test_a_home_tab_costs_the_same_number_of_questions_however_many_leads_there_are(here: World) -> None:
    def questions() -> int:
        asked: list[str] = []

        def count(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            asked.append(statement)

        event.listen(here.services.engine, "before_cursor_execute", count)
        opened(here, PETRA)
        opened(here, ANA)
        event.remove(here.services.engine, "before_cursor_execute", count)
        return len(asked)

    lead_for(here, JONAS, 0)
    here.deliver()
    opened(here, PETRA), opened(here, ANA)
    here.clock.advance(minutes=1)
    few = questions()
    for number in range(1, 13):
        lead_for(here, (JONAS, DANA, LIAM)[number % 3], number)
    here.deliver()
    here.clock.advance(minutes=2)
    here.deliver()
    here.clock.advance(minutes=1)
    assert questions() == few


def test_only_who_it_is_for_can_use_its_buttons(here: World) -> None:
    lead_for(here, JONAS)
    opened(here, JONAS)
    opened(here, DANA)
    with pytest.raises(Refused):
        here.slack.tap_in_view(DANA, ACCEPT)
