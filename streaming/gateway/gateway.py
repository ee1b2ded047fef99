"""The gateway: owner of the thread that runs the exactly-once loop, and the one to ask how it is doing."""

from __future__ import annotations

import logging
import threading
import uuid

from credit.wire.application import TimeLimits
from streaming.batch.deciding import Decider
from streaming.gateway.health import require_healthy
from streaming.gateway.loop import ExactlyOnceLoop, ProducerFactory
from streaming.gateway.stats import GatewayStats, LoopObserver
from streaming.kafka.clients import group_consumer
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings

log = logging.getLogger(__name__)


class Gateway:
    """One consumer thread with a transactional id of its own.

    decider: the graph; limits: how old or how far ahead an application may be; make_producer: another make of
    transactional client with the same methods.
    """

    def __init__(
        self,
        settings: StreamingSettings,
        decider: Decider,
        security: KafkaSecurity | None = None,
        limits: TimeLimits | None = None,
        make_producer: ProducerFactory = TransactionalProducer,
    ) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._observer = LoopObserver(settings.telling_batch)
        # One id for the life of this replica: its next producer ends what the last one left. Never shared: two
        # producers of one id fence each other to death.
        self.transactional_id = f"{settings.transactional_prefix}-{uuid.uuid4()}"
        self._loop = ExactlyOnceLoop(
            settings,
            security or KafkaSecurity(),
            decider,
            self.transactional_id,
            self._stop,
            self._observer,
            make_producer,
            group_consumer,
            limits,
        )
        self._thread = threading.Thread(target=self._run, name="gateway", daemon=True)

    def start(self) -> None:
        """Start consuming, in a thread of its own; returns at once."""
        self._observer.started()
        self._thread.start()

    def stop(self, timeout_s: float | None = None) -> bool:
        """Finish the open transaction and what is under way, leave the group; False where that took too long."""
        self._stop.set()
        if not self._thread.is_alive():
            return True
        wait_s = timeout_s if timeout_s is not None else self._settings.drain_timeout_s + 10.0
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def check_health(self) -> None:
        """Raise DependencyUnavailable where this replica should be replaced: a dead, hung or stalled consumer."""
        require_healthy(self.stats(), self._thread.is_alive(), self._settings)

    def stats(self) -> GatewayStats:
        """Return what the gateway counts and measures now."""
        return self._observer.stats()

    def _run(self) -> None:
        try:
            self._loop.run()
        except BaseException as error:
            self._observer.ended(error)
            log.exception("the consumer thread ended")
            raise
