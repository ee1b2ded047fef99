"""The replica that scores."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from serve_app.counterfactual.model_score import propose_with
from serve_app.counterfactual.search import Proposals
from serve_app.metrics import ModelMetrics
from serve_app.models.configured import challenger_version, champion_source
from serve_app.models.description import describe
from serve_app.models.shelf import ModelShelf
from serve_app.models.watch import ModelWatch
from serve_app.replicas.blocking import LARGE_WORK, Work, take_short_turns
from serve_app.replicas.started import StartClock, make_no_access_lines
from serve_app.settings import ServingSettings
from serve_app.steps.scorer import ScoredApplications, Scorer


class ScorerDeployment:
    """LightGBM scorer."""

    def __init__(self, settings: ServingSettings) -> None:
        clock = StartClock()
        take_short_turns()
        self._settings = settings
        self._watch = ModelWatch(ModelShelf(champion_source(settings)), settings.model_poll_s, ModelMetrics())
        self._scorer = Scorer(self._watch.shelf)
        self._work = Work("scorer")
        self._search = Work("search")  # a search takes as long as a thousand applications, which must not wait for it
        clock.lap("model")
        clock.tell(self._watch.shelf)
        make_no_access_lines()

    async def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> ScoredApplications:
        return await self._work.do(len(values), self._scorer.score, values, history)

    async def propose(self, values: FloatArray, history: npt.NDArray[np.float32], below: float | None) -> Proposals:
        """Search what would change one application: values float64[columns], history float32[h]."""
        return await self._search.do(LARGE_WORK, propose_with, self._watch.shelf.current, values, history, below)

    async def challenger(self) -> str | None:
        """Return the version under the challenger's alias, None where there is none."""
        return await asyncio.to_thread(challenger_version, self._settings)

    async def describe(self) -> dict[str, Any]:
        """Return what `GET /model` answers; raises NotReady without a model."""
        return describe(self._watch.shelf.current)

    async def ready(self) -> bool:
        """Return whether a model is loaded."""
        return self._watch.ready()

    async def check_health(self) -> None:
        """Called by Serve on the replica's loop; also what starts the watch there."""
        self._watch.start()
