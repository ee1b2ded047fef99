"""The ledger tests' broker, topics and databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks.own_postgres import OwnPostgres
from ledger.store.engine import connect
from tests.fixtures.broker import broker, embedded_broker, stream
from tests.fixtures.databases import database_url, new_database, postgres
from tests.fixtures.identity import identity_provider
from tests.fixtures.ledger import migrated

__all__ = ["broker", "database_url", "embedded_broker", "engine", "identity_provider", "postgres", "stream"]


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the ledger's tables, to be copied: migrating anew for each test costs a second."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    made = migrated(f"sqlite:///{path}")
    with made.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()
    return path


@pytest.fixture(scope="session")
def ledger_template(postgres: OwnPostgres) -> str:
    """A PostgreSQL database with the ledger's tables, to be copied."""
    url = new_database(postgres)
    migrated(url).dispose()
    return url.rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the ledger's tables and nothing in them, once of each kind; in SQLite its log of accesses too."""
    if request.param == "sqlite":
        for name in ("ledger.db", "ledger-access.db"):
            shutil.copy(request.getfixturevalue("empty_ledger"), tmp_path / name)
        return f"sqlite:///{tmp_path}/ledger.db"
    return new_database(request.getfixturevalue("postgres"), request.getfixturevalue("ledger_template"))


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    """The engine of such a database."""
    made = connect(migrated_url, durable=False)
    yield made
    made.dispose()
