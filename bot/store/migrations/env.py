"""Alembic's entry: one connection, batch mode (SQLite cannot alter tables in place), DDL in a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, Engine

from bot.store.types import Base, UtcDateTime

engine: Engine = context.config.attributes["engine"]


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column type by its name, which script.py.mako imports."""
    return "UtcDateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


@contextmanager
def rebuilding(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by making it anew, which keys that point to it must not forbid; they are checked after."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection  # outside of a transaction: within one it has no effect
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def check_keys(connection: Connection) -> None:
    """Raises RuntimeError, and nothing is committed, where a migration left keys that lead nowhere."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration left keys that lead nowhere: {broken[:3]}")


with engine.connect() as connection, rebuilding(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
        check_keys(connection)
    connection.commit()
