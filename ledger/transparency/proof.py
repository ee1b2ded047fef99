"""Proofs as they are handed out: of one receipt, and between two heads of the log."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from credit.errors import RetryableError
from credit.wire.tree_head import TreeHeadMessage
from ledger.errors import UnknownDecision
from ledger.transparency.heads import SignedHead
from ledger.transparency.log import MerkleLog
from ledger.transparency.merkle import ProofRefused
from ledger.transparency.stored import OpeningVault, StoredReceipts
from ledger.transparency.tables import SqlTiles, newest_head


class NotSignedYet(RetryableError):
    """The decision is in the log, and no signed head covers it yet: ask again in a second."""


class PersonalProof(BaseModel):
    """The personal part of a receipt, and the salt under which the receipt commits to it; both base64."""

    content: str = Field(description="The bytes that are committed to; laid out as docs/receipts.md says.")
    salt: str = Field(description="32 bytes; with the client's key it is destroyed.")


class ReceiptProof(BaseModel):
    """All that a stranger needs to check one receipt: `docs/verifier/verify_receipt.py` does."""

    leaf: str = Field(description="The receipt's public form: the exact text that was hashed.")
    index: int = Field(ge=0, description="Its place in the log, from 0.")
    path: list[str] = Field(description="Hashes from the leaf to the root (RFC 6962), base64.")
    head: TreeHeadMessage = Field(description="The signed head that the path leads to.")
    personal: PersonalProof | None = Field(description="Null once the client is erased, or where it was not asked for.")


class ConsistencyProof(BaseModel):
    """The proof that the log at one size begins with the log at an earlier one."""

    first: int = Field(ge=0, description="Leaves of the earlier tree.")
    second: int = Field(ge=0, description="Leaves of the later tree.")
    path: list[str] = Field(description="Hashes (RFC 6962), base64.")


def prove_receipt(
    connection: Connection, vault: OpeningVault, decision_id: str, verifier_key: str, with_personal: bool = False
) -> ReceiptProof:
    """Return the proof of one receipt under the newest signed head.

    with_personal: also the personal part and its salt, for whoever may read the receipt whole. Raises UnknownDecision,
    NotSignedYet, or ProofRefused where the log is damaged.
    """
    source = StoredReceipts(connection, vault)
    index = source.place_of(decision_id)
    stored = [] if index is None else source.receipts(index, index + 1)
    if index is None or not stored:
        raise UnknownDecision(f"the ledger holds no decision {decision_id}, so there is nothing to prove")
    log = MerkleLog(SqlTiles(connection))
    if index >= log.size() or log.decision_ids(index, index + 1) != [stored[0].receipt.decision_id]:
        raise ProofRefused(f"the log has no such decision as {decision_id}: the row was inserted beside it")
    head = newest_head(connection, verifier_key)
    if head is None or head.head.size <= index:
        raise NotSignedYet(f"the decision {decision_id} is not under a signed head yet; ask again in a second")
    path = log.inclusion_proof(index, head.head.size)
    personal = None
    if with_personal and (opened := source.opened(stored)[0]) is not None:
        personal = PersonalProof(content=_text(opened.content), salt=_text(opened.salt))
    leaf = stored[0].receipt.leaf().decode()
    return ReceiptProof(leaf=leaf, index=index, path=_texts(path), head=head.message(), personal=personal)


def prove_consistency(connection: Connection, first: int, second: int) -> ConsistencyProof:
    """Return the proof that the tree of `second` leaves begins with that of `first`; raises ProofRefused."""
    path = MerkleLog(SqlTiles(connection)).consistency_proof(first, second)
    return ConsistencyProof(first=first, second=second, path=_texts(path))


def current_head(connection: Connection, verifier_key: str) -> SignedHead:
    """Return the newest signed head; raises NotSignedYet where none was ever signed."""
    head = newest_head(connection, verifier_key)
    if head is None:
        raise NotSignedYet("no head of the log was signed yet; the sink signs one within a second of a decision")
    return head


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _texts(path: Sequence[bytes]) -> list[str]:
    return [_text(node) for node in path]
