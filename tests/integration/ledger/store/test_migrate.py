"""Migrations on real databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from ledger.errors import WrongMigration
from ledger.store.engine import connect, reading, writing
from ledger.store.migrate import VERSION_TABLE, newest, require_current, upgrade
from ledger.store.tables import METADATA

pytestmark = pytest.mark.integration


def test_the_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    """Nothing differs between what the migrations made and what the code expects."""
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []


def test_processes_that_migrate_at_once_do_not_disturb_each_other(database_url: str) -> None:
    """Sink and door start together on an empty database."""
    engines = [connect(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(upgrade, engines)) == [newest()] * 4


def test_a_database_of_another_version_is_named_in_one_line(engine: Engine) -> None:
    """A migration that this version does not know is refused, and nothing is changed."""
    with writing(engine) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    for call in (upgrade, require_current):
        with pytest.raises(WrongMigration, match="9999") as caught:
            call(engine)
        assert "\n" not in str(caught.value)


def test_an_empty_database_is_no_ledger(database_url: str) -> None:
    """The door says so, rather than failing at the first question."""
    with pytest.raises(WrongMigration, match="none"):
        require_current(connect(database_url))
