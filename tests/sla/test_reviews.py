"""What came back is marketing's to look at: by reason in one row, nagged as one, and done with in one form."""

from sqlalchemy import select

from bot.leads.tables import Lead
from bot.people import service as people
from tests.sla.kit import ANA, JONAS, PETRA, choose, lead_for, newest, owed, rang
from tests.world import World, words


def came_back(here: World, number: int, reason: str = "no_budget") -> None:
    """A lead that Jonas sends back; past his day's budget from a list."""
    lead_for(here, "jonas", number)
    here.tick()
    here.slack.command(JONAS, "/lead", "mine")
    mine = here.messages(JONAS)[-1]
    here.slack.tap(JONAS, "D02", mine["ts"], "lead_reject")
    here.slack.submit(JONAS, lead_reject_reason=reason)
    here.tick()


def stages(here: World) -> list[str]:
    with here.services.reading() as session:
        return list(session.scalars(select(Lead.stage).order_by(Lead.id)))


def home(here: World, user: str) -> str:
    here.slack.home(user)
    here.tick()
    view = here.slack.sees(user)["home"] or {"blocks": []}
    return "\n".join(
        str(block.get("text", {}).get("text", "")) + "".join(f"[{e['text']['text']}]" for e in block.get("elements", [])
                                                            if isinstance(e.get("text"), dict))
        for block in view["blocks"]
    )  # fmt: skip


def test_leads_with_one_reason_are_one_row_and_nagged_as_one(anywhere: World) -> None:
    here = anywhere
    for number in range(7):
        came_back(here, number)
        here.clock.advance(minutes=5)
    came_back(here, 7, "duplicate")
    assert len(owed(here, "review")) == 8
    told = home(here, ANA)
    assert (
        "Look at: 7 leads that came back: No budget this year\nDoctor 0, Lab 0, Berlin; Doctor 1, Lab 1, Berlin; "
        in told
    )
    assert "[Recycle all 7…][Look through…]" in told
    here.pass_time("2026-11-25T10:00:00+00:00", 30)
    reminders = [line for line in rang(here, ANA) if "reason" in line]
    assert len(reminders) <= 3, reminders  # and not one for each of eight leads
    assert "*2 reasons to look at*" in newest(here, ANA) or "Recycle all 7…" in str(here.cards(ANA))


def test_recycle_all_at_once_until_a_day(here: World) -> None:
    for number in range(3):
        came_back(here, number)
    here.pass_time("2026-11-24T15:00:00+00:00", 30)
    here.tap(ANA, "lead_recycle")
    modal = str(here.slack.sees(ANA)["modal"])
    assert "No budget this year" in modal and "Doctor 2, Lab 2" in modal
    here.slack.submit(ANA, lead_review_until="2027-03-01")
    here.tick()
    assert stages(here) == ["recycled"] * 3
    assert {o.outcome for o in owed(here, "review")} == {"met"}
    assert "✓ Looked at" in newest(here, ANA)
    with here.services.reading() as session:
        assert session.scalars(select(Lead.returns_at)).first().isoformat()[:10] == "2027-03-01"
    assert "It returns on 1 March." in words(here.cards(JONAS)[-1]) or "returns" in str(here.cards(JONAS))


def test_disqualify_some_and_leave_the_others(here: World) -> None:
    for number in range(3):
        came_back(here, number)
    here.pass_time("2026-11-24T15:00:00+00:00", 30)
    here.tap(ANA, "lead_review")
    here.slack.submit(ANA, lead_review_step="disqualified", lead_review_leads=["2"])
    assert stages(here) == ["rejected", "disqualified", "rejected"]
    assert [o.outcome for o in owed(here, "review")] == [None, "met", None]


def test_contest_asks_the_manager_to_look_again_once(here: World) -> None:
    came_back(here, 1)
    here.pass_time("2026-11-24T15:00:00+00:00", 30)
    here.tap(ANA, "lead_review")
    said = here.slack.submit(ANA, lead_review_step="contested")
    assert "say in a sentence" in str(said)
    here.slack.submit(ANA, lead_review_step="contested", lead_review_sentence="They have budget from January.")
    here.tick()
    assert "*Ana hands you this:* “They have budget from January.”" in newest(here, PETRA)
    here.tap(PETRA, "lead_reject")
    here.slack.submit(PETRA, lead_reject_reason="no_budget")
    here.pass_time("2026-11-26T15:00:00+00:00", 60)
    here.tap(ANA, "lead_review")
    assert "Ask sales to look again" not in str(here.slack.sees(ANA)["modal"])


def test_data_is_owed_until_the_lead_comes_again_complete(here: World) -> None:
    came_back(here, 1, "bad_contact")
    owes = owed(here, "data")[0]
    assert (owes.owner_id, owes.outcome) == (7, None)
    here.pass_time("2026-11-23T15:10:00+00:00", 10)
    assert "Complete: Doctor 1, Lab 1" in str([words(card) for card in here.cards(ANA)])
    lead_for(here, "jonas", 1, phone="+49 30 5550 999")
    here.tick()
    assert owed(here, "data")[0].outcome == "met"


def test_undoing_a_rejection_owes_nothing_to_look_at(here: World) -> None:
    lead_for(here, "jonas", 1)
    here.tick()
    here.tap(JONAS, "lead_reject")
    here.slack.submit(JONAS, lead_reject_reason="no_budget")
    here.tick()
    here.tap(JONAS, "lead_undo")
    assert [o.outcome for o in owed(here, "review")] == ["cancelled"]
    assert [o.outcome for o in owed(here, "answer")] == [None]


def test_a_group_is_handed_over_as_one(here: World) -> None:
    for number in range(3):
        came_back(here, number)
    here.pass_time("2026-11-24T15:00:00+00:00", 30)
    with here.services.begin() as session:
        people.by_id(session, 1).team = "both"
    choose(here, ANA, "hand_over")
    here.slack.submit(ANA, sla_give_to="1")
    here.tick()
    assert {o.owner_id for o in owed(here, "review")} == {1}
    here.clock.advance(minutes=5)
    here.tick()
    assert "3 leads that came back: No budget this year" in newest(here, PETRA)
