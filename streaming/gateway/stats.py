"""What a gateway knows of itself: counts, times and health, written by its thread and read by anyone."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streaming.kafka.doubt import DoubtCause

PHASES = ("poll", "parse", "wait", "send", "flush", "offsets", "commit")
_RATE_WINDOW_S = 10.0


@dataclass(slots=True)
class StreamStats:
    """Counters since the start (never falling), gauges of now, and seconds spent in each phase of the loop.

    telling_batch: applications of a batch that tells that more wait: such batches say how fast a busy replica is, and
    are decided several at a time.
    """

    telling_batch: int = 1

    applications: int = 0
    decisions: int = 0
    dead_letters: int = 0
    transactions: int = 0
    # Every cause from the start on: read by other threads, which must not meet a dictionary that grows.
    in_doubt_causes: Counter[DoubtCause] = field(default_factory=lambda: Counter(dict.fromkeys(DoubtCause, 0)))
    epoch_renewals: int = 0
    restarts: int = 0
    rebalances: int = 0
    dropped_batches: int = 0
    waits: int = 0
    waited_s: float = 0.0
    skipped_offsets: int = 0
    offsets_out_of_range: int = 0

    assigned: list[int] = field(default_factory=list)
    lag: int = 0
    in_flight: int = 0
    topic_partitions: int = 0
    capacity: float = 0.0
    degraded: bool = False
    last_error: str = ""
    started_at: float = field(default_factory=time.monotonic)
    last_poll_at: float = field(default_factory=time.monotonic)
    last_progress_at: float = field(default_factory=time.monotonic)
    assigned_at: float | None = None
    phase_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))
    _commits: deque[tuple[float, int]] = field(default_factory=deque)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time spent inside to a phase."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.phase_s[name] += time.perf_counter() - begin

    def committed(self, applications: int, decisions: int, dead_letters: int) -> None:
        """Count one committed transaction."""
        now = time.monotonic()
        # Only while records wait does the time between two commits say how fast this replica is, and only of batches of
        # some size: what a batch costs anyway makes ten a time look like a tenth of the speed, and asks for replicas.
        if self.lag > applications >= self.telling_batch and now > self.last_progress_at:
            speed = applications / (now - self.last_progress_at)
            self.capacity = speed if self.capacity == 0.0 else 0.9 * self.capacity + 0.1 * speed
        self.applications += applications
        self.decisions += decisions
        self.dead_letters += dead_letters
        self.transactions += 1
        self.last_progress_at = now
        self._commits.append((now, applications))
        while self._commits and self._commits[0][0] < now - _RATE_WINDOW_S:
            self._commits.popleft()

    @property
    def in_doubt(self) -> int:
        """Transactions given up in doubt, of whatever cause."""
        return self.in_doubt_causes.total()

    @property
    def rate(self) -> float:
        """Applications a second over the last ten seconds."""
        now = time.monotonic()
        counted = sum(n for at, n in list(self._commits) if at >= now - _RATE_WINDOW_S)
        return counted / min(max(now - self.started_at, 0.5), _RATE_WINDOW_S)
