"""Keeps the exactly-once loop running: one session of clients after the other, each from the committed offsets."""

from __future__ import annotations

import contextlib
import gc
import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from credit.wire.application import TimeLimits
from streaming.batch.deciding import Decider, PatientDecider
from streaming.gateway.commit import TransactionClient
from streaming.gateway.membership import GroupMember
from streaming.gateway.session import Session
from streaming.gateway.stats import LoopObserver
from streaming.kafka.doubt import doubt_cause
from streaming.kafka.security import KafkaSecurity
from streaming.settings import StreamingSettings

log = logging.getLogger(__name__)

# Both are told the transactional id, which is the clients' name too.
ProducerFactory = Callable[[StreamingSettings, KafkaSecurity, str], TransactionClient]
ConsumerFactory = Callable[[StreamingSettings, KafkaSecurity, str], GroupMember]

_FIRST_PAUSE_S = 0.1
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
        observer: LoopObserver,
        make_producer: ProducerFactory,
        make_consumer: ConsumerFactory,
        limits: TimeLimits | None = None,
    ) -> None:
        self._settings = settings
        self._security = security
        self._transactional_id = transactional_id
        self._stop = stop
        self._observer = observer
        self._limits = limits
        self._make_producer = make_producer
        self._make_consumer = make_consumer
        self._patient = PatientDecider(decider, settings.max_backoff_s, lambda error, _: observer.waited(error))
        self._unassigned_limit_s = settings.assignment_timeout_s

    def run(self) -> None:
        """Consume until stopped, one session (one life of the two clients) after the other."""
        pause_s = _FIRST_PAUSE_S
        while not self._stop.is_set():
            before = self._observer.transactions
            try:
                self._session()
            except Exception as error:  # noqa: BLE001 - whatever it was, starting again from the offsets is right
                self._observer.restarted(error, doubt_cause(error))
                log.warning("starting again from the committed offsets: %s", self._observer.last_error)
                progress = self._observer.transactions > before
                pause_s = _FIRST_PAUSE_S if progress else min(pause_s * 2, self._settings.max_backoff_s)
            # The ended session, its clients and their buffers hold each other, and collections are rare here. It has to
            # be here: while there is the exception, its traceback holds them too.
            gc.collect()
            self._stop.wait(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads replicas, guards nothing

    def _session(self) -> None:
        settings, security, name = self._settings, self._security, self._transactional_id
        with contextlib.ExitStack() as cleanup:
            # The producer first: it ends what its predecessor left open before any offset is read.
            producer = self._make_producer(settings, security, name)
            cleanup.callback(producer.close)
            producer.learn([settings.decisions_topic, settings.audit_topic, settings.dead_letters_topic])
            pool = ThreadPoolExecutor(settings.pipeline_depth, thread_name_prefix="decide")
            cleanup.callback(pool.shutdown, wait=False, cancel_futures=True)
            consumer = self._make_consumer(settings, security, name)
            cleanup.callback(consumer.close)
            session = Session(
                settings,
                self._observer,
                self._stop,
                self._patient,
                self._limits,
                consumer,
                producer,
                pool,
                self._unassigned_limit_s,
            )
            cleanup.callback(session.drop_all)
            try:
                session.run()
            finally:
                # A replica more than there are partitions has none by right: try less and less often.
                self._unassigned_limit_s = (
                    settings.assignment_timeout_s
                    if session.ever_assigned
                    else min(self._unassigned_limit_s * 2, _LONGEST_UNASSIGNED_S)
                )
                self._observer.session_ended()
