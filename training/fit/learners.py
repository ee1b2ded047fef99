"""The kinds of model that are compared, behind one shape, and what is done about rare defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from credit.application import FloatArray
from training.fit.boosting import Binned, Booster, raw_scores
from training.settings import TrainingSettings

Balance = Literal["nothing", "class weights", "SMOTE"]
_SMOTE_RATIO = 0.5  # defaults brought up to half the number of repaid loans


class Learner(Protocol):
    """Something that learns from labelled rows and gives probabilities of default."""

    def fit(self, X: FloatArray, y: FloatArray, weight: FloatArray | None) -> None:
        """Learn from float64[n, f], labels float64[n] and weights float64[n] or None."""

    def probability(self, X: FloatArray) -> FloatArray:
        """Return float64[n]."""


@dataclass(frozen=True)
class LearnerKind:
    """A kind of learner by name; dense: it needs missing values filled and columns of one scale."""

    name: str
    make: Callable[[int], Learner]
    dense: bool = False


class Estimator(Protocol):
    """What is used of scikit-learn's classifiers, and of those that look like them."""

    def fit(self, X: FloatArray, y: FloatArray, sample_weight: FloatArray | None) -> object:
        """Learn from float64[n, f], labels float64[n] and weights float64[n] or None."""

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return float64[n, 2]: probabilities of repaying and of default."""


class _Sklearn:
    def __init__(self, estimator: Estimator) -> None:
        self._estimator = estimator

    def fit(self, X: FloatArray, y: FloatArray, weight: FloatArray | None) -> None:
        self._estimator.fit(X, y, sample_weight=weight)

    def probability(self, X: FloatArray) -> FloatArray:
        return np.asarray(self._estimator.predict_proba(X)[:, 1], dtype=np.float64)


class _LightGBM:
    def __init__(self, seed: int, settings: TrainingSettings) -> None:
        self._seed, self._settings = seed, settings
        self._booster: Booster | None = None

    def fit(self, X: FloatArray, y: FloatArray, weight: FloatArray | None) -> None:
        names = [f"f{i}" for i in range(X.shape[1])]
        settings = self._settings.model_copy(update={"monotone": False})
        self._booster = Binned(X, y, names, weight).fit(settings, self._seed)

    def probability(self, X: FloatArray) -> FloatArray:
        assert self._booster is not None, "fit comes first"
        return np.asarray(1 / (1 + np.exp(-raw_scores(self._booster, X))))


def kinds(settings: TrainingSettings) -> tuple[LearnerKind, ...]:
    """Return the kinds in the order of the table; each takes one thread and depends on its seed alone."""

    def dummy(_: int) -> Learner:
        from sklearn.dummy import DummyClassifier

        return _Sklearn(DummyClassifier(strategy="prior"))

    def logistic(seed: int) -> Learner:
        from sklearn.linear_model import LogisticRegression

        return _Sklearn(LogisticRegression(C=0.01, max_iter=400, random_state=seed))

    def forest(seed: int) -> Learner:
        from sklearn.ensemble import RandomForestClassifier

        return _Sklearn(
            RandomForestClassifier(
                150, max_depth=12, min_samples_leaf=20, max_features=0.1, random_state=seed, n_jobs=1
            )
        )

    def gradient(seed: int) -> Learner:
        from sklearn.ensemble import HistGradientBoostingClassifier

        return _Sklearn(
            HistGradientBoostingClassifier(
                max_iter=250,
                learning_rate=0.05,
                max_leaf_nodes=8,
                l2_regularization=50.0,
                max_features=0.3,
                random_state=seed,
            )
        )

    def xgboost(seed: int) -> Learner:
        from xgboost import XGBClassifier

        return _Sklearn(
            XGBClassifier(
                n_estimators=400,
                learning_rate=0.05,
                max_depth=3,
                reg_lambda=50.0,
                colsample_bytree=0.2,
                subsample=0.8,
                tree_method="hist",
                random_state=seed,
                n_jobs=1,
            )
        )

    return (
        LearnerKind("dummy", dummy, dense=True),
        LearnerKind("logistic regression", logistic, dense=True),
        LearnerKind("random forest", forest, dense=True),
        LearnerKind("gradient boosting (HistGB)", gradient),
        LearnerKind("XGBoost", xgboost),
        LearnerKind("LightGBM", lambda seed: _LightGBM(seed, settings)),
    )


class Preparation:
    """Fill and scale columns by what the training rows say: medians and robust ranges, tails cut at 5 of them."""

    def __init__(self, X: FloatArray) -> None:
        with np.errstate(all="ignore"):
            self._middle = np.nan_to_num(np.nanmedian(X, axis=0))
            low, high = np.nanquantile(X, [0.1, 0.9], axis=0)
        width = np.nan_to_num(high - low)
        self._width = np.where(width > 0, width, 1.0)

    def __call__(self, X: FloatArray) -> FloatArray:
        filled = np.where(np.isnan(X), self._middle, X)
        return np.asarray(np.clip((filled - self._middle) / self._width, -5.0, 5.0))


def balanced(
    X: FloatArray, y: FloatArray, balance: Balance, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Return rows, labels and weights for training; SMOTE needs filled columns and is applied to these rows alone."""
    if balance == "nothing":
        return X, y, None
    if balance == "class weights":
        share = y.mean()
        return X, y, np.where(y == 1, 0.5 / share, 0.5 / (1 - share))
    from imblearn.over_sampling import SMOTE

    neighbours = max(1, min(5, int(y.sum()) - 1))
    if y.mean() / (1 - y.mean()) >= _SMOTE_RATIO:
        return X, y, None
    grown, labels = SMOTE(sampling_strategy=_SMOTE_RATIO, k_neighbors=neighbours, random_state=seed).fit_resample(X, y)
    return np.asarray(grown), np.asarray(labels), None
