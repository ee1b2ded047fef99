"""Exact contributions of every decision, checked against the score, and the principal reasons made from them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.reasons import Reasons, principal_reasons
from serve_app.models.shelf import ModelShelf

log = logging.getLogger(__name__)

# Contributions and expected value must add up to the booster's own raw score this closely, in log-odds.
ADDITIVITY_TOLERANCE = 1e-8


@dataclass(frozen=True, slots=True)
class Explained:
    """The explanations of n decisions.

    contributions: float64[n, f], log-odds; additivity_failures: rows whose fast contributions did not add up and were
    replaced by LightGBM's own; reason_failures: candidate reasons that the counterfactual check rejected.
    """

    contributions: FloatArray
    expected_value: float
    reasons: Reasons
    additivity_failures: int
    reason_failures: int


class Explainer:
    """Explains micro-batches with the version that scored them."""

    def __init__(self, shelf: ModelShelf, method: Literal["treeshap", "lightgbm"] = "treeshap") -> None:
        self._shelf, self._method = shelf, method

    def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]) -> Explained:
        """Explain n decisions: X float64[n, f], raw float64[n], outcome int8[n], all by model `version`."""
        model = self._shelf.get(version)
        X = np.ascontiguousarray(X)
        explained = model.shap.contributions(X) if self._method == "treeshap" else model.reference_contributions(X)
        off = ~(np.abs(explained.sum(axis=1) - raw) <= ADDITIVITY_TOLERANCE * (1.0 + np.abs(raw)))
        failures = int(off.sum())
        if failures:
            log.error("%d of %d explanations by version %s did not add up", failures, len(raw), version)
            explained[off] = model.reference_contributions(X[off])
        contributions = np.ascontiguousarray(explained[:, :-1])
        reasons, rejected = principal_reasons(
            model.reason_table, contributions, X, raw, outcome, rescore=model.shap.raw_scores
        )
        return Explained(contributions, model.shap.expected_value, reasons, failures, rejected)
