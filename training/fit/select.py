"""Choose features: what carries gain and survives permutation on held-out rows, without near copies.

The choice reads labels, so wherever a score is measured it is made again on the training rows of each fold alone
(`training.fit.fitted` does): on these tables a choice made once on all rows flatters cross-validation by up to 0.015.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from training.fit.boosting import Binned, Booster, raw_scores
from training.fit.trees import Trees
from training.settings import TrainingSettings

_FOLDS = 3
_TREES = 250
_RATE = 0.1
_MOST_ROWS = 24_000  # beyond this the ranking no longer moves, and the time would
_PERMUTED_ROWS = 8_000
_SAME = 0.98
_CORRELATION_ROWS = 5_000


@dataclass(frozen=True)
class FeatureVerdict:
    """What selection found of one feature; gain is its share of all gain, permutation the rise of log loss."""

    name: str
    gain: float
    folds_used: int
    permutation: float
    kept: bool
    why: str


@dataclass(frozen=True)
class Selection:
    """The kept features in their old order, and the verdict on each."""

    kept: tuple[str, ...]
    verdicts: tuple[FeatureVerdict, ...]


@dataclass(frozen=True)
class SelectionDraw:
    """One draw of rows and folds, float64[f] each: share of gain, folds that split on it, rise of log loss."""

    gain: FloatArray
    used: IntArray
    permutation: FloatArray


def draw_selection(
    X: FloatArray, y: FloatArray, features: tuple[str, ...], settings: TrainingSettings, seed: int, draw: int
) -> SelectionDraw:
    """Draw rows of float64[n, f] with labels float64[n] and folds, and measure every feature on them.

    What one draw takes for signal by chance another does not; each is the same every time. Takes one thread.
    """
    rng = np.random.default_rng([seed, 3, draw])
    if len(y) > _MOST_ROWS:
        rows = np.sort(rng.permutation(len(y))[:_MOST_ROWS])
        X, y = X[rows], y[rows]
    return _measured(X, y, features, settings, rng)


def choose_features(
    X: FloatArray, features: tuple[str, ...], draws: Sequence[SelectionDraw], settings: TrainingSettings, seed: int
) -> Selection:
    """Choose at most `settings.most_features` by what the draws found together; X: float64[n, f], for near copies.

    A feature is kept if at least two thirds of all folds split on it, if permuting it on held-out rows raises the log
    loss on the mean, and if no feature of more gain is its near copy (|r| > 0.98).
    """
    gain = np.mean([draw.gain for draw in draws], axis=0)
    used = np.sum([draw.used for draw in draws], axis=0)
    permutation = np.mean([draw.permutation for draw in draws], axis=0)
    copy_of = _near_copies(X, gain, np.random.default_rng([seed, 4]))
    order = np.argsort(-gain, kind="stable")
    kept = np.zeros(len(features), dtype=bool)
    why: dict[int, str] = {}
    for i in order:
        if used[i] < (_FOLDS - 1) * len(draws):
            why[i] = "split on in fewer than two thirds of the folds"
        elif copy_of[i] >= 0:
            why[i] = f"near copy of {features[copy_of[i]]}"
        elif not permutation[i] > 0:
            why[i] = "permuting it does no harm"
        elif kept.sum() >= settings.most_features:
            why[i] = f"beyond the first {settings.most_features} by gain"
        else:
            kept[i], why[i] = True, "kept"
    if not kept.any():
        kept[order[: min(10, len(order))]] = True  # too little data to tell: the ten of most gain
    verdicts = tuple(
        FeatureVerdict(name, float(gain[i]), int(used[i]), float(permutation[i]), bool(kept[i]), why[i])
        for i, name in enumerate(features)
    )
    return Selection(tuple(name for i, name in enumerate(features) if kept[i]), verdicts)


def _measured(
    X: FloatArray, y: FloatArray, features: tuple[str, ...], settings: TrainingSettings, rng: np.random.Generator
) -> SelectionDraw:
    """Return each feature's share of gain, the folds that split on it, and the rise of log loss when permuted."""
    from sklearn.model_selection import StratifiedKFold

    binned = Binned(X, y, features)
    gain, permutation = np.zeros(len(features)), np.zeros(len(features))
    used = np.zeros(len(features), dtype=np.int64)
    splitter = StratifiedKFold(_FOLDS, shuffle=True, random_state=int(rng.integers(2**32)))
    for seen, held in splitter.split(y[:, None], y):
        booster = binned.fit(settings, int(rng.integers(2**31)), seen, trees=_TREES, learning_rate=_RATE)
        found = np.asarray(booster.feature_importance("gain"), dtype=np.float64)
        gain += found / max(found.sum(), 1e-12) / _FOLDS
        used += found > 0
        rows = held[rng.permutation(len(held))[:_PERMUTED_ROWS]]
        permutation += _permutation(booster, X[rows], y[rows], rng) / _FOLDS
    return SelectionDraw(gain, used, permutation)


def _permutation(booster: Booster, X: FloatArray, y: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the rise of log loss when each feature is permuted, 0 for one that no tree reads."""
    trees = Trees.of(booster)
    raw = raw_scores(booster, X)
    base = _log_loss(y, raw)
    outputs = {tree: trees.values(tree, X) for tree in range(len(trees.roots))}
    rise = np.zeros(X.shape[1])
    for feature, users in sorted(trees.users.items()):
        original = X[:, feature].copy()
        X[:, feature] = original[rng.permutation(len(X))]
        moved = raw + sum(trees.values(tree, X) - outputs[tree] for tree in users)
        rise[feature] = _log_loss(y, moved) - base
        X[:, feature] = original
    return rise


def _near_copies(X: FloatArray, gain: FloatArray, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return for each feature the one of more gain that it nearly copies, -1 where there is none."""
    used = np.flatnonzero(gain > 0)
    used = used[np.argsort(-gain[used], kind="stable")]
    rows = rng.permutation(len(X))[:_CORRELATION_ROWS]
    part = X[np.ix_(rows, used)]
    known = ~np.isnan(part)
    count = np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, part - np.where(known, part, 0.0).sum(axis=0) / count, 0.0)
    scale = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(scale > 0, scale, 1.0)
    close = np.abs(unit.T @ unit) > _SAME
    same_gaps = (known.astype(np.float64).T @ known) >= 0.99 * np.maximum.outer(count, count)
    close &= same_gaps
    copy_of = np.full(X.shape[1], -1, dtype=np.int64)
    dropped = np.zeros(len(used), dtype=bool)
    for i in range(len(used)):
        if dropped[i]:
            continue
        later = np.flatnonzero(close[i, i + 1 :] & ~dropped[i + 1 :]) + i + 1
        dropped[later] = True
        copy_of[used[later]] = used[i]
    return copy_of


def _log_loss(y: FloatArray, raw: FloatArray) -> float:
    return float(np.mean(np.logaddexp(0.0, raw) - y * raw))
