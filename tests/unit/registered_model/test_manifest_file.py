"""The manifest in a model's folder, and what does not fit it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from credit.errors import ModelRefused
from credit.manifest import Calibration, ModelManifest
from credit.policy import Policy
from registered_model.manifest_file import file_sha256, read_manifest, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder whose booster is any file."""
    (tmp_path / "booster.txt").write_text("tree")
    manifest = ModelManifest(
        name="loanstream",
        catalog_hash="c" * 64,
        features=("A", "B"),
        booster="booster.txt",
        files_sha256={"booster.txt": file_sha256(tmp_path / "booster.txt")},
        calibration=Calibration(),
        policy=Policy(threshold=0.1, refer_from=0.1, decline_from=0.1),
        typical=(1.0, None),
        trained_at="2026-01-01T00:00:00Z",
        data_digest="x",
        seed=1,
    )
    write_manifest(tmp_path, manifest)
    return tmp_path


def test_a_manifest_reads_back_as_written(folder: Path) -> None:
    """Reading checks and returns what was written; None stands for a missing typical value."""
    manifest = read_manifest(folder, "c" * 64)
    assert manifest.features == ("A", "B")
    assert np.isnan(manifest.typical_values()[1])


def test_another_catalog_is_refused(folder: Path) -> None:
    """A model is never fed features of another catalog."""
    with pytest.raises(ModelRefused, match="train it again"):
        read_manifest(folder, "d" * 64)


def test_an_altered_booster_is_refused(folder: Path) -> None:
    """A byte changed since training is noticed."""
    (folder / "booster.txt").write_text("three")
    with pytest.raises(ModelRefused, match="altered"):
        read_manifest(folder, None)


@pytest.mark.parametrize("content", ["", "{}", '{"format_version": 1, "name": 3}', "[]"])
def test_a_malformed_manifest_is_refused_in_one_line(folder: Path, content: str) -> None:
    """The error names the file and what to do, without a traceback's worth of text."""
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ModelRefused) as refused:
        read_manifest(folder, None)
    assert "\n" not in str(refused.value)
