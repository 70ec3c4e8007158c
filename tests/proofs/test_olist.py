"""The real leads of Olist: imported fast, once, and brought to 32 SDRs as fast as Slack's limits allow."""

import csv
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.journal.service import OPERATOR
from bot.leads import outcomes
from bot.leads.files import Mapped, count_lines, rows
from bot.leads.outcomes import OutcomeMapping
from bot.leads.service import Mode, Result, receive
from bot.leads.tables import Lead, Offer
from bot.outbox.tables import Conversation, Message
from bot.services import Services
from config.policy import Policy
from sandbox.slack import Sandbox
from tests import olist
from tests.conftest import TurnedClock
from tests.conftest import olist as olist_folder
from tests.world import ROOT

CALL_SECONDS = 0.15
BATCH = 100


def bring_in(services: Services, file: Path, mode: Mode) -> dict[Result, int]:
    """What `tandem leads import` does, without its progress bar."""
    mapping, counted = Mapped.load(olist.MAPPING), defaultdict(int)
    found = list(rows(file, mapping))
    for begin in range(0, len(found), BATCH):
        with services.under_rules() as (session, rules):
            now = services.now()
            for row in found[begin : begin + BATCH]:
                assert row.lead is not None
                counted[receive(session, row.lead, mapping.source, rules, OPERATOR, now, mode).result] += 1
    return counted


def first_leads(folder: Path, number: int, into: Path) -> Path:
    with (folder / olist.LEADS_FILE).open(encoding="utf-8") as file:
        into.write_text("".join(line for _, line in zip(range(number + 1), file, strict=False)), "utf-8")
    return into


def least_seconds(conversations: Sequence[str]) -> float:
    """What Slack's limits alone require, one caller with 150 ms a call: computed from the rules, not from Tandem.

    A direct message is opened once; then one post a second in a conversation, 300 in any minute of a workspace.
    """
    now = CALL_SECONDS * len(set(conversations))
    posted: list[float] = []
    last: dict[str, float] = {}
    for conversation in conversations:
        now = max(now, last.get(conversation, -1.0) + 1.0, posted[-300] + 60 if len(posted) >= 300 else 0.0)
        posted.append(now)
        last[conversation] = now
        now += CALL_SECONDS
    return now


def send_all(services: Services, clock: TurnedClock) -> float:
    """Step one sender to the end; how long that took on the clock, at 150 ms a call."""
    began = clock.now()
    sender = replace(services.sender(), after_claim=lambda _claim: clock.advance(seconds=CALL_SECONDS))
    while True:
        if not sender.step():
            wake = sender.next_wake_at()
            if wake is None:
                return (clock.now() - began).total_seconds()
            clock.turn_to(wake)


def check_delivered(services: Services, sandbox: Sandbox, leads: int) -> None:
    """Every lead's card stands exactly once, with its own SDR, in the order the leads came."""
    with services.reading() as session:
        expected: dict[str, list[str]] = defaultdict(list)
        cards = select(Conversation.channel, Message.delivery_id).join(Message).order_by(Message.id)
        for channel, delivery_id in session.execute(cards):
            expected[channel].append(delivery_id)
        assert session.scalar(select(func.count()).select_from(Offer)) == leads
    stands = {
        channel: [m.metadata["event_payload"]["delivery_id"] for m in messages if m.metadata]
        for channel, messages in sandbox.workspace.messages.items()
    }
    assert stands == dict(expected)
    assert sum(map(len, stands.values())) == leads
    assert max(map(len, stands.values())) - min(map(len, stands.values())) <= 1


def prove_pace(url: str, clock: TurnedClock, file: Path, folder: Path) -> None:
    leads = count_lines(file)
    with olist.company(url, clock, folder) as (services, sandbox, _), tempfile.TemporaryDirectory() as rules:
        services.put_policy_in_force(Policy.load(olist.one_by_one(Path(rules))))  # pace is of posts, not of bundles
        assert bring_in(services, file, Mode.OFFER) == {Result.NEW: leads}
        took = send_all(services, clock)
        check_delivered(services, sandbox, leads)
        with services.reading() as session:
            order = session.scalars(select(Offer.person_id).order_by(Offer.id)).all()
        least = least_seconds([str(person) for person in order])
        print(
            f"\n{leads} cards in {took:.1f} s on the clock; the limits alone require {least:.1f} s: {took / least:.3f}"
        )
        assert took <= 1.05 * least


