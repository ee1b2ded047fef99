"""What is said of offsets: by an audit record, by the brokers, and by the tally of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnsweredRecord:
    """What one audit record says.

    offset: its own; sources: the ranges (topic, partition, first, last); answers: its decisions and dead letters.
    """

    offset: int
    sources: Sequence[tuple[str, int, int, int]]
    answers: int


@dataclass(frozen=True, slots=True)
class BrokerOffsets:
    """One look at the broker, by partition: the source's begins and committed offsets, then the audit's bounds.

    In this order, whatever was committed is in the audit topic below its end, as it was one transaction.
    """

    begins: Mapping[int, int]
    committed: Mapping[int, int]
    audit_begins: Mapping[int, int]
    audit_ends: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class PartitionTally:
    """One source partition's figures: offsets answered, offsets without an answer, offsets answered more than once."""

    covered: int
    gap: int
    overlap: int


@dataclass(frozen=True, slots=True)
class CompletenessSummary:
    """Offsets of the applications topic that are answered, not answered, and answered twice, as of a Unix time."""

    covered: int
    gap: int
    overlap: int
    checked_s: float
