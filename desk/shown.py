"""A decision as the pages show it, wherever it comes from: answered just now, stored, or simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from desk.client.decisions import DeskDecision, DeskReason, DeskReceipt
from desk.client.simulations import DeskSimulation


@dataclass(frozen=True, slots=True)
class ShownPolicy:
    """Threshold and refer band, shares of one."""

    threshold: float
    refer_from: float
    decline_from: float


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """What a page needs of a decision; `stored` once the ledger has it, `simulated` where nothing was decided.

    application: the application as it was decided, None where it was not kept or can be read no more.
    """

    decision_id: str
    client: int | None
    outcome: str
    final_outcome: str
    probability: float
    points: int
    policy: ShownPolicy
    reasons: Sequence[DeskReason]
    model_version: str
    mode: str
    decided_at: int
    stored: bool
    simulated: bool = False
    erased: bool = False
    base_value: float | None = None
    raw_score: float | None = None
    contributions: Mapping[str, float | None] = field(default_factory=dict)
    application: Mapping[str, float | str | None] | None = None

    @property
    def was_changed(self) -> bool:
        """Whether a person decided otherwise since."""
        return self.final_outcome != self.outcome


def of_receipt(receipt: DeskReceipt) -> ShownDecision:
    """Return a stored decision."""
    policy = receipt.policy
    return ShownDecision(
        receipt.decision_id,
        receipt.sk_id_curr,
        receipt.outcome,
        receipt.final_outcome,
        receipt.probability_of_default,
        receipt.score_points,
        ShownPolicy(policy.threshold, policy.refer_from, policy.decline_from),
        receipt.reasons,
        receipt.model.version,
        receipt.mode,
        receipt.decided_at,
        stored=True,
        erased=receipt.erased,
        base_value=receipt.base_value,
        raw_score=receipt.raw_score,
        contributions=receipt.contributions,
        application=receipt.application,
    )


def of_answer(decision: DeskDecision, policy: ShownPolicy) -> ShownDecision:
    """Return a decision as it was answered, before the ledger has it."""
    return ShownDecision(
        decision.decision_id,
        decision.sk_id_curr,
        decision.outcome,
        decision.outcome,
        decision.probability_of_default,
        decision.score_points,
        ShownPolicy(decision.threshold, policy.refer_from, policy.decline_from),
        decision.reasons,
        decision.model.version,
        decision.mode,
        decision.decided_at,
        stored=False,
    )


def of_simulation(simulation: DeskSimulation, policy: ShownPolicy) -> ShownDecision:
    """Return a simulated decision."""
    decision = simulation.decision
    return ShownDecision(
        decision.decision_id,
        decision.sk_id_curr,
        decision.outcome,
        decision.outcome,
        decision.probability_of_default,
        decision.score_points,
        ShownPolicy(decision.threshold, policy.refer_from, policy.decline_from),
        decision.reasons,
        decision.model.version,
        decision.mode,
        decision.decided_at,
        stored=False,
        simulated=True,
        base_value=simulation.base_value,
        raw_score=simulation.raw_score,
        contributions=simulation.contributions,
    )
