"""Receipts of made decisions: sealed, stored in a list, and decided again by a rule of two lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from credit.application import FloatArray
from credit.errors import ModelNotFound
from ledger.transparency.content import PersonalParts
from ledger.transparency.log import MerkleLog
from ledger.transparency.receipt import PublicReceipt, box_hash
from ledger.transparency.recompute import DecidedBy, Recomputed
from ledger.transparency.verify import OpenedContent, StoredReceipt
from ledger.vault.vault import ClientVault
from tests.fixtures.keys import memory_vault
from tests.unit.ledger.transparency.logs import MemoryTiles, an_id

WIDTH = 6
DIGEST = "d" * 64


class TwoLineModel:
    """The raw score is the sum of the features; the outcome follows from its sign."""

    def __init__(self) -> None:
        self.known = {DIGEST}
        self.asked: list[int] = []

    def decide(
        self, decided_by: DecidedBy, features: FloatArray, outcomes: Sequence[str], modes: Sequence[str]
    ) -> Recomputed:
        if decided_by.model_digest not in self.known:
            raise ModelNotFound("no such model")
        self.asked.append(len(features))
        n = len(features)
        raw = features.sum(axis=1)
        return Recomputed(
            raw=raw,
            probability=1 / (1 + np.exp(-raw)),
            points=np.rint(raw * 100).astype(np.int32),
            outcomes=["decline" if value > 0 else "approve" for value in raw],
            reasons=[("R01",)] * n,
            reason_feature=np.tile(np.array([0, -1, -1, -1], np.int16), (n, 1)),
            reason_share=np.tile(np.array([1, 0, 0, 0], np.float32), (n, 1)),
            contributions=features.astype(np.float32),
            expected_value=0.5,
        )


@dataclass
class MadeLedger:
    """A ledger in memory with n receipts in its log."""

    vault: ClientVault = field(default_factory=memory_vault)
    tiles: MemoryTiles = field(default_factory=MemoryTiles)
    rows: list[StoredReceipt] = field(default_factory=list)
    personal: dict[str, bytes] = field(default_factory=dict)
    gone_by_retention: set[int] = field(default_factory=set)

    @property
    def log(self) -> MerkleLog:
        return MerkleLog(self.tiles)

    def add(self, n: int, digest: str = DIGEST) -> None:
        """Decide, seal and append n applications, of as many clients."""
        rng = np.random.default_rng(len(self.rows))
        features = rng.normal(size=(n, WIDTH))
        again = TwoLineModel().decide(DecidedBy("m", "1", DIGEST, "p"), features, [], [])
        first = len(self.rows)
        ids = [an_id(1000 + first + i) for i in range(n)]
        clients = [str(first + i) for i in range(n)]
        names = self.vault.names(clients)
        contexts = [i.encode() for i in ids]
        parts = PersonalParts(
            [f"app-{client}" for client in clients],
            np.array([int(client) for client in clients], dtype=np.int64),
            again.reason_feature,
            again.reason_share,
            features,
            again.contributions,
        )
        hashes = parts.hashes(self.vault.salts(names, contexts))
        boxes = self.vault.seal(names, parts.contents(), contexts)
        new = [
            StoredReceipt(
                first + i,
                PublicReceipt(
                    decision_id=ids[i],
                    client=names[i],
                    submitted_ms=1,
                    decided_ms=2,
                    outcome=again.outcomes[i],
                    raw=float(again.raw[i]),
                    expected_value=0.5,
                    probability=float(again.probability[i]),
                    points=int(again.points[i]),
                    reasons=("R01",),
                    model_name="loan",
                    model_version="1",
                    model_digest=digest,
                    policy_digest="p" * 64,
                    mode="full",
                    door="kafka",
                    history=True,
                    source=f"loan-audit/0/{first}/{i}",
                    content_hash=hashes[i],
                    box_hash=box_hash(boxes[i]),
                ),
                boxes[i],
            )
            for i in range(n)
        ]
        assert self.log.append([row.receipt.leaf_hash() for row in new], ids, hashes) == first
        self.rows += new

    def alter(self, index: int, **fields: object) -> None:
        """Change fields of the row at a place, as somebody with the database's password could."""
        at = next(i for i, row in enumerate(self.rows) if row.index == index)
        self.rows[at] = replace(self.rows[at], receipt=replace(self.rows[at].receipt, **fields))  # type: ignore[arg-type]

    def receipts(self, begin: int, end: int) -> Sequence[StoredReceipt]:
        return [row for row in self.rows if begin <= row.index < end]

    def strays(self, size: int) -> Sequence[tuple[int, str]]:
        return [(row.index, row.receipt.decision_id) for row in self.rows if not 0 <= row.index < size]

    def retired(self, begin: int, end: int) -> set[int]:
        return {index for index in self.gone_by_retention if begin <= index < end}

    def opened(self, stored: Sequence[StoredReceipt]) -> Sequence[OpenedContent | None]:
        names = [row.receipt.client for row in stored]
        contexts = [row.receipt.decision_id.encode() for row in stored]
        contents = self.vault.open_many(names, [row.box for row in stored], contexts)
        salts = self.vault.salts(names, contexts)
        return [c if c is None else OpenedContent(c, salt) for c, salt in zip(contents, salts, strict=True)]
