"""What a folder tells of its model besides what decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit.errors import ModelRefused
from credit.evaluation import Evaluation, MeasuredValue
from credit.manifest import ModelManifest
from registered_model.documents import CARD_FILE, EVALUATION_FILE, add_documents, read_card, read_evaluation
from registered_model.manifest_file import read_manifest
from tests.fixtures.small_model import write_small_model

EVALUATION = Evaluation(
    rows=10,
    default_rate=0.1,
    folds=3,
    measures={"auc": MeasuredValue(value=0.7, low=0.6, high=0.8)},
    calibration=(),
    fairness=(),
    adverse_impact={"age": 0.9},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_model(tmp_path)


@pytest.fixture
def manifest(folder: Path) -> ModelManifest:
    """The manifest once the documents are in."""
    documents = {EVALUATION_FILE: EVALUATION.model_dump_json().encode(), CARD_FILE: "# Card é\n".encode()}
    return add_documents(folder, read_manifest(folder, None), documents)


def test_documents_read_back_and_leave_the_model_s_digest_alone(folder: Path) -> None:
    """What decides is the same model with and without its documents."""
    before = read_manifest(folder, None)
    assert read_evaluation(folder, before) is None
    assert read_card(folder, before) is None
    add_documents(folder, before, {EVALUATION_FILE: EVALUATION.model_dump_json().encode(), CARD_FILE: b"# Card\n"})
    after = read_manifest(folder, None)
    assert after.digest == before.digest
    assert read_evaluation(folder, after) == EVALUATION
    assert read_card(folder, after) == "# Card\n"


def test_a_document_that_was_altered_is_refused_and_the_model_is_not(folder: Path, manifest: ModelManifest) -> None:
    """A card that says something else than at training is not shown; the model goes on deciding."""
    (folder / CARD_FILE).write_text("# A better card\n")
    with pytest.raises(ModelRefused, match="altered since training"):
        read_card(folder, manifest)
    assert read_manifest(folder, None) == manifest
    assert read_evaluation(folder, manifest) == EVALUATION
