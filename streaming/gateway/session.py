"""The loop that turns applications into decisions exactly once: one transaction a micro-batch.

The order below is the whole promise; docs/exactly-once.md says what each step guards against.

1. Poll. Never inside a transaction: so a rebalance, which only happens in a poll, finds none open.
2. Parse, and hand the micro-batch to the graph on a thread of its own; go on with 1 while it works where more waits,
   up to `pipeline_depth` micro-batches. They are published strictly in the order in which they were read.
3. Begin; send decisions, audit record and dead letters.
4. Flush with a bound and ask every record's future whether it was written.
5. Only then add the consumed offsets, fenced by the group's generation that the batch was read in.
6. Commit, with a bound; where a request of it went unanswered at first, take a new epoch before the next transaction.

On any doubt (a wait that ran out, an error, another generation, another epoch) nothing is repaired: both clients are
closed and work starts again from the committed offsets. A new producer of the same transactional id first ends
what the old one left, so what is read next is settled.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Executor

from credit.wire.application import TimeLimits
from streaming.batch.answer import answer
from streaming.batch.deciding import PatientDecider
from streaming.batch.intake import Intake, read_records
from streaming.batch.publish import Outputs, Publisher
from streaming.gateway.commit import TransactionClient, commit
from streaming.gateway.membership import GroupMember, Membership, generation_of
from streaming.gateway.pipeline import Pipeline
from streaming.gateway.stats import LoopObserver
from streaming.kafka.doubt import DoubtCause, InDoubt
from streaming.kafka.records import Partition, Record
from streaming.settings import StreamingSettings

# A poll comes back as soon as there is a record, however long it may wait: what a long one delays is only the noticing
# of a stop, and of a rebalance by a replica to which nothing comes anyway.
_IDLE_POLL_MS = 200
_QUIET_POLL_MS = 1000
_QUIET_AFTER = 25
_BUSY_POLL_MS = 5


class Session:
    """One life of the two clients, from joining the group to closing.

    unassigned_limit_s: how long it may be without partitions; by the settings where not given.
    """

    def __init__(
        self,
        settings: StreamingSettings,
        observer: LoopObserver,
        stop: threading.Event,
        patient: PatientDecider,
        limits: TimeLimits | None,
        consumer: GroupMember,
        producer: TransactionClient,
        pool: Executor,
        unassigned_limit_s: float | None = None,
    ) -> None:
        self._settings = settings
        self._observer = observer
        self._stop = stop
        self._patient = patient
        self._limits = limits
        self._producer = producer
        self._publisher = Publisher(
            settings.decisions_topic, settings.audit_topic, settings.dead_letters_topic, settings.max_output_bytes
        )
        self._membership = Membership(consumer, settings, observer, unassigned_limit_s or settings.assignment_timeout_s)
        self._empty_polls = 0
        self._pipeline = Pipeline(settings.pipeline_depth, settings.telling_batch, pool, self._answer, observer)

    @property
    def ever_assigned(self) -> bool:
        """Whether the group has given it a partition at any time."""
        return self._membership.ever_assigned

    def run(self) -> None:
        """Work until stopped; then publish what is already under way, within `drain_timeout_s`."""
        self._membership.join()
        while not self._stop.is_set():
            self._take()
            self._publish_oldest()
        deadline = time.monotonic() + self._settings.drain_timeout_s
        while self._pipeline and time.monotonic() < deadline and not self._membership.moved:
            self._publish_oldest()

    def drop_all(self) -> None:
        """Give up every batch under way; nothing of them was written."""
        self._pipeline.drop_all()

    def _take(self) -> None:
        """Step 1 and 2: poll, parse, hand over."""
        full, ready = self._pipeline.full, self._pipeline.ready
        if full and ready:
            return
        self._membership.pause(full)
        # A poll of no length beside a batch at the graph would spin, and take the time that deciding needs.
        polled = self._membership.poll(
            0 if ready or full else _BUSY_POLL_MS if self._pipeline else self._idle_poll_ms()
        )
        self._empty_polls = 0 if polled or self._pipeline or self._membership.moved else self._empty_polls + 1
        if self._membership.moved:
            # Whatever came with it was read from positions that no longer hold, and so was what is under way.
            self._pipeline.drop_all()
            self._membership.settle()
        elif not polled:
            self._membership.measure_lag(self._pipeline.applications)
        elif full:
            # Records that came although paused: they cannot wait here, and their offsets are not committed.
            raise InDoubt("records arrived from paused partitions", DoubtCause.GROUP)
        else:
            self._hand_over(polled)

    def _idle_poll_ms(self) -> int:
        return _QUIET_POLL_MS if self._empty_polls >= _QUIET_AFTER else _IDLE_POLL_MS

    def _hand_over(self, polled: dict[Partition, list[Record]]) -> None:
        self._membership.require_in_order(polled)
        records = [record for some in polled.values() for record in some]
        offsets = {partition: some[-1].offset + 1 for partition, some in polled.items()}
        generation = generation_of(self._membership.metadata())
        with self._observer.phase("parse"):
            intake = read_records(records, self._limits)
        self._pipeline.put(offsets, len(records), generation, intake)
        self._membership.read_up_to(offsets)

    def _answer(self, intake: Intake, cancelled: threading.Event) -> Outputs:
        return answer(intake, self._patient, self._publisher, cancelled)

    def _publish_oldest(self) -> None:
        """Steps 3 to 6 for the oldest batch, once it is decided."""
        batch = self._pipeline.oldest(wait=self._pipeline.full or self._stop.is_set())
        if batch is None:
            return
        commit(self._producer, batch, batch.outputs.result(), self._membership.metadata(), self._observer)
        self._pipeline.take_oldest()
        self._membership.measure_lag(self._pipeline.applications)
