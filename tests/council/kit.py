"""What the council's tests share: a week that is played, the job until nothing is left, what stands in the channel."""

from typing import Any

from jobs.council import brief_council
from jobs.field import bring_reports
from tests.sla.kit import DANA, JONAS, PETRA, POLICY, lead_for
from tests.world import World, changed, with_plenty, words

Json = dict[str, Any]
GOALS = tuple(
    goal.model_copy(update={"sales": "petra@helix.example", "marketing": "ana@helix.example"})
    for goal in POLICY.council.goals
)
COUNCIL = with_plenty(changed(POLICY, council=POLICY.council.model_copy(update={"goals": GOALS})))
BRIEFED = "2026-11-30T07:00:30+00:00"  # a Monday, eight in Berlin


def play_a_week(here: World) -> None:
    """Of six leads four are taken, one is qualified and won, two come back; the price is too high for two customers."""
    for number, rep in enumerate(("jonas", "jonas", "jonas", "dana", "dana", "dana"), 1):
        lead_for(here, rep, number, company=f"Lab {number}")
    here.tick()
    for rep in (JONAS, DANA):
        here.clock.advance(minutes=20)
        here.tap(rep, "lead_accept")
        here.tick()
        here.tap(rep, "lead_accept", which=0)
        here.tick()
    for rep in (JONAS, DANA):
        here.tap(rep, "lead_reject")
        here.slack.submit(rep, lead_reject_reason="no_budget")
    here.clock.advance(minutes=30)
    here.tick()
    here.tap(JONAS, "lead_reached", which=0)
    here.clock.advance(minutes=30)
    here.tick()
    here.tap(JONAS, "lead_qualify", which=0)
    here.tick()
    here.tap(JONAS, "lead_win", which=0)
    here.slack.submit(JONAS, lead_value="84000")
    for user in (JONAS, DANA):
        here.slack.command(user, "/objection", "")
        here.slack.submit(user, field_said="Who trains my night shift, and at that price?", field_kind="price")
    here.clock.advance(minutes=10)
    bring_reports(here.services)
    here.tick()


def brief(here: World, until: str = BRIEFED) -> int:
    """Turn to the council's hour, and let the worker do everything that follows."""
    here.pass_time(until, 120)
    return settle(here)


def settle(here: World) -> int:
    """Job and sender in turn until both have nothing left; how much the job did."""
    done = idle = 0
    while idle < 2:  # what was just uploaded waits some seconds before it is shown
        did = brief_council(here.services)
        here.clock.advance(seconds=15)
        sent = here.deliver(60)
        idle, done = (0, done + did) if did or sent else (idle + 1, done)
    return done


def channel(here: World) -> list[Json]:
    """What stands in the council's channel, without threads."""
    return [m for m in here.messages(PETRA, "C02") if not m.get("thread_ts") or m["thread_ts"] == m["ts"]]


def thread(here: World, message: Json) -> list[Json]:
    """What hangs below a message, in order."""
    found = here.sandbox.workspace.messages["C02"]
    return [m.as_slack("U0BOT") for m in found if m.thread_ts == message["ts"] and m.ts != message["ts"]]


def everything_said(messages: list[Json]) -> str:
    return "\n".join(words(m) for m in messages)
