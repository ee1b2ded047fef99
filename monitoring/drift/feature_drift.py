"""Drift of every feature at once, from counts on reference bins: no value is looked at again.

PSI: sum of (p - q) ln(p / q) over the bins of what is present (Siddiqi, Credit Risk Scorecards, ch. 10), shares below
FLOOR lifted to it as Evidently does. JS: Jensen-Shannon distance, base 2, 0 to 1 (Lin 1991). Without any drift a PSI
of b bins and n rows comes out near (b - 1) / n, so a window under MIN_ROWS says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from monitoring.drift.bins import MISSING, OUT_OF_RANGE, UNKNOWN, Counts

FLOOR = 1e-4
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


def shares(counts: Counts) -> FloatArray:
    """Return each row's counts as shares of its sum; NaN for a row without any."""
    total = counts.sum(axis=-1, keepdims=True).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, counts / total, np.nan), dtype=np.float64)


def psi(reference: Counts, current: Counts) -> FloatArray:
    """Return the PSI of each row of two int64[..., bins] arrays of counts."""
    # A bin that both leave empty is no bin (rows have differing numbers of them): floored alike, it adds nothing.
    q, p = np.maximum(shares(reference), FLOOR), np.maximum(shares(current), FLOOR)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1), dtype=np.float64)


def js_distance(reference: Counts, current: Counts) -> FloatArray:
    """Return the Jensen-Shannon distance (base 2) of each row of two int64[..., bins] arrays of counts."""
    q, p = shares(reference), shares(current)
    middle = (p + q) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        left = np.where(p > 0, p * np.log2(p / middle), 0.0)
        right = np.where(q > 0, q * np.log2(q / middle), 0.0)
    divergence = (left + right).sum(axis=-1) / 2
    empty = np.isnan(p).any(axis=-1) | np.isnan(q).any(axis=-1)
    return np.asarray(np.where(empty, np.nan, np.sqrt(np.clip(divergence, 0.0, 1.0))), dtype=np.float64)


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
