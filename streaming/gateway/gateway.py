"""The gateway: owner of the thread that runs the exactly-once loop, and the one to ask how it is doing."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import dataclass

from credit.errors import DependencyUnavailable
from credit.wire.application import TimeLimits
from streaming.batch.deciding import Decider
from streaming.gateway.loop import ExactlyOnceLoop, ProducerFactory
from streaming.gateway.stats import StreamStats
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GatewayStats:
    """A gateway at one moment: counters since its start, gauges of now, seconds in each phase of its loop."""

    applications: int
    decisions: int
    dead_letters: int
    transactions: int
    in_doubt: int
    in_doubt_causes: dict[str, int]
    epoch_renewals: int
    restarts: int
    rebalances: int
    waits: int
    skipped_offsets: int
    offsets_out_of_range: int
    partitions: list[int]
    lag: int
    rate: float
    capacity: float
    topic_partitions: int
    in_flight: int
    degraded: bool
    last_error: str
    seconds_since_progress: float
    phase_s: dict[str, float]


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
        self._stats = StreamStats(telling_batch=max(1, settings.max_batch // 4))
        # One id for the life of this replica: its next producer ends what the last one left. Never shared: two
        # producers of one id fence each other to death.
        self.transactional_id = f"{settings.transactional_prefix}-{uuid.uuid4()}"
        self._loop = ExactlyOnceLoop(
            settings,
            security or KafkaSecurity(),
            decider,
            self.transactional_id,
            self._stop,
            self._stats,
            limits,
            make_producer,
        )
        self._thread = threading.Thread(target=self._run, name="gateway", daemon=True)

    def start(self) -> None:
        """Start consuming, in a thread of its own; returns at once."""
        self._stats.started_at = self._stats.last_poll_at = self._stats.last_progress_at = time.monotonic()
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
        """Raise DependencyUnavailable where this replica should be replaced: a dead, hung or stalled consumer.

        A broker or graph that is away is no reason: a new replica would find neither, and this one keeps its place.
        """
        stats, settings, now = self._stats, self._settings, time.monotonic()
        if not self._thread.is_alive():
            raise DependencyUnavailable(f"the consumer thread is gone ({stats.last_error or 'no error'})")
        silent = now - stats.last_poll_at
        # Between two polls lie at most one transaction, one close of both clients and one start of new ones.
        longest = 2 * settings.transaction_timeout_s + 2 * settings.start_timeout_s + settings.stall_timeout_s
        if silent > longest:
            raise DependencyUnavailable(f"the consumer has not polled for {silent:.0f} s")
        stalled = now - max(stats.last_progress_at, stats.assigned_at or 0.0)
        if stats.assigned and stats.lag > 0 and not stats.degraded and stalled > settings.stall_timeout_s:
            raise DependencyUnavailable(f"{stats.lag} applications wait and none was decided for {stalled:.0f} s")

    def stats(self) -> GatewayStats:
        """Return what the gateway counts and measures now."""
        s = self._stats
        return GatewayStats(
            applications=s.applications,
            decisions=s.decisions,
            dead_letters=s.dead_letters,
            transactions=s.transactions,
            in_doubt=s.in_doubt,
            in_doubt_causes={str(cause): count for cause, count in s.in_doubt_causes.items()},
            epoch_renewals=s.epoch_renewals,
            restarts=s.restarts,
            rebalances=s.rebalances,
            waits=s.waits,
            skipped_offsets=s.skipped_offsets,
            offsets_out_of_range=s.offsets_out_of_range,
            partitions=list(s.assigned),
            lag=s.lag,
            rate=s.rate,
            capacity=s.capacity,
            topic_partitions=s.topic_partitions,
            in_flight=s.in_flight,
            degraded=s.degraded,
            last_error=s.last_error,
            seconds_since_progress=time.monotonic() - s.last_progress_at,
            phase_s=dict(s.phase_s),
        )

    def _run(self) -> None:
        try:
            self._loop.run()
        except BaseException as error:
            self._stats.last_error = f"{type(error).__name__}: {error}"[:500]
            log.exception("the consumer thread ended")
            raise
