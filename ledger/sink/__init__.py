"""Fills the ledger from the topics: each record once, whatever dies when."""
