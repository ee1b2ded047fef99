"""Exact TreeSHAP of a LightGBM model, at the speed of the stream."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np

from serve_app.treeshap.compiled import Kernels, kernels
from serve_app.treeshap.layout import aligned, lay_out
from serve_app.treeshap.model_text import Floats, Ints, Tree, model_text, parse

LANES_FROM = 3  # fewer rows are quicker one by one


class TreeShap:
    """Explains a LightGBM model: the path-dependent SHAP values of `pred_contrib`, to 1e-10, without LightGBM.

    Takes a `lightgbm.Booster` (up to its best iteration, as `predict` does) or its model text; `cache_dir` is where
    compiled kernels are kept. Immutable, and shared by threads: calls release the GIL. Raises ModelRefused for what
    cannot be explained exactly: multiclass, linear trees, averaged outputs (rf), trees without counts.
    """

    def __init__(self, booster_or_model_text: Any, *, cache_dir: Path | None = None) -> None:
        model = parse(model_text(booster_or_model_text))
        self._names = model.feature_names
        self._n_trees = len(model.trees)
        self._expected = sum(_expected(tree) for tree in model.trees)
        self._constant = sum(float(tree.value[0]) for tree in model.trees if not tree.feature.size)
        self._layout = lay_out(model)
        self._cache_dir = cache_dir
        self._kernels: Kernels | None = None
        self._local = threading.local()

    @property
    def expected_value(self) -> float:
        """The mean raw score over the training rows, in log-odds for a binary model: `pred_contrib`'s last column."""
        return self._expected

    @property
    def n_features(self) -> int:
        """How many columns the model reads."""
        return len(self._names)

    @property
    def n_trees(self) -> int:
        """How many trees the model has."""
        return self._n_trees

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return self._names

    def warm(self) -> None:
        """Compile or load the kernels and run them once: call it at start, never in a request."""
        for rows in (1, LANES_FROM):
            self.contributions(np.zeros((rows, self.n_features)))
        self.raw_scores(np.zeros((1, self.n_features)))

    def contributions(self, X: Floats) -> Floats:
        """Return float64[n, f + 1] for X float64[n, f]: each feature's contribution, then the expected value.

        In units of the raw score (log-odds for a binary model); a row sums to its raw score. Raises TypeError where X
        is not float64 and ValueError where its shape is not (n, f).
        """
        X = self._checked(X)
        out = np.zeros((len(X), X.shape[1] + 1))
        m, (scratch, marks) = self._layout, self._scratch()
        self._compiled().contributions(
            X, out, self._expected, LANES_FROM,
            m.meta, m.ints, m.floats, m.batch, m.quadrature, m.tables, m.members, scratch, marks,
        )  # fmt: skip
        return out

    def raw_scores(self, X: Floats) -> Floats:
        """Return float64[n], the raw scores of X float64[n, f] by the same trees; raises as `contributions` does."""
        X = self._checked(X)
        out = np.empty(len(X))
        m, (scratch, marks) = self._layout, self._scratch()
        self._compiled().raw_scores(
            X, out, self._constant, m.meta, m.ints, m.floats, m.values, m.members, scratch, marks
        )
        return out

    def _compiled(self) -> Kernels:
        if self._kernels is None:
            self._kernels = kernels(self._cache_dir)
        return self._kernels

    def _scratch(self) -> tuple[Floats, Ints]:
        """This thread's scratch: kept between calls, so that it stays mapped and in the caches."""
        try:
            return self._local.scratch  # type: ignore[no-any-return]
        except AttributeError:
            sizes = self._layout.scratch
            self._local.scratch = aligned(sizes.floats), np.zeros(sizes.marks, np.int64)
            return self._local.scratch  # type: ignore[no-any-return]

    def _checked(self, X: Floats) -> Floats:
        if not isinstance(X, np.ndarray) or X.dtype != np.float64:
            raise TypeError(f"X must be a float64 array, not {getattr(X, 'dtype', type(X).__name__)}: convert it once")
        if X.ndim != 2 or X.shape[1] != self.n_features:
            raise ValueError(f"X has shape {X.shape}, the model reads (n, {self.n_features})")
        # The kernels are compiled for one kind of array: another kind is copied rather than compiled for.
        return X if X.flags.carray else np.array(X, order="C")


def _expected(tree: Tree) -> float:
    """LightGBM's Tree::ExpectedValue: the leaves' mean by their training rows."""
    if not tree.feature.size:
        return float(tree.value[0])
    return float(np.sum(tree.leaf_count / tree.count[0] * tree.value))
