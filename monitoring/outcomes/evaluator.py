"""Evaluates outcomes and the challenger now and then, and keeps the last of both for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from credit.policy import Policy
from monitoring.drift.reference import Reference
from monitoring.exposition import MonitorMetrics
from monitoring.outcomes.evaluation import OutcomeEvaluation, evaluate_outcomes, performance_gauges
from monitoring.outcomes.label_store import LabelStore
from monitoring.outcomes.shadow import ChallengerComparison, ShadowBook, shadow_gauges
from monitoring.windows.overview import Overview


class HeldPolicies(Protocol):
    """Where the policies of versions are known from: their references, those at hand."""

    def held(self) -> Mapping[str, Reference]: ...


class OutcomeEvaluator:
    """What outcomes say of the leading version and of a challenger, as of the last `evaluate`.

    store, shadow: None where no decisions are kept; maturity_ms, cohort_ms: see `LabelStore.matured_before`.
    """

    def __init__(
        self,
        references: HeldPolicies,
        metrics: MonitorMetrics,
        store: LabelStore | None,
        shadow: ShadowBook | None,
        maturity_ms: int,
        cohort_ms: int,
    ) -> None:
        self._references, self._metrics, self._store, self._shadow = references, metrics, store, shadow
        self._maturity_ms, self._cohort_ms = maturity_ms, cohort_ms
        self.evaluation = OutcomeEvaluation()
        self.challenger: ChallengerComparison | None = None

    def evaluate(self, overview: Overview) -> None:
        """Evaluate anew, set the gauges, and drop from the store what is too old or too much."""
        policy = overview.leading.policy if overview.leading else None
        self.evaluation = evaluate_outcomes(overview, self._store, self._maturity_ms, self._cohort_ms, policy)
        self._metrics.computed.replace("performance", performance_gauges(self.evaluation))
        if self._shadow is not None:
            self.challenger = self._shadow.compare(self._policy_of)
            self._metrics.computed.replace("shadow", shadow_gauges(self.challenger))
        if self._store is not None:
            self._store.prune()

    def _policy_of(self, version: str) -> Policy | None:
        reference = self._references.held().get(version)
        return None if reference is None else reference.policy
