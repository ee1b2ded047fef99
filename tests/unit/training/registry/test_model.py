"""A model's folder read back."""

from pathlib import Path

import numpy as np
import pytest

from credit.errors import ModelRefused
from credit.features import CATALOG
from credit.manifest import MANIFEST_FILE, ModelManifest, file_sha256
from tests.unit.training.registry.model_folder import FEATURES, write_model_folder
from training.registry.model import TrainedFolder


def test_its_columns_are_found_among_the_assembled_features(tmp_path: Path) -> None:
    """Contributions and the expected value add up to the raw score of those columns."""
    manifest = write_model_folder(tmp_path / "model")
    model = TrainedFolder.read(tmp_path / "model")
    assert model.manifest == manifest
    assembled = np.random.default_rng(1).normal(size=(7, len(CATALOG.assembled_names)))
    X = model.features(assembled)
    assert X.tolist() == assembled[:, [CATALOG.index[name] for name in FEATURES]].tolist()
    assert model.contributions(X).sum(axis=1) == pytest.approx(model.raw(X))


def test_a_model_of_another_catalog_is_read_only_to_be_timed(tmp_path: Path) -> None:
    """The champion may be older than the features that this version computes."""
    write_model_folder(tmp_path / "model", catalog_hash="0" * 64)
    with pytest.raises(ModelRefused, match="feature catalog 000000000000"):
        TrainedFolder.read(tmp_path / "model")
    assert TrainedFolder.read(tmp_path / "model", catalog_hash=None).booster.num_feature() == len(FEATURES)


def test_a_booster_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    """Even where its hash is the manifest's."""
    folder = tmp_path / "model"
    manifest = write_model_folder(folder)
    (folder / "model.lgb").write_text("no booster\n")
    damaged = manifest.model_copy(update={"files_sha256": {"model.lgb": file_sha256(folder / "model.lgb")}})
    (folder / MANIFEST_FILE).write_text(ModelManifest.model_dump_json(damaged))
    with pytest.raises(ModelRefused, match="cannot be read") as caught:
        TrainedFolder.read(folder)
    assert "\n" not in str(caught.value)
