"""Figures on reviews for Prometheus, computed from the database when they are asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from credit.errors import RetryableError
from ledger import metrics as names
from ledger.review.queue import waiting
from ledger.review.states import ReviewState
from ledger.store import tables
from ledger.store.engine import now_ms, reading

_KEEP_S = 10.0
# Labels stay bounded, however many people review: the busiest by name, all others together.
MAX_REVIEWERS: Final = 30
OTHERS: Final = "others"
_SOON: Final = 0.25


class ReviewStatistics(Collector):
    """Age and size of the queue, the rate of review, and of overturning by reason, group and reviewer.

    days: the time allowed for a review; one is due soon in the last quarter of it.
    """

    def __init__(self, engine: Engine, days: float) -> None:
        self._engine, self._days = engine, days
        self._lock = threading.Lock()
        self._kept: list[Metric] = []
        self._kept_at = float("-inf")

    def collect(self) -> Iterable[Metric]:
        """Return the figures; none while the database is away."""
        with self._lock:
            if time.monotonic() - self._kept_at > _KEEP_S:
                try:
                    self._kept = self._read()
                except RetryableError:
                    self._kept = []
                self._kept_at = time.monotonic()
            return self._kept

    def describe(self) -> Iterable[Metric]:
        """Name nothing in advance, so that registering asks no database."""
        return ()

    def _read(self) -> list[Metric]:
        now = now_ms()
        r, c = tables.reviews.c, tables.review_counts.c
        not_closed = r.state != ReviewState.CLOSED.value
        with reading(self._engine) as connection:
            open_ones = waiting(connection)
            overdue = connection.scalar(
                select(func.count()).select_from(tables.reviews).where(not_closed, r.due_ms < now)
            )
            soon_ms = now + round(self._days * _SOON * 86_400_000)
            soon = connection.scalar(
                select(func.count()).select_from(tables.reviews).where(not_closed, r.due_ms >= now, r.due_ms < soon_ms)
            )
            counted = connection.execute(
                select(c.kind, c.value, c.verdict, func.sum(c.count)).group_by(c.kind, c.value, c.verdict)
            )
            by_kind: dict[str, dict[str, dict[str, int]]] = {}
            for kind, value, verdict, n in counted:
                by_kind.setdefault(kind, {}).setdefault(value, {})[verdict] = int(n)
            f = tables.feedback.c
            remarks = connection.execute(select(f.kind, func.count()).group_by(f.kind)).all()
            decided = connection.scalar(select(func.max(tables.register.c.seq)))
        size = GaugeMetricFamily(names.REVIEWS_OPEN, "Reviews that are not closed.", labels=["cause", "state"])
        oldest = GaugeMetricFamily(names.REVIEWS_OLDEST, "Age of the oldest of them.", labels=["cause", "state"])
        for row in open_ones:
            size.add_metric([row.cause, row.state], row.n)
            oldest.add_metric([row.cause, row.state], (now - row.oldest_ms) / 1000)
        closed = by_kind.get("all", {}).get("", {})
        total = sum(closed.values())
        figures: list[Metric] = [
            size,
            oldest,
            GaugeMetricFamily(names.REVIEWS_OVERDUE, "Reviews past their time.", value=overdue or 0),
            GaugeMetricFamily(names.REVIEWS_DUE_SOON, "Reviews in the last quarter of their time.", value=soon or 0),
            GaugeMetricFamily(names.REVIEWS_CLOSED, "Reviews ever closed.", value=total),
        ]
        if decided is not None:
            share = total / (decided + 1)
            figures.append(GaugeMetricFamily(names.REVIEW_RATE, "Closed reviews a decision stored.", value=share))
        said = CounterMetricFamily(names.FEEDBACK, "What people said of decisions.", labels=["kind"])
        for kind, count in remarks:
            said.add_metric([kind], count)
        figures += [said, _verdicts(by_kind), _overturned(by_kind)]
        return figures


def _verdicts(by_kind: dict[str, dict[str, dict[str, int]]]) -> Metric:
    """Return what was ever closed, as counters: a week of them is a rate that moves."""
    family = CounterMetricFamily(names.REVIEW_VERDICTS, "Reviews closed.", labels=["by", "value", "verdict"])
    for kind, values in sorted(by_kind.items()):
        bounded = busiest(values) if kind == "reviewer" else values
        for value, verdicts in sorted(bounded.items()):
            for verdict, count in sorted(verdicts.items()):
                family.add_metric([kind, value, verdict], count)
    return family


def _overturned(by_kind: dict[str, dict[str, dict[str, int]]]) -> Metric:
    family = GaugeMetricFamily(names.OVERTURN_RATE, "Part of closed reviews that overturned.", labels=["by", "value"])
    for kind, values in sorted(by_kind.items()):
        bounded = busiest(values) if kind == "reviewer" else values
        for value, verdicts in sorted(bounded.items()):
            family.add_metric([kind, value], verdicts.get("overturn", 0) / sum(verdicts.values()))
    return family


def busiest(values: dict[str, dict[str, int]], most: int = MAX_REVIEWERS) -> dict[str, dict[str, int]]:
    """Return the counts of the busiest, and those of all others together."""
    ordered = sorted(values, key=lambda value: (-sum(values[value].values()), value))
    kept = {value: values[value] for value in ordered[:most]}
    rest: dict[str, int] = {}
    for value in ordered[most:]:
        for verdict, n in values[value].items():
            rest[verdict] = rest.get(verdict, 0) + n
    return kept | ({OTHERS: rest} if rest else {})
