"""Who seals what is personal, as the store sees it; `ledger.vault` is who does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Vault(Protocol):
    """Seals and opens blobs with keys of the clients' own.

    A client stands in rows by a name of 16 bytes that says nothing without the vault's keys.
    """

    def lookup(self, kind: str, value: str) -> bytes:
        """Return the 16 bytes by which an id of a kind (client, application) is searched."""
        ...

    def names(self, client_ids: Sequence[str], made_ms: Sequence[int] | None = None) -> list[bytes]:
        """Return the name of each client for rows to be written; a client without a key gets one, safe on disk.

        made_ms: when each row was decided, so that a row from before its client's erasure is sealed for nobody.
        """
        ...

    def seal(self, clients: Sequence[bytes], plain: Sequence[bytes], context: Sequence[bytes]) -> list[bytes]:
        """Seal each blob for the client of this name, bound to its context (the decision's id).

        Raises Erased where a client's key was destroyed since it was named: name it again.
        """
        ...

    def open(self, client: bytes, sealed: bytes, context: bytes) -> bytes:
        """Open a blob; raises Erased where its key was destroyed."""
        ...
