"""The steps as plain calls in this process."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from serve_app.models.shelf import ModelShelf
from serve_app.steps.explainer import Explained, Explainer
from serve_app.steps.lookup import ClientsOnFile, KnownHistory, Lookup
from serve_app.steps.scorer import ScoredApplications, Scorer

T = TypeVar("T")


class ExplanationCounts(Protocol):
    """Who counts explanations."""

    def count(self, explained: Explained, outcome: npt.NDArray[np.int8]) -> None: ...


class InProcessSteps:
    """Lookup, scorer and explainer over one shelf of models; no method ever waits, so `finish` can run them."""

    def __init__(
        self, lookup: Lookup, shelf: ModelShelf, explainer: Explainer, counts: ExplanationCounts | None = None
    ) -> None:
        self._lookup, self._scorer, self._explainer = lookup, Scorer(shelf), explainer
        self._counts = counts

    async def history(self, client_ids: IntArray) -> KnownHistory:
        return self._lookup.history(client_ids)

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        return self._lookup.on_file(client_ids)

    async def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> ScoredApplications:
        return self._scorer.score(values, history)

    async def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]) -> Explained:
        explained = self._explainer.explain(version, X, raw, outcome)
        if self._counts is not None:
            self._counts.count(explained, outcome)
        return explained


def finish(call: Coroutine[Any, Any, T]) -> T:
    """Run a call that waits for nothing, in whatever thread this is; raises RuntimeError where it does wait."""
    try:
        call.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    call.close()
    raise RuntimeError("the call waits for something, so it needs an event loop")
