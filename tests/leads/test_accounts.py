"""Leads of one company belong together: by its domain, unless anybody can have an address there; merged by hand."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.journal.service import OPERATOR
from bot.leads import accounts
from bot.leads.accounts import AccountError, company_domain, domain_in, provider_domains
from bot.leads.search import words
from bot.leads.tables import Account, AccountKey, AccountWord, Lead, Offer
from bot.people.tables import Person
from tests.conftest import TurnedClock
from tests.world import World, world
from tests.world import words as read

IRELAND = {"country": "Ireland"}
LIAM, JONAS, DANA = "U04", "U02", "U03"


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest, clock: TurnedClock) -> Iterator[World]:
    with world(request.getfixturevalue(f"{request.param}_url"), clock) as made:
        yield made


def lead(here: World, n: int, email: str, company: str | None = None, **said: object) -> int:
    return here.lead(external_id=f"crm-{n}", email=email, company=company, name=f"N {n}", **said).lead_id


def account_of(here: World, lead_id: int) -> int | None:
    with here.services.reading() as session:
        return session.get_one(Lead, lead_id).account_id


def holder(here: World, lead_id: int) -> str:
    with here.services.reading() as session:
        found = select(Person.slack_user_id).join(Offer, Offer.person_id == Person.id)
        return session.scalars(found.where(Offer.lead_id == lead_id).order_by(Offer.id.desc())).first() or ""


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("a@Charite.DE", "charite.de"),
        ("a@mail.charite.de", "mail.charite.de"),
        ("a@gmail.com", None),
        ("a@web.de", None),
        ("a@someone.t-online.de", None),  # everything under a provider's domain is the provider's
        ("a@bluewin.ch", None),
        ("a@example.org", None),  # reserved for examples
        (None, None),
    ],
)
def test_the_domain_of_an_address(email: str | None, domain: str | None) -> None:
    assert company_domain(email) == domain


@pytest.mark.parametrize(
    ("said", "domain"),
    [
        ("https://www.Charite.de/labor?x=1", "charite.de"),
        ("charite.de:443", "charite.de"),
        ("gmail.com", None),
        ("", None),
    ],
)
def test_what_a_source_calls_a_domain(said: str, domain: str | None) -> None:
    assert domain_in(said) == domain


@given(st.sampled_from(sorted(provider_domains())), st.sampled_from(["", "x.", "mail.de."]))
def test_no_providers_domain_is_a_company(domain: str, before: str) -> None:
    assert company_domain(f"somebody@{before}{domain}") is None


def test_leads_of_one_domain_are_one_account_whatever_the_company_is_called(here: World) -> None:
    first = lead(here, 1, "a@charite.example", "Charité", **IRELAND)
    second = lead(here, 2, "b@charite.example", "Charite Berlin GmbH", **IRELAND)
    third = lead(here, 3, "c@gmail.com", "Charité", **IRELAND)  # by its name
    fourth = lead(here, 4, "d@gmail.com", **IRELAND)
    assert account_of(here, first) == account_of(here, second) == account_of(here, third)
    assert account_of(here, fourth) is None
    here.deliver()
    assert "2 more open leads here, yours" in read(here.cards(LIAM)[0])


def test_an_account_known_by_its_name_learns_its_domain(here: World) -> None:
    first = lead(here, 1, "a@gmail.com", "Labor Nord", **IRELAND)
    second = lead(here, 2, "b@labornord.example", "Labor Nord", **IRELAND)
    assert account_of(here, first) == account_of(here, second)
    other = lead(here, 3, "c@other.example", "Labor Nord", **IRELAND)  # another company of the same name
    assert account_of(here, other) != account_of(here, first)


def test_two_domains_of_one_company_are_merged_by_hand(here: World) -> None:
    first = lead(here, 1, "a@charite.example", "Charité", **IRELAND)
    second = lead(here, 2, "b@dhzc.example", "Herzzentrum", **IRELAND)
    here.deliver()
    assert "more open lead" not in read(here.cards(LIAM)[0])
    with here.services.begin() as session:
        kept, moved = accounts.merge(session, "dhzc.example", "Charité", OPERATOR, here.clock.now())
        assert (kept.name, moved) == ("Charité", 1)
    assert account_of(here, first) == account_of(here, second)
    here.deliver()
    assert "1 more open lead here, yours" in read(here.cards(LIAM)[0])
    third = lead(here, 3, "c@dhzc.example", "Herzzentrum", **IRELAND)  # the other domain leads there from now on
    assert account_of(here, third) == account_of(here, first)
    with here.services.reading() as session:
        assert session.scalars(select(Account.name)).all() == ["Charité"]
        assert set(session.scalars(select(AccountKey.key))) == {
            "charite.example",
            "charité",
            "dhzc.example",
            "herzzentrum",
        }
        assert "herzzentrum" in set(session.scalars(select(AccountWord.word)))


def test_an_owner_and_a_territory_set_by_hand_route_the_next_lead(here: World) -> None:
    lead(here, 1, "a@charite.example", "Charité", **IRELAND)
    now = here.clock.now()
    with here.services.begin() as session:
        account = accounts.find(session, "charite.example")
        accounts.describe(session, account, OPERATOR, now, said={"territory": "DACH"})
    assert holder(here, lead(here, 2, "b@charite.example", **IRELAND)) in (JONAS, DANA)
    with here.services.begin() as session:
        account = accounts.find(session, "Charité")
        accounts.describe(session, account, OPERATOR, now, said={"owner": "dana@helix.example", "type": "hospital lab"})
    third = lead(here, 3, "c@charite.example", **IRELAND)
    assert holder(here, third) == DANA
    here.deliver()
    assert "*Why you:* Charité is your account" in read(here.cards(DANA)[-1])


def test_what_cannot_be_done_with_accounts_says_why(here: World) -> None:
    lead(here, 1, "a@charite.example", "Charité", **IRELAND)
    with here.services.begin() as session:
        for deed, told in (
            (lambda: accounts.find(session, "nowhere"), "there is no account 'nowhere'"),
            (lambda: accounts.merge(session, "Charité", "charite.example", OPERATOR, here.clock.now()), "same account"),
            (
                lambda: accounts.describe(
                    session, accounts.find(session, "1"), OPERATOR, here.clock.now(), said={"owner": "x@y.de"}
                ),
                "x@y.de is not among the people",
            ),
        ):
            with pytest.raises(AccountError, match=told):
                deed()


def test_words_to_find_something_by() -> None:
    assert words("Dr. Miriam Weber-Løvås", "M.Weber@Charité.example") == [
        "dr", "miriam", "weber", "lovas", "charite", "example",
    ]  # fmt: skip


def test_accounts_on_the_command_line(sqlite_url: str, clock: TurnedClock) -> None:
    with world(sqlite_url, clock) as here:
        lead(here, 1, "a@charite.example", "Charité", **IRELAND)
        with here.services.reading() as session:
            (found,) = accounts.listing(session, 10, "charite")
            assert (found.name, found.keys, found.leads) == ("Charité", ("charite.example", "charité"), 1)
            assert accounts.listing(session, 10, "nothing") == []
