"""What a bank earns and loses on loans: read by the settings, used where a threshold is chosen for profit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Economics:
    """A bank's prices and losses: yearly rates, and parts of the credit and of the exposure; none is in the tables."""

    loan_rate: float
    funding_rate: float
    exposure_at_default: float
    loss_given_default: float
