"""The loop that turns applications into decisions exactly once: one transaction a micro-batch.

The order below is the whole promise; docs/exactly-once.md says what each step guards against.

1. Poll. Never inside a transaction: so a rebalance, which only happens in a poll, finds none open.
2. Parse, and hand the micro-batch to the graph on a thread of its own; go on with 1 while it works where more waits,
   up to `pipeline_depth` micro-batches. They are published strictly in the order in which they were read.
3. Begin; send decisions, audit record and dead letters.
4. Flush with a bound and ask every record's future whether it was written.
5. Only then add the consumed offsets, fenced by the group's generation that the batch was read in.
6. Commit, with a bound.

On any doubt (a wait that ran out, an error, another generation, another epoch) nothing is repaired: both clients are
closed and work starts again from the committed offsets. A new producer of the same transactional id first ends
what the old one left, so what is read next is settled.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from credit.wire.application import TimeLimits
from streaming.batch.answer import answer
from streaming.batch.deciding import PatientDecider
from streaming.batch.intake import Record, read_records
from streaming.batch.publish import Outputs, Publisher
from streaming.gateway.stats import StreamStats
from streaming.kafka.clients import rebalance_listener
from streaming.kafka.doubt import DoubtCause, InDoubt
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings

log = logging.getLogger(__name__)

_IDLE_POLL_MS = 200
_BUSY_POLL_MS = 5
_LAG_EVERY_S = 2.0
# How long the loop lets a batch work before it polls again with the partitions paused, to stay in the group.
_PATIENCE_S = 0.25


@dataclass(slots=True)
class MicroBatch:
    """One poll on its way through the graph."""

    offsets: dict[Any, int]
    count: int
    generation: tuple[int, str]
    cancelled: threading.Event = field(default_factory=threading.Event)
    outputs: Future[Outputs] | None = None

    @property
    def done(self) -> bool:
        return self.outputs is not None and self.outputs.done()


class Session:
    """One life of the two clients, from joining the group to closing."""

    def __init__(
        self,
        settings: StreamingSettings,
        stats: StreamStats,
        stop: threading.Event,
        patient: PatientDecider,
        limits: TimeLimits | None,
        consumer: Any,
        producer: TransactionalProducer,
        pool: Executor,
    ) -> None:
        self._settings = settings
        self._stats = stats
        self._stop = stop
        self._patient = patient
        self._limits = limits
        self._consumer = consumer
        self._producer = producer
        self._pool = pool
        self._publisher = Publisher(
            settings.decisions_topic, settings.audit_topic, settings.dead_letters_topic, settings.max_output_bytes
        )
        self._in_flight: deque[MicroBatch] = deque()
        self._next: dict[Any, int] = {}
        self._moved = False
        self._paused = False
        self._lag_at = 0.0
        self._unassigned_since = time.monotonic()
        self.unassigned_limit_s = settings.assignment_timeout_s
        self.ever_assigned = False

    def run(self) -> None:
        """Work until stopped; then publish what is already under way, within `drain_timeout_s`."""
        from kafka.errors import KafkaError

        self._consumer.subscribe([self._settings.applications_topic], listener=rebalance_listener(self._on_moved))
        # A leader of the group that joins before it knows the partitions assigns none, and has to join again. Where
        # they cannot be had within a request's time, joining goes on without.
        with contextlib.suppress(KafkaError):
            self._consumer.partitions_for_topic(self._settings.applications_topic)
        while not self._stop.is_set():
            self._take()
            self._publish_ready()
        deadline = time.monotonic() + self._settings.drain_timeout_s
        while self._in_flight and time.monotonic() < deadline and not self._moved:
            self._publish_ready()

    def drop_all(self) -> None:
        """Give up every batch under way; nothing of them was written."""
        for batch in self._in_flight:
            batch.cancelled.set()
            self._stats.dropped_batches += 1
        self._in_flight.clear()
        self._stats.in_flight = 0

    @property
    def _full(self) -> bool:
        if not self._in_flight:
            return False
        # A poll of few took all there was: a batch beside another gains nothing then, and waits for the other's
        # transaction. Half the time to decision at a quarter of the load.
        more_wait = self._in_flight[-1].count >= self._stats.telling_batch
        return len(self._in_flight) >= (self._settings.pipeline_depth if more_wait else 1)

    def _on_moved(self) -> None:
        # Called inside a poll: only note it. The batches under way go when the poll is over.
        self._moved = True

    def _take(self) -> None:
        """Step 1 and 2: poll, parse, hand over."""
        full = self._full
        ready = bool(self._in_flight) and self._in_flight[0].done
        if full and ready:
            return
        self._pause(full)
        with self._stats.phase("poll"):
            # A poll of no length beside a batch at work would spin, and take the time that deciding needs.
            polled = self._poll(0 if ready or full else _BUSY_POLL_MS if self._in_flight else _IDLE_POLL_MS)
        self._stats.last_poll_at = time.monotonic()
        self._look_after_membership()
        if self._moved:
            # Whatever came with it was read from positions that no longer hold.
            self._settle_after_move()
            return
        if not polled:
            self._measure_lag()
            return
        if full:
            # Records that came although paused: they cannot wait here, and their offsets are not committed.
            raise InDoubt("records arrived from paused partitions", DoubtCause.GROUP)
        records: list[Record] = []
        offsets: dict[Any, int] = {}
        for partition, batch in polled.items():
            self._check_order(partition, batch)
            records += batch
            offsets[partition] = batch[-1].offset + 1
        group = self._consumer.group_metadata()
        micro = MicroBatch(offsets, len(records), (group.generation_id, group.member_id))
        with self._stats.phase("parse"):
            intake = read_records(records, self._limits)
        micro.outputs = self._pool.submit(answer, intake, self._patient, self._publisher, micro.cancelled)
        self._next.update(offsets)
        self._in_flight.append(micro)
        self._stats.in_flight = len(self._in_flight)

    def _poll(self, timeout_ms: int) -> dict[Any, list[Any]]:
        from kafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

        try:
            polled: dict[Any, list[Any]] = self._consumer.poll(timeout_ms=timeout_ms)
        except NoOffsetForPartitionError:
            self._moved = True  # a group's first offsets: settled like any other move
        except OffsetOutOfRangeError as error:
            # Retention was shorter than our absence: those applications are gone from the topic. Never hide it.
            self._stats.offsets_out_of_range += 1
            log.exception("the committed offsets are no longer in the topic; going on at its start")
            for partition in error.args[0] if error.args and isinstance(error.args[0], dict) else {}:
                self._consumer.seek_to_beginning(partition)
        else:
            return polled
        return {}

    def _check_order(self, partition: Any, batch: list[Any]) -> None:
        expected = self._next.get(partition)
        if expected is None:
            return
        if batch[0].offset < expected:
            raise InDoubt(f"{partition} went back from {expected} to {batch[0].offset}", DoubtCause.GROUP)
        self._stats.skipped_offsets += batch[0].offset - expected

    def _settle_after_move(self) -> None:
        """After a rebalance: forget what was under way and read on from the committed offsets.

        kafka-python keeps the position of a partition that stays ours, even under the eager protocol: batches that were
        dropped would be skipped for ever.
        """
        from kafka.structs import MemberState

        self.drop_all()
        self._next.clear()
        if self._consumer.group_metadata().state != MemberState.STABLE:
            return  # still joining; the next poll goes on with it
        self._moved = False
        self._stats.rebalances += 1
        timeout_ms = int(self._settings.transaction_timeout_s * 1000 + 2000)
        for partition in self._consumer.assignment():
            # Waits for a predecessor's transaction to end, if one is open on this partition's offset.
            committed = self._consumer.committed(partition, timeout_ms=timeout_ms)
            if committed is None:
                self._consumer.seek_to_beginning(partition)
            else:
                self._consumer.seek(partition, committed)
            self._consumer.resume(partition)
        self._paused = False

    def _look_after_membership(self) -> None:
        stats, now = self._stats, time.monotonic()
        assigned = sorted(partition.partition for partition in self._consumer.assignment())
        if assigned:
            self._unassigned_since = now
            self.ever_assigned = True
        elif now - self._unassigned_since > self.unassigned_limit_s:
            waited = now - self._unassigned_since
            raise InDoubt(f"without partitions for {waited:.0f} s; joining the group anew", DoubtCause.GROUP)
        if assigned != stats.assigned:
            stats.assigned = assigned
            stats.assigned_at = now if assigned else None

    def _pause(self, wanted: bool) -> None:
        if wanted == self._paused:
            return
        partitions = self._consumer.assignment()
        if partitions:
            (self._consumer.pause if wanted else self._consumer.resume)(*partitions)
        self._paused = wanted

    def _publish_ready(self) -> None:
        """Steps 3 to 6 for the oldest batch, once it is decided."""
        if not self._in_flight:
            return
        oldest = self._in_flight[0]
        assert oldest.outputs is not None
        if not oldest.outputs.done():
            if not self._full and not self._stop.is_set():
                return
            with self._stats.phase("wait"), contextlib.suppress(TimeoutError):
                oldest.outputs.result(timeout=_PATIENCE_S)
            if not oldest.outputs.done():
                return
        outputs = oldest.outputs.result()
        self._transact(oldest, outputs)
        self._in_flight.popleft()
        self._stats.in_flight = len(self._in_flight)
        self._stats.degraded = False
        self._stats.committed(oldest.count, outputs.decisions, outputs.dead_letters)
        self._measure_lag()

    def _transact(self, micro: MicroBatch, outputs: Outputs) -> None:
        from kafka.structs import OffsetAndMetadata

        if outputs.decisions + outputs.dead_letters != micro.count:
            raise InDoubt(
                f"{micro.count} records gave {outputs.decisions} decisions and {outputs.dead_letters} letters",
                DoubtCause.GROUP,
            )
        group = self._consumer.group_metadata()
        if (group.generation_id, group.member_id) != micro.generation:
            raise InDoubt("the group moved on since the batch was read", DoubtCause.GROUP)
        offsets = {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in micro.offsets.items()}
        producer, stats = self._producer, self._stats
        with stats.phase("send"):
            producer.begin()
            for output in outputs.records:
                producer.send(output.topic, output.value, output.key, output.headers)
        with stats.phase("flush"):
            producer.flush()
        with stats.phase("offsets"):
            producer.add_offsets(offsets, group)
        with stats.phase("commit"):
            if producer.commit():
                stats.epoch_renewals += 1

    def _measure_lag(self) -> None:
        now = time.monotonic()
        if now - self._lag_at < _LAG_EVERY_S:
            return
        self._lag_at = now
        self._stats.topic_partitions = len(self._consumer.partitions_for_topic(self._settings.applications_topic))
        lag = 0
        for partition in self._consumer.assignment():
            end = self._consumer.highwater(partition)
            at = self._next.get(partition)
            if at is None:
                at = self._consumer.position(partition, timeout_ms=100)
            if end is not None and at is not None:
                lag += max(0, end - at)
        self._stats.lag = lag + sum(batch.count for batch in self._in_flight)
