"""What stood in a database before a migration stands there after it, and after going back."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot import store
from bot.store.migrate import downgrade, upgrade

AT = "2026-11-20 08:00:00"
# ruff: noqa: S608 - constants only
BEFORE = (
    "INSERT INTO workspaces (id, slack_team_id) VALUES (1, 'T1')",
    "INSERT INTO people (id, workspace_id, slack_user_id, name, email, team, zone, territories, weight, active) "
    "VALUES (1, 1, 'U1', 'Jonas', 'j@h.example', 'sales', 'Europe/Berlin', '[]', 1, true)",
    "INSERT INTO accounts (id, key, name, domain) VALUES (1, 'charite.example', 'Charité', 'charite.example')",
    "INSERT INTO contacts (id, email, name, do_not_contact) VALUES (1, 'm.weber@charite.example', 'Dr. Weber', false)",
    *(
        "INSERT INTO leads (id, contact_id, account_id, source, fields, stage, fit, engagement, reasons, hot, history, "
        "owner_id, round, received_at, stage_since, awaits_data, announced_alone) VALUES "
        f"({n}, 1, 1, 'website', '{{}}', '{stage}', 0, 0, '[]', false, false, 1, 1, '{AT}', '{AT}', false, false)"
        for n, stage in ((1, "mql"), (2, "sal"), (3, "sql"))
    ),
    *(
        "INSERT INTO offers (id, lead_id, round, person_id, offered_at, answer_by, route, answer, contact_by) VALUES "
        f"({n}, {n}, 1, 1, '{AT}', '2026-11-20 10:00:00', '[]', '{answer}', {by})"
        for n, answer, by in ((1, "pending", "NULL"), (2, "accepted", f"'{AT}'"), (3, "accepted", f"'{AT}'"))
    ),
)


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """A database as it was before the whole lead, with some rows."""
    engine = store.make_engine(f"sqlite:///{tmp_path}/old.sqlite3")
    upgrade(engine, "0002")
    with engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(text(statement))
    request.addfinalizer(engine.dispose)
    return engine


def rows(engine: Engine, query: str) -> list[tuple[object, ...]]:
    with engine.begin() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_accounts_deadlines_and_words_come_along_and_back(old: Engine) -> None:
    upgrade(old)
    assert rows(old, "SELECT key, account_id FROM account_keys") == [("charite.example", 1)]
    due = [str(at)[11:13] if at else None for (at,) in rows(old, "SELECT due_at FROM offers ORDER BY id")]
    assert due == ["10", "08", None]  # the answer, the first contact, nothing for one that is qualified
    assert {word for (word,) in rows(old, "SELECT word FROM contact_words")} == {"dr", "weber", "charite", "example"}
    assert ("charite",) in rows(old, "SELECT word FROM account_words")
    assert rows(old, "SELECT attempts FROM leads") == [(0,), (0,), (0,)]
    downgrade(old, "0002")
    assert rows(old, "SELECT key, name FROM accounts") == [("charite.example", "Charité")]
    upgrade(old)
