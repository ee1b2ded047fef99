"""From applications and history to probabilities of default and outcomes, all by one model version."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.decision import ModelRef
from credit.features import assemble
from serve_app.models.loaded_model import LoadedModel
from serve_app.models.shelf import ModelShelf


@dataclass(frozen=True, slots=True)
class ScoredApplications:
    """The scores of n applications; arrays as in `credit.decision.DecisionBatch`."""

    model: ModelRef
    features: FloatArray
    raw: FloatArray
    probability: FloatArray
    outcome: npt.NDArray[np.int8]
    points: npt.NDArray[np.int32]


def score_batch(model: LoadedModel, values: FloatArray, history: npt.NDArray[np.float32]) -> ScoredApplications:
    """Score n applications with one model: values float64[n, columns], history float32[n, h].

    The one computation for the graph, the shadow and a file. The outcomes are what the policy proposes: a decline is
    settled once its reasons are known (`credit.policy.settled`).
    """
    X = model.features(assemble(values, history))
    raw = model.raw(X)
    probability = model.manifest.calibration.probability(raw)
    return ScoredApplications(
        model.ref,
        X,
        raw,
        probability,
        model.manifest.policy.outcomes(probability),
        model.manifest.scorecard.points(probability),
    )


class Scorer:
    """Scores micro-batches with whatever version is current when the batch arrives."""

    def __init__(self, shelf: ModelShelf) -> None:
        self._shelf = shelf

    def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> ScoredApplications:
        """Score n applications: values float64[n, columns], history float32[n, h]; raises NotReady without a model."""
        return score_batch(self._shelf.current, values, history)
