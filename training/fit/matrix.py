"""Pick a model's columns out of the assembled and the derived features."""

from __future__ import annotations

import numpy as np

from credit.application import FloatArray
from credit.features import CATALOG
from training.fit.derived import DerivedFit


def model_matrix(X: FloatArray, derived: DerivedFit, features: tuple[str, ...]) -> FloatArray:
    """Return the columns `features`: float64[n, assembled], with the derived ones -> float64[n, f], C-contiguous."""
    width = len(CATALOG.assembled_names)
    own = {feature.name: width + i for i, feature in enumerate(derived.features)}
    out = np.empty((len(X), len(features)), dtype=np.float64)
    for i, name in enumerate(features):
        at = own.get(name, CATALOG.index[name])
        out[:, i] = X[:, at] if at < width else derived.columns[:, at - width]
    return out
