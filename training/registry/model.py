"""A registered model read back for scoring tables; serving has its own reader of the same folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from credit.application import FloatArray
from credit.errors import ModelRefused
from credit.features import CATALOG
from credit.manifest import ModelManifest, read_manifest
from training.fit.boosting import Booster
from training.fit.derived import DerivedFit, apply_derived
from training.fit.matrix import model_matrix


@dataclass(frozen=True)
class TrainedFolder:
    """A model's folder in memory."""

    manifest: ModelManifest
    booster: Booster
    derived: tuple[Booster, ...]

    @staticmethod
    def read(folder: Path, catalog_hash: str | None = CATALOG.hash) -> TrainedFolder:
        """Read and check a model's folder; raises ModelRefused where it is damaged or of another catalog.

        catalog_hash: None skips the check of the catalog, for a model that is only timed.
        """
        import lightgbm

        manifest = read_manifest(folder, catalog_hash)
        try:
            booster = lightgbm.Booster(model_file=str(folder / manifest.booster))
            derived = tuple(lightgbm.Booster(model_file=str(folder / d.booster)) for d in manifest.derived)
        except lightgbm.basic.LightGBMError as error:
            raise ModelRefused(f"{folder} holds a booster that cannot be read: {error}; register it again") from None
        return TrainedFolder(manifest, booster, derived)

    def features(self, assembled: FloatArray) -> FloatArray:
        """Return the booster's columns of assembled features: float64[n, a] -> float64[n, f]."""
        columns = apply_derived(self.manifest.derived, self.derived, assembled)
        return model_matrix(assembled, DerivedFit(self.manifest.derived, self.derived, columns), self.manifest.features)

    def raw(self, X: FloatArray) -> FloatArray:
        """Return log-odds of default: float64[n, f] -> float64[n]."""
        return np.asarray(self.booster.predict(X, raw_score=True), dtype=np.float64)

    def contributions(self, X: FloatArray) -> FloatArray:
        """Return LightGBM's exact contributions: float64[n, f] -> float64[n, f + 1], last column the expected value."""
        return np.asarray(self.booster.predict(X, pred_contrib=True), dtype=np.float64)
