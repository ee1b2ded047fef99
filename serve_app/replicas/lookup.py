"""The replica that looks clients up in the online store."""

from __future__ import annotations

from credit.application import IntArray
from serve_app.replicas.blocking import Work, take_short_turns
from serve_app.replicas.started import make_no_access_lines
from serve_app.settings import ServingSettings
from serve_app.steps.lookup import ClientsOnFile, KnownHistory, Lookup
from serve_app.stores import configured_store


class LookupDeployment:
    """Feature lookup: history vectors and applications on file, from the online store."""

    def __init__(self, settings: ServingSettings) -> None:
        take_short_turns()
        self._lookup = Lookup(configured_store(settings))
        self._work = Work("lookup")
        make_no_access_lines()

    async def history(self, client_ids: IntArray) -> KnownHistory:
        return await self._work.do(len(client_ids), self._lookup.history, client_ids)

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        return await self._work.do(len(client_ids), self._lookup.on_file, client_ids)
