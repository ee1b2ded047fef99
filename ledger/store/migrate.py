"""Brings a database to this version's tables, or says in one line that it is not at them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from ledger.errors import WrongMigration
from ledger.store.engine import reading, writing

VERSION_TABLE = "ledger_migration"
_SCRIPTS = Path(__file__).parent / "migrations"


def newest() -> str:
    """Return the migration that this version of Loanstream works with."""
    head = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    assert head is not None
    return head


def current(connection: Connection) -> str | None:
    """Return the migration that a database is at, None for an empty one."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def upgrade(engine: Engine) -> str:
    """Bring the database to the newest migration and return it; safe where several processes do so at once.

    Raises WrongMigration where a later version of Loanstream has migrated it.
    """
    with writing(engine) as connection:
        at = current(connection)
        if at is not None and at not in known():
            raise WrongMigration(_unlike(at))
        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return newest()


def require_current(engine: Engine) -> None:
    """Raise WrongMigration unless the database is at the newest migration."""
    with reading(engine) as connection:
        at = current(connection)
    if at != newest():
        raise WrongMigration(_unlike(at))


def known() -> set[str]:
    """Return all migrations that this version knows."""
    return {script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}


def _unlike(at: str | None) -> str:
    if at is None or at in known():
        return f"the ledger's database is at migration {at or 'none'}, this version needs {newest()}: start the sink"
    return f"the ledger's database is at migration {at}, unknown to this version ({newest()}): start a later Loanstream"
