"""A model version in memory: booster, exact explainer, manifest; immutable once loaded, shared by threads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from credit.application import FloatArray
from credit.decision import ModelRef
from credit.errors import ModelRefused
from credit.features import CATALOG
from credit.manifest import ModelManifest
from credit.reasons import ReasonTable
from registered_model.booster_files import read_model
from treeshap import TreeShap, UnsupportedModel

# How closely our reading of a derived feature's trees must agree with LightGBM's, on rows of a probe.
_AGREEMENT = 1e-9


@dataclass(frozen=True, slots=True)
class DerivedModel:
    """A small model whose prediction is a feature; our kernels read its trees several times as fast as LightGBM."""

    trees: TreeShap
    inputs: Any  # columns of the assembled matrix

    @staticmethod
    def of(booster: Any, inputs: Any, name: str) -> DerivedModel:
        trees = TreeShap(booster)
        probe = np.random.default_rng(0).normal(scale=10.0, size=(64, len(inputs)))
        probe[::3, ::2] = np.nan
        if not np.allclose(trees.raw_scores(probe), booster.predict(probe, num_threads=1), _AGREEMENT, _AGREEMENT):
            raise ModelRefused(f"the booster of {name} does not predict its trees' sum; derive it by plain regression")
        return DerivedModel(trees, inputs)


class LoadedModel:
    """One version of the model, ready to score and explain; `load` is the only way to make one."""

    def __init__(
        self,
        manifest: ModelManifest,
        version: str,
        booster: Any,
        shap: TreeShap,
        derived: list[DerivedModel],
        folder: Path,
    ) -> None:
        self.manifest = manifest
        self.folder = folder  # with what else is told of the model, which no decision reads
        self.ref = ModelRef(
            manifest.name, version, manifest.digest, manifest.catalog_hash, manifest.policy, manifest.features
        )
        self.shap = shap
        self.reason_table = ReasonTable.of(CATALOG, manifest.features, manifest.typical_values())
        self._booster = booster
        place = {name: i for i, name in enumerate(manifest.features)}
        predicted = {feature.name for feature in manifest.derived}
        self._width = len(place)
        self._given = np.array([i for name, i in place.items() if name not in predicted], dtype=np.int64)
        self._columns = np.array([CATALOG.index[name] for name in place if name not in predicted], dtype=np.int64)
        self._derived = [
            (place[feature.name], trees)
            for feature, trees in zip(manifest.derived, derived, strict=True)
            if feature.name in place
        ]

    @staticmethod
    def load(folder: Path, version: str) -> LoadedModel:
        """Load and check the model in `folder`; raises ModelRefused where it cannot be served."""
        files = read_model(folder, CATALOG.hash)
        manifest = files.manifest
        known = set(CATALOG.assembled_names) | {feature.name for feature in manifest.derived}
        strangers = [name for name in manifest.features if name not in known]
        if strangers:
            raise ModelRefused(f"{folder} reads features that are not in the catalog: {', '.join(strangers[:3])}")
        try:
            shap = TreeShap(files.booster)
            derived = [
                DerivedModel.of(b, np.array([CATALOG.index[name] for name in d.inputs], dtype=np.int64), d.name)
                for b, d in zip(files.derived, manifest.derived, strict=True)
            ]
        except UnsupportedModel as error:
            raise ModelRefused(f"{folder} cannot be explained: {error}") from None
        return LoadedModel(manifest, version, files.booster, shap, derived, folder)

    def warm(self) -> None:
        """Run every kernel once, so that no request pays for a compilation or a first touch."""
        self.shap.warm()
        self.raw(np.zeros((1, self._width)))

    def features(self, assembled: FloatArray) -> FloatArray:
        """Pick the booster's features out of `credit.features.assemble`'s matrix: float64[n, a] -> float64[n, f]."""
        X = np.empty((len(assembled), self._width))
        X[:, self._given] = np.take(assembled, self._columns, axis=1)
        for place, derived in self._derived:
            X[:, place] = derived.trees.raw_scores(np.take(assembled, derived.inputs, axis=1))
        return X

    def raw(self, X: FloatArray) -> FloatArray:
        """Return the booster's raw scores in log-odds: float64[n, f] -> float64[n]."""
        raw: FloatArray = self._booster.predict(X, raw_score=True, num_threads=1)
        return raw

    def reference_contributions(self, X: FloatArray) -> FloatArray:
        """Return LightGBM's own contributions, slow and beyond doubt: float64[n, f + 1], last column expected value."""
        contributions: FloatArray = self._booster.predict(X, pred_contrib=True, num_threads=1)
        return contributions
