"""The ladder: silent at half, a message at three quarters, the person and their manager past it, and then it moves."""

from datetime import date, timedelta

from bot.journal.service import OPERATOR
from bot.people import meeting
from bot.people.tables import Person
from jobs.ladder import climb_ladders
from tests.sla.kit import JONAS, MIA, NOAH, PETRA, POLICY, choose, lead_for, newest, owed, rang, steps
from tests.world import World, at, changed, words


def test_a_lead_nobody_answers_is_reminded_warned_and_past_its_time(anywhere: World) -> None:
    """Nine o'clock on Monday, eight working hours, and Jonas works from eight to five: due at five."""
    here = anywhere
    lead_for(here, "jonas")
    here.tick()
    assert len(rang(here, JONAS)) == 1
    here.pass_time("2026-11-23T12:05:00+00:00")  # four of eight hours: silent
    assert len(rang(here, JONAS)) == 1
    assert "Please answer by *Mon 17:00*, half the time has gone" in newest(here, JONAS)
    here.pass_time("2026-11-23T14:10:00+00:00")
    assert rang(here, JONAS)[1:] == ["Mon 15:05 1 lead needs your answer by 17:00."]
    assert newest(here, JONAS).splitlines() == [
        "*1 lead needs your answer*",
        "*Mon 17:00* Answer: Doctor 1, Lab 1",
        "Read the CellScan price guide, came Mon 09:00",
        "[Accept]",
        "[Reject…]",
        "[Open]",
        "Petra hears Tue 11:00, to help",
    ]
    assert words(here.cards(JONAS)[0]).endswith("The newest message about it is further down.")
    here.pass_time("2026-11-24T11:00:00+00:00")
    # Past it at five, when the day ends: told with the brief of the next morning, and to Petra at eleven.
    assert rang(here, JONAS)[2:] == ["Tue 08:00 Your Tuesday: 1 thing, first since Mon 17:00."]
    assert rang(here, PETRA) == ["Tue 11:00 1 promise needs a hand: past the agreed time."]
    assert "*Jonas, since Mon 17:00* Answer: Doctor 1, Lab 1" in newest(here, PETRA)
    rungs = [("remind", False), ("warn", True), ("late", True), ("move", False)]
    assert [(rung, rings) for _, rung, rings in steps(here)] == rungs
    assert owed(here)[0].outcome is None  # of Jonas' own account: it moves by Petra's tap only


def test_several_within_two_minutes_are_one_message(here: World) -> None:
    for number in (1, 2, 3):
        lead_for(here, "jonas", number)
        here.clock.advance(seconds=50)
        here.tick()
    here.pass_time("2026-11-23T14:15:00+00:00", 1)
    assert rang(here, JONAS)[3:] == ["Mon 15:02 3 leads need your answer by 17:00."]
    told = newest(here, JONAS).splitlines()
    assert told[0] == "*3 leads need your answer*"
    assert [line for line in told if "* Answer: " in line] == [
        "*Mon 17:00* Answer: Doctor 1, Lab 1",
        "*Tue 08:00* Answer: Doctor 2, Lab 2",
        "*Tue 08:01* Answer: Doctor 3, Lab 3",
    ]
    assert told.count("Petra hears Tue 11:00, to help") == 1


def test_a_row_shows_what_came_of_it_with_undo_and_the_next_step(here: World) -> None:
    for number in (1, 2):
        lead_for(here, "jonas", number)
    here.tick()
    here.pass_time("2026-11-23T14:15:00+00:00")
    here.tap(JONAS, "lead_accept", block_id="owed-1")
    here.tick()
    told = newest(here, JONAS)
    assert told.splitlines()[0] == "*1 lead needs your answer*"
    assert "✓ Yours since Mon 15:15\nFirst contact by *Wed 13:15*" in told
    assert "[Reached]\n[No answer…]\n[Undo until 15:20]" in told
    here.tap(JONAS, "lead_undo", block_id="owed-1")
    here.tick()
    assert newest(here, JONAS).splitlines()[0] == "*2 leads need your answer*"


