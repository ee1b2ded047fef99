"""The replica that looks clients up in the online store."""

from __future__ import annotations

from credit.application import IntArray
from serve_app.replicas.blocking import LARGE_WORK, Work, take_short_turns
from serve_app.settings import ServingSettings
from serve_app.steps.lookup import ClientsOnFile, KnownHistory, Lookup
from serve_app.stores import configured_store


class LookupDeployment:
    """Feature lookup: history vectors and applications on file, from the online store."""

    def __init__(self, settings: ServingSettings) -> None:
        take_short_turns()
        self._store = configured_store(settings)
        self._lookup = Lookup(self._store)
        self._work = Work("lookup")

    async def history(self, client_ids: IntArray) -> KnownHistory:
        return await self._work.do(len(client_ids), self._lookup.history, client_ids)

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        return await self._work.do(len(client_ids), self._lookup.on_file, client_ids)

    async def clients(self, prefix: str, limit: int) -> list[int]:
        """Return ids on file that begin with these digits."""
        return await self._work.do(LARGE_WORK, self._store.clients, prefix, limit)
