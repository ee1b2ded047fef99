"""The ledger tests' broker, topics and databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.fixtures.broker import broker, embedded_broker, stream
from tests.fixtures.databases import database_url, postgres
from tests.fixtures.ledger import migrated

__all__ = ["broker", "database_url", "embedded_broker", "engine", "postgres", "stream"]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database with the ledger's tables, once of each kind."""
    made = migrated(database_url)
    yield made
    made.dispose()
