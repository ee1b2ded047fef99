"""Keeps the exactly-once loop running: one session of clients after the other, each from the committed offsets."""

from __future__ import annotations

import contextlib
import gc
import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from credit.wire.application import TimeLimits
from streaming.batch.deciding import Decider, PatientDecider
from streaming.gateway.session import Session
from streaming.gateway.stats import StreamStats
from streaming.kafka.clients import group_consumer
from streaming.kafka.doubt import doubt_cause
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings

log = logging.getLogger(__name__)

ProducerFactory = Callable[[StreamingSettings, KafkaSecurity, str], TransactionalProducer]

_CLOSE_TIMEOUT_MS = 3000
_LONGEST_UNASSIGNED_S = 600.0


class ExactlyOnceLoop:
    """Runs the loop until `stop` is set; `run` blocks and belongs in a thread of its own."""

    def __init__(
        self,
        settings: StreamingSettings,
        security: KafkaSecurity,
        decider: Decider,
        transactional_id: str,
        stop: threading.Event,
        stats: StreamStats,
        limits: TimeLimits | None = None,
        make_producer: ProducerFactory = TransactionalProducer,
    ) -> None:
        self._settings = settings
        self._security = security
        self._transactional_id = transactional_id
        self._stop = stop
        self._stats = stats
        self._limits = limits
        self._make_producer = make_producer
        self._patient = PatientDecider(decider, settings.max_backoff_s, self._on_wait)
        self._unassigned_limit_s = settings.assignment_timeout_s

    def run(self) -> None:
        """Consume until stopped, one session (one life of the two clients) after the other."""
        pause_s = 0.1
        while not self._stop.is_set():
            before = self._stats.transactions
            try:
                self._session()
            except Exception as error:  # noqa: BLE001 - whatever it was, starting again from the offsets is right
                cause = doubt_cause(error)
                if cause is not None:
                    self._stats.in_doubt_causes[cause] += 1
                self._stats.restarts += 1
                self._stats.last_error = f"{type(error).__name__}: {error}"[:500]
                log.warning("starting again from the committed offsets: %s", self._stats.last_error)
                pause_s = 0.1 if self._stats.transactions > before else min(pause_s * 2, self._settings.max_backoff_s)
            # The ended session, its clients and their buffers hold each other, and collections are rare here. It has to
            # be here: while there is the exception, its traceback holds them too.
            gc.collect()
            self._stop.wait(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads replicas, guards nothing

    def _session(self) -> None:
        settings, stats = self._settings, self._stats
        with contextlib.ExitStack() as cleanup:
            # The producer first: it ends what its predecessor left open before any offset is read.
            producer = self._make_producer(settings, self._security, self._transactional_id)
            cleanup.callback(producer.close)
            producer.learn([settings.decisions_topic, settings.audit_topic, settings.dead_letters_topic])
            pool = ThreadPoolExecutor(settings.pipeline_depth, thread_name_prefix="decide")
            cleanup.callback(pool.shutdown, wait=False, cancel_futures=True)
            consumer = group_consumer(settings, self._security, self._transactional_id)
            cleanup.callback(_close_consumer, consumer)
            session = Session(settings, stats, self._stop, self._patient, self._limits, consumer, producer, pool)
            cleanup.callback(session.drop_all)
            session.unassigned_limit_s = self._unassigned_limit_s
            try:
                session.run()
            finally:
                # A replica more than there are partitions has none by right: try less and less often.
                never = session.ever_assigned is False
                self._unassigned_limit_s = (
                    min(self._unassigned_limit_s * 2, _LONGEST_UNASSIGNED_S) if never else settings.assignment_timeout_s
                )
                stats.assigned = []
                stats.in_flight = 0

    def _on_wait(self, error: Exception, seconds: float) -> None:
        self._stats.waits += 1
        self._stats.waited_s += seconds
        self._stats.degraded = True
        self._stats.last_error = f"{type(error).__name__}: {error}"[:500]


def _close_consumer(consumer: Any) -> None:
    with contextlib.suppress(Exception):
        consumer.close(autocommit=False, timeout_ms=_CLOSE_TIMEOUT_MS)
