"""The same path without Ray, in this process, with one pinned model: for replay, rehearsal and repair."""

from __future__ import annotations

import asyncio

import numpy as np
import numpy.typing as npt

from credit.application import ApplicationBatch, FloatArray, IntArray
from credit.decision import DecisionBatch
from credit.features import CATALOG
from feature_store.store import FeatureStore
from serve_app.models.shelf import ModelShelf, VersionSource
from serve_app.steps.decision_path import DecisionPath
from serve_app.steps.explainer import Explained, Explainer
from serve_app.steps.scorer import ScoredApplications, Scorer


class PinnedSource:
    """One version of a source, whatever its alias names meanwhile."""

    def __init__(self, source: VersionSource, version: str) -> None:
        self._version = version
        self.folder = source.folder

    def current(self) -> str:
        return self._version


class LocalGraph:
    """Lookup, scorer, explainer and decider as plain calls; decides what the Serve graph would, to the bit.

    Loads the model at once: raises DependencyUnavailable, ModelNotFound or ModelRefused.
    """

    def __init__(self, source: VersionSource, store: FeatureStore) -> None:
        shelf = ModelShelf(source)
        shelf.refresh()
        self._store = store
        self._scorer, self._explainer = Scorer(shelf), Explainer(shelf)
        self._path = DecisionPath(self, len(CATALOG.history_names))

    async def lookup(self, client_ids: IntArray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        return self._store.history(client_ids)

    async def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> ScoredApplications:
        return self._scorer.score(values, history)

    async def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]) -> Explained:
        return self._explainer.explain(version, X, raw, outcome)

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide n applications; blocks until done."""
        return asyncio.run(self._path.decide(batch))
