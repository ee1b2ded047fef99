"""A model version in memory: what it reads, and by what its derived features are read."""

from __future__ import annotations

from pathlib import Path

import lightgbm
import numpy as np
import pytest

from credit.errors import ModelRefused
from credit.features import CATALOG
from credit.manifest import Calibration, DerivedFeature, ModelManifest
from credit.policy import Policy
from registered_model.manifest_file import file_sha256, write_manifest
from serve_app.models.loaded_model import DerivedModel, LoadedModel


def booster(objective: str, **more: object) -> tuple[lightgbm.Booster, np.ndarray]:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(2000, 5))
    X[rng.random(X.shape) < 0.1] = np.nan
    y = (np.nan_to_num(X[:, 0]) + rng.normal(size=2000) > 0).astype(float)
    parameters = {"objective": objective, "num_leaves": 9, "verbose": -1, "num_threads": 1, "deterministic": True}
    parameters |= more
    return lightgbm.train(parameters, lightgbm.Dataset(X, y), num_boost_round=40), X


def test_a_derived_feature_is_what_lightgbm_predicts() -> None:
    """The kernels' sum of the trees is the small booster's prediction, one row at a time and many at once."""
    small, X = booster("regression")
    derived = DerivedModel.of(small, np.arange(5), "EXT")
    predicted = small.predict(X, num_threads=1)
    assert np.allclose(derived.trees.raw_scores(X), predicted, rtol=0, atol=1e-12)
    singly = [derived.trees.raw_scores(X[i : i + 1])[0] for i in range(50)]
    assert np.array_equal(singly, derived.trees.raw_scores(X)[:50])


def test_a_derived_feature_that_is_no_plain_sum_is_refused() -> None:
    """A booster with a link function would be read wrongly: it is refused when the model is loaded, by name."""
    with pytest.raises(ModelRefused, match="EXT"):
        DerivedModel.of(booster("binary")[0], np.arange(5), "EXT")


def saved(folder: Path, features: tuple[str, ...], **more: object) -> LoadedModel:
    """Save a model of five features, two external scores of it derived, and load it."""
    main, _ = booster("binary", **more)
    small, _ = booster("regression")
    main.save_model(folder / "model.lgb")
    small.save_model(folder / "small.txt")
    inputs = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "DAYS_BIRTH", "AMT_INCOME_TOTAL")
    files = ("model.lgb", "small.txt")
    manifest = ModelManifest(
        name="loanstream",
        catalog_hash=CATALOG.hash,
        features=features,
        derived=tuple(
            DerivedFeature(name=name, booster="small.txt", inputs=order)
            for name, order in (
                ("EXT_SOURCE_1_PREDICTED", inputs),
                ("EXT_SOURCE_2_PREDICTED", inputs[::-1]),
                ("EXT_SOURCE_3_PREDICTED", inputs),
            )
        ),
        booster="model.lgb",
        files_sha256={name: file_sha256(folder / name) for name in files},
        calibration=Calibration(),
        policy=Policy(threshold=0.1, refer_from=0.1, decline_from=0.1),
        typical=(None,) * len(features),
        trained_at="2026-01-01T00:00:00Z",
        data_digest="x",
        seed=1,
    )
    write_manifest(folder, manifest)
    return LoadedModel.load(folder, "1")


def test_features_stand_in_the_boosters_order_derived_ones_among_them(tmp_path: Path) -> None:
    """Columns come from the catalog's places, derived ones from their small model; one that is not read is left out."""
    features = ("EXT_SOURCE_2_PREDICTED", "DAYS_BIRTH", "EXT_SOURCE_1_PREDICTED", "AMT_CREDIT", "EXT_SOURCE_1")
    model = saved(tmp_path, features)
    assembled = np.random.default_rng(1).normal(size=(7, len(CATALOG.assembled_names)))
    column = {name: assembled[:, i] for i, name in enumerate(CATALOG.assembled_names)}
    small = lightgbm.Booster(model_file=str(tmp_path / "small.txt"))
    inputs = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "DAYS_BIRTH", "AMT_INCOME_TOTAL")
    first = small.predict(np.column_stack([column[name] for name in inputs]), num_threads=1)
    second = small.predict(np.column_stack([column[name] for name in inputs[::-1]]), num_threads=1)
    X = model.features(assembled)
    assert X.flags.c_contiguous
    assert np.allclose(X[:, 0], second, rtol=0, atol=1e-12)
    assert np.allclose(X[:, 2], first, rtol=0, atol=1e-12)
    for place in (1, 3, 4):
        assert np.array_equal(X[:, place], column[features[place]])
    assert np.array_equal(model.features(assembled[3:4])[0], X[3])


def test_a_model_that_cannot_be_explained_is_refused_in_the_banks_terms(tmp_path: Path) -> None:
    """A random forest has no exact explanation: the version is refused as any other that cannot be served."""
    five = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "DAYS_BIRTH", "AMT_INCOME_TOTAL")
    with pytest.raises(ModelRefused, match="cannot be explained: averaged outputs"):
        saved(tmp_path, five, boosting="rf", bagging_freq=1, bagging_fraction=0.5)
