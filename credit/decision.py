"""Decisions on n applications, as arrays, and the identity that makes deciding twice the same decision."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import ApplicationBatch, FloatArray, IntArray
from credit.policy import Policy
from credit.reasons import Reasons

# Any constant namespace will do, as long as it never changes: it makes our ids differ from other people's UUIDv5.
_NAMESPACE = uuid.UUID("6f1c1f0e-3f43-5c1b-9d0c-6c6f616e7374")


class Mode(IntEnum):
    """How complete the deciding was; the numbers are those of the audit record."""

    FULL = 0
    HISTORY_UNAVAILABLE = 1
    REASONS_UNAVAILABLE = 2
    HISTORY_AND_REASONS_UNAVAILABLE = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class ModelRef:
    """The one model version that scored and explained a batch, and the policy that decided it."""

    name: str
    version: str
    digest: str
    catalog_hash: str
    policy: Policy
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionBatch:
    """n decisions by one model version, row by row those of `applications`.

    features: float64[n, f], what the booster read; history: bool[n], whether the client had any; raw: float64[n],
    log-odds; probability: float64[n], calibrated probability of default; outcome: int8[n] (`Outcome`); points:
    int32[n]; contributions: float64[n, f] in log-odds, adding up with expected_value to raw; mode: int8[n] (`Mode`);
    decided_ms: int64[n], milliseconds since the epoch, UTC.
    """

    applications: ApplicationBatch
    model: ModelRef
    decision_ids: list[str]
    features: FloatArray
    history: npt.NDArray[np.bool_]
    raw: FloatArray
    probability: FloatArray
    outcome: npt.NDArray[np.int8]
    points: npt.NDArray[np.int32]
    contributions: FloatArray
    expected_value: float
    reasons: Reasons
    mode: npt.NDArray[np.int8]
    decided_ms: IntArray

    def __len__(self) -> int:
        return len(self.decision_ids)

    def take(self, rows: slice) -> DecisionBatch:
        """Return the decisions of consecutive rows, as views."""
        apps = self.applications
        r = self.reasons
        return DecisionBatch(
            ApplicationBatch(
                apps.application_ids[rows], apps.client_ids[rows], apps.submitted_ms[rows], apps.values[rows]
            ),
            self.model,
            self.decision_ids[rows],
            self.features[rows],
            self.history[rows],
            self.raw[rows],
            self.probability[rows],
            self.outcome[rows],
            self.points[rows],
            self.contributions[rows],
            self.expected_value,
            Reasons(r.subject[rows], r.feature[rows], r.share[rows], r.value[rows], r.typical[rows]),
            self.mode[rows],
            self.decided_ms[rows],
        )


def decision_ids(application_ids: list[str], model_digest: str, policy_digest: str) -> list[str]:
    """Return the UUIDv5 of each application under this model and policy: the same three give the same decision."""
    suffix = f"|{model_digest}|{policy_digest}"
    namespace = hashlib.sha1(_NAMESPACE.bytes, usedforsecurity=False)
    return [_uuid5(namespace, application_id + suffix) for application_id in application_ids]


_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def _uuid5(namespace: Any, name: str) -> str:
    # What str(uuid.uuid5()) gives, at a third of its cost: four microseconds of every decision.
    digest = namespace.copy()
    digest.update(name.encode())
    text = digest.hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"
