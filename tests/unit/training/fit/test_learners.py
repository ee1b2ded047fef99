"""What is done about rare defaults, and how rows are prepared for what cannot miss a value."""

import numpy as np
import pytest

from tests.unit.training.fit.small_folds import folds
from training.fit.learners import Preparation, balanced


def test_smote_is_applied_to_training_rows_up_to_half() -> None:
    """Defaults are brought to half the repaid loans, and the rows that were there come first, untouched."""
    fold = folds()[0]
    X = Preparation(fold.X_train)(fold.X_train)
    grown, labels, weight = balanced(X, fold.y_train, "SMOTE", 0)
    assert weight is None
    assert labels.sum() / (1 - labels).sum() == pytest.approx(0.5, abs=0.01)
    assert np.array_equal(grown[: len(X)], X)


def test_class_weights_make_both_classes_weigh_the_same() -> None:
    """Each class carries half of all weight."""
    fold = folds()[0]
    _, y, weight = balanced(fold.X_train, fold.y_train, "class weights", 0)
    assert weight is not None
    assert weight[y == 1].sum() == pytest.approx(weight[y == 0].sum())
