"""The routes of the signed log: its head, its growth, and the proof of one receipt."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from credit.wire.tree_head import TreeHeadMessage
from ledger.door.asking import MOST, Parts, Reader, identifier
from ledger.store.engine import reading
from ledger.transparency.merkle import ProofRefused
from ledger.transparency.proof import (
    ConsistencyProof,
    ReceiptProof,
    current_head,
    prove_consistency,
    prove_receipt,
)
from ledger.transparency.stored import OpeningVault, find_client

Size = Annotated[int, Query(description="Leaves of the tree.", ge=0, le=MOST)]


def log_routes(vault: OpeningVault, verifier_key: str) -> APIRouter:
    """Return the routes under /v1/log and /v1/decisions/{id}/proof; verifier_key: of the log that is served."""
    routes = APIRouter(tags=["log"])

    @routes.get("/v1/log/head", response_model=TreeHeadMessage)
    def head(parts: Parts, actor: Reader) -> TreeHeadMessage:
        """Return the newest signed head of the log of all receipts."""
        del actor
        with reading(parts.engine) as connection:
            return current_head(connection, verifier_key).message()

    @routes.get("/v1/log/consistency", response_model=ConsistencyProof)
    def consistency(parts: Parts, actor: Reader, first: Size, second: Size) -> ConsistencyProof:
        """Return the proof that the log at one size begins with the log at an earlier one."""
        del actor
        with reading(parts.engine) as connection:
            signed = current_head(connection, verifier_key).head.size
            if second > signed:
                raise ProofRefused(f"the newest signed head has {signed} leaves, and second is {second}")
            return prove_consistency(connection, first, second)

    @routes.get("/v1/decisions/{decision_id}/proof", response_model=ReceiptProof)
    def proof(
        parts: Parts,
        actor: Reader,
        decision_id: str,
        personal: Annotated[
            bool, Query(description="Also the personal part and its salt; the access is logged.")
        ] = False,
    ) -> ReceiptProof:
        """Return what a stranger needs to check that this decision is in the log."""
        number = identifier(decision_id)
        with reading(parts.engine) as connection:
            proved = prove_receipt(connection, vault, number, verifier_key, personal)
            client = find_client(connection, number)
        parts.access.note(actor, "proof", client, number)
        return proved

    return routes