def test_a_few_hundred_real_leads_as_fast_as_the_limits_allow(
    sqlite_url: str, clock: TurnedClock, tmp_path: Path
) -> None:
    folder = olist_folder()
    prove_pace(sqlite_url, clock, first_leads(folder, 240, tmp_path / "leads.csv"), folder)


def test_a_second_import_changes_nothing(sqlite_url: str, clock: TurnedClock, tmp_path: Path) -> None:
    folder = olist_folder()
    file = first_leads(folder, 300, tmp_path / "leads.csv")
    with olist.company(sqlite_url, clock, folder) as (services, _, _):
        bring_in(services, file, Mode.OFFER)
        before = everything(services)
        clock.advance(hours=1)
        assert bring_in(services, file, Mode.OFFER) == {Result.UNCHANGED: 300}
        assert everything(services) == before


def everything(services: Services) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, requests and policies apart."""
    with services.reading() as session:
        tables = Lead.metadata.sorted_tables
        return {t.name: [tuple(row) for row in session.execute(t.select().order_by(t.c.id))] for t in tables}


@pytest.mark.proof
def test_all_8000_leads_as_fast_as_the_limits_allow(sqlite_url: str, clock: TurnedClock) -> None:
    folder = olist_folder()
    prove_pace(sqlite_url, clock, folder / olist.LEADS_FILE, folder)


@pytest.mark.proof
def test_8000_rows_come_in_within_20_seconds_and_once(sqlite_url: str, clock: TurnedClock) -> None:
    folder = olist_folder()
    file = folder / olist.LEADS_FILE
    with olist.company(sqlite_url, clock, folder) as (services, _, _):
        began = time.perf_counter()
        assert bring_in(services, file, Mode.OFFER) == {Result.NEW: 8000}
        took = time.perf_counter() - began
        assert bring_in(services, file, Mode.OFFER) == {Result.UNCHANGED: 8000}
        print(f"\n8,000 rows in {took:.1f} s; again, without any change, in {time.perf_counter() - began - took:.1f} s")
    assert took < 20


def test_the_mapping_reads_every_row(tmp_path: Path) -> None:
    file = olist_folder() / olist.LEADS_FILE
    with file.open(encoding="utf-8", newline="") as opened:
        ids = [row["mql_id"] for row in csv.DictReader(opened)]
    found = list(rows(file, Mapped.load(olist.MAPPING)))
    assert [row.lead.external_id for row in found if row.lead] == ids


def test_the_842_deals_close_their_leads_and_the_odd_one_is_flagged(
    sqlite_url: str, clock: TurnedClock, tmp_path: Path
) -> None:
    """One deal was won before its lead's first contact: flagged, not dropped."""
    folder = olist_folder()
    with (folder / olist.DEALS_FILE).open(encoding="utf-8", newline="") as file:
        closed = {row["mql_id"] for row in csv.DictReader(file)}
    with (folder / olist.LEADS_FILE).open(encoding="utf-8") as file:
        kept = [line for n, line in enumerate(file) if n == 0 or line.split(",")[0] in closed]
    (tmp_path / "leads.csv").write_text("".join(kept), "utf-8")
    with olist.company(sqlite_url, clock, folder) as (services, _, _):
        bring_in(services, tmp_path / "leads.csv", Mode.HISTORY)
        mapping = OutcomeMapping.load(ROOT / "bench" / "olist" / "outcomes.toml")
        deals = list(outcomes.rows(folder / olist.DEALS_FILE, mapping))
        with services.under_rules() as (session, rules):
            now = clock.now()
            told = Counter(outcomes.bring(session, d, "olist", rules, OPERATOR, now).result.value for d in deals)
            again = Counter(outcomes.bring(session, d, "olist", rules, OPERATOR, now).result.value for d in deals)
    assert (told, again) == ({"won": 841, "flagged": 1}, {"unchanged": 842})
