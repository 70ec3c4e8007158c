"""The facts about the real leads of Olist, held against the same counted in plain Python from the raw files."""

import csv
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.council import breakdown, gather, measures
from bot.council.rules import Span, Week
from bot.journal.service import OPERATOR, rules_in_force
from bot.leads import outcomes
from bot.leads.files import Mapped, rows
from bot.leads.outcomes import OutcomeMapping, Result
from bot.leads.service import Mode, receive
from bot.people import roster
from bot.services import Services
from config.council import Measure
from config.policy import Policy
from tests import olist
from tests.conftest import TurnedClock
from tests.conftest import olist as olist_folder
from tests.world import ROOT, settings_for

ZONE = ZoneInfo("America/Sao_Paulo")
FEW = 200  # origins of fewer leads stand in no table
ALL = Span(datetime(2017, 1, 1, tzinfo=ZONE), datetime(2019, 1, 1, tzinfo=ZONE))


def raw(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@contextmanager
def history(url: str, clock: TurnedClock, leads_file: Path, deals_file: Path, folder: Path) -> Iterator[Services]:
    """The leads as history, nobody told of them, and the deals that were closed, with who closed them."""
    services = Services.build(settings_for(url, "http://127.0.0.1:9/api/"), clock)
    services.put_policy_in_force(Policy.load(olist.POLICY))
    mapping = Mapped.load(olist.MAPPING)
    with services.under_rules() as (session, rules):
        people = [
            roster.RosterRow.model_validate({"name": id_, "email": f"{id_}@o.example", "team": "sales", "roles": "sdr"})
            for id_ in olist.sdr_ids(folder)
        ]
        members = {row.email: roster.Member(f"U{n:03d}", "T0", "UTC", is_guest=False) for n, row in enumerate(people)}
        roster.write(session, roster.match(people, members.get))
        for row in rows(leads_file, mapping):
            assert row.lead is not None
            receive(session, row.lead, mapping.source, rules, OPERATOR, clock.now(), Mode.HISTORY)
    closed = OutcomeMapping.load(ROOT / "bench" / "olist" / "outcomes.toml")
    with services.under_rules() as (session, rules):
        for outcome in outcomes.rows(deals_file, closed):
            brought = outcomes.bring(session, outcome, closed.source, rules, OPERATOR, clock.now())
            assert brought.result in (Result.WON, Result.FLAGGED, Result.UNKNOWN)
    yield services
    services.engine.dispose()


def compare(services: Services, leads: list[dict[str, str]], deals: list[dict[str, str]]) -> dict[str, Any]:
    """Every figure both ways; what stands in docs/metrics.md."""
    known = {lead["mql_id"]: lead for lead in leads}
    won = {deal["mql_id"]: deal for deal in deals if deal["mql_id"] in known}

    def by(column: str) -> dict[str, tuple[int, int]]:
        told: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for lead in leads:
            told[lead[column]][0] += 1
            told[lead[column]][1] += lead["mql_id"] in won
        return {what: (number, hits) for what, (number, hits) in told.items()}

    took = {
        mql: (
            datetime.fromisoformat(deal["won_date"]).replace(tzinfo=ZONE).astimezone(UTC)
            - datetime.combine(datetime.fromisoformat(known[mql]["first_contact_date"]), time(), ZONE).astimezone(UTC)
        )
        / timedelta(minutes=1)
        for mql, deal in won.items()
    }
    days = sorted(took.values())
    of_sdr: dict[str, list[float]] = defaultdict(list)
    for mql, deal in won.items():
        of_sdr[deal["sdr_id"]].append(took[mql])
    with services.reading() as session:
        policy = rules_in_force(session).policy

        def broken_down(*ways: str) -> list[breakdown.Group]:
            return breakdown.of(session, date(2017, 1, 1), date(2018, 12, 31), ways, policy.zone)

        for way, column in (("field:origin", "origin"), ("campaign", "landing_page_id")):
            assert {one.keys[0]: (one.leads, one.won) for one in broken_down(way)} == by(column)
        months = Counter(lead["first_contact_date"][:7] for lead in leads)
        for month, number in months.items():
            first = datetime.fromisoformat(f"{month}-01").replace(tzinfo=ZONE)
            after = (first + timedelta(days=32)).replace(day=1)
            assert measures.read(session, Measure.LEADS, Span(first, after), policy).value == number
        per_month = Counter((lead["origin"], lead["first_contact_date"][:7]) for lead in leads)
        assert per_month == {one.keys: one.leads for one in broken_down("field:origin", "month")}
        assert measures.read(session, Measure.WON, ALL, policy).value == len(won)
        (everything,) = broken_down("source")
        assert everything.days == pytest.approx(days[-(-len(days) // 2) - 1] / 24 / 60)
        sold = {one.keys[0]: one.won for one in broken_down("won_by") if one.won}
        assert sold == Counter(deal["sdr_id"] for deal in won.values())
        for one in broken_down("won_by"):
            if one.won:
                assert one.days == pytest.approx(statistics.median_low(of_sdr[one.keys[0]]) / 24 / 60)
        weeks = Counter(Week.of(datetime.fromisoformat(lead["first_contact_date"]).date()) for lead in leads)
        week = max(weeks, key=lambda one: weeks[one])
        facts = gather.facts_of(session, week, rules_in_force(session), services.now())
        assert facts.flow.entered["came"].now == weeks[week]
        assert facts.flow.entered["came"].weeks == tuple(weeks[week.later(n)] for n in range(-7, 1))
        origins = [one for one in broken_down("field:origin") if one.leads >= FEW]
    return {
        "leads": len(leads),
        "won": len(won),
        "days": statistics.median_low(days) / 24 / 60,
        "busiest": week.code,
        "origins": [f"| {one.keys[0]} | {one.leads:,} | {one.won} | {_percent(one)} |" for one in origins],
    }


def _percent(one: breakdown.Group) -> str:
    return f"{100 * one.won / one.leads:.1f} %"


def test_some_hundred_of_them(sqlite_url: str, clock: TurnedClock, tmp_path: Path) -> None:
    folder = olist_folder()
    leads = raw(folder, olist.LEADS_FILE)[:900]
    with (tmp_path / "leads.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(leads[0]))
        writer.writeheader()
        writer.writerows(leads)
    with history(sqlite_url, clock, tmp_path / "leads.csv", folder / olist.DEALS_FILE, folder) as services:
        told = compare(services, leads, raw(folder, olist.DEALS_FILE))
    assert told["leads"] == 900 and told["won"]


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_all_8000(kind: str, request: pytest.FixtureRequest, clock: TurnedClock) -> None:
    folder = olist_folder()
    url = request.getfixturevalue(f"{kind}_url")
    with history(url, clock, folder / olist.LEADS_FILE, folder / olist.DEALS_FILE, folder) as services:
        told = compare(services, raw(folder, olist.LEADS_FILE), raw(folder, olist.DEALS_FILE))
    assert told["won"] == 842
    docs = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    assert [line for line in docs.splitlines() if line in told["origins"]] == told["origins"]
    assert f"within {told['days']:.1f} days" in docs and told["busiest"] in docs
