"""Stratified folds."""

import numpy as np
import pytest

from credit.errors import TableError
from training.fit.folds import fold_of

Y = (np.arange(100) % 10 == 0).astype(float)


def test_each_fold_has_its_share_of_defaults() -> None:
    """Ten defaults over five folds: two in each; every row in exactly one."""
    fold = fold_of(Y, 5, seed=0)
    assert [int(Y[fold == k].sum()) for k in range(5)] == [2] * 5
    assert [int((fold == k).sum()) for k in range(5)] == [20] * 5


def test_the_seed_decides() -> None:
    """The same one gives the same folds, another others, also beyond 32 bits."""
    assert fold_of(Y, 5, 7).tolist() == fold_of(Y, 5, 7).tolist()
    assert fold_of(Y, 5, 7).tolist() != fold_of(Y, 5, 8).tolist()
    assert len(fold_of(Y, 5, 2**40)) == 100


@pytest.mark.parametrize(
    ("y", "told"),
    [(Y[:31], "11 folds need 11 defaults at least, found 4"), (1 - Y[:31], "need 11 repaid loans at least, found 4")],
)
def test_too_few_of_a_class_are_refused(y: np.ndarray, told: str) -> None:
    """A fold without a default, or without a repaid loan, cannot be measured."""
    with pytest.raises(TableError, match=told):
        fold_of(y, 11, seed=0)
