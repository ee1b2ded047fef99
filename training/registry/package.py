"""Write a trained model as the folder that `registered_model` reads, loadable by MLflow too."""

from __future__ import annotations

import importlib.metadata
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from credit.application import FloatArray, IntArray
from credit.features import CATALOG
from credit.manifest import ModelManifest
from credit.schema import APPLICATION_COLUMNS, TARGET
from registered_model.manifest_file import REFERENCE_FILE, file_sha256, write_manifest
from training.fit.fitted import FittedModel
from training.settings import TrainingSettings

BOOSTER_FILE = "model.lgb"  # the name that MLflow's LightGBM flavour writes
_EXAMPLE_ROWS = 2


def write_model(
    folder: Path,
    fitted: FittedModel,
    *,
    name: str,
    data_digest: str,
    seed: int,
    settings: TrainingSettings,
    run_id: str,
) -> ModelManifest:
    """Write booster, derived boosters, reference sample, manifest and MLflow's files into the new folder `folder`."""
    _write_flavour(folder, fitted, run_id)
    files = {BOOSTER_FILE: file_sha256(folder / BOOSTER_FILE)}
    for feature, booster in zip(fitted.derived.features, fitted.derived.boosters, strict=True):
        booster.save_model(str(folder / feature.booster))
        files[feature.booster] = file_sha256(folder / feature.booster)
    _write_reference(folder / REFERENCE_FILE, fitted, reference_rows(len(fitted.y), settings, seed))
    manifest = ModelManifest(
        name=name,
        catalog_hash=CATALOG.hash,
        features=fitted.features,
        derived=fitted.derived.features,
        booster=BOOSTER_FILE,
        files_sha256=files,
        calibration=fitted.calibration.calibration,
        policy=fitted.cut.policy,
        typical=typical_values(fitted.X, fitted.features),
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        data_digest=data_digest,
        seed=seed,
        documents_sha256={REFERENCE_FILE: file_sha256(folder / REFERENCE_FILE)},
        metrics=fitted.measures.as_dict(),
        training={
            "rows": len(fitted.y),
            "default_rate": float(fitted.y.mean()),
            "fold_auc": list(fitted.fold_auc),
            "fold_thresholds": list(fitted.cut.fold_thresholds),
            "threshold_spread": fitted.cut.spread,
            "brier_by_calibration": fitted.calibration.brier,
            "settings": settings.model_dump(),
            **fitted.notes,
        },
    )
    write_manifest(folder, manifest)
    return manifest


def typical_values(X: FloatArray, features: tuple[str, ...]) -> tuple[float | None, ...]:
    """Return each feature's median, or most common category; None where it is missing for most."""
    typical: list[float | None] = []
    for i, name in enumerate(features):
        column = X[:, i]
        known = column[~np.isnan(column)]
        if 2 * len(known) <= len(column):
            typical.append(None)
        elif CATALOG[name].is_category:
            found, counts = np.unique(known, return_counts=True)
            typical.append(float(found[np.argmax(counts)]))
        else:
            typical.append(float(np.quantile(known, 0.5, method="lower")))
    return tuple(typical)


def reference_rows(n: int, settings: TrainingSettings, seed: int) -> IntArray:
    """Return which of n training rows are the reference sample, ascending."""
    return np.sort(np.random.default_rng([seed, 5]).permutation(n)[: settings.reference_rows])


def sampled_applications(X: FloatArray, rows: IntArray) -> bytes:
    """Return the applications' own columns of these rows as an Arrow file, protected ones left out.

    X: float64[n, assembled features]. A comparison with other applicants may ask for a column that the model does not
    read; single precision is plenty for one.
    """
    import pyarrow as pa

    names = [f.name for f in CATALOG.features[: len(APPLICATION_COLUMNS)] if not f.protected]
    table = pa.table({name: X[rows, CATALOG.index[name]].astype(np.float32) for name in names})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _write_reference(file: Path, fitted: FittedModel, chosen: IntArray) -> None:
    """Write a seeded sample of training rows with their out-of-fold scores: what live traffic is compared with."""
    import pyarrow as pa

    columns: dict[str, Any] = {name: fitted.X[chosen, i] for i, name in enumerate(fitted.features)}
    columns |= {"probability": fitted.probability[chosen], "raw": fitted.raw[chosen], TARGET: fitted.y[chosen]}
    table = pa.table(columns)
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _write_flavour(folder: Path, fitted: FittedModel, run_id: str) -> None:
    import mlflow.lightgbm
    import pandas as pd
    from mlflow.models import Model, infer_signature

    example = pd.DataFrame(fitted.X[:_EXAMPLE_ROWS], columns=list(fitted.features))
    packages = ("lightgbm", "numpy", "pandas")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of integer columns and of type hints, neither of which applies
        mlflow.lightgbm.save_model(
            fitted.booster,
            str(folder),
            mlflow_model=Model(artifact_path="model", run_id=run_id),
            signature=infer_signature(example, fitted.booster.predict(example)),
            input_example=example,
            pip_requirements=[f"{package}=={importlib.metadata.version(package)}" for package in packages],
        )
