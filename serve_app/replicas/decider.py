"""The replica that walks the path of a decision."""

from __future__ import annotations

from typing import Any

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.features import CATALOG
from credit.wire.audit import Door
from serve_app.metrics import PathMetrics, ShadowMetrics
from serve_app.replicas.by_handle import HandleShadow, HandleSteps
from serve_app.settings import ServingSettings
from serve_app.shadow.queue import ShadowQueue
from serve_app.shadow.tap import ShadowTap
from serve_app.steps.decision_path import DecisionPath


class DeciderDeployment:
    """The composition: lookup, scorer and explainer behind one method that both doors call."""

    def __init__(self, settings: ServingSettings, lookup: Any, scorer: Any, explainer: Any, shadow: Any = None) -> None:
        self._metrics = PathMetrics()
        self._shadow: ShadowTap | None = None
        if shadow is not None:
            queue = ShadowQueue(settings.shadow_max_pending)
            by_handle = HandleShadow(scorer, shadow, settings.step_timeout_s)
            self._shadow = ShadowTap(by_handle, queue, ShadowMetrics(), settings.shadow_look_s)
        steps = HandleSteps(lookup, scorer, explainer, settings.step_timeout_s, self._metrics)
        self._path = DecisionPath(
            steps,
            len(CATALOG.history_names),
            settings.on_history_unavailable,
            settings.on_reasons_unavailable,
        )

    async def decide(self, batch: ApplicationBatch, door: Door) -> DecisionBatch:
        """Decide a micro-batch; raises RetryableError where the graph cannot score it now."""
        decisions = await self._path.decide(batch)
        self._metrics.count(decisions, door)
        if self._shadow is not None:
            self._shadow.offer(decisions)
        return decisions
