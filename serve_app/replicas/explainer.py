"""The replica that explains."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from serve_app.insight.insights import ModelInsights
from serve_app.insight.questions import InsightQuestion
from serve_app.metrics import ExplainerMetrics, ModelMetrics
from serve_app.models.configured import champion_source, version_list
from serve_app.models.shelf import ModelShelf
from serve_app.models.watch import ModelWatch
from serve_app.replicas.blocking import LARGE_WORK, Work, take_short_turns
from serve_app.replicas.started import StartClock
from serve_app.settings import ServingSettings
from serve_app.steps.explainer import Explained, Explainer


class ExplainerDeployment:
    """Exact SHAP explainer."""

    def __init__(self, settings: ServingSettings) -> None:
        clock = StartClock()
        take_short_turns()
        self._watch = ModelWatch(ModelShelf(champion_source(settings)), settings.model_poll_s, ModelMetrics())
        self._explainer = Explainer(self._watch.shelf, settings.explainer)
        self._work = Work("explainer")
        self._insights = ModelInsights(self._watch.shelf, version_list(settings))
        self._looking = Work("insight")  # nobody's decision waits for what a page asks
        self._metrics = ExplainerMetrics()
        clock.lap("model")
        clock.tell(self._watch.shelf)

    async def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]) -> Explained:
        explained = await self._work.do(len(X), self._explainer.explain, version, X, raw, outcome)
        self._metrics.count(explained, outcome)
        return explained

    async def insight(self, question: InsightQuestion) -> bytes:
        """Return the answer to a question about the model, as JSON."""
        return await self._looking.do(LARGE_WORK, self._insights.answer, question)

    async def check_health(self) -> None:
        """Called by Serve on the replica's loop; also what starts the watch there."""
        self._watch.start()
