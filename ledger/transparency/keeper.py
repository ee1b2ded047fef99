"""Signs a new head of the log from time to time, keeps it, and has it published."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Protocol

from sqlalchemy import Engine

from credit.errors import RetryableError
from ledger.store.engine import now_ms, reading, writing
from ledger.transparency.heads import HeadSigner, SignedHead
from ledger.transparency.log import MerkleLog
from ledger.transparency.tables import SqlTiles, newest_head, save_head

logger = logging.getLogger(__name__)


class HeadTopic(Protocol):
    """Where heads are published: the compacted topic `loan-tree-heads`."""

    def publish(self, key: bytes, value: bytes) -> None:
        """Write one record and wait until it is acknowledged; raises DependencyUnavailable."""
        ...


class HeadKeeper:
    """Signs the log's head where it has grown, at most once in `every_s`; call it between two transactions.

    engine: one whose commits are on disk before they return; committing the head then carries the rows before it along.
    A head is kept in the database before it is published, so that what was published can always be proved. One that
    could not be published is published at the next call, or a newer one in its place.
    """

    def __init__(
        self,
        engine: Engine,
        signer: HeadSigner,
        topic: HeadTopic,
        every_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._signer, self._topic = engine, signer, topic
        self._every_s, self._clock = every_s, clock
        self._signed_at = float("-inf")
        self._published: int | None = None

    def __call__(self) -> SignedHead | None:
        """Return the head that was published by this call, None where there was nothing new."""
        now = self._clock()
        if now - self._signed_at < self._every_s:
            return None
        self._signed_at = now
        head = self._newest()
        if head is None or head.head.size == self._published:
            return None
        try:
            self._topic.publish(head.record_key(), head.message().model_dump_json().encode())
        except RetryableError as error:
            logger.warning("the log's head of %d leaves is not published yet: %s", head.head.size, error)
            return None
        self._published = head.head.size
        return head

    def _newest(self) -> SignedHead | None:
        with reading(self._engine) as connection:
            log = MerkleLog(SqlTiles(connection))
            size, last = log.size(), newest_head(connection, self._signer.verifier_key)
            if size == 0 or (last is not None and last.head.size >= size):
                return last
            root = log.root(size)
        head = self._signer.sign(size, root, now_ms())
        with writing(self._engine) as connection:
            save_head(connection, head)
        return head
