"""The steps and the challenger as deployments of their own, called by Serve's handles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from serve_app.replicas.calls import PatientCaller
from serve_app.shadow.queue import ShadowBatch
from serve_app.steps.explainer import Explained
from serve_app.steps.lookup import ClientsOnFile, KnownHistory
from serve_app.steps.scorer import ScoredApplications

# Arrays cross as they lie in memory; Serve's default walks them with cloudpickle, at several times the cost.
_AS_THEY_LIE = {"request_serialization": "pickle", "response_serialization": "pickle"}


class HandleSteps:
    """The steps by Serve handle, each called as `caller` does."""

    def __init__(self, lookup: Any, scorer: Any, explainer: Any, caller: PatientCaller) -> None:
        self._lookup, self._scorer, self._explainer = (h.options(**_AS_THEY_LIE) for h in (lookup, scorer, explainer))
        self._caller = caller

    async def history(self, client_ids: IntArray) -> KnownHistory:
        found: KnownHistory = await self._caller.call("lookup", lambda: self._lookup.history.remote(client_ids))
        return found

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        found: ClientsOnFile = await self._caller.call("lookup", lambda: self._lookup.on_file.remote(client_ids))
        return found

    async def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> ScoredApplications:
        scored: ScoredApplications = await self._caller.call(
            "score", lambda: self._scorer.score.remote(values, history)
        )
        return scored

    async def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]) -> Explained:
        explained: Explained = await self._caller.call(
            "explain", lambda: self._explainer.explain.remote(version, X, raw, outcome)
        )
        return explained


class HandleShadow:
    """The challenger's replica by its handle.

    alias: asks which version challenges, None where none does.
    """

    def __init__(self, shadow: Any, alias: Callable[[], Awaitable[str | None]], timeout_s: float) -> None:
        self._shadow, self._alias, self._timeout_s = shadow, alias, timeout_s

    async def challenger(self) -> str | None:
        return await asyncio.wait_for(self._alias(), self._timeout_s)

    async def score(self, batch: ShadowBatch) -> int:
        # The first call waits for the replica to start, which takes longer than any step of the path may.
        scored: int = await asyncio.wait_for(self._shadow.score.remote(batch), 12 * self._timeout_s)
        return scored
