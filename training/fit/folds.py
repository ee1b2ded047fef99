"""Stratified folds: scores are measured on rows that the model did not see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from credit.application import FloatArray, IntArray
from credit.errors import TableError


@dataclass(frozen=True)
class FoldData:
    """One fold's rows, with the features that were selected on its training rows alone."""

    X_train: FloatArray
    y_train: FloatArray
    X_test: FloatArray
    y_test: FloatArray


def fold_of(y: FloatArray, folds: int, seed: int) -> IntArray:
    """Return each row's fold, int64[n], stratified; raises TableError where a class has fewer rows than folds."""
    from sklearn.model_selection import StratifiedKFold

    for label, name in ((1.0, "defaults"), (0.0, "repaid loans")):
        if (found := int((y == label).sum())) < folds:
            raise TableError(
                f"{folds} folds need {folds} {name} at least, found {found}: give more rows or fewer folds"
            )
    fold = np.empty(len(y), dtype=np.int64)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed % 2**32)
    for k, (_, held) in enumerate(splitter.split(y[:, None], y)):
        fold[held] = k
    return fold