def test_nothing_rings_after_it_was_done(here: World) -> None:
    lead_for(here, "jonas")
    here.tick()
    here.clock.turn_to(here.clock.now() + timedelta(hours=6, seconds=30))
    climb_ladders(here.services)  # the warning waits two minutes for company
    here.tap(JONAS, "lead_accept")
    here.pass_time("2026-11-23T15:00:00+00:00")
    assert len(rang(here, JONAS)) == 1


def test_late_and_done_is_kept_with_what_it_took(anywhere: World) -> None:
    here = anywhere
    lead_for(here, "jonas")
    here.pass_time("2026-11-24T08:00:00+00:00", 30)
    here.tap(JONAS, "lead_accept")
    done = owed(here, "answer")[0]
    assert (done.outcome, done.late_owner_id, done.next_step_at) == ("missed", 2, None)
    assert done.worked_seconds == 9 * 3600  # from nine to five, and from eight to nine
    assert done.waited_seconds == 24 * 3600


def test_an_answer_and_a_first_contact_run_side_by_side_with_the_next(here: World) -> None:
    lead_for(here, "jonas")
    here.tick()
    here.tap(JONAS, "lead_accept")
    here.tick()
    assert [(o.kind, o.outcome) for o in owed(here)] == [("answer", "met"), ("first_contact", None)]
    here.pass_time("2026-11-24T11:10:00+00:00", 30)  # three quarters of sixteen hours
    assert rang(here, JONAS)[-1].endswith("1 lead waits for your first contact by 16:00.")
    assert "*Tue 16:00* Call: Doctor 1, Lab 1" in newest(here, JONAS)
    assert "<tel:+49305550101|+49 30 5550 101>" in newest(here, JONAS)


def test_of_a_hot_lead_the_manager_hears_at_once(here: World) -> None:
    demo = [{"kind": "demo_request", "asset": "CellScan", "at": "2026-11-23T07:59:00Z"}]
    lead_for(here, "jonas", touches=demo)
    here.tick()
    here.pass_time("2026-11-23T08:20:00+00:00", 1)
    assert rang(here, JONAS) == [
        "Mon 09:00 Lab 1 asked for a demo of CellScan. Please answer now, by 09:15.",
        "Mon 09:12 1 lead needs your answer by 09:15.",
        "Mon 09:15 Past the agreed time: 1 lead needs your answer.",
    ]
    assert rang(here, PETRA) == ["Mon 09:15 1 promise needs a hand: past the agreed time."]


def test_a_lead_given_out_in_turn_moves_to_a_colleague_by_itself(anywhere: World) -> None:
    """France has no territory: the pool of inside sales. Mia sleeps; two hours each, moved after three."""
    here = anywhere
    here.lead(country="France")
    here.tick()
    first = owed(here)[0].owner_id
    other = {5: 6, 6: 5}[first]
    here.pass_time("2026-11-23T20:00:00+00:00", 15)
    told = owed(here, "answer")
    assert [(o.owner_id, o.outcome) for o in told[:2]] == [(first, "missed"), (other, None)]
    user, to = {5: (MIA, "Noah"), 6: (NOAH, "Mia")}[first]
    told = words(here.cards(user)[-1])
    assert f"It went to {to}, past the agreed time. Nothing to do for you." in told


def test_a_lead_of_ones_account_moves_only_by_the_managers_tap(here: World) -> None:
    lead_for(here, "jonas")
    here.pass_time("2026-11-25T15:00:00+00:00", 60)
    assert [o.owner_id for o in owed(here, "answer")] == [2]
    here.tap(PETRA, "sla_reassign")
    here.slack.submit(PETRA, lead_receiver="3", lead_handed_with="Please call them today.")
    here.tick()
    # What was late stays late, also when it is handed on; Dana's own time begins anew.
    assert [(o.owner_id, o.outcome) for o in owed(here, "answer")] == [(2, "missed"), (3, None)]
    assert "Please call them today." in newest(here, "U03")


