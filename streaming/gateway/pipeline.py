"""Micro-batches at the graph: several at a time where many applications wait, in the order in which they were read."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from streaming.batch.intake import Intake
from streaming.batch.publish import Outputs
from streaming.gateway.membership import Generation
from streaming.gateway.stats import LoopObserver
from streaming.kafka.records import Partition

Answer = Callable[[Intake, threading.Event], Outputs]

# How long the loop lets a batch be decided before it polls again with the partitions paused, to stay in the group.
_PATIENCE_S = 0.25


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """One poll on its way through the graph.

    offsets: partition -> next to read after it; count: its records; generation: of the group, in which it was read;
    outputs: all that is to be written for it, once it is decided.
    """

    offsets: dict[Partition, int]
    count: int
    generation: Generation
    cancelled: threading.Event
    outputs: Future[Outputs]


class Pipeline:
    """At most `depth` micro-batches under way, first in, first out; for one thread.

    answer: decides what was read, on a thread of `pool`; telling_batch: applications of a batch that tells that more
    wait.
    """

    def __init__(self, depth: int, telling_batch: int, pool: Executor, answer: Answer, observer: LoopObserver) -> None:
        self._depth = depth
        self._telling_batch = telling_batch
        self._pool = pool
        self._answer = answer
        self._observer = observer
        self._under_way: deque[MicroBatch] = deque()

    def __len__(self) -> int:
        return len(self._under_way)

    @property
    def full(self) -> bool:
        """Whether another batch would gain nothing now."""
        if not self._under_way:
            return False
        # A poll of few took all there was: a batch beside another gains nothing then, and waits for the other's
        # transaction. Half the time to decision at a quarter of the load.
        more_wait = self._under_way[-1].count >= self._telling_batch
        return len(self._under_way) >= (self._depth if more_wait else 1)

    @property
    def ready(self) -> bool:
        """Whether the oldest batch is decided."""
        return bool(self._under_way) and self._under_way[0].outputs.done()

    @property
    def applications(self) -> int:
        """Records of all batches under way."""
        return sum(batch.count for batch in self._under_way)

    def put(self, offsets: dict[Partition, int], count: int, generation: Generation, intake: Intake) -> None:
        """Hand a micro-batch of `count` records to the graph."""
        cancelled = threading.Event()
        outputs = self._pool.submit(self._answer, intake, cancelled)
        self._under_way.append(MicroBatch(offsets, count, generation, cancelled, outputs))
        self._observer.at_the_graph(len(self._under_way))

    def oldest(self, wait: bool) -> MicroBatch | None:
        """Return the oldest batch if it is decided, or becomes so in a moment where `wait` is set; it stays in."""
        if not self._under_way:
            return None
        oldest = self._under_way[0]
        if wait and not oldest.outputs.done():
            with self._observer.phase("wait"), contextlib.suppress(TimeoutError):
                oldest.outputs.result(timeout=_PATIENCE_S)
        return oldest if oldest.outputs.done() else None

    def take_oldest(self) -> None:
        """Take the oldest batch out: it is committed."""
        self._under_way.popleft()
        self._observer.at_the_graph(len(self._under_way))

    def drop_all(self) -> None:
        """Give up every batch under way; nothing of them was written."""
        for batch in self._under_way:
            batch.cancelled.set()
        self._under_way.clear()
        self._observer.at_the_graph(0)
