"""Keys of sources: stored hashed only, and over at once when revoked."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot import store
from bot.leads import tokens
from bot.leads.tables import IntakeRequest, IntakeToken
from tests.conftest import MONDAY_9


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with store.begin(engine) as begun:
        yield begun


def test_only_the_hash_of_a_token_is_kept(session: Session) -> None:
    token = tokens.create(session, "website", MONDAY_9)
    row = session.execute(select(IntakeToken.__table__)).one()
    assert token.startswith("tnd_")
    assert len(token) >= 40
    assert not any(token.removeprefix("tnd_") in str(value) for value in row)
    known = tokens.known(session, token)
    assert known is not None
    assert (known.id, known.source) == (row.id, "website")


def test_no_two_tokens_are_alike(session: Session) -> None:
    made = [tokens.create(session, "website", MONDAY_9) for _ in range(3)]
    assert len(set(made)) == 3
    ids = [known.id for token in made if (known := tokens.known(session, token))]
    assert ids == [token.id for token in tokens.listed(session)]


@pytest.mark.parametrize("wrong", ["", "tnd_", "x", "the hash"])
def test_anything_else_is_unknown(session: Session, wrong: str) -> None:
    token = tokens.create(session, "website", MONDAY_9)
    hashed = session.scalars(select(IntakeToken.hash)).one()
    presented = {"x": token + "x", "the hash": hashed}.get(wrong, wrong)
    assert tokens.known(session, presented) is None


def test_a_revoked_token_is_unknown_at_once_and_revoked_once(session: Session) -> None:
    token, other = (tokens.create(session, source, MONDAY_9) for source in ("website", "event"))
    found = tokens.known(session, token)
    assert found is not None
    tokens.revoke(session, found.id, MONDAY_9)
    assert tokens.known(session, token) is None
    assert tokens.known(session, other) is not None
    with pytest.raises(tokens.TokenError, match=f"no token {found.id} in use"):
        tokens.revoke(session, found.id, MONDAY_9 + timedelta(days=1))
    session.refresh(found)
    assert found.revoked_at == MONDAY_9, "the first time counts"
    with pytest.raises(tokens.TokenError, match="tandem tokens list"):
        tokens.revoke(session, 999, MONDAY_9)


def a_key(session: Session, body: bytes = b"{}") -> tokens.Key:
    tokens.create(session, "website", MONDAY_9)
    return tokens.Key(tokens.listed(session)[-1].id, "k", tokens.body_hash(body))


def test_a_key_is_answered_as_before(session: Session) -> None:
    key = a_key(session)
    assert tokens.reserve(session, key, MONDAY_9) is None
    tokens.keep_answer(session, key, {"accepted": 1})
    session.flush()
    assert tokens.reserve(session, key, MONDAY_9 + timedelta(days=1)) == {"accepted": 1}


def test_a_key_whose_request_broke_off_is_worked_on_again(session: Session) -> None:
    key = a_key(session)
    tokens.reserve(session, key, MONDAY_9)
    assert not tokens.reserve(session, key, MONDAY_9)


def test_a_key_belongs_to_one_body_and_one_sender(session: Session) -> None:
    key = a_key(session)
    tokens.reserve(session, key, MONDAY_9)
    with pytest.raises(tokens.KeyReused):
        tokens.reserve(session, tokens.Key(key.token_id, "k", tokens.body_hash(b"[]")), MONDAY_9)
    assert tokens.reserve(session, a_key(session, b"[]"), MONDAY_9) is None


def test_old_keys_are_swept(session: Session) -> None:
    key = a_key(session)
    tokens.reserve(session, key, MONDAY_9)
    other = tokens.Key(key.token_id, "later", key.body_hash)
    tokens.reserve(session, other, MONDAY_9 + tokens.KEPT_FOR + timedelta(seconds=1))
    assert list(session.scalars(select(IntakeRequest.key))) == ["later"]
