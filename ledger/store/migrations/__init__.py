"""Alembic's migrations of the ledger's database; `ledger.store.migrate` runs them."""
