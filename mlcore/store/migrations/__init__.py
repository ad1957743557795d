"""How the tables came to be, step by step (alembic), and taking a database to the newest step.

A new step: a file in `versions` with the number after the last one. Published steps never change.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from mlcore.store.errors import StoreError

LOCK = 7213_4601  # of PostgreSQL: any number that nobody else takes


def upgrade(reading: Engine, writing: Engine) -> None:
    """Take the database to the newest step, once, however many processes start at this moment."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    steps = ScriptDirectory.from_config(config)
    newest = steps.get_current_head()
    with reading.begin() as connection:
        if step(connection) == newest:  # who only reads need not wait for a writer
            return
    with writing.begin() as connection:  # SQLite: BEGIN IMMEDIATE, one at a time
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        here = step(connection)
        if here == newest:
            return
        if here is not None and here not in {each.revision for each in steps.walk_revisions()}:
            raise StoreError("newer")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def step(connection: Connection) -> str | None:
    """The step that the database is at, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()
