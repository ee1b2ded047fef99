"""A window's counts against those of its training reference, or of the period before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from credit.application import FloatArray
from credit.measures import js_distance, psi
from monitoring.drift.cells import MAX_BINS, Counts
from monitoring.drift.feature_drift import FeatureDrift, feature_drift
from monitoring.windows.layout import PaneLayout


@dataclass(frozen=True)
class WindowComparison:
    """A window of one model version against the training reference, or against the period before the window.

    n_then: rows compared with; score_psi, score_js: of the probability of default; reason_psi, reason_js: float64[2],
    of the reason codes for and against approval, NaN where unknown.
    """

    n_then: int
    drift: FeatureDrift
    score_psi: float
    score_js: float
    reason_psi: FloatArray
    reason_js: FloatArray


def compare_counts(
    layout: PaneLayout, now: Counts, n_then: int, features: Counts, score: Counts, reasons: Counts | None
) -> WindowComparison:
    score_then, score_now = score[:, :MAX_BINS], layout.section("score", now)[:, :MAX_BINS]
    unknown = np.full(2, np.nan)
    reason_now = layout.section("reason", now)
    return WindowComparison(
        n_then,
        feature_drift(features, layout.section("features", now)),
        float(psi(score_then, score_now)[0]),
        float(js_distance(score_then, score_now)[0]),
        unknown if reasons is None else psi(reasons, reason_now),
        unknown if reasons is None else js_distance(reasons, reason_now),
    )
