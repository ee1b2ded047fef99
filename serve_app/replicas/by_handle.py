"""The steps and the challenger as deployments of their own, called by Serve's handles."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.errors import LoanstreamError
from serve_app.metrics import PathMetrics
from serve_app.replicas.calls import call_step
from serve_app.shadow.queue import ShadowBatch
from serve_app.steps.explainer import Explained
from serve_app.steps.scorer import ScoredApplications


class HandleSteps:
    """The steps by Serve handle: bounded waits, and Ray's errors told apart by whether trying again can help."""

    def __init__(self, lookup: Any, scorer: Any, explainer: Any, timeout_s: float, metrics: PathMetrics) -> None:
        self._lookup, self._scorer, self._explainer = lookup, scorer, explainer
        self._timeout_s, self._metrics = timeout_s, metrics

    async def lookup(self, client_ids: IntArray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        result: tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]] = await self._step(
            "lookup", self._lookup.lookup.remote(client_ids)
        )
        return result

    async def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> ScoredApplications:
        scored: ScoredApplications = await self._step("score", self._scorer.score.remote(values, history))
        return scored

    async def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]) -> Explained:
        explained: Explained = await self._step("explain", self._explainer.explain.remote(version, X, raw, outcome))
        return explained

    async def _step(self, name: str, response: Awaitable[Any]) -> Any:
        started = time.perf_counter()
        try:
            result = await call_step(name, response, self._timeout_s)
        except LoanstreamError:
            self._metrics.step_failures.inc(1, tags={"step": name})
            raise
        self._metrics.step_seconds.observe(time.perf_counter() - started, tags={"step": name})
        return result


class HandleShadow:
    """`Shadow` by Serve handles: the scorer, which knows the registry anyway, is asked for the challenger."""

    def __init__(self, scorer: Any, shadow: Any, timeout_s: float) -> None:
        self._scorer, self._shadow, self._timeout_s = scorer, shadow, timeout_s

    async def challenger(self) -> str | None:
        found: str | None = await asyncio.wait_for(self._scorer.challenger.remote(), self._timeout_s)
        return found

    async def score(self, batch: ShadowBatch) -> int:
        # The first call waits for the replica to start, which takes longer than any step of the path may.
        scored: int = await asyncio.wait_for(self._shadow.score.remote(batch), 12 * self._timeout_s)
        return scored
