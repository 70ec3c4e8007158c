"""Where Tandem remembers: the engine, the column types, the migrations."""

from bot.store.engine import PASSING, append, at_end, begin, lock_name, make_engine, reading, remembered
from bot.store.types import LOCKED, Base, UtcDateTime, insert_if_new

__all__ = [
    "LOCKED",
    "PASSING",
    "Base",
    "UtcDateTime",
    "append",
    "at_end",
    "begin",
    "insert_if_new",
    "lock_name",
    "make_engine",
    "reading",
    "remembered",
]
