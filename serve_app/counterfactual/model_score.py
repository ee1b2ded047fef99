"""A model's scores for the search: by the kernels of the explanation, at a few microseconds a row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.features import assemble
from serve_app.counterfactual.search import Proposals, propose
from serve_app.models.loaded_model import LoadedModel


class ModelScore:
    """Scores one client's application under many plans.

    history: float32[h]. The kernels walk the model's own trees and agree with the booster to 1e-9, at a twentieth of
    its cost; what is told to anybody is decided by the booster.
    """

    def __init__(self, model: LoadedModel, history: npt.NDArray[np.float32]) -> None:
        self._model, self._history = model, history

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return probabilities of default, float64[n], of float64[n, columns]."""
        history = np.broadcast_to(self._history, (len(values), len(self._history)))
        X = self._model.features(assemble(values, history))
        return self._model.manifest.calibration.probability(self._model.shap.raw_scores(X))


def propose_with(
    model: LoadedModel, values: FloatArray, history: npt.NDArray[np.float32], below: float | None
) -> Proposals:
    """Search one application, float64[columns], with a model: for its policy's approval, or a stricter bound."""
    bound = model.manifest.policy.refer_from
    return propose(values, ModelScore(model, history), bound if below is None else min(bound, below))
