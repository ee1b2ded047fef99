"""Decisions kept, found, reviewed and told: the ledger of all that was decided.

`store` holds the tables, `sink` fills them from the topics, `query` finds what is in them, `review` is the queue of
people's decisions, `door` the HTTP API of it all.
"""
