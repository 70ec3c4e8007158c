"""Alembic's entry: one connection, batch mode (SQLite cannot alter tables in place), DDL in a transaction."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Engine

from bot.store.types import Base, UtcDateTime

engine: Engine = context.config.attributes["engine"]


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column type by its name, which script.py.mako imports."""
    return "UtcDateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
