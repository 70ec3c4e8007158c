"""Where Tandem remembers: the engine, the column types, the migrations."""

from bot.store.engine import begin, make_engine, reading
from bot.store.types import Base, UtcDateTime, insert_if_new

__all__ = ["Base", "UtcDateTime", "begin", "insert_if_new", "make_engine", "reading"]
