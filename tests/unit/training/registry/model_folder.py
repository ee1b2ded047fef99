"""A model's folder, made by hand."""

from __future__ import annotations

from pathlib import Path

import lightgbm
import numpy as np

from credit.features import CATALOG
from credit.manifest import Calibration, ModelManifest
from credit.policy import Policy
from registered_model.manifest_file import file_sha256, write_manifest

FEATURES = ("AMT_CREDIT", "AMT_ANNUITY")


def write_model_folder(folder: Path, trees: int = 5, catalog_hash: str = CATALOG.hash) -> ModelManifest:
    """Write booster and manifest of a model with that many trees."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, len(FEATURES)))
    y = (rng.random(300) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(float)
    parameters = {"objective": "binary", "verbose": -1, "num_threads": 1, "deterministic": True}
    folder.mkdir(parents=True)
    lightgbm.train(parameters, lightgbm.Dataset(X, y), trees).save_model(str(folder / "model.lgb"))
    manifest = ModelManifest(
        name="loanstream",
        catalog_hash=catalog_hash,
        features=FEATURES,
        booster="model.lgb",
        files_sha256={"model.lgb": file_sha256(folder / "model.lgb")},
        calibration=Calibration(),
        policy=Policy(threshold=0.5, refer_from=0.4, decline_from=0.6),
        typical=(0.0, 0.0),
        trained_at="2026-03-10T00:00:00+00:00",
        data_digest="d" * 64,
        seed=0,
    )
    write_manifest(folder, manifest)
    return manifest
