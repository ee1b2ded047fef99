"""Run by Alembic with the connection that `ledger.store.migrate` gives it."""

from __future__ import annotations

from alembic import context

from ledger.store.migrate import VERSION_TABLE
from ledger.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
