"""What is measured of a model once, for whoever answers for it."""

from __future__ import annotations

import numpy as np
import pytest

from credit.evaluation import Evaluation
from training.data.dataset import Dataset
from training.evaluation.evaluate import evaluate
from training.evaluation.fairness import measure_fairness
from training.fit.fitted import FittedModel


@pytest.fixture(scope="module")
def evaluation(dataset: Dataset, fitted: FittedModel) -> Evaluation:
    fairness = measure_fairness(dataset.values, dataset.y, fitted.probability, fitted.cut.policy)
    return evaluate(fitted, fairness)


def test_each_measure_stands_within_its_interval(evaluation: Evaluation, fitted: FittedModel) -> None:
    """All seven measures, the values of the manifest, between their bounds."""
    assert {name: m.value for name, m in evaluation.measures.items()} == fitted.measures.as_dict()
    for measure in evaluation.measures.values():
        assert measure.low is not None
        assert measure.high is not None
        assert measure.low <= measure.value < measure.high
    # Two folds of 300 rows: the spread of a small error is wider than the error, which cannot be below nothing.
    assert evaluation.measures["calibration_error"].low is not None
    assert evaluation.measures["calibration_error"].low >= 0


def test_calibration_counts_every_row_once(evaluation: Evaluation, fitted: FittedModel) -> None:
    """The bins hold all rows, and their weighted mean is the default rate."""
    assert sum(point.count for point in evaluation.calibration) == len(fitted.y) == evaluation.rows
    observed = sum(point.observed * point.count for point in evaluation.calibration) / evaluation.rows
    assert observed == pytest.approx(evaluation.default_rate)
    assert evaluation.default_rate == pytest.approx(float(fitted.y.mean()))
    predicted = [point.predicted for point in evaluation.calibration]
    assert predicted == sorted(predicted)


def test_groups_have_rates_within_intervals_and_survive_json(evaluation: Evaluation) -> None:
    """Every group that fairness found, and nothing that JSON cannot carry."""
    assert {group.attribute for group in evaluation.fairness} == {"gender", "age", "family"}
    for group in evaluation.fairness:
        assert group.default_low <= group.default_rate <= group.default_high
        assert group.approval_low <= group.approval_rate <= group.approval_high
        assert group.auc is None or np.isfinite(group.auc)
    assert Evaluation.model_validate_json(evaluation.model_dump_json()) == evaluation
