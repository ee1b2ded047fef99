"""The library call: what would change an outcome, with a model and a feature store in this process."""

from __future__ import annotations

import numpy as np

from credit.application import ApplicationBatch, FloatArray
from credit.decision import DecisionBatch
from credit.errors import LoanstreamError
from credit.features import CATALOG
from feature_store.store import FeatureStore
from serve_app.counterfactual.answer import CounterfactualAnswer
from serve_app.counterfactual.finder import what_would_change
from serve_app.counterfactual.model_score import propose_with
from serve_app.counterfactual.search import Proposals
from serve_app.steps.in_process import finish
from serve_app.steps.local_graph import LocalGraph


class LocalCounterfactuals:
    """Searches and decides again by a `LocalGraph`, which looks up in `store`."""

    def __init__(self, graph: LocalGraph, store: FeatureStore) -> None:
        self._graph, self._store = graph, store

    def find(self, application: ApplicationBatch, below: float | None = None) -> CounterfactualAnswer:
        """Return what `finder.what_would_change` says of one application; blocks until done."""
        return finish(what_would_change(self, application, below))

    async def simulate(self, batch: ApplicationBatch) -> DecisionBatch:
        return self._graph.decide(batch)

    async def propose(self, client_id: int, values: FloatArray, below: float | None) -> Proposals:
        try:
            history = self._store.history(np.array([client_id], dtype=np.int64))[0][0]
        except LoanstreamError:  # the path decides without history then, so the search does too
            history = np.full(len(CATALOG.history_names), np.nan, dtype=np.float32)
        return propose_with(self._graph.shelf.current, values, history, below)
