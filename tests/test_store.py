"""The engine: writers of one process take turns on SQLite instead of asking it again and again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from bot.store import begin, make_engine, reading


def test_writers_of_one_process_queue_and_none_is_refused(tmp_path: Path) -> None:
    """SQLite itself is asked to wait for no more than a moment: who does not queue would be told that it is locked."""
    engine = make_engine(f"sqlite:///{tmp_path}/turns.sqlite3")
    event.listen(engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=1"))
    with begin(engine) as session:
        session.execute(text("CREATE TABLE turns (number INTEGER)"))

    def write(number: int) -> Any:
        with begin(engine) as session:
            for _ in range(30):
                session.execute(text("INSERT INTO turns VALUES (:number)"), {"number": number})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(48)))
    with reading(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM turns")) == 48 * 30
    engine.dispose()


def test_a_turn_ends_with_its_unit_of_work_also_when_that_raises(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/turns.sqlite3")
    with begin(engine) as session:
        session.execute(text("CREATE TABLE turns (number INTEGER)"))
    for _ in range(3):
        try:
            with begin(engine) as session:
                session.execute(text("INSERT INTO turns VALUES (1)"))
                raise LookupError
        except LookupError:
            pass
    with begin(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM turns")) == 0
    engine.dispose()
