"""Counters and histograms of the decisions as they are folded, a batch at a time."""

from __future__ import annotations

import numpy as np

from credit.decision import Mode
from credit.policy import Outcome
from monitoring.exposition import MonitorMetrics
from monitoring.windows.fold import FoldedDecisions
from monitoring.windows.layout import DOORS

# A label has no unbounded values: later model versions of a process's life share one.
VERSION_LABELS = 50
OTHER_VERSIONS = "other"


class DecisionCounters:
    """Counts folded decisions by outcome, door, mode and version, and their latencies and probabilities."""

    def __init__(self, metrics: MonitorMetrics) -> None:
        self._metrics = metrics
        self._labels: dict[str, str] = {}

    def count(self, part: FoldedDecisions) -> None:
        """Count one part, late decisions among them."""
        metrics, rows = self._metrics, part.rows
        version = self._label(part.version)
        pairs, counts = np.unique(rows.outcome.astype(np.int64) * len(DOORS) + rows.door, return_counts=True)
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
            outcome, door = Outcome(pair // len(DOORS)).word, DOORS[pair % len(DOORS)]
            metrics.decisions.labels(outcome, door, version).inc(count)
        for mode, count in enumerate(np.bincount(rows.mode, minlength=len(Mode)).tolist()):
            metrics.modes.labels(Mode(mode).word).inc(count)
        seconds = (part.record.decided_ms - part.record.submitted_ms) / 1000.0
        for place, door in enumerate(DOORS):
            chosen = seconds[rows.door == place]
            if len(chosen):
                metrics.latency.observe(door, np.maximum(chosen, 0.0))
        metrics.probability.observe(version, rows.probability)

    def _label(self, version: str) -> str:
        if version not in self._labels:
            self._labels[version] = version if len(self._labels) < VERSION_LABELS else OTHER_VERSIONS
        return self._labels[version]
