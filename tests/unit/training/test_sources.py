"""Model sources in order, and fairness by group."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from credit.errors import DependencyUnavailable, LoanstreamError, ModelNotFound, ModelRefused
from credit.manifest import Calibration, ModelManifest, file_sha256, write_manifest
from credit.policy import Policy
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX
from training.fairness import measure_fairness
from training.sources import FolderSource, find_model

POLICY = Policy(threshold=0.5, refer_from=0.4, decline_from=0.6)


@dataclass
class Away:
    """A source that is down."""

    error: LoanstreamError
    name: str = "registry that is away"

    def fetch(self) -> Path:
        raise self.error


def model(folder: Path, catalog: str = "c") -> Path:
    folder.mkdir()
    (folder / "model.lgb").write_text("tree")
    manifest = ModelManifest(
        name="m",
        catalog_hash=catalog,
        features=("AMT_CREDIT",),
        booster="model.lgb",
        files_sha256={"model.lgb": file_sha256(folder / "model.lgb")},
        calibration=Calibration(),
        policy=POLICY,
        typical=(1.0,),
        trained_at="2026-01-01T00:00:00+00:00",
        data_digest="d",
        seed=0,
    )
    write_manifest(folder, manifest)
    return folder


def test_a_source_that_is_down_is_passed_over_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The next source's model is used, and its name is given."""
    folder = model(tmp_path / "m")
    with caplog.at_level(logging.WARNING):
        found = find_model([Away(DependencyUnavailable("no answer")), FolderSource(folder)], "c")
    assert (found.folder, found.source) == (folder, f"folder {folder}")
    assert "registry that is away passed over: no answer" in caplog.text


def test_a_model_of_another_catalog_is_passed_over(tmp_path: Path) -> None:
    """A source whose model does not fit is no better than one that is down."""
    old, new = model(tmp_path / "old", "other"), model(tmp_path / "new")
    assert find_model([FolderSource(old), FolderSource(new)], "c").folder == new
    with pytest.raises(ModelRefused):
        find_model([FolderSource(old)], "c")


def test_where_no_source_has_a_model_the_first_says_why(tmp_path: Path) -> None:
    """The error of the source that was meant to have it is the one to read."""
    with pytest.raises(DependencyUnavailable, match="no answer"):
        find_model([Away(DependencyUnavailable("no answer")), FolderSource(tmp_path / "none")], "c")
    with pytest.raises(ModelNotFound, match="no model source"):
        find_model([], "c")


def test_adverse_impact_is_the_lowest_approval_rate_over_the_highest() -> None:
    """Women approved at 0.8, men at 0.4: a ratio of a half; error rates by group likewise by hand."""
    n = 1_000
    values = np.full((n, len(APPLICATION_COLUMNS)), np.nan)
    women = np.arange(n) < 500
    values[:, COLUMN_INDEX["CODE_GENDER"]] = np.where(women, 0.0, 1.0)
    approved = np.where(women, np.arange(n) % 10 < 8, np.arange(n) % 10 < 4)
    y = (np.arange(n) % 2).astype(float)
    found = measure_fairness(values, y, np.where(approved, 0.1, 0.9), POLICY)
    assert found.adverse_impact["gender"] == pytest.approx(0.5)
    rates = {g.group: g for g in found.groups if g.attribute == "gender"}
    assert rates["F"].approval_rate == pytest.approx(0.8)
    assert rates["M"].false_declines == pytest.approx(0.6)
    assert rates["M"].false_approvals == pytest.approx(0.4)


def test_a_tiny_group_does_not_decide_the_ratio() -> None:
    """Groups of fewer than a hundred are listed, but their chance rates are left out of the ratio."""
    n = 600
    values = np.full((n, len(APPLICATION_COLUMNS)), np.nan)
    values[:, COLUMN_INDEX["CODE_GENDER"]] = np.where(np.arange(n) < 5, 1.0, 0.0)
    probability = np.where(np.arange(n) < 5, 0.9, 0.1)
    found = measure_fairness(values, (np.arange(n) % 2).astype(float), probability, POLICY)
    assert found.adverse_impact["gender"] == 1.0
    assert {g.group for g in found.groups if g.attribute == "gender"} == {"F", "M"}
