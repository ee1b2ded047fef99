"""Which alerts an incident should raise: the same applications decided in one batch, without stream and windows.

What the monitor says live is then held against this, so that an alert counts as right because the data warrant it, and
not because its name looks like the cause: whether a feature drifts depends on the model and on the table.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.messages import encode_application, parse_applications
from credit.policy import Outcome
from monitoring.bins import MAX_BINS, Counts
from monitoring.drift import feature_drift, psi
from monitoring.layout import Layout, Rows
from monitoring.reference import Reference
from streaming.feed import envelope

Alert = tuple[str, str]  # name and feature, the latter empty where an alert has none
Row = dict[str, Any]

# The bounds of deploy/prometheus/alert_rules.yml; a test holds the two together.
BOUNDS = {
    "FeatureDrift": 0.25,
    "FeatureMissing": 0.10,
    "UnknownCategories": 0.01,
    "ScoreDrift": 0.25,
    "ReasonDrift": 0.25,
    "ApprovalRateShift": 0.10,
}
# A window holds some thousand of the table's rows: within this share of its bound an alert may fire or not.
MARGIN = 0.10
_BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Forecast:
    """What each alert of the model watches, as a share of its bound: from 1 on the alert fires."""

    share: dict[Alert, float]

    @property
    def certain(self) -> frozenset[Alert]:
        """Alerts that have to fire."""
        return frozenset(alert for alert, share in self.share.items() if share >= 1 + MARGIN)

    @property
    def possible(self) -> frozenset[Alert]:
        """Alerts that may fire."""
        return frozenset(alert for alert, share in self.share.items() if share >= 1 - MARGIN)

    def value(self, alert: Alert) -> float:
        """Return what the alert watches, in the unit of its bound; NaN where nothing is forecast."""
        return self.share.get(alert, float("nan")) * BOUNDS[alert[0]]


def hurt(row: Row, number: int) -> Row:
    """Return what the incident makes of the `number`th application: EXT_SOURCE_2 gone from each third, income x 1.3."""
    worse = dict(row)
    if number % 3 == 0:
        worse.pop("EXT_SOURCE_2", None)
    if "AMT_INCOME_TOTAL" in worse:
        worse["AMT_INCOME_TOTAL"] *= 1.3
    return worse


def forecasts(
    reference: Reference, rows: Iterable[Row], decide: Callable[[ApplicationBatch], DecisionBatch]
) -> tuple[Forecast, Forecast]:
    """Decide the rows as they are and hurt, and return what that means for the alerts: before, and in the incident."""
    rows = list(rows)
    layout = Layout(reference)
    clean = _count(layout, rows, decide)
    worse = _count(layout, (hurt(row, number) for number, row in enumerate(rows)), decide)
    compared = _against_before(layout, clean, worse)
    return Forecast(_against_training(layout, clean)), Forecast(_against_training(layout, worse) | compared)


def _count(layout: Layout, rows: Iterable[Row], decide: Callable[[ApplicationBatch], DecisionBatch]) -> Counts:
    total = np.zeros(layout.cells, dtype=np.int64)
    for piece in _pieces(iter(rows)):
        payloads = [encode_application(envelope(row)) for row in piece]
        arrived = np.full(len(payloads), time.time_ns() // 1_000_000, dtype=np.int64)
        decided = decide(parse_applications(payloads, arrived).batch)
        door = np.zeros(len(decided.outcome), dtype=np.int8)
        total += layout.count(
            Rows(
                decided.features,
                decided.probability,
                decided.outcome,
                decided.mode,
                door,
                decided.reasons.subject,
            )
        )
    return total


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while piece := list(islice(rows, _BATCH_ROWS)):
        yield piece


def _against_training(layout: Layout, now: Counts) -> dict[Alert, float]:
    reference = layout.reference
    drift = feature_drift(reference.counts, layout.part("features", now))
    score = psi(reference.score_counts[:, :MAX_BINS], layout.part("score", now)[:, :MAX_BINS])
    found: dict[Alert, float] = {("ScoreDrift", ""): float(score[0])}
    for place, name in enumerate(reference.bins.names):
        found["FeatureDrift", name] = float(np.nan_to_num(drift.psi[place]))
        found["FeatureMissing", name] = float(np.nan_to_num(drift.missing_shift[place]))
        if place in reference.bins.code_bin:
            found["UnknownCategories", name] = float(np.nan_to_num(drift.unknown[place]))
    return _shares(found)


def _against_before(layout: Layout, before: Counts, now: Counts) -> dict[Alert, float]:
    old, new = layout.part("reason", before), layout.part("reason", now)
    # Worse inputs against good ones during the incident, good ones against worse ones after it.
    reasons = max(float(np.nan_to_num(psi(*pair)).max()) for pair in ((old, new), (new, old)))
    approval = [
        layout.part("outcome", counts).sum(axis=1)[Outcome.APPROVE] / _n(layout, counts) for counts in (before, now)
    ]
    return _shares({("ReasonDrift", ""): reasons, ("ApprovalRateShift", ""): abs(float(approval[1] - approval[0]))})


def _n(layout: Layout, counts: Counts) -> int:
    return max(int(layout.part("outcome", counts).sum()), 1)


def _shares(found: dict[Alert, float]) -> dict[Alert, float]:
    return {alert: value / BOUNDS[alert[0]] for alert, value in found.items()}