def test_two_workers_and_a_second_look_make_each_step_once(anywhere: World) -> None:
    here = anywhere
    for number in range(5):
        lead_for(here, "jonas", number)
    here.clock.turn_to(here.clock.now() + timedelta(hours=6, minutes=5))
    for _ in range(3):
        climb_ladders(here.services)
    assert len(steps(here)) == 10
    assert [rings for _, rung, rings in steps(here) if rung == "warn"] == [True] * 5
    here.tick()
    assert len(rang(here, JONAS)) == len(set(rang(here, JONAS)))


def test_after_an_outage_the_last_step_rings_and_not_each_of_them(here: World) -> None:
    lead_for(here, "jonas")
    here.tick()
    here.clock.turn_to(here.clock.now() + timedelta(days=1, minutes=28))  # too late for that morning's brief
    here.tick()
    here.clock.advance(minutes=2)
    here.tick()
    assert [(rung, rings) for _, rung, rings in steps(here)] == [("remind", False), ("warn", False), ("late", True)]
    assert rang(here, JONAS)[1:] == ["Tue 09:30 Past the agreed time: 1 lead needs your answer."]


def test_a_changed_policy_moves_no_running_deadline_and_no_step(here: World) -> None:
    lead_for(here, "jonas")
    before = owed(here)[0]
    hasty = changed(POLICY, targets=tuple(t.model_copy(update={"minutes": 30}) for t in POLICY.targets))
    here.services.put_policy_in_force(hasty)
    here.tick()
    after = owed(here)[0]
    assert (after.deadline_at, after.next_step_at, after.ladder) == (
        before.deadline_at, before.next_step_at, before.ladder,
    )  # fmt: skip
    lead_for(here, "jonas", 2)
    assert owed(here)[1].deadline_at == here.clock.now() + timedelta(minutes=30)


