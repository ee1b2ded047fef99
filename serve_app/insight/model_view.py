"""One model version as people look at it: its sample and contributions, worked out once and kept."""

from __future__ import annotations

import logging
from functools import cached_property

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.errors import ModelRefused, UnknownFeature
from serve_app.insight.sample import ReferenceSample
from serve_app.models.loaded_model import LoadedModel

log = logging.getLogger(__name__)

# Rows explained at a time: between blocks, decisions get their turn of the interpreter.
_BLOCK = 256


class ModelView:
    """A loaded model with what its folder tells beside; for one thread at a time."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model

    @cached_property
    def sample(self) -> ReferenceSample:
        """The reference sample; raises ModelRefused where the folder has none."""
        return ReferenceSample(self.model)

    @property
    def sample_or_none(self) -> ReferenceSample | None:
        """The reference sample, None where the folder has none."""
        try:
            return self.sample
        except ModelRefused as error:
            log.warning("no reference sample to look at: %s", error)
            return None

    @cached_property
    def contributions(self) -> npt.NDArray[np.float32]:
        """float32[n, f], log-odds: exact contributions of the whole sample, by our own kernels."""
        sample, width = self.sample, len(self.model.manifest.features)
        found = np.empty((len(sample), width), dtype=np.float32)
        for start in range(0, len(sample), _BLOCK):
            stop = min(start + _BLOCK, len(sample))
            found[start:stop] = self.model.shap.contributions(sample.features(start, stop))[:, :-1]
        return found

    @cached_property
    def mean_absolute(self) -> FloatArray:
        """float64[f]: each feature's mean absolute contribution over the sample."""
        return np.asarray(np.abs(self.contributions).mean(axis=0, dtype=np.float64))

    def place(self, feature: str) -> int:
        """Return a feature's place in the model; raises UnknownFeature where the model does not read it."""
        try:
            return self.model.manifest.features.index(feature)
        except ValueError:
            raise UnknownFeature(f"the model does not read {feature}: GET /v1/catalog lists what it reads") from None
