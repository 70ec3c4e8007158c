"""The engine and its transactions.

SQLite: WAL, every commit on the disk before it counts. Every writing unit starts with BEGIN IMMEDIATE, so that two
writers queue instead of one of them losing its update. PostgreSQL: READ COMMITTED; what two may decide at once locks
its row.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from pydantic_core import to_json
from sqlalchemy import Engine, create_engine, event, func, insert, make_url, select
from sqlalchemy import exc as database
from sqlalchemy.orm import Session

from bot.store.types import Base

T = TypeVar("T")
APPENDED, AT_END = "appended", "at_end"
BUSY_TIMEOUT_MS = 2000
POOL_TIMEOUT_SECONDS = 1
TURN_SECONDS = BUSY_TIMEOUT_MS / 1000
# What the database refuses for now and takes a moment later: another writer is at work, a connection was lost.
PASSING: tuple[type[Exception], ...] = (database.OperationalError, database.TimeoutError)
_turns: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()


def make_engine(url: str, *, connections: int = 24) -> Engine:
    """An engine for SQLite or PostgreSQL. `connections` is at least the number of request threads."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, connections)
    return create_engine(
        url,
        pool_size=connections,
        max_overflow=4,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=_json,
    )


def _sqlite(url: str, connections: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=4,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        hide_parameters=True,  # an error's text goes into the log, where no name or e-mail belongs
        json_serializer=_json,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )

    _turns[engine] = Lock()

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("begin_mode", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _json(value: Any) -> str:
    """Several times as fast as the standard library's, which is felt when thousands of leads are judged in a row."""
    return to_json(value).decode()


@contextmanager
def begin(engine: Engine) -> Iterator[Session]:
    """One writing unit: committed as a whole at the end, or not at all."""
    with _turn(engine), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
        _end(session)


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """SQLite has one writer at a time, and lets those who wait for it try again and again: who comes late may be first.

    Within a process they queue here instead. Who has waited for too long asks SQLite, which says that it is locked.
    """
    turns = _turns.get(engine)
    taken = turns is not None and turns.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if turns is not None and taken:
            turns.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A unit that only reads; on SQLite it never waits for a writer."""
    with (
        engine.connect().execution_options(begin_mode="DEFERRED") as connection,
        Session(connection, expire_on_commit=False, autoflush=False) as session,
    ):
        yield session


def append(session: Session, table: type[Base], **values: Any) -> None:
    """Add a row that nobody reads in this unit of work: such rows are written together at its end."""
    session.info.setdefault(APPENDED, {}).setdefault(table, []).append(values)


def at_end(session: Session, key: Hashable, do: Callable[[], None]) -> None:
    """Do something once at the end of this unit of work, however often it is asked for."""
    session.info.setdefault(AT_END, {})[key] = do


def _end(session: Session) -> None:
    session.flush()
    for do in session.info.pop(AT_END, {}).values():
        do()
    session.flush()
    for table, rows in session.info.pop(APPENDED, {}).items():
        session.connection().execute(insert(table.__table__), rows)


def remembered(session: Session, key: Hashable, make: Callable[[], T]) -> T:
    """What cannot change within this unit of work is asked once: the answer of `make`, kept under `key`."""
    if key not in session.info:
        session.info[key] = make()
    found: T = session.info[key]
    return found


def lock_name(session: Session, name: str) -> None:
    """Hold a name until this transaction ends, so that two who look for the same new thing do not both make it.

    SQLite needs no such thing: its writers queue as they are.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