def test_changed_hours_move_no_running_deadline_but_when_it_rings(here: World) -> None:
    """Jonas now begins at ten: what runs keeps its deadline, and is not told of before ten."""
    lead_for(here, "jonas")
    before = owed(here)[0].deadline_at
    with here.services.begin() as session:
        ten = {day: ["10:00-14:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
        meeting.say_hours(session, 2, OPERATOR, here.clock.now(), hours=ten)
    here.pass_time("2026-11-24T10:00:00+00:00", 10)
    assert owed(here)[0].deadline_at == before
    assert all("10:" <= line[4:] < "14:" for line in rang(here, JONAS)[1:])


def test_a_changed_zone_moves_no_running_deadline_and_shows_it_in_the_new_one(here: World) -> None:
    lead_for(here, "jonas")
    here.tick()
    before = owed(here)[0].deadline_at
    assert "Please answer by *Mon 17:00*" in words(here.cards(JONAS)[0])
    with here.services.begin() as session:
        meeting.say_hours(session, 2, OPERATOR, here.clock.now(), zone="Europe/London")
    here.slack.command(JONAS, "/sla", "mine")
    assert owed(here)[0].deadline_at == before
    assert "*Mon 16:00* Answer: Doctor 1, Lab 1" in words(here.messages(JONAS)[-1])


def test_a_day_off_that_is_agreed_later_moves_no_running_deadline(here: World) -> None:
    """Tuesday becomes a day of the company: what runs stays due, what begins now is due on Wednesday."""
    here.clock.turn_to(at("2026-11-23T15:00:00+00:00"))
    lead_for(here, "jonas")
    before = owed(here)[0].deadline_at
    assert before == at("2026-11-24T14:00:00+00:00")
    closed = {
        name: calendar.model_copy(update={"company_days": (date(2026, 11, 24),)})
        for name, calendar in POLICY.calendars.items()
    }
    here.services.put_policy_in_force(changed(POLICY, calendars=closed))
    here.tick()
    assert owed(here)[0].deadline_at == before
    lead_for(here, "jonas", 2)
    assert owed(here)[1].deadline_at == at("2026-11-25T14:00:00+00:00")


def test_an_absence_that_is_known_counts_out_from_the_beginning(here: World) -> None:
    here.slack.command(JONAS, "/tandem", "out 2026-11-24..2026-11-24")
    here.clock.turn_to(at("2026-11-23T15:00:00+00:00"))
    lead_for(here, "jonas")
    assert (owed(here)[0].owner_id, owed(here)[0].deadline_at) == (2, at("2026-11-25T14:00:00+00:00"))


def test_a_brief_comes_at_the_new_beginning_of_a_day_whose_hours_were_changed(here: World) -> None:
    lead_for(here, "jonas")
    here.pass_time("2026-11-23T12:00:00+00:00", 60)
    with here.services.begin() as session:
        early = {day: ["06:00-14:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
        meeting.say_hours(session, 2, OPERATOR, here.clock.now(), hours=early)
    here.pass_time("2026-11-24T07:30:00+00:00", 10)
    assert any(line.startswith("Tue 06:00 Your Tuesday") for line in rang(here, JONAS))


def test_a_lead_quiet_for_ten_working_days_owes_a_next_step(here: World) -> None:
    lead_for(here, "jonas")
    here.tick()
    for action in ("lead_accept", "lead_reached", "lead_qualify"):
        here.tap(JONAS, action)
        here.tick()
    assert owed(here, "next_step") == []
    here.pass_time("2026-12-07T12:00:00+00:00", 240)
    assert [(o.kind, o.outcome) for o in owed(here, "next_step")] == [("next_step", None)]
    here.pass_time("2026-12-08T08:00:00+00:00", 60)
    assert "Next step: Doctor 1, Lab 1\nQuiet since Mon 23 Nov 09:00" in newest(here, JONAS)
    here.tap(JONAS, "lead_plan")
    here.slack.submit(JONAS, lead_plan_what="Send the quote", lead_plan_until="2026-12-15")
    here.tick()
    assert [o.outcome for o in owed(here, "next_step")] in (["met"], ["missed"])
    here.pass_time("2026-12-16T08:00:00+00:00", 240)
    assert [o.outcome for o in owed(here, "next_step")][1:] == [None]
    assert "planned: “Send the quote”" in str([words(card) for card in here.cards(JONAS)])


def test_a_manager_off_work_hears_of_a_hot_lead_when_their_day_begins(here: World) -> None:
    """Mia is in New York; Petra, who leads her, has gone home in Berlin. Noah, the fallback, is at work and hears."""
    policy = changed(POLICY, routing=POLICY.routing.model_copy(update={"fallback": "noah@helix.example"}))
    here.services.put_policy_in_force(policy)
    with here.services.begin() as session:
        session.get_one(Person, 6).zone = "America/New_York"  # Noah is at work while Petra sleeps
    here.clock.turn_to(at("2026-11-23T18:00:00+00:00"))
    here.tick()
    lead_for(here, "mia", 1, touches=[{"kind": "demo_request", "asset": "CellScan", "at": "2026-11-23T17:59:00Z"}])
    here.pass_time("2026-11-23T18:20:00+00:00", 1)
    assert any("needs a hand" in line for line in rang(here, NOAH))
    assert rang(here, PETRA) == []
    here.pass_time("2026-11-24T07:05:00+00:00", 10)
    assert any("Tue 08:00" in line for line in rang(here, PETRA))


def test_of_somebody_whom_nobody_leads_the_fallback_hears_with_their_next_day(here: World) -> None:
    """Petra leads sales, and nobody leads her; what she does not answer at night in Berlin is Noah's to hear of."""
    policy = changed(POLICY, routing=POLICY.routing.model_copy(update={"fallback": "noah@helix.example"}))
    here.services.put_policy_in_force(policy)
    lead_for(here, "jonas", touches=[{"kind": "demo_request", "asset": "CellScan", "at": "2026-11-23T07:59:00Z"}])
    here.tick()
    here.pass_time("2026-11-23T08:13:00+00:00", 1)
    choose(here, JONAS, "hand_over")
    here.slack.submit(JONAS, lead_receiver="1", lead_handed_with="Please.")
    with here.services.begin() as session:
        session.get_one(Person, 6).zone = "America/New_York"  # Noah's day begins at two in the afternoon of Berlin
    here.pass_time("2026-11-23T13:30:00+00:00", 5)
    assert [o.outcome for o in owed(here) if o.owner_id == 1] == [None]
    heard = [line for line in rang(here, NOAH) if "needs a hand" in line or "Your Monday" in line]
    assert heard and heard[0].startswith("Mon 14:0")
