"""The ledger's metrics: names with units; no label has unbounded values, and none is a client."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

DECISIONS: Final = "loanstream_ledger_decisions"
REPEATED: Final = "loanstream_ledger_repeated_decisions"
UNREADABLE: Final = "loanstream_ledger_unreadable_records"
GAP: Final = "loanstream_ledger_gap_offsets"
LAG: Final = "loanstream_ledger_lag_records"
UNMATCHED: Final = "loanstream_ledger_unmatched_answers_count"
FAILURES: Final = "loanstream_ledger_store_failures"
STORE: Final = "loanstream_ledger_store_seconds"
LAST_STEP: Final = "loanstream_ledger_last_step_timestamp_seconds"
OUTBOX: Final = "loanstream_ledger_unpublished_reviews_count"

DOOR_SECONDS: Final = "loanstream_ledger_http_seconds"
REVIEWS_OPEN: Final = "loanstream_reviews_open_count"
REVIEWS_OLDEST: Final = "loanstream_reviews_oldest_age_seconds"
REVIEWS_OVERDUE: Final = "loanstream_reviews_overdue_count"
REVIEWS_DUE_SOON: Final = "loanstream_reviews_due_soon_count"
REVIEWS_CLOSED: Final = "loanstream_reviews_closed_count"
FEEDBACK: Final = "loanstream_feedback"
REVIEW_VERDICTS: Final = "loanstream_reviews_verdicts"
REVIEW_RATE: Final = "loanstream_reviews_closed_ratio"
OVERTURN_RATE: Final = "loanstream_reviews_overturned_ratio"

_STORE_BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_DOOR_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class SinkMetrics:
    """What the sink tells of itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.decisions = Counter(DECISIONS, "Decisions stored.", registry=registry)
        self.repeated = Counter(REPEATED, "Decisions read that were stored before.", registry=registry)
        self.unreadable = Counter(UNREADABLE, "Records that could not be read.", ["topic"], registry=registry)
        self.gap = Counter(GAP, "Offsets that a topic no longer held when they were to be read.", registry=registry)
        self.lag = Gauge(LAG, "Committed records that wait for the ledger.", ["topic"], registry=registry)
        self.unmatched = Gauge(UNMATCHED, "Answers whose decision is in no audit record read yet.", registry=registry)
        self.failures = Counter(FAILURES, "Transactions that the database did not take.", registry=registry)
        self.store = Histogram(STORE, "Time of a transaction.", registry=registry, buckets=_STORE_BUCKETS_S)
        self.last_step = Gauge(LAST_STEP, "When the sink last read or found nothing to read.", registry=registry)
        self.outbox = Gauge(OUTBOX, "Results of reviews that are not published yet.", registry=registry)


class DoorMetrics:
    """What the ledger's HTTP door tells of itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.seconds = Histogram(
            DOOR_SECONDS, "Time of a request.", ["route", "status"], registry=registry, buckets=_DOOR_BUCKETS_S
        )
