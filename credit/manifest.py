"""What a registered model needs of its surroundings, and what it answers by: the content of its manifest.

The model's folder, `manifest.json` in it and the check that it fits are in `registered_model`.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from credit.application import FloatArray
from credit.policy import Policy, Scorecard

FORMAT_VERSION = 1


class Calibration(BaseModel):
    """From a raw score (log-odds) to a probability of default.

    none: the logistic of the raw score; platt: logistic of slope * raw + intercept; isotonic: linear between the knots
    (x, y), x raw scores ascending, y probabilities, flat outside.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["none", "platt", "isotonic"] = "none"
    slope: float = 1.0
    intercept: float = 0.0
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def probability(self, raw: FloatArray) -> FloatArray:
        """Return the probability of default of each raw score: float64[n] -> float64[n] in [0, 1]."""
        if self.method == "isotonic":
            return np.interp(raw, self.x, self.y)
        log_odds = raw if self.method == "none" else self.slope * raw + self.intercept
        return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)


class DerivedFeature(BaseModel):
    """A feature that a small booster of its own predicts from others (an external score from the rest of the row).

    name: its name in the catalog; booster: its file in the model's folder; inputs: the features it reads, in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    booster: str
    inputs: tuple[str, ...]


class ModelManifest(BaseModel):
    """The contract between a model and whoever serves it; `features` is the booster's column order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: int = FORMAT_VERSION
    name: str
    catalog_hash: str = Field(description="Hash of the feature catalog the model was trained on.")
    features: tuple[str, ...]
    derived: tuple[DerivedFeature, ...] = ()
    booster: str = Field(description="The booster's file in the model's folder.")
    files_sha256: dict[str, str] = Field(description="SHA-256 of every booster file.")
    documents_sha256: dict[str, str] = Field(
        default={}, description="SHA-256 of the files that tell of the model and decide nothing; older ones have none."
    )
    calibration: Calibration
    policy: Policy
    scorecard: Scorecard = Scorecard()
    typical: tuple[float | None, ...] = Field(
        description="A typical value of each feature, None where missing is typical."
    )
    trained_at: str
    data_digest: str
    seed: int
    metrics: dict[str, float] = {}
    training: dict[str, Any] = Field(
        default={}, description="What else a model-risk officer asks: rows, rates, options."
    )

    @property
    def digest(self) -> str:
        """Hex SHA-256 of what decides its answers: boosters, features, calibration; not its date or its metrics."""
        behaviour = self.model_dump_json(
            include={
                "catalog_hash",
                "features",
                "derived",
                "booster",
                "files_sha256",
                "calibration",
                "scorecard",
                "typical",
            }
        )
        return hashlib.sha256(behaviour.encode()).hexdigest()

    def typical_values(self) -> FloatArray:
        """Return `typical` as float64[features], NaN for None."""
        return np.array([np.nan if value is None else value for value in self.typical], dtype=np.float64)
