"""The one path of a decision: lookup, score, explain, decide; for n applications, whichever door they came in by."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from credit.application import ApplicationBatch, FloatArray, IntArray
from credit.decision import DecisionBatch, Mode, decision_ids
from credit.errors import LoanstreamError
from credit.policy import Outcome, settled
from credit.reasons import Reasons
from serve_app.steps.explainer import Explained
from serve_app.steps.lookup import KnownHistory
from serve_app.steps.scorer import ScoredApplications

log = logging.getLogger(__name__)


class Steps(Protocol):
    """The steps as the path sees them; a step that is away or broken raises one of our errors."""

    async def history(self, client_ids: IntArray) -> KnownHistory: ...

    async def score(self, values: FloatArray, history: npt.NDArray[np.float32]) -> ScoredApplications: ...

    async def explain(
        self, version: str, X: FloatArray, raw: FloatArray, outcome: npt.NDArray[np.int8]
    ) -> Explained: ...


class DecisionPath:
    """Carries micro-batches through the steps and decides what is allowed where a step is away.

    Without the feature store: decide from the application alone or refer, as `on_history_unavailable` says. Without the
    explainer: declines become referrals, since none may leave without reasons, and approvals go on or are referred too,
    as `on_reasons_unavailable` says. Without the scorer there is no decision: the error goes to the door.
    """

    def __init__(
        self,
        steps: Steps,
        history_width: int,
        on_history_unavailable: Literal["decide", "refer"] = "decide",
        on_reasons_unavailable: Literal["approve", "refer"] = "approve",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._steps = steps
        self._history_width = history_width
        self._on_history_unavailable = on_history_unavailable
        self._on_reasons_unavailable = on_reasons_unavailable
        self._clock = clock

    async def decide(self, batch: ApplicationBatch, history: KnownHistory | None = None) -> DecisionBatch:
        """Decide n >= 1 applications with one model version; raises what the scorer raises where it cannot score.

        history: of the same n clients, where the door has looked it up already.
        """
        n = len(batch)
        history_away = False
        if history is None:
            try:
                history = await self._steps.history(batch.client_ids)
            except LoanstreamError as error:
                log.warning("deciding %d applications without history: %s", n, error)
                history, history_away = KnownHistory.nothing(n, self._history_width), True

        scored = await self._steps.score(batch.values, history.vectors)
        outcome = scored.outcome.copy()
        if history_away and self._on_history_unavailable == "refer":
            outcome[:] = Outcome.REFER

        model = scored.model
        try:
            explained = await self._steps.explain(model.version, scored.features, scored.raw, outcome)
            contributions, expected, reasons = explained.contributions, explained.expected_value, explained.reasons
            reasons_away = False
        except LoanstreamError as error:
            log.warning("deciding %d applications without reasons: %s", n, error)
            contributions, expected = np.full(scored.features.shape, np.nan), float("nan")
            reasons, reasons_away = Reasons.none(n), True
            if self._on_reasons_unavailable == "refer":
                outcome[:] = Outcome.REFER
        # No decline leaves without reasons, whether the explainer was away or no reason stood the check.
        outcome = settled(outcome, reasons.given)

        mode = (Mode.HISTORY_UNAVAILABLE if history_away else 0) | (Mode.REASONS_UNAVAILABLE if reasons_away else 0)
        return DecisionBatch(
            batch,
            model,
            decision_ids(batch.application_ids, model.digest, model.policy.digest),
            scored.features,
            history.known,
            scored.raw,
            scored.probability,
            outcome,
            scored.points,
            contributions,
            expected,
            reasons,
            np.full(n, mode, dtype=np.int8),
            np.full(n, round(self._clock() * 1000), dtype=np.int64),
        )
