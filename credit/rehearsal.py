"""The report of a rehearsal: what a candidate would have decided, beside what was decided on the same applications.

`streaming.proof` works it out and signs it, `training` holds it against the gates before a promotion. In JSON it is
what its fields say, without those that are None.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit.policy import Costs


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RehearsedSwap(_Frozen):
    """Applications that one of the two approves and the other does not, with the mean of what each scored them."""

    applications: int = Field(ge=0, description="How many.")
    mean_probability_taken: float | None = Field(default=None, description="Mean probability of default as decided.")
    mean_probability_candidate: float | None = Field(default=None, description="The same of the candidate.")


class TakenAndCandidate(_Frozen):
    """One figure of the decisions taken and of the candidate's."""

    taken: float
    candidate: float


class RealisedCost(TakenAndCandidate):
    """The mean cost an application where the outcome is known."""

    labelled: int = Field(ge=0, description="Applications whose outcome is known.")


class RehearsalReport(_Frozen):
    """All that a rehearsal found on n applications."""

    applications: int = Field(ge=0, description="Applications that both decided.")
    taken_by: tuple[str, ...] = Field(description="Model versions that decided them.")
    candidate: tuple[str, ...] = Field(description="Model versions that would have; one, unless it changed meanwhile.")
    candidate_digests: tuple[str, ...] = Field(description="Digests of those.")
    outcome_flips: int = Field(ge=0, description="Applications with another outcome.")
    flips: dict[str, dict[str, int]] = Field(description="Outcome taken -> outcome of the candidate -> applications.")
    swap_in: RehearsedSwap = Field(description="Approved by the candidate alone.")
    swap_out: RehearsedSwap = Field(description="Approved by the decisions taken alone.")
    psi_of_probability: float = Field(description="Population stability index of the probability of default.")
    first_reason_changed: float = Field(ge=0, le=1, description="Share with another first reason.")
    any_reason_changed: float = Field(ge=0, le=1, description="Share with another set of reasons.")
    approval_rate: TakenAndCandidate = Field(description="Share approved.")
    costs: Costs = Field(description="What a default approved and a good application refused cost, by the policy.")
    expected_cost_at_taken_approval_rate: TakenAndCandidate = Field(
        description="Mean cost an application by each one's own probabilities, as many approved as were."
    )
    realised_cost_at_taken_approval_rate: RealisedCost | None = Field(
        default=None, description="The same by what happened, where that is known of any."
    )
    range: dict[str, tuple[int, int]] = Field(
        default_factory=dict, description="Partition -> first offset, and the end, which is excluded."
    )
    not_decided_before: int = Field(default=0, ge=0, description="Applications of the range without a decision taken.")
    made_at: datetime | None = Field(default=None, description="When it was signed.")

    def as_json(self) -> dict[str, Any]:
        """Return its values as JSON has them, in the fields' order."""
        return self.model_dump(mode="json", exclude_none=True)
