"""Bring a database to the present tables, or back. Alembic does the work; no configuration file is needed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

SCRIPTS = Path(__file__).parent / "migrations"


def config_for(engine: Engine) -> Config:
    """What Alembic needs to work on a database."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    command.upgrade(config_for(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    command.downgrade(config_for(engine), revision)
