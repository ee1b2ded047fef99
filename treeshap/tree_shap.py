"""Exact TreeSHAP of a LightGBM model, at the speed of the stream."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from treeshap.compiled import kernels
from treeshap.layout import LANES_FROM, aligned, lay_out
from treeshap.model_text import Floats, Ints, model_text, parse

Call = Callable[[Floats, Ints, Floats], Floats]


class TreeShap:
    """Explains a LightGBM model: the path-dependent SHAP values of `pred_contrib`, to 1e-10, without LightGBM.

    Takes a `lightgbm.Booster` (up to its best iteration, as `predict` does) or its model text; `cache_dir` is where
    compiled kernels are kept. Immutable, and shared by threads: calls release the GIL. Raises UnsupportedModel for
    what cannot be explained exactly: multiclass, linear trees, averaged outputs (rf), trees without counts.
    """

    def __init__(self, booster_or_model_text: Any, *, cache_dir: Path | None = None) -> None:
        model = parse(model_text(booster_or_model_text))
        self._names = model.feature_names
        self._n_trees = len(model.trees)
        self._layout = lay_out(model)
        self._meta = self._layout.meta
        self._cache_dir = cache_dir
        self._contributions: Call = self._first_contributions
        self._raw_scores: Call = self._first_raw_scores
        self._local = threading.local()

    @property
    def expected_value(self) -> float:
        """The mean raw score over the training rows, in log-odds for a binary model: `pred_contrib`'s last column."""
        return self._layout.expected

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
        try:
            return self._contributions(X, self._meta, self._local.scratch)
        except (AttributeError, TypeError, ValueError):
            return self._contributions(self._checked(X), self._meta, self._scratch())

    def raw_scores(self, X: Floats) -> Floats:
        """Return float64[n], the raw scores of X float64[n, f] by the same trees; raises as `contributions` does."""
        try:
            return self._raw_scores(X, self._meta, self._local.scratch)
        except (AttributeError, TypeError, ValueError):
            return self._raw_scores(self._checked(X), self._meta, self._scratch())

    # With cold caches a line of Python costs more than a tree, so a call goes straight to the kernel, which takes one
    # kind of array only. Whatever else comes ends in an exception there, is checked by name and copied, and goes again.

    def _first_contributions(self, X: Floats, meta: Ints, scratch: Floats) -> Floats:
        self._contributions = kernels(self._cache_dir).contributions
        return self._contributions(X, meta, scratch)

    def _first_raw_scores(self, X: Floats, meta: Ints, scratch: Floats) -> Floats:
        self._raw_scores = kernels(self._cache_dir).raw_scores
        return self._raw_scores(X, meta, scratch)

    def _scratch(self) -> Floats:
        """This thread's scratch: kept between calls, so that it stays mapped and in the caches."""
        if not hasattr(self._local, "scratch"):
            self._local.scratch = aligned(self._layout.scratch)
        scratch: Floats = self._local.scratch
        return scratch

    def _checked(self, X: Floats) -> Floats:
        if not isinstance(X, np.ndarray) or X.dtype != np.float64:
            raise TypeError(f"X must be a float64 array, not {getattr(X, 'dtype', type(X).__name__)}: convert it once")
        if X.ndim != 2 or X.shape[1] != self.n_features:
            raise ValueError(f"X has shape {X.shape}, the model reads (n, {self.n_features})")
        # The kernels are compiled for one kind of array: another kind is copied rather than compiled for.
        return X if X.flags.carray else np.array(X, order="C")
