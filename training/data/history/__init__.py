"""Aggregates of the six history tables for each client, out of core."""

from training.data.history.aggregate import History, aggregate

__all__ = ["History", "aggregate"]
