"""The path of a decision, with steps made by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from credit.application import FloatArray, IntArray
from credit.decision import DecisionBatch, Mode, ModelRef
from credit.errors import DependencyUnavailable, LoanstreamError, NotReady, SettingsError
from credit.policy import Outcome, Scorecard
from credit.reasons import Reasons
from serve_app.steps.decision_path import DecisionPath
from serve_app.steps.explainer import Explained
from serve_app.steps.lookup import KnownHistory
from serve_app.steps.scorer import ScoredApplications
from tests.fixtures.decisions import POLICY, application_batch

WIDTH = 3
MODEL = ModelRef("loanstream", "7", "d" * 64, "c" * 64, POLICY, ("A", "B"))


class Steps:
    """Steps that answer outcomes approve, refer, decline, ... and can be told to be away."""

    def __init__(
        self,
        *,
        away: tuple[str, ...] = (),
        without_reasons: tuple[int, ...] = (),
        failure: LoanstreamError | None = None,
    ) -> None:
        self.away, self.without_reasons = away, without_reasons
        self.failure = failure or DependencyUnavailable("away")
        self.explained_version = ""
        self.seen_history: Any = None

    def _check(self, step: str) -> None:
        if step in self.away:
            raise self.failure

    async def history(self, client_ids: IntArray) -> KnownHistory:
        self._check("lookup")
        n = len(client_ids)
        return KnownHistory(np.ones((n, WIDTH), dtype=np.float32), np.ones(n, dtype=np.bool_))

    async def score(self, values: FloatArray, history: Any) -> ScoredApplications:
        self._check("score")
        self.seen_history = history
        n = len(values)
        p = np.resize([0.02, 0.1, 0.4], n).astype(np.float64)
        return ScoredApplications(MODEL, np.ones((n, 2)), np.log(p), p, POLICY.outcomes(p), Scorecard().points(p))

    async def explain(self, version: str, X: FloatArray, raw: FloatArray, outcome: Any) -> Explained:
        self._check("explain")
        self.explained_version = version
        reasons = Reasons.none(len(X))
        reasons.subject[:, 0] = 0
        reasons.subject[list(self.without_reasons), 0] = -1
        return Explained(np.zeros((len(X), 2)), -2.0, reasons, 0, 0)


def decide(steps: Steps, n: int = 3, **settings: Any) -> DecisionBatch:
    return asyncio.run(DecisionPath(steps, WIDTH, clock=lambda: 1.5, **settings).decide(application_batch(n)))


def outcomes(decisions: DecisionBatch) -> list[str]:
    return [Outcome(o).word for o in decisions.outcome]


def test_everything_there_gives_full_decisions_by_one_version() -> None:
    """ScoredApplications and explained by one version, in full mode, at the clock's time."""
    steps = Steps()
    decisions = decide(steps)
    assert outcomes(decisions) == ["approve", "refer", "decline"]
    assert set(decisions.mode.tolist()) == {Mode.FULL}
    assert steps.explained_version == decisions.model.version == "7"
    assert decisions.decided_ms.tolist() == [1500] * 3


def test_the_same_application_twice_is_the_same_decision() -> None:
    """Decision ids depend on application, model and policy alone."""
    assert decide(Steps()).decision_ids == decide(Steps()).decision_ids
    assert len(set(decide(Steps()).decision_ids)) == 3


def test_without_the_feature_store_the_application_alone_decides_and_says_so() -> None:
    """History reads as unknown, the outcome stands, the mode tells."""
    steps = Steps(away=("lookup",))
    decisions = decide(steps)
    assert np.isnan(steps.seen_history).all()
    assert outcomes(decisions) == ["approve", "refer", "decline"]
    assert set(decisions.mode.tolist()) == {Mode.HISTORY_UNAVAILABLE}
    assert not decisions.history.any()


def test_without_the_feature_store_all_can_be_referred() -> None:
    """The other setting sends everything to a person."""
    assert outcomes(decide(Steps(away=("lookup",)), on_history_unavailable="refer")) == ["refer"] * 3


def test_without_the_explainer_no_decline_leaves() -> None:
    """Approvals go on, declines become referrals; or approvals are referred too."""
    decisions = decide(Steps(away=("explain",)))
    assert outcomes(decisions) == ["approve", "refer", "refer"]
    assert set(decisions.mode.tolist()) == {Mode.REASONS_UNAVAILABLE}
    assert outcomes(decide(Steps(away=("explain",)), on_reasons_unavailable="refer")) == ["refer"] * 3


def test_a_decline_for_which_no_reason_stood_the_check_is_referred() -> None:
    """The rule holds row by row, also with the explainer there."""
    assert outcomes(decide(Steps(without_reasons=(2,)), n=6)) == [
        "approve",
        "refer",
        "refer",
        "approve",
        "refer",
        "decline",
    ]


def test_a_broken_step_counts_as_away() -> None:
    """A feature store of another catalog degrades the decision and is told; it does not stop the stream."""
    decisions = decide(Steps(away=("lookup",), failure=SettingsError("of another catalog")))
    assert set(decisions.mode.tolist()) == {Mode.HISTORY_UNAVAILABLE}


def test_both_away_is_a_mode_of_its_own() -> None:
    """Degradations add up."""
    decisions = decide(Steps(away=("lookup", "explain")))
    assert set(decisions.mode.tolist()) == {Mode.HISTORY_AND_REASONS_UNAVAILABLE}


def test_without_a_score_there_is_no_decision() -> None:
    """The scorer's absence is the door's to handle: nothing is decided."""
    with pytest.raises(DependencyUnavailable):
        decide(Steps(away=("score",)))


def test_not_ready_is_retryable() -> None:
    """A graph without a model yet makes the stream wait, it does not end it."""
    assert NotReady.retryable


def test_history_that_a_door_looked_up_is_not_asked_for_again() -> None:
    """One lookup answers application and history: what the door brings is what is scored."""
    steps = Steps(away=("lookup",))
    brought = KnownHistory(np.full((2, WIDTH), 7.0, dtype=np.float32), np.array([True, False]))
    decisions = asyncio.run(DecisionPath(steps, WIDTH).decide(application_batch(2), brought))
    assert (steps.seen_history == 7.0).all()
    assert decisions.history.tolist() == [True, False]
    assert set(decisions.mode.tolist()) == {Mode.FULL}
