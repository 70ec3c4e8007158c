"""Alembic's entry: one connection, batch mode (SQLite cannot alter tables in place), DDL in a transaction."""

from alembic import context
from sqlalchemy import Engine

from bot.store.types import Base

engine: Engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
