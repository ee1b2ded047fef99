"""The boosters of a model's folder against its manifest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from credit.errors import ModelRefused
from credit.manifest import Calibration, DerivedFeature, ModelManifest
from credit.policy import Policy
from registered_model.booster_files import read_model
from registered_model.manifest_file import file_sha256, write_manifest


def model_in(folder: Path, features: tuple[str, ...], derived: str | None = None) -> Path:
    """Write a folder whose booster reads two features, whatever its manifest says."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    data = lightgbm.Dataset(X, (X[:, 0] > 0).astype(int))
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}, data, 3)
    booster.save_model(folder / "booster.txt")
    files = ["booster.txt"]
    if derived is not None:
        (folder / "derived.txt").write_text(derived)
        files.append("derived.txt")
    manifest = ModelManifest(
        name="loanstream",
        catalog_hash="c" * 64,
        features=features,
        derived=() if derived is None else (DerivedFeature(name="D", booster="derived.txt", inputs=("A", "B")),),
        booster="booster.txt",
        files_sha256={name: file_sha256(folder / name) for name in files},
        calibration=Calibration(),
        policy=Policy(threshold=0.1, refer_from=0.1, decline_from=0.1),
        typical=(None,) * len(features),
        trained_at="2026-01-01T00:00:00Z",
        data_digest="x",
        seed=1,
    )
    write_manifest(folder, manifest)
    return folder


def test_a_model_reads_back_with_its_boosters(tmp_path: Path) -> None:
    """Booster and derived boosters come in the manifest's order."""
    files = read_model(model_in(tmp_path, ("A", "B")), "c" * 64)
    assert files.booster.num_trees() == 3
    assert files.derived == ()
    again = read_model(model_in(tmp_path, ("A", "B"), derived=files.booster.model_to_string()), "c" * 64)
    assert [booster.num_feature() for booster in again.derived] == [2]


def test_a_booster_of_other_features_is_refused(tmp_path: Path) -> None:
    """A manifest that names more features than the booster reads would be fed the wrong columns."""
    with pytest.raises(ModelRefused, match="reads 2 features, its manifest names 3"):
        read_model(model_in(tmp_path, ("A", "B", "C")), None)


def test_a_file_that_is_no_booster_is_refused_by_its_name(tmp_path: Path) -> None:
    """The file that cannot be read is named, the derived feature's as well as the model's."""
    folder = model_in(tmp_path, ("A", "B"), derived="no model")
    with pytest.raises(ModelRefused, match=r"derived\.txt cannot be read"):
        read_model(folder, None)


def test_a_serving_process_imports_lightgbm_without_scikit_learn() -> None:
    """In a process of its own: LightGBM predicts without it, and it can still be imported after."""
    code = (
        "import sys; from registered_model.booster_files import bare_lightgbm; lightgbm = bare_lightgbm();"
        "print('sklearn' in sys.modules); import sklearn; print(lightgbm.Booster.__name__, sklearn.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "Booster", "sklearn"]
