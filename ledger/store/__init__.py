"""The ledger's database: its tables and migrations, what is sealed in them, and how rows get in."""
