"""The challenger's replica: it starts with the first challenger and ends when none is set any more."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from credit.errors import LoanstreamError, ModelNotFound
from credit.wire.shadow import encode_shadow
from serve_app.metrics import ShadowMetrics
from serve_app.models.configured import challenger_source
from serve_app.models.shelf import ModelShelf
from serve_app.settings import ServingSettings
from serve_app.shadow.queue import ShadowBatch
from serve_app.shadow.scorer import ShadowScorer
from serve_app.stores import configured_store

log = logging.getLogger(__name__)

_NICENESS = 15
_PUBLISH_TIMEOUT_S = 10.0


class ShadowDeployment:
    """The challenger's replica."""

    def __init__(self, settings: ServingSettings, kafka_options: dict[str, Any]) -> None:
        # Decisions come first: whatever else wants the processor gets it before this process.
        with contextlib.suppress(OSError):
            os.nice(_NICENESS)
        self._settings, self._kafka_options = settings, kafka_options
        self._shelf = ModelShelf(challenger_source(settings))
        self._scorer = ShadowScorer(self._shelf, configured_store(settings))
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="shadow")
        self._metrics = ShadowMetrics()
        self._producer: Any = None
        self._looked = float("-inf")

    async def score(self, batch: ShadowBatch) -> int:
        """Score and publish a batch; returns how many applications were, 0 where the challenger is gone."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._score, batch)

    def _score(self, batch: ShadowBatch) -> int:
        now = time.monotonic()
        if now - self._looked >= self._settings.model_poll_s:
            try:
                self._shelf.refresh()
            except ModelNotFound:
                return 0
            except LoanstreamError as error:
                if not self._shelf.ready:
                    raise
                log.warning("the challenger may have changed, the one before goes on: %s", error)
            self._looked = now
        record = self._scorer.score(batch)
        self._send(encode_shadow(record))
        self._metrics.scored_too(len(record), record.version)
        return len(record)

    def _send(self, record: bytes) -> None:
        from kafka import KafkaProducer

        if self._producer is None:
            assert self._settings.bootstrap is not None
            self._producer = KafkaProducer(
                **self._kafka_options,
                bootstrap_servers=self._settings.bootstrap.split(","),
                linger_ms=0,
                max_block_ms=int(_PUBLISH_TIMEOUT_S * 1000),
            )
        # Waited for, so that a broker that is away holds this queue up and not memory.
        self._producer.send(self._settings.shadow_topic, record).get(timeout=_PUBLISH_TIMEOUT_S)
