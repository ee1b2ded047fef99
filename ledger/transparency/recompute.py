"""Deciding a stored receipt again, and comparing to the bit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from ledger.transparency.content import PersonalParts
from ledger.transparency.receipt import PublicReceipt


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """Which model and policy decided a receipt: version is where to look, the digests are what must be found there."""

    name: str
    version: str
    model_digest: str
    policy_digest: str

    @classmethod
    def of(cls, receipt: PublicReceipt) -> DecidedBy:
        """Take it from a receipt."""
        return cls(receipt.model_name, receipt.model_version, receipt.model_digest, receipt.policy_digest)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """n decisions made again; arrays as in `credit.wire.audit.AuditRecord`, words and codes as in a receipt."""

    raw: FloatArray
    probability: FloatArray
    points: npt.NDArray[np.int32]
    outcomes: list[str]
    reasons: list[tuple[str, ...]]
    reason_feature: npt.NDArray[np.int16]
    reason_share: npt.NDArray[np.float32]
    contributions: npt.NDArray[np.float32]
    expected_value: float


class Recompute(Protocol):
    """Decides again from what the booster read; loanstream gives the verifier the real path for this."""

    def decide(
        self, decided_by: DecidedBy, features: FloatArray, outcomes: Sequence[str], modes: Sequence[str]
    ) -> Recomputed:
        """Decide n rows again: features float64[n, f]; outcomes and modes as stored, words.

        A mode other than full leaves to a setting whether to refer; the stored outcome says what the setting was then.
        Raises ModelNotFound where no model and policy of these digests can be had.
        """
        ...


def differences(
    receipts: Sequence[PublicReceipt], personal: PersonalParts, again: Recomputed
) -> list[tuple[int, list[str]]]:
    """Return the rows that came out otherwise, each with the names of what differs; floats are compared to the bit."""
    checks: list[tuple[str, npt.NDArray[np.bool_]]] = [
        ("score", _same(_floats(r.raw for r in receipts), again.raw)),
        ("probability", _same(_floats(r.probability for r in receipts), again.probability)),
        ("points", np.array([r.points for r in receipts]) == again.points),
        ("outcome", _equal([r.outcome for r in receipts], again.outcomes)),
        ("reasons", _equal([r.reasons for r in receipts], again.reasons)),
        ("reasons' features", (personal.reason_feature == again.reason_feature).all(axis=1)),
        ("reasons' shares", np.all(_same(personal.reason_share, again.reason_share), axis=1)),
        ("contributions", np.all(_same(personal.contributions, again.contributions), axis=1)),
        ("expected value", _expected(receipts, again)),
    ]
    everything = np.all(np.stack([same for _, same in checks]), axis=0)
    return [(row, [name for name, same in checks if not same[row]]) for row in np.flatnonzero(~everything).tolist()]


def _expected(receipts: Sequence[PublicReceipt], again: Recomputed) -> npt.NDArray[np.bool_]:
    # One that was decided without reasons has no expected value, though the model has one.
    stored = _floats(r.expected_value for r in receipts)
    same = _same(stored, np.full(len(stored), again.expected_value))
    return np.asarray(same | np.isnan(stored), dtype=np.bool_)


def _floats(values: Iterable[float]) -> FloatArray:
    return np.fromiter(values, dtype=np.float64)


def _same(stored: npt.NDArray[np.floating], again: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Compare floats: equal, or both NaN; 0.0 and -0.0 differ, as their bits do."""
    equal = (stored == again) & (np.signbit(stored) == np.signbit(again))
    return np.asarray(equal | (np.isnan(stored) & np.isnan(again)), dtype=np.bool_)


def _equal(stored: Sequence[object], again: Sequence[object]) -> npt.NDArray[np.bool_]:
    return np.fromiter((a == b for a, b in zip(stored, again, strict=True)), dtype=np.bool_, count=len(stored))
