"""Audit records, references and parts made by hand, for the monitor's tests."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from credit.application import ApplicationBatch, FloatArray
from credit.decision import DecisionBatch, ModelRef, decision_ids
from credit.policy import Policy, Scorecard
from credit.reasons import MAX_REASONS, Reasons
from credit.wire.audit import Door, encode_audit
from monitoring.drift.reference import Reference, build_reference
from monitoring.windows.decoding import AuditPayload
from monitoring.windows.plan import RollingWindow, WindowPlan

POLICY = Policy(threshold=0.1, refer_from=0.08, decline_from=0.12)
NAMES = ("AMT_INCOME_TOTAL", "EXT_SOURCE_2", "CODE_GENDER", "CNT_CHILDREN")
CATEGORIES = {"CODE_GENDER": 3}
START_MS = 1_750_000_000_000 // 86_400_000 * 86_400_000
SMALL = WindowPlan(
    (RollingWindow("short", 60, 10), RollingWindow("medium", 300, 10), RollingWindow("long", 1800, 90)),
    history_s=3600,
    history_pane_s=600,
    lateness_s=120,
)


def rows(n: int, seed: int = 0) -> FloatArray:
    """Return n rows of the four features: income, an external score (5 % missing), gender, children."""
    rng = np.random.default_rng(seed)
    ext = rng.beta(5, 4, n)
    ext[rng.random(n) < 0.05] = np.nan
    gender = rng.choice([0.0, 1.0], n, p=[0.66, 0.34])
    return np.column_stack([rng.lognormal(12, 0.5, n), ext, gender, rng.poisson(0.4, n).astype(float)])


def probabilities(features: FloatArray) -> FloatArray:
    """Return a probability of default that depends on the external score."""
    ext = np.where(np.isnan(features[:, 1]), 0.5, features[:, 1])
    return np.asarray(1 / (1 + np.exp(-(0.5 - 5.5 * ext))), dtype=np.float64)


def reference(version: str = "1", n: int = 5000, seed: int = 99) -> Reference:
    """Return the reference of a version whose training rows are like `rows`."""
    sample = rows(n, seed)
    return build_reference(version, NAMES, sample, probabilities(sample), CATEGORIES, ("CODE_GENDER",), POLICY)


def batch(
    features: FloatArray,
    submitted_ms: npt.ArrayLike,
    version: str = "1",
    decided_after_ms: int = 200,
    first_id: int = 100001,
    names: tuple[str, ...] = NAMES,
) -> DecisionBatch:
    """Return decisions on these feature rows, submitted at these times (one for all, or one each)."""
    n = len(features)
    submitted = np.broadcast_to(np.asarray(submitted_ms, dtype=np.int64), (n,)).copy()
    clients = np.arange(first_id, first_id + n, dtype=np.int64)
    model = ModelRef("loanstream", version, hashlib.sha256(version.encode()).hexdigest(), "c" * 64, POLICY, names)
    probability = probabilities(features)
    reasons = Reasons(
        np.full((n, MAX_REASONS), -1, dtype=np.int16),
        np.full((n, MAX_REASONS), -1, dtype=np.int16),
        np.zeros((n, MAX_REASONS)),
        np.full((n, MAX_REASONS), np.nan),
        np.full((n, MAX_REASONS), np.nan),
    )
    reasons.subject[:, 0] = np.arange(n) % 3
    ids = [f"A{client}" for client in clients]
    return DecisionBatch(
        ApplicationBatch(ids, clients, submitted, np.zeros((n, 1))),
        model,
        decision_ids(ids, model.digest, POLICY.digest),
        features,
        np.ones(n, dtype=np.bool_),
        np.log(probability / (1 - probability)),
        probability,
        POLICY.outcomes(probability),
        Scorecard().points(probability),
        np.zeros_like(features),
        -2.5,
        reasons,
        np.zeros(n, dtype=np.int8),
        submitted + decided_after_ms,
    )


def audit(
    features: FloatArray, submitted_ms: npt.ArrayLike, door: Door = "kafka", rejected: int = 0, **more: object
) -> bytes:
    """Return the bytes of one audit record."""
    return encode_audit(batch(features, submitted_ms, **more), door, [], rejected)  # type: ignore[arg-type]


def payload(offset: int, value: bytes | None) -> AuditPayload:
    """Return one record of the audit topic."""
    return AuditPayload(offset, value)


class HeldReferences:
    """References by version, all at hand; those in `late` only after `arrive`."""

    def __init__(self, *references: Reference) -> None:
        self.all = {r.version: r for r in references}
        self.late: set[str] = set()

    def get(self, version: str, names: tuple[str, ...] | None) -> Reference | None:
        return None if version in self.late else self.all.get(version)

    def held(self) -> dict[str, Reference]:
        return {v: r for v, r in self.all.items() if v not in self.late}

    def waiting(self) -> list[str]:
        return sorted(self.late)
