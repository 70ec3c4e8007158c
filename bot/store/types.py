"""Column types and the base of all mapped classes."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Final, cast

from sqlalchemy import JSON, DateTime, Dialect, MetaData, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware, stored in UTC. A naive time is a mistake and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time cannot be stored: give it a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# How a row is locked: FOR NO KEY UPDATE on PostgreSQL. Rows that point to it may be inserted meanwhile; two units that
# have each inserted one would otherwise wait for each other for ever when both then lock the row itself.
LOCKED: Final[dict[str, Any]] = {"key_share": True}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
    }


def insert_if_new(session: Session, table: type[Base], **values: Any) -> int | None:
    """Insert a row unless one of its unique keys is taken; the new id, or None.

    A conflict is an answer here, not an error: nothing is raised and the transaction goes on.
    """
    session.flush()
    statement = _insert(table, session.get_bind().dialect.name, tuple(values))
    return session.connection().execute(statement, values).scalar_one_or_none()


@lru_cache(maxsize=256)
def _insert(table: type[Base], dialect: str, columns: tuple[str, ...]) -> Any:
    """Made once for each table: building such a statement costs more than running it."""
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    target = cast(Table, table.__table__)
    named: dict[str, Any] = {column: bindparam(column) for column in columns}
    return make(target).values(named).on_conflict_do_nothing().returning(target.c.id)
