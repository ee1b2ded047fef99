"""The bank's cost policy: from a probability of default to an outcome."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from credit.application import FloatArray


class Outcome(IntEnum):
    """What an application is answered; the numbers are those of the audit record."""

    APPROVE = 0
    REFER = 1
    DECLINE = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Costs:
    """Cost of approving a defaulter and of declining a repayer, in one unit."""

    false_negative: float = 10.0
    false_positive: float = 1.0


class Policy(BaseModel):
    """Costs of the two errors and the bands they lead to, on the calibrated probability of default.

    Below `refer_from` an application is approved, from `decline_from` on it is declined, between them a person decides.
    `threshold` is the cost-optimal cut without referrals: refer_from <= threshold <= decline_from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    false_negative_cost: float = Field(default=10.0, gt=0, description="Cost of approving an applicant who defaults.")
    false_positive_cost: float = Field(
        default=1.0, gt=0, description="Cost of declining an applicant who would have repaid."
    )
    threshold: float = Field(ge=0, le=1, description="Probability of default from which declining costs less.")
    refer_from: float = Field(ge=0, le=1, description="Lower end of the band that a person reviews.")
    decline_from: float = Field(ge=0, le=1, description="Upper end of the band that a person reviews.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.refer_from <= self.threshold <= self.decline_from:
            raise ValueError("refer_from <= threshold <= decline_from must hold")
        return self

    @property
    def costs(self) -> Costs:
        """The bank's costs of the two errors."""
        return Costs(self.false_negative_cost, self.false_positive_cost)

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the policy's canonical JSON: part of every decision's identity, and so asked for by each."""
        return _digest_of(self)

    def outcomes(self, probability: FloatArray) -> npt.NDArray[np.int8]:
        """Return the `Outcome` that each probability of default proposes, as int8[n]; `settled` has the last word."""
        outcome = np.full(probability.shape, Outcome.APPROVE, dtype=np.int8)
        outcome[probability >= self.refer_from] = Outcome.REFER
        outcome[probability >= self.decline_from] = Outcome.DECLINE
        return outcome


@lru_cache(maxsize=64)
def _digest_of(policy: Policy) -> str:
    return hashlib.sha256(policy.model_dump_json().encode()).hexdigest()


def settled(proposed: npt.NDArray[np.int8], has_reason: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    """Return the outcomes that may leave, int8[n]: a decline for which no reason can be given is referred to a person.

    proposed: int8[n], by `Policy.outcomes`; has_reason: bool[n], whether a principal reason of that outcome holds.
    """
    outcome = proposed.copy()
    outcome[(proposed == Outcome.DECLINE) & ~has_reason] = Outcome.REFER
    return outcome


class Scorecard(BaseModel):
    """Scaling of log-odds to points: `base_points` at `base_odds` good to bad, `pdo` points double the odds.

    Source: Siddiqi, Credit Risk Scorecards (2006), ch. 6.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_points: float = 600.0
    base_odds: float = Field(default=20.0, gt=0)
    pdo: float = Field(default=40.0, gt=0)

    def points(self, probability: FloatArray) -> npt.NDArray[np.int32]:
        """Return the points of each probability of default, rounded, as int32[n]; higher is safer."""
        p = np.clip(probability, 1e-6, 1 - 1e-6)
        factor = self.pdo / np.log(2.0)
        points = self.base_points + factor * (np.log((1 - p) / p) - np.log(self.base_odds))
        return np.asarray(np.rint(points), dtype=np.int32)
