"""All that is told of a model."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from registered_model.documents import CARD_FILE
from serve_app.insight.model_page import model_page
from serve_app.insight.model_view import ModelView
from serve_app.models.loaded_model import LoadedModel
from tests.fixtures.told_model import CARD, ROWS


def test_what_training_measured_is_told_with_intervals(view: ModelView) -> None:
    """Evaluation and card as they were written, checked against the manifest."""
    page = model_page(view)
    assert (page["version"], page["documents"], page["card"]) == ("3", "checked", CARD)
    assert page["measures"]["auc"] == {"value": 0.71, "low": 0.69, "high": 0.73}
    assert sum(point["count"] for point in page["calibration"]) == page["rows"] == 400
    assert page["fairness"][0]["group"] == "under 25"
    assert page["adverse_impact"] == {"age": 0.93}


def test_of_an_older_model_its_sample_tells_the_calibration(old_view: ModelView) -> None:
    """Measures without intervals; predicted and observed rates come close, for the defaults were drawn from them."""
    page = model_page(old_view)
    assert (page["documents"], page["card"], page["fairness"], page["folds"]) == ("none", None, [], None)
    assert sum(point["count"] for point in page["calibration"]) == ROWS
    mean = {
        name: sum(point[name] * point["count"] for point in page["calibration"]) / ROWS
        for name in ("predicted", "observed")
    }
    assert mean["predicted"] == pytest.approx(mean["observed"], abs=0.05)


def test_nothing_is_told_from_altered_documents(told_folder: Path, tmp_path: Path) -> None:
    """A risk officer must not read a card that training did not write."""
    folder = shutil.copytree(told_folder, tmp_path / "model")
    (folder / CARD_FILE).write_text("# All is well\n")
    page = model_page(ModelView(LoadedModel.load(folder, "1")))
    assert (page["documents"], page["card"], page["fairness"]) == ("altered", None, [])
