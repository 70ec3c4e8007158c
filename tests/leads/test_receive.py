"""A lead comes in: which lead is it, what changes, and who hears of it. On both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select

from bot.journal.service import OPERATOR, Actor, ActorKind, RulesInForce
from bot.journal.tables import JournalEntry, Judgement
from bot.leads import answers, errors, scoring, steps
from bot.leads import service as leads
from bot.leads.answers import Rejection
from bot.leads.intake import LeadIn
from bot.leads.rules import Answer, Stage
from bot.leads.service import Mode, Received, Result
from bot.leads.tables import Account, Contact, Lead, LeadIdentity, LeadTouch, Offer
from bot.people import roster
from bot.people import service as people
from bot.services import Services
from bot.sla.tables import Obligation
from bot.store import Base, make_engine
from config.policy import Policy
from jobs.returns import bring_back
from tests.conftest import TurnedClock
from tests.world import ROOT, TEAM, WEBER, at, email_of, roster_rows, settings_for

Json = dict[str, Any]
HOSTILE = "\x00<!channel> <@U1> & \u202eRTL 🩺"
PETRA, JONAS, DANA, LIAM, MIA, NOAH, ANA = range(1, 8)
IRELAND = {"country": "Ireland"}  # Liam's alone


def policy_with(**changed: Any) -> Policy:
    agreed = Policy.load(ROOT / "config" / "policy.toml").model_dump(mode="json", by_alias=True)
    return Policy.model_validate({**agreed, **changed})


@dataclass
class Office:
    """The company of tests/world.py without its Slack: for what happens in the database alone."""

    services: Services
    clock: TurnedClock

    @classmethod
    def open(cls, engine: Engine, clock: TurnedClock, policy: Policy | None = None, **about: Json) -> "Office":
        """`about` says more of somebody by first name: `jonas={"capacity": 1}`."""
        url = engine.url.render_as_string(hide_password=False)
        services = Services.build(settings_for(url, "http://127.0.0.1:9"), clock, engine)
        services.put_policy_in_force(policy or policy_with())
        rows = [
            roster.RosterRow.model_validate({**row.model_dump(), **about.get(row.email.split("@")[0], {})})
            for row in roster_rows()
        ]
        members = {email_of(name): roster.Member(id_, "T0SANDBOX", zone, False) for id_, name, _, zone, *_ in TEAM}
        with services.begin() as session:
            roster.write(session, roster.match(rows, members.get))
        return cls(services, clock)

    # -- acting ----------------------------------------

    def receive(self, source: str = "website", mode: Mode = Mode.OFFER, **said: Any) -> Received:
        return self.receive_alone(source, mode, **{**WEBER, **said})

    def receive_alone(self, source: str = "website", mode: Mode = Mode.OFFER, **said: Any) -> Received:
        """Only what is said, nothing of Dr. Weber."""
        with self.services.under_rules() as (session, rules):
            incoming = LeadIn.model_validate(said)
            return leads.receive(session, incoming, source, rules, OPERATOR, self.clock.now(), mode)

    def accept(self, offer_id: int, who: int) -> Offer:
        with self.services.under_rules() as (session, rules):
            by = people.by_id(session, who)
            return answers.accept(session, offer_id, by, rules, actor(who), self.clock.now())

    def reject(self, offer_id: int, who: int, reason: str, **more: Any) -> Offer:
        with self.services.under_rules() as (session, rules):
            by = people.by_id(session, who)
            rejection = Rejection(reason, **more)
            return answers.reject(session, offer_id, rejection, by, rules, actor(who), self.clock.now())

    def undo(self, offer_id: int, who: int) -> Offer:
        with self.services.under_rules() as (session, rules):
            by = people.by_id(session, who)
            return steps.undo(session, offer_id, by, rules, actor(who), self.clock.now())

    def close(self, lead_id: int, stage: Stage) -> None:
        """What a later room will do: a lead was worked on and is done with."""
        with self.services.begin() as session:
            lead = session.get_one(Lead, lead_id)
            lead.stage, lead.stage_since, lead.owner_id = stage, self.clock.now(), None

    # -- looking ---------------------------------------

    def lead(self, lead_id: int) -> Lead:
        return self.one(Lead, id=lead_id)

    def offers(self, lead_id: int) -> list[Offer]:
        return self.all(Offer, lead_id=lead_id)

    def one(self, table: type[Any], **which: Any) -> Any:
        (found,) = self.all(table, **which)
        return found

    def all(self, table: type[Any], **which: Any) -> list[Any]:
        with self.services.reading() as session:
            return list(session.scalars(select(table).filter_by(**which).order_by(table.id)))

    def verbs(self, lead_id: int) -> list[str]:
        return [entry.verb for entry in self.all(JournalEntry, subject_kind="lead", subject_id=lead_id)]

    def outcomes(self, lead_id: int) -> dict[tuple[str, int], str | None]:
        """What became of each promise, by kind and round."""
        return {(o.kind, o.round): o.outcome for o in self.all(Obligation, subject_id=lead_id)}

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        with self.services.reading() as session:
            tables = Base.metadata.sorted_tables
            return {t.name: [tuple(row) for row in session.execute(t.select().order_by(t.c.id))] for t in tables}

    def rules(self) -> RulesInForce:
        with self.services.under_rules() as (_, rules):
            return rules


def actor(who: int) -> Actor:
    return Actor(ActorKind.PERSON, who)


@pytest.fixture
def office(sqlite_url: str, clock: TurnedClock) -> Iterator[Office]:
    engine = make_engine(sqlite_url)
    yield Office.open(engine, clock)
    engine.dispose()


@pytest.fixture
def anywhere(engine: Engine, clock: TurnedClock) -> Office:
    """The same on each database."""
    return Office.open(engine, clock)


# -- which lead is it ----------------------------------------


def test_the_external_id_of_a_source_is_an_update(anywhere: Office) -> None:
    first = anywhere.receive()
    again = anywhere.receive(email="miriam@example.org", phone="+49 30 1", city="Potsdam")
    assert (again.lead_id, again.result, again.offered_to) == (first.lead_id, Result.UPDATED, None)
    contact = anywhere.one(Contact)
    assert (contact.email, contact.phone, contact.name) == ("miriam@example.org", "+49 30 1", "Dr. Miriam Weber")
    assert anywhere.lead(first.lead_id).city == "Potsdam"
    assert len(anywhere.offers(first.lead_id)) == 1


def test_the_same_external_id_from_another_source_is_another_lead(office: Office) -> None:
    first = office.receive_alone("website", external_id="7")
    other = office.receive_alone("event", external_id="7")
    assert other.result == Result.NEW
    assert other.lead_id != first.lead_id


def test_an_email_joins_the_open_lead_of_its_contact_as_a_touch(anywhere: Office) -> None:
    first = anywhere.receive()
    touch = {"kind": "webinar", "asset": "Night shifts", "at": "2026-11-23T07:00:00Z"}
    second = anywhere.receive_alone("webinar", external_id="w-9", email="M.Weber@Example.org", touches=[touch])
    assert (second.lead_id, second.result) == (first.lead_id, Result.TOUCH)
    assert {t.kind for t in anywhere.all(LeadTouch)} == {"download", "webinar"}
    assert anywhere.lead(first.lead_id).engagement == 35
    assert {(i.source, i.external_id) for i in anywhere.all(LeadIdentity)} == {("website", "crm-1"), ("webinar", "w-9")}
    assert anywhere.receive_alone("webinar", external_id="w-9", email="m.weber@example.org").result == Result.UNCHANGED


@pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.LOST, Stage.DISQUALIFIED])
def test_a_closed_lead_within_the_window_is_recycled_and_offered_again(office: Office, stage: Stage) -> None:
    first = office.receive()
    office.accept(1, first.offered_to or 0)
    office.close(first.lead_id, stage)
    office.clock.advance(days=179)
    again = office.receive_alone("event", email="m.weber@example.org", touches=[{"kind": "demo_request"}])
    assert (again.lead_id, again.result) == (first.lead_id, Result.RECYCLED)
    assert again.offered_to is not None
    assert [o.round for o in office.offers(first.lead_id)] == [1, 2]
    assert office.lead(first.lead_id).stage == Stage.MQL


@pytest.mark.parametrize(("stage", "days"), [(Stage.LOST, 181), (Stage.WON, 1)])
def test_a_lead_closed_too_long_ago_or_won_is_a_new_one(office: Office, stage: Stage, days: int) -> None:
    first = office.receive()
    office.close(first.lead_id, stage)
    office.clock.advance(days=days)
    again = office.receive_alone("event", email="m.weber@example.org", touches=[{"kind": "demo_request"}])
    assert again.result == Result.NEW
    assert office.lead(again.lead_id).contact_id == office.lead(first.lead_id).contact_id
    assert office.lead(first.lead_id).stage == stage


def test_the_external_id_comes_before_the_email(office: Office) -> None:
    office.receive()
    other = office.receive(external_id="crm-2", email="b.novak@example.org", name="B. Novak")
    moved = office.receive(external_id="crm-2", email="m.weber@example.org")
    assert (moved.lead_id, moved.result) == (other.lead_id, Result.UPDATED)


def test_a_lead_by_external_id_alone_is_normal(office: Office) -> None:
    got = office.receive_alone(external_id="x-1", touches=[{"kind": "demo_request"}])
    assert (got.result, got.offered_to) == (Result.NEW, NOAH)  # it is night at Mia's
    assert office.lead(got.lead_id).contact_id is None
    assert office.all(Contact) == office.all(Account) == []


def test_a_lead_that_does_not_pass_waits_until_it_does(office: Office) -> None:
    got = office.receive(touches=[])
    assert (got.offered_to, office.lead(got.lead_id).stage) == (None, Stage.RAW)
    later = office.receive()
    assert (later.lead_id, later.offered_to) == (got.lead_id, JONAS)


def test_a_lead_without_id_and_email_is_refused() -> None:
    with pytest.raises(ValidationError, match="external_id or email is needed"):
        LeadIn.model_validate({"name": "Dr. Miriam Weber"})


# -- the same again ----------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        WEBER,
        {**WEBER, "external_id": None},
        {**WEBER, "external_id": None, "touches": [{"kind": "download", "asset": "price guide"}]},
        {"external_id": "only-this"},
        {**WEBER, "account_owner": "liam@helix.example", "domain": "charite.example"},
        {**WEBER, "received_at": "2026-11-20T08:00:00+01:00", "touches": [{"kind": "demo_request"}]},
        {**WEBER, "consent": {"do_not_contact": True}},
    ],
    ids=["all", "by e-mail", "undated touch", "by id alone", "with owner", "dated", "not to be contacted"],
)
def test_an_identical_lead_changes_no_row_of_any_table(office: Office, said: Json) -> None:
    office.receive_alone(**said)
    before = office.everything()
    office.clock.advance(hours=3)
    assert office.receive_alone(**said).result == Result.UNCHANGED
    assert office.everything() == before


def test_an_identical_lead_changes_no_row_on_either_database(anywhere: Office) -> None:
    anywhere.receive()
    before = anywhere.everything()
    anywhere.clock.advance(hours=3)
    assert anywhere.receive().result == Result.UNCHANGED
    assert anywhere.everything() == before


def test_two_leads_that_spell_their_company_differently_come_again_without_a_change(office: Office) -> None:
    two = (
        {**WEBER, "company": "Charité"},
        {**WEBER, "external_id": "crm-2", "email": "b@example.org", "company": "CHARITÉ"},
    )
    for said in two:
        office.receive_alone(**said)
    before = office.everything()
    assert [office.receive_alone(**said).result for said in two] == [Result.UNCHANGED] * 2
    assert office.everything() == before


def test_a_lead_kept_without_an_offer_is_offered_by_a_second_import_that_offers(office: Office) -> None:
    kept = office.receive(mode=Mode.KEEP)
    assert (kept.offered_to, office.offers(kept.lead_id)) == (None, [])
    assert office.receive(mode=Mode.KEEP).offered_to is None
    assert office.receive(mode=Mode.OFFER).offered_to == JONAS
    assert office.receive(mode=Mode.OFFER).offered_to is None
    assert len(office.offers(kept.lead_id)) == 1


def test_history_owes_and_sends_nothing_ever(office: Office) -> None:
    got = office.receive(mode=Mode.HISTORY, received_at="2025-03-01T09:00:00Z")
    office.receive(mode=Mode.OFFER)
    assert office.offers(got.lead_id) == office.all(Obligation) == []
    assert office.one(JournalEntry, verb="received").occurred_at == at("2025-03-01T09:00:00Z")


def test_text_with_a_nul_and_worse_comes_in_everywhere(anywhere: Office) -> None:
    """PostgreSQL stores no NUL; whoever sends one still has their lead taken."""
    texts = ("name", "title", "phone", "company", "account_type", "country", "city", "campaign")
    said: Json = dict.fromkeys(texts, HOSTILE) | {"external_id": HOSTILE, "email": "a@b.example"}
    said |= {"fields": {"note": HOSTILE}, "touches": [{"kind": "demo_request", "asset": HOSTILE}]}
    got = anywhere.receive_alone(**said)
    assert anywhere.one(Contact).name == HOSTILE.replace("\x00", "")
    assert got.offered_to is not None
    assert anywhere.receive_alone(**said).result == Result.UNCHANGED


@pytest.mark.parametrize("field", ["phone", "city", "country", "campaign", "account_type"])
def test_no_field_keeps_a_nul_which_postgresql_would_refuse(field: str) -> None:
    said = LeadIn.model_validate({"external_id": "x", field: "a\x00b"})
    assert getattr(said, field) == "ab"


# -- not to be contacted ----------------------------------------


def test_a_lead_not_to_be_contacted_is_never_offered(office: Office) -> None:
    got = office.receive(consent={"do_not_contact": True}, touches=[{"kind": "demo_request"}])
    again = office.receive(touches=[{"kind": "quote_request"}])
    assert (got.offered_to, again.offered_to, office.offers(got.lead_id)) == (None, None, [])


def test_asking_not_to_be_contacted_withdraws_the_waiting_offer(anywhere: Office) -> None:
    got = anywhere.receive()
    anywhere.receive(consent={"do_not_contact": True})
    (made,) = anywhere.offers(got.lead_id)
    assert (made.answer, made.reason) == (Answer.WITHDRAWN, "do_not_contact")
    assert anywhere.lead(got.lead_id).owner_id is None
    assert anywhere.outcomes(got.lead_id) == {("answer", 1): "cancelled"}
    with pytest.raises(errors.TooLate):
        anywhere.accept(made.id, made.person_id)


def test_who_may_be_contacted_again_is_offered_again(office: Office) -> None:
    got = office.receive(consent={"do_not_contact": True})
    assert office.receive(consent={"do_not_contact": False}).offered_to == JONAS
    assert len(office.offers(got.lead_id)) == 1


def test_a_lead_kept_and_not_to_be_contacted_is_not_offered_by_a_second_import(office: Office) -> None:
    office.receive(mode=Mode.KEEP)
    office.receive(mode=Mode.KEEP, consent={"do_not_contact": True})
    assert office.receive(consent={"do_not_contact": True}).offered_to is None
    assert office.all(Offer) == []


def test_not_to_be_contacted_holds_also_on_the_day_of_return(office: Office) -> None:
    got = office.receive(**IRELAND)
    office.reject(1, LIAM, "not_now", return_on=date(2026, 12, 1))
    office.receive(consent={"do_not_contact": True}, **IRELAND)
    office.clock.turn_to(at("2026-12-01T12:00:00Z"))
    bring_back(office.services)
    assert len(office.offers(got.lead_id)) == 1


def test_not_to_be_contacted_holds_for_every_lead_of_the_contact(office: Office) -> None:
    office.receive()
    second = office.receive_alone(external_id="crm-2", touches=[{"kind": "demo_request"}])
    office.receive_alone(external_id="crm-2", email="m.weber@example.org")
    office.receive(consent={"do_not_contact": True})
    assert [o.answer for o in office.all(Offer)] == [Answer.WITHDRAWN] * 2
    assert office.lead(second.lead_id).owner_id is None


def test_an_undo_offers_nobody_who_asked_not_to_be_contacted(office: Office) -> None:
    office.receive(**IRELAND)
    office.reject(1, LIAM, "no_budget")
    office.receive(consent={"do_not_contact": True}, **IRELAND)
    with pytest.raises(errors.LeadsError):
        office.undo(1, LIAM)
    assert office.one(Offer).answer == Answer.REJECTED


# -- coming back ----------------------------------------


def test_data_that_was_asked_for_and_then_sent_lets_the_lead_go_out_again(anywhere: Office) -> None:
    got = anywhere.receive(**IRELAND)
    anywhere.reject(1, LIAM, "bad_contact")
    assert (anywhere.lead(got.lead_id).awaits_data, anywhere.lead(got.lead_id).stage) == (True, Stage.REJECTED)
    assert anywhere.receive(**IRELAND).result == Result.UNCHANGED
    assert anywhere.lead(got.lead_id).awaits_data
    mended = anywhere.receive(phone="+353 1 555", **IRELAND)
    assert (mended.lead_id, mended.result) == (got.lead_id, Result.UPDATED)
    assert mended.offered_to not in (None, LIAM)
    assert not anywhere.lead(got.lead_id).awaits_data


def test_a_rejected_lead_that_only_comes_again_stays_rejected(office: Office) -> None:
    got = office.receive(**IRELAND)
    office.reject(1, LIAM, "no_budget")
    assert office.receive(city="Cork", **IRELAND).offered_to is None
    assert office.lead(got.lead_id).stage == Stage.REJECTED


def test_a_rejected_lead_that_does_something_new_is_recycled(office: Office) -> None:
    office.receive(**IRELAND)
    office.reject(1, LIAM, "no_budget")
    office.clock.advance(days=1)
    touch = {"kind": "quote_request", "asset": "CellScan", "at": office.clock.now().isoformat()}
    again = office.receive(touches=[touch], **IRELAND)
    assert (again.result, again.offered_to is not None) == (Result.RECYCLED, True)


def test_a_lead_that_waits_for_its_day_stays_quiet_unless_it_is_hot(office: Office) -> None:
    got = office.receive(**IRELAND)
    office.reject(1, LIAM, "not_now", return_on=date(2027, 3, 1))
    more = {"kind": "webinar", "asset": "Night shifts", "at": "2026-11-24T09:00:00Z"}
    assert office.receive(touches=[more], **IRELAND).offered_to is None
    hot = office.receive(touches=[{"kind": "demo_request", "at": "2026-11-25T09:00:00Z"}], **IRELAND)
    assert hot.offered_to is not None
    assert office.lead(got.lead_id).returns_at is None


# -- replay ----------------------------------------


def test_every_judgement_can_be_made_again_from_what_it_saw(anywhere: Office) -> None:
    anywhere.receive()
    anywhere.receive(external_id="2", email="k@example.org", touches=[{"kind": "demo_request", "asset": "CellScan"}])
    anywhere.receive_alone(external_id="3")
    anywhere.clock.advance(days=20)
    anywhere.receive(touches=[{"kind": "page", "asset": "price list", "at": "2026-12-10T08:00:00Z"}])
    kept = anywhere.all(Judgement, kind="score_and_gate")
    assert len(kept) == 4
    policy = anywhere.rules().policy
    for judgement in kept:
        facts, touches, now = scoring.from_inputs(judgement.inputs)
        scored = scoring.score(policy.score, facts, touches, now)
        verdict = scoring.judge(policy.gate, scored, facts, touches, now)
        told = judgement.outcome
        assert (scored.fit, scored.engagement) == (told["fit"], told["engagement"])
        assert (verdict.passed, verdict.hot, verdict.fast_track) == (told["passed"], told["hot"], told["fast_track"])
        assert judgement.policy_version_id == anywhere.rules().version_id


def test_times_come_in_with_any_offset_and_are_kept_in_utc(office: Office) -> None:
    office.receive(touches=[{"kind": "event", "asset": "stand", "at": "2026-11-20T10:00:00+09:00"}])
    assert [t.at for t in office.all(LeadTouch)] == [at("2026-11-20T01:00:00Z")]
    with pytest.raises(ValidationError):
        LeadIn.model_validate({"external_id": "1", "received_at": "2026-11-20T10:00:00"})


def test_a_touch_at_the_same_instant_counts_once(office: Office) -> None:
    touch = WEBER["touches"][0]
    office.receive(touches=[touch, touch])
    office.receive(touches=[touch, {**touch, "at": "2026-11-23T09:00:00+01:00"}])
    assert len(office.all(LeadTouch)) == 1


def test_a_promise_is_counted_from_the_moment_of_the_offer(office: Office) -> None:
    got = office.receive(received_at="2026-11-01T09:00:00Z", **IRELAND)
    promise: Obligation = office.one(Obligation, subject_id=got.lead_id)
    assert promise.opened_at == office.clock.now()
    assert promise.deadline_at - promise.opened_at == timedelta(hours=8)
    assert isinstance(promise.deadline_at, datetime)
