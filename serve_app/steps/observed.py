"""Steps that are timed and whose failures are counted, wherever they run."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.errors import LoanstreamError
from serve_app.steps.decision_path import Steps
from serve_app.steps.explainer import Explained
from serve_app.steps.lookup import ClientsOnFile, KnownHistory
from serve_app.steps.scorer import ScoredApplications

T = TypeVar("T")


class StepsOfDoor(Steps, Protocol):
    """The path's steps, and the lookup of what is on file that a door asks for."""

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile: ...


class StepObserver(Protocol):
    """Who keeps the figures."""

    def step(self, name: str, seconds: float) -> None:
        """Take note of a step that answered."""

    def step_failed(self, name: str) -> None:
        """Take note of one that did not."""


class ObservedSteps:
    """Tells an observer how long each step took and which failed."""

    def __init__(self, steps: StepsOfDoor, observer: StepObserver) -> None:
        self._steps, self._observer = steps, observer

    async def history(self, client_ids: IntArray) -> KnownHistory:
        return await self._observed("lookup", self._steps.history(client_ids))

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        return await self._observed("lookup", self._steps.on_file(client_ids))

    async def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> ScoredApplications:
        return await self._observed("score", self._steps.score(values, history))

    async def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]) -> Explained:
        return await self._observed("explain", self._steps.explain(version, X, raw, outcome))

    async def _observed(self, name: str, call: Awaitable[T]) -> T:
        started = time.perf_counter()
        try:
            result = await call
        except LoanstreamError:
            self._observer.step_failed(name)
            raise
        self._observer.step(name, time.perf_counter() - started)
        return result
