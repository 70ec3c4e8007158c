"""The engine and its transactions.

SQLite: WAL, and every writing unit starts with BEGIN IMMEDIATE, so that two writers queue instead of one of them
losing its update. PostgreSQL: READ COMMITTED; what two may decide at once locks its row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 2000
POOL_TIMEOUT_SECONDS = 1


def make_engine(url: str, *, connections: int = 24) -> Engine:
    """An engine for SQLite or PostgreSQL. `connections` is at least the number of request threads."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, connections)
    return create_engine(
        url, pool_size=connections, max_overflow=4, pool_timeout=POOL_TIMEOUT_SECONDS, pool_pre_ping=True
    )


def _sqlite(url: str, connections: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=4,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("begin_mode", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextmanager
def begin(engine: Engine) -> Iterator[Session]:
    """One writing unit: committed as a whole at the end, or not at all."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A unit that only reads; on SQLite it never waits for a writer."""
    with (
        engine.connect().execution_options(begin_mode="DEFERRED") as connection,
        Session(connection, expire_on_commit=False, autoflush=False) as session,
    ):
        yield session
