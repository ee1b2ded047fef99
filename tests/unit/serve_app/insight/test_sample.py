"""The reference sample by columns."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from credit.errors import ModelRefused, UnknownFeature
from registered_model.documents import APPLICATIONS_FILE
from registered_model.manifest_file import REFERENCE_FILE
from serve_app.insight.model_view import ModelView
from serve_app.insight.sample import ReferenceSample, told
from serve_app.models.loaded_model import LoadedModel
from tests.fixtures.told_model import ROWS


def test_columns_of_the_application_stand_beside_the_model_s_features(view: ModelView) -> None:
    """What the model reads is exact, what it does not comes from the applications, and what is protected is nowhere."""
    sample = view.sample
    assert len(sample) == ROWS
    assert sample.column("EXT_SOURCE_2").tolist() == sample.features(0, ROWS)[:, 7].tolist()
    assert "AMT_CREDIT" not in view.model.manifest.features
    ratio = sample.column("AMT_CREDIT") / sample.column("AMT_INCOME_TOTAL")
    np.testing.assert_allclose(ratio, sample.column("CREDIT_TO_INCOME"), rtol=1e-6)
    assert "CODE_GENDER" not in sample.names
    with pytest.raises(UnknownFeature, match="CODE_GENDER"):
        sample.column("CODE_GENDER")


def test_an_older_model_s_sample_has_what_the_model_reads(old_view: ModelView) -> None:
    """And says of the rest that it is not there."""
    assert old_view.sample.names == old_view.model.manifest.features
    with pytest.raises(UnknownFeature):
        old_view.sample.column("AMT_CREDIT")


def test_applications_that_were_altered_are_left_out(told_folder: Path, tmp_path: Path) -> None:
    """What the model reads is still shown; a folder without a sample says so."""
    folder = shutil.copytree(told_folder, tmp_path / "model")
    (folder / APPLICATIONS_FILE).write_bytes(b"other rows")
    model = LoadedModel.load(folder, "1")
    assert ReferenceSample(model).names == model.manifest.features
    (folder / REFERENCE_FILE).unlink()
    with pytest.raises(ModelRefused, match="register the model again"):
        ReferenceSample(model)


def test_values_are_told_in_words_people_read() -> None:
    """Categories by name, an unknown one as such, numbers as they are, nothing for what is missing."""
    assert told("NAME_CONTRACT_TYPE", np.array([1.0, np.nan, -1.0])) == ["Revolving loans", None, "unknown category"]
    assert told("AMT_CREDIT", np.array([2.5, np.nan])) == [2.5, None]
