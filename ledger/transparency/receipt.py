"""The public form of a decision: what its leaf of the log commits to, with nothing personal in it.

A leaf must outlive the client's key, so it holds the figures of the decision, the client's random name in place of any
identity, and two hashes: one of the personal part under a salt that is destroyed with the client's key and without
which it says nothing, and one of the sealed box, by which the box can be checked even then.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from ledger.transparency.merkle import leaf_hash

RECEIPT_VERSION = 1
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class PublicReceipt:
    """One decision as the log knows it.

    client: its random name in the vault, 16 bytes; outcome, mode, door: their words; raw, expected_value: log-odds,
    NaN where no reasons could be given; probability: of default; reasons: codes, strongest first; submitted_ms,
    decided_ms: milliseconds since the epoch, UTC; source: topic/partition/offset/row of its audit record;
    content_hash: of salt and personal part, 32 bytes; box_hash: of the sealed box, 32 bytes.
    """

    decision_id: str
    client: bytes
    submitted_ms: int
    decided_ms: int
    outcome: str
    raw: float
    expected_value: float
    probability: float
    points: int
    reasons: tuple[str, ...]
    model_name: str
    model_version: str
    model_digest: str
    policy_digest: str
    mode: str
    door: str
    history: bool
    source: str
    content_hash: bytes
    box_hash: bytes

    def leaf(self) -> bytes:
        """Return the leaf's content: JSON with sorted keys and no spaces, the same bytes for the same receipt.

        Numbers that not every reader of JSON keeps whole are texts, in Python's shortest form that reads back to the
        same float64.
        """
        fields = {
            "box_hash": self.box_hash.hex(),
            "client": self.client.hex(),
            "content_hash": self.content_hash.hex(),
            "decided_ms": self.decided_ms,
            "decision_id": self.decision_id,
            "door": self.door,
            "expected_value": repr(float(self.expected_value)),
            "history": self.history,
            "mode": self.mode,
            "model_digest": self.model_digest,
            "model_name": self.model_name,
            "model_version": self.model_version,
            "outcome": self.outcome,
            "points": self.points,
            "policy_digest": self.policy_digest,
            "probability": repr(float(self.probability)),
            "raw": repr(float(self.raw)),
            "reasons": self.reasons,
            "receipt_version": RECEIPT_VERSION,
            "source": self.source,
            "submitted_ms": self.submitted_ms,
        }
        return _ENCODER.encode(fields).encode()

    def leaf_hash(self) -> bytes:
        """Return the hash that stands in the log: 32 bytes."""
        return leaf_hash(self.leaf())


def box_hash(box: bytes) -> bytes:
    """Return the hash of a sealed box, 32 bytes."""
    return hashlib.sha256(box).digest()


def content_hash(salt: bytes, content: bytes) -> bytes:
    """Return the hash of a personal part under its salt, 32 bytes."""
    return hashlib.sha256(salt + content).digest()
