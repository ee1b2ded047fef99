"""Reject inference measured on labelled rows."""

from dataclasses import replace

from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset
from training.documents.rejects import rejects_blocks
from training.evaluation.rejects import METHODS, measure_rejects
from training.fit.fitted import FittedModel


def test_all_ways_are_measured_on_the_same_folds(dataset: Dataset, fitted: FittedModel) -> None:
    """None is the base and changes nothing; the others differ; without unlabelled rows there is nothing to measure."""
    settings = QUICK.model_copy(update={"trees": 5})
    assert measure_rejects(dataset, fitted, settings, 1) == []
    assert rejects_blocks([], 1.0) == ["There are no unlabelled rows to learn from."]
    data = replace(dataset, unlabelled=dataset.X[:100])
    found = measure_rejects(data, fitted, settings, 1)
    assert tuple(m.method for m in found) == METHODS
    assert (found[0].auc_change, found[0].auc_change_half_width) == (0, 0)
    assert len({m.brier for m in found}) == 3
    assert all(0 < m.probability_unlabelled < 1 for m in found)
    assert "They are not rejects" in rejects_blocks(found, 1.0)[0]
