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
from credit.measures import psi
from credit.policy import Outcome
from credit.wire.application import encode_application, parse_applications
from monitoring.drift.cells import MAX_BINS, Counts
from monitoring.drift.feature_drift import MIN_ROWS, feature_drift
from monitoring.drift.reference import Reference
from monitoring.windows.layout import DecisionRows, PaneLayout
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
# A single window of some minutes strays from the table: by how many standard deviations an alert may be off.
DEVIATIONS = 3.0
_BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Figure:
    """What an alert watches: the value in the table, how far a window may stray from it, and how many values it has.

    bound: that of the alert's rule; values: those in a short window.
    """

    value: float
    spread: float
    bound: float
    values: float

    @property
    def certain(self) -> bool:
        return self.value - self.spread >= self.bound and self.values >= 1.2 * MIN_ROWS

    @property
    def possible(self) -> bool:
        return self.value + self.spread >= self.bound and self.values >= 0.8 * MIN_ROWS


@dataclass(frozen=True, slots=True)
class Forecast:
    """The figure of each alert of the model."""

    figures: dict[Alert, Figure]

    @property
    def certain(self) -> frozenset[Alert]:
        """Alerts that have to fire."""
        return frozenset(alert for alert, figure in self.figures.items() if figure.certain)

    @property
    def possible(self) -> frozenset[Alert]:
        """Alerts that may fire."""
        return frozenset(alert for alert, figure in self.figures.items() if figure.possible)

    def value(self, alert: Alert) -> float:
        """Return what the alert watches, in the unit of its bound; NaN where nothing is forecast."""
        return self.figures[alert].value if alert in self.figures else float("nan")


def hurt(row: Row, number: int) -> Row:
    """Return what the incident makes of the `number`th application: EXT_SOURCE_2 gone from each third, income x 1.3."""
    worse = dict(row)
    if number % 3 == 0:
        worse.pop("EXT_SOURCE_2", None)
    if "AMT_INCOME_TOTAL" in worse:
        worse["AMT_INCOME_TOTAL"] *= 1.3
    return worse


def forecasts(
    reference: Reference,
    rows: Iterable[Row],
    decide: Callable[[ApplicationBatch], DecisionBatch],
    window_rows: int,
) -> tuple[Forecast, Forecast]:
    """Decide the rows as they are and hurt, and return what that means for the alerts: before, and in the incident.

    window_rows: how many applications come in one short window.
    """
    rows = list(rows)
    layout = PaneLayout(reference)
    clean = _count(layout, rows, decide)
    worse = _count(layout, (hurt(row, number) for number, row in enumerate(rows)), decide)
    compared = _against_before(layout, clean, worse, window_rows)
    return (
        Forecast(_against_training(layout, clean, window_rows)),
        Forecast(_against_training(layout, worse, window_rows) | compared),
    )


def _count(layout: PaneLayout, rows: Iterable[Row], decide: Callable[[ApplicationBatch], DecisionBatch]) -> Counts:
    total = np.zeros(layout.cells, dtype=np.int64)
    for piece in _pieces(iter(rows)):
        payloads = [encode_application(envelope(row)) for row in piece]
        arrived = np.full(len(payloads), time.time_ns() // 1_000_000, dtype=np.int64)
        decided = decide(parse_applications(payloads, arrived).batch)
        door = np.zeros(len(decided.outcome), dtype=np.int8)
        total += layout.count(
            DecisionRows(
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


def _against_training(layout: PaneLayout, now: Counts, window_rows: int) -> dict[Alert, Figure]:
    reference = layout.reference
    drift = feature_drift(reference.counts, layout.section("features", now))
    score = psi(reference.score_counts[:, :MAX_BINS], layout.section("score", now)[:, :MAX_BINS])
    rows = _n(layout, now)
    found = {("ScoreDrift", ""): _psi_figure("ScoreDrift", float(score[0]), window_rows, rows)}
    for place, name in enumerate(reference.bins.names):
        values = float(drift.values[place])
        shift, missing = float(np.nan_to_num(drift.missing_shift[place])), float(np.nan_to_num(drift.missing[place]))
        drifted = float(np.nan_to_num(drift.psi[place]))
        found["FeatureDrift", name] = _psi_figure("FeatureDrift", drifted, values * window_rows / rows, values)
        found["FeatureMissing", name] = _share_figure("FeatureMissing", shift, missing, window_rows, rows)
        if place in reference.bins.code_bin:
            unknown = float(np.nan_to_num(drift.unknown[place]))
            found["UnknownCategories", name] = _share_figure("UnknownCategories", unknown, unknown, window_rows, rows)
    return found


def _against_before(layout: PaneLayout, before: Counts, now: Counts, window_rows: int) -> dict[Alert, Figure]:
    old, new = layout.section("reason", before), layout.section("reason", now)
    # Worse inputs against good ones during the incident, good ones against worse ones after it.
    reasons = max(float(np.nan_to_num(psi(*pair)).max()) for pair in ((old, new), (new, old)))
    rows = _n(layout, now)
    then, since = (
        layout.section("outcome", counts).sum(axis=1)[Outcome.APPROVE] / _n(layout, counts) for counts in (before, now)
    )
    shift = abs(float(since - then))
    return {
        ("ReasonDrift", ""): _psi_figure("ReasonDrift", reasons, window_rows, rows),
        ("ApprovalRateShift", ""): _share_figure("ApprovalRateShift", shift, float(since), window_rows, rows),
    }


def _psi_figure(alert: str, value: float, in_window: float, counted: float) -> Figure:
    """Return a PSI with its spread: of a window's n values it strays by sqrt(4 PSI / n), and chance adds bins / n."""
    if min(in_window, counted) < 1:
        return Figure(0.0, 0.0, BOUNDS[alert], 0.0)
    n = 1 / (1 / in_window + 1 / counted)
    return Figure(value, DEVIATIONS * np.sqrt(4 * value / n) + MAX_BINS / n, BOUNDS[alert], in_window)


def _share_figure(alert: str, value: float, share: float, in_window: float, counted: float) -> Figure:
    """Return a shift of a share with its spread, that of a binomial."""
    n = 1 / (1 / in_window + 1 / max(counted, 1))
    return Figure(value, DEVIATIONS * np.sqrt(share * (1 - share) / n), BOUNDS[alert], in_window)


def _n(layout: PaneLayout, counts: Counts) -> int:
    return max(int(layout.section("outcome", counts).sum()), 1)
