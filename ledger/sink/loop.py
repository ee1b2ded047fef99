"""The sink's loop: poll, decode, store, and the same work again until the database has taken it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from credit.errors import DependencyUnavailable
from ledger.errors import LedgerUnavailable, PositionMoved
from ledger.metrics import SinkMetrics
from ledger.sink.decode import TopicNames, TopicRecord, works
from ledger.store.write import SinkWork, Stored

log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.1
_LOOK_AT_LAG_S = 5.0


class Records(Protocol):
    """The topics, as the loop reads them; `skipped` counts offsets that were gone."""

    skipped: int

    def go_to(self, positions: Mapping[tuple[str, int], int]) -> None: ...

    def poll(self, positions: Mapping[tuple[str, int], int]) -> list[Sequence[TopicRecord]]: ...

    def lag(self) -> dict[str, int]: ...


class Store(Protocol):
    """The database, as the loop fills it."""

    def positions(self) -> dict[tuple[str, int], int]: ...

    def store(self, work: SinkWork) -> Stored: ...


class Sink:
    """Reads until stopped. Nothing of what was polled is dropped before the database has taken it."""

    def __init__(
        self,
        records: Records,
        store: Store,
        names: TopicNames,
        metrics: SinkMetrics,
        transaction_rows: int,
        max_backoff_s: float,
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        self._records, self._store, self._names, self._metrics = records, store, names, metrics
        self._rows, self._max_backoff_s, self._idle = transaction_rows, max_backoff_s, idle
        self._stopping = threading.Event()
        self._positions: dict[tuple[str, int], int] | None = None
        self._looked = float("-inf")
        self._skipped = 0

    def stop(self) -> None:
        """Ask the loop to end; safe from any thread and from a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Read and store until stopped."""
        pause = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                self.step()
                pause = _FIRST_PAUSE_S
            except PositionMoved as error:
                log.warning("%s; reading on from there", error)
                self._positions = None
            except DependencyUnavailable as error:
                log.warning("%s", error)
                self._stopping.wait(pause)
                pause = min(2 * pause, self._max_backoff_s)

    def step(self) -> None:
        """Poll once and store what came."""
        if self._positions is None:
            positions = self._store.positions()
            self._records.go_to(positions)
            self._positions = positions
        polled = self._records.poll(self._positions)
        self._metrics.gap.inc(self._records.skipped - self._skipped)
        self._skipped = self._records.skipped
        for work in works(polled, self._positions, self._names, self._rows):
            if not self._stored(work):
                return
            self._positions |= {(move.topic, move.partition): move.after for move in work.moves}
        self._metrics.last_step.set(time.time())
        self._look_at_lag()
        self._idle()

    def _stored(self, work: SinkWork) -> bool:
        """Store one transaction, however often it takes; False where the sink was stopped before."""
        pause = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            begun = time.perf_counter()
            try:
                stored = self._store.store(work)
            except LedgerUnavailable as error:
                self._metrics.failures.inc()
                log.warning("%s; trying again in %.1f s", error, pause)
                self._stopping.wait(pause)
                pause = min(2 * pause, self._max_backoff_s)
                continue
            self._metrics.store.observe(time.perf_counter() - begun)
            self._metrics.decisions.inc(stored.decisions)
            self._metrics.repeated.inc(stored.repeated)
            for bad in work.unreadable:
                self._metrics.unreadable.labels(bad.position.topic).inc()
                log.error("%s: not stored: %s", bad.position, bad.problem)
            return True
        return False

    def _look_at_lag(self) -> None:
        now = time.monotonic()
        if now - self._looked >= _LOOK_AT_LAG_S:
            self._looked = now
            for topic, lag in self._records.lag().items():
                self._metrics.lag.labels(topic).set(lag)
