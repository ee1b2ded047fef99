"""Finds what the ledger holds: pages of decisions under filters, and whole receipts."""
