"""Drift of every feature at once, from counts on reference bins: no value is looked at again.

PSI and JS are those of `credit.measures`, over the bins of what is present. Without any drift a PSI of b bins and n
rows comes out near (b - 1) / n, so a window under MIN_ROWS says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.measures import js_distance, psi
from monitoring.drift.cells import MISSING, OUT_OF_RANGE, UNKNOWN, Counts

MIN_ROWS = 500
DRIFTED_FROM = 0.2


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """Drift of f features between two sets of counts; each array is float64[f], NaN where there is nothing to compare.

    psi, js: of the values that are present, unknown categories as a bin; missing_shift: missing rate now minus then;
    out_of_range, unknown: share of the rows now; n: int64[f], the rows now; values: int64[f], those that
    have a value, which PSI and JS are computed on.
    """

    psi: FloatArray
    js: FloatArray
    missing: FloatArray
    missing_shift: FloatArray
    out_of_range: FloatArray
    unknown: FloatArray
    n: npt.NDArray[np.int64]
    values: npt.NDArray[np.int64]


def feature_drift(reference: Counts, current: Counts) -> FeatureDrift:
    """Compare int64[f, CELLS] counts of a window with those of a reference."""
    n_then, n_now = rows(reference), rows(current)
    with np.errstate(invalid="ignore", divide="ignore"):
        missing = np.where(n_now > 0, current[:, MISSING] / n_now, np.nan)
        missing_then = np.where(n_then > 0, reference[:, MISSING] / n_then, np.nan)
        out = np.where(n_now > 0, current[:, OUT_OF_RANGE] / n_now, np.nan)
        unknown = np.where(n_now > 0, current[:, UNKNOWN] / n_now, np.nan)
    then, now = reference[:, : UNKNOWN + 1], current[:, : UNKNOWN + 1]
    values = np.asarray(now.sum(axis=-1), dtype=np.int64)
    return FeatureDrift(
        psi(then, now), js_distance(then, now), missing, missing - missing_then, out, unknown, n_now, values
    )


def rows(counts: Counts) -> npt.NDArray[np.int64]:
    """Return how many rows were counted for each feature: bins, unknown and missing."""
    return np.asarray(counts[..., : MISSING + 1].sum(axis=-1), dtype=np.int64)


def drifted_share(drift: FeatureDrift) -> float:
    """Return the share of features whose PSI is DRIFTED_FROM or more, among those that can be compared."""
    comparable = ~np.isnan(drift.psi)
    return float((drift.psi[comparable] >= DRIFTED_FROM).mean()) if comparable.any() else float("nan")
