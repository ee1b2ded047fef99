"""A signed head of the log of decisions, as it stands on `loan-tree-heads`; nothing in it names a client."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, Field

TREE_HEAD_VERSION: Final = 1


class TreeHeadMessage(BaseModel):
    """A signed tree head, as it stands on `loan-tree-heads` and in answers of `GET /v1/log/head`."""

    schema_version: Literal[1] = TREE_HEAD_VERSION
    origin: str = Field(description="The log's name.")
    size: int = Field(ge=0, description="How many decisions the log has.")
    root: str = Field(description="Root of the Merkle tree over them (RFC 6962), base64.")
    at_ms: int = Field(description="When it was signed, milliseconds since the epoch, UTC.")
    note: str = Field(description="The signed text: a C2SP tlog-checkpoint with the time as its fourth line.")
    verifier_key: str = Field(
        description="Name and public key as a signed note writes them; compare it, do not trust it."
    )
