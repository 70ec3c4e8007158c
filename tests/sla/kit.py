"""What the tests of promises share: leads for one rep, what rang on whose phone, what is owed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.sla.tables import LadderDone, Obligation
from config.policy import Pings, Policy
from tests.world import ROOT, World, changed, words

PETRA, JONAS, DANA, LIAM, MIA, NOAH, ANA = (f"U0{n}" for n in range(1, 8))
POLICY = Policy.load(ROOT / "config" / "policy.toml")
ZONES = {LIAM: "Europe/London", MIA: "America/New_York"}


def calm(**changes: object) -> Policy:
    """The usual rules with another `[calm]`."""
    return changed(POLICY, calm=POLICY.calm.model_copy(update=changes))


def pings(number: int) -> Pings:
    return Pings(field=number, sdr=number, others=number)


def lead_for(here: World, email: str, number: int = 1, **said: object) -> int:
    """A lead of the account of one person."""
    told = {
        "external_id": f"l-{number}",
        "email": f"n{number}@lab{number}.example",
        "name": f"Doctor {number}",
        "company": f"Lab {number}",
        "account_owner": f"{email}@helix.example",
    }
    return here.lead(**{**told, **said}).lead_id


def rang(here: World, user: str) -> list[str]:
    """What rang on somebody's phone: `Mon 15:06 2 leads need …`, in their own zone."""
    zone = ZoneInfo(ZONES.get(user, "Europe/Berlin"))
    told = here.slack.notifications(user)
    return [f"{datetime.fromtimestamp(n['at'], zone):%a %H:%M} {n['text']}" for n in told]


def newest(here: World, user: str) -> str:
    return words(here.cards(user)[-1])


def owed(here: World, kind: str | None = None) -> list[Obligation]:
    with here.services.reading() as session:
        found = session.scalars(select(Obligation).order_by(Obligation.id)).all()
    return [o for o in found if kind in (None, o.kind)]


def steps(here: World) -> list[tuple[int, str, bool]]:
    with here.services.reading() as session:
        done = session.scalars(select(LadderDone).order_by(LadderDone.id)).all()
    return [(step.obligation_id, step.rung, step.rang) for step in done]


def choose(here: World, user: str, what: str, which: int = -1) -> None:
    """Choose an item behind ⋯ of a promise, on the newest message that has it."""
    for message in reversed(here.cards(user)):
        for block in message["blocks"]:
            for element in [*block.get("elements", []), block.get("accessory", {})]:
                if element.get("action_id") == "sla_more":
                    values = [o["value"] for o in element["options"]]
                    chosen = next((v for v in values if v.startswith(f"{what}:")), None)
                    if chosen:
                        channel, block_id = f"D{user[1:]}", block.get("block_id")
                        here.slack.tap(
                            user, channel, message["ts"], "sla_more", block_id=block_id, selected_option=chosen
                        )
                        return
    raise AssertionError(f"nobody offers {user} to {what}")
