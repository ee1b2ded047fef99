"""What a gateway knows of itself: its thread tells an observer what happens, anyone asks for a frozen value."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from streaming.kafka.doubt import DoubtCause

PHASES = ("poll", "parse", "wait", "send", "flush", "offsets", "commit")
_RATE_WINDOW_S = 10.0
_MAX_ERROR = 500


@dataclass(frozen=True, slots=True)
class GatewayStats:
    """A gateway at one moment: counters since its start, gauges of now, seconds in each phase of its loop.

    rate: applications a second over the last ten seconds; capacity: the same while busy, 0 if it never was;
    seconds_since_assignment: None while it has no partitions.
    """

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
    seconds_since_poll: float
    seconds_since_assignment: float | None
    phase_s: dict[str, float]


class LoopObserver:
    """Told what happens in a gateway's loop, by its thread alone; counters never fall.

    telling_batch: applications of a batch that tells that more wait: only such batches say how fast a busy replica is.
    """

    def __init__(self, telling_batch: int = 1) -> None:
        self._telling_batch = telling_batch
        self._applications = self._decisions = self._dead_letters = self._transactions = 0
        # Every cause from the start on: read by other threads, which must not meet a dictionary that grows.
        self._in_doubt = Counter(dict.fromkeys(DoubtCause, 0))
        self._epoch_renewals = self._restarts = self._rebalances = self._waits = 0
        self._skipped_offsets = self._offsets_out_of_range = 0
        self._partitions: tuple[int, ...] = ()
        self._lag = self._topic_partitions = self._in_flight = 0
        self._capacity = 0.0
        self._degraded = False
        self._last_error = ""
        self._assigned_at: float | None = None
        self._phase_s = dict.fromkeys(PHASES, 0.0)
        self._commits: deque[tuple[float, int]] = deque()
        self.started()

    def started(self) -> None:
        """The thread begins now; before that no time counts."""
        self._started_at = self._polled_at = self._progress_at = time.monotonic()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time spent inside to a phase, one of PHASES."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self._phase_s[name] += time.perf_counter() - begin

    def polled(self) -> None:
        """A poll has ended, with records or without."""
        self._polled_at = time.monotonic()

    def assigned(self, partitions: Sequence[int]) -> None:
        """These are the replica's partitions now, as they may have been before."""
        if (found := tuple(partitions)) != self._partitions:
            self._partitions = found
            self._assigned_at = time.monotonic() if found else None

    def rebalanced(self) -> None:
        """The group has moved, and the replica has found its place in it again."""
        self._rebalances += 1

    def skipped(self, offsets: int) -> None:
        """So many offsets between two records held none."""
        self._skipped_offsets += offsets

    def out_of_range(self) -> None:
        """The next records to read had already been deleted."""
        self._offsets_out_of_range += 1

    def at_the_graph(self, batches: int) -> None:
        """So many micro-batches are at the graph."""
        self._in_flight = batches

    def behind(self, applications: int, topic_partitions: int) -> None:
        """So many applications wait in the replica's partitions; the topic has so many partitions in all."""
        self._lag, self._topic_partitions = applications, topic_partitions

    def committed(self, applications: int, decisions: int, dead_letters: int) -> None:
        """One transaction is committed: n applications, answered by decisions and dead letters."""
        now = time.monotonic()
        # Only while records wait does the time between two commits say how fast this replica is, and only of batches of
        # some size: what a batch costs anyway makes ten a time look like a tenth of the speed, and asks for replicas.
        if self._lag > applications >= self._telling_batch and now > self._progress_at:
            speed = applications / (now - self._progress_at)
            self._capacity = speed if self._capacity == 0.0 else 0.9 * self._capacity + 0.1 * speed
        self._applications += applications
        self._decisions += decisions
        self._dead_letters += dead_letters
        self._transactions += 1
        self._degraded = False
        self._progress_at = now
        self._commits.append((now, applications))
        while self._commits and self._commits[0][0] < now - _RATE_WINDOW_S:
            self._commits.popleft()

    def waited(self, error: Exception) -> None:
        """The graph keeps the replica waiting, for this reason."""
        self._waits += 1
        self._degraded = True
        self._failed(error)

    def epoch_renewed(self) -> None:
        """A request of the last transaction had gone unanswered, and the producer has taken a new epoch after it."""
        self._epoch_renewals += 1

    def restarted(self, error: BaseException, cause: DoubtCause | None) -> None:
        """Both clients are closed and work starts again; cause: by which a transaction was given up, if one was."""
        self._restarts += 1
        if cause is not None:
            self._in_doubt[cause] += 1
        self._failed(error)

    def session_ended(self) -> None:
        """The clients are closed: nothing is assigned and nothing is at the graph."""
        self._partitions, self._in_flight = (), 0

    def ended(self, error: BaseException) -> None:
        """The thread itself has ended, which it never should."""
        self._failed(error)

    @property
    def transactions(self) -> int:
        """Transactions committed so far."""
        return self._transactions

    @property
    def last_error(self) -> str:
        """What the last wait, restart or end was about; empty where there was none."""
        return self._last_error

    def stats(self) -> GatewayStats:
        """Return all of it as of now; from any thread."""
        now = time.monotonic()
        return GatewayStats(
            applications=self._applications,
            decisions=self._decisions,
            dead_letters=self._dead_letters,
            transactions=self._transactions,
            in_doubt=self._in_doubt.total(),
            in_doubt_causes={str(cause): count for cause, count in self._in_doubt.items()},
            epoch_renewals=self._epoch_renewals,
            restarts=self._restarts,
            rebalances=self._rebalances,
            waits=self._waits,
            skipped_offsets=self._skipped_offsets,
            offsets_out_of_range=self._offsets_out_of_range,
            partitions=list(self._partitions),
            lag=self._lag,
            rate=self._rate(now),
            capacity=self._capacity,
            topic_partitions=self._topic_partitions,
            in_flight=self._in_flight,
            degraded=self._degraded,
            last_error=self._last_error,
            seconds_since_progress=now - self._progress_at,
            seconds_since_poll=now - self._polled_at,
            seconds_since_assignment=None if self._assigned_at is None else now - self._assigned_at,
            phase_s=dict(self._phase_s),
        )

    def _rate(self, now: float) -> float:
        counted = sum(n for at, n in list(self._commits) if at >= now - _RATE_WINDOW_S)
        return counted / min(max(now - self._started_at, 0.5), _RATE_WINDOW_S)

    def _failed(self, error: BaseException) -> None:
        self._last_error = f"{type(error).__name__}: {error}"[:_MAX_ERROR]
