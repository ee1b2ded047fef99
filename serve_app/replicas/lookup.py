"""The replica that looks clients up in the online store."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from credit.application import IntArray
from credit.features import CATALOG
from feature_store.store import open_store
from serve_app.replicas.blocking import InThread
from serve_app.settings import ServingSettings


class LookupDeployment:
    """Feature lookup: history vectors and applications on file, from the online store."""

    def __init__(self, settings: ServingSettings) -> None:
        url = settings.redis_url.get_secret_value() if settings.redis_url else None
        width = len(CATALOG.history_names)
        self._store = open_store(settings.feature_store, url, CATALOG.history_hash, width)
        self._in_thread = InThread("lookup")

    async def lookup(self, client_ids: IntArray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        return await self._in_thread(self._store.history, client_ids)

    async def applications(self, client_ids: IntArray) -> list[bytes | None]:
        return await self._in_thread(self._store.applications, client_ids)
