"""Counting of what the stream answers: outcomes, pace and latency, as plain numbers for a view and a summary."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

OUTCOMES = ("approve", "refer", "decline")
# One bucket a millisecond up to two minutes; beyond, the last one: exact to the millisecond and of a fixed size.
_BUCKETS = 120_000
_WINDOW_S = 10
_HISTORY_S = 60
_RECENT = 32


class Latencies:
    """A histogram of latencies in whole milliseconds."""

    def __init__(self) -> None:
        self._counts = [0] * (_BUCKETS + 1)
        self._total = 0

    def add(self, milliseconds: Iterable[int]) -> None:
        for value in milliseconds:
            self._counts[min(max(value, 0), _BUCKETS)] += 1
            self._total += 1

    def percentile(self, share: float) -> int | None:
        """Return the smallest latency in ms that at least `share` (0 to 1) of all do not exceed; None where none is."""
        if not self._total:
            return None
        wanted, seen = share * self._total, 0
        for value, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return value
        return _BUCKETS


@dataclass(frozen=True, slots=True)
class RecentDecision:
    """A decision as the view shows it."""

    application_id: str
    outcome: str
    probability: float
    points: int
    reasons: tuple[str, ...]
    latency_ms: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the live view shows of the stream at one moment; rates a second, latencies in milliseconds."""

    applications_in: int = 0
    outcomes: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    dead_letters: int = 0
    rate: float = 0.0
    rates: tuple[int, ...] = ()
    p50_ms: int | None = None
    p99_ms: int | None = None
    lag: int | None = None
    replicas: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    recent: tuple[RecentDecision, ...] = ()
    model: str = ""

    @property
    def decisions(self) -> int:
        return sum(self.outcomes.values())


class Tally:
    """Counts decisions as they are read; one thread adds, another takes snapshots."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcomes = dict.fromkeys(OUTCOMES, 0)
        self._latencies = Latencies()
        self._window: deque[tuple[int, list[int]]] = deque()
        self._per_second: dict[int, int] = {}
        self._recent: deque[RecentDecision] = deque(maxlen=_RECENT)
        self._shown_second = 0
        self._model = ""
        self._first_s: float | None = None
        self._last_s: float | None = None

    def add(self, documents: list[Mapping[str, Any]], now_s: float) -> None:
        """Count decisions (JSON documents) that became visible at `now_s`, seconds since the epoch."""
        if not documents:
            return
        now_ms = round(now_s * 1000)
        latencies = [now_ms - int(document["submitted_at"]) for document in documents]
        with self._lock:
            for document in documents:
                self._outcomes[document["outcome"]] += 1
            self._latencies.add(latencies)
            self._window.append((int(now_s), latencies))
            self._per_second[int(now_s)] = self._per_second.get(int(now_s), 0) + len(documents)
            self._first_s = now_s if self._first_s is None else self._first_s
            self._last_s = now_s
            self._keep_sample(documents, latencies, int(now_s))
            model = documents[-1]["model"]
            self._model = f"{model['name']} v{model['version']}"

    def snapshot(self, now_s: float) -> Snapshot:
        """Return the counts so far; rate, rates and latencies over the last ten seconds."""
        second = int(now_s)
        with self._lock:
            while self._window and self._window[0][0] < second - _WINDOW_S:
                self._window.popleft()
            for old in [s for s in self._per_second if s < second - _HISTORY_S]:
                del self._per_second[old]
            window = sorted(value for _, latencies in self._window for value in latencies)
            # The running second is not over, so it is left out of the pace.
            rates = tuple(self._per_second.get(s, 0) for s in range(second - _HISTORY_S, second))
            since_first = second - int(self._first_s) if self._first_s is not None else 0
            seconds = max(1, min(_WINDOW_S, since_first))
            return Snapshot(
                outcomes=dict(self._outcomes),
                rate=sum(rates[-seconds:]) / seconds,
                rates=rates,
                p50_ms=_of_sorted(window, 0.50),
                p99_ms=_of_sorted(window, 0.99),
                recent=tuple(self._recent),
                model=self._model,
            )

    def totals(self) -> tuple[dict[str, int], float, int | None, int | None]:
        """Return outcomes, decisions a second between the first and the last, p50 and p99 in ms, of the whole run."""
        with self._lock:
            seconds = (self._last_s or 0.0) - (self._first_s or 0.0)
            decided = sum(self._outcomes.values())
            rate = decided / max(seconds, 1.0)
            return dict(self._outcomes), rate, self._latencies.percentile(0.5), self._latencies.percentile(0.99)

    def _keep_sample(self, documents: list[Mapping[str, Any]], latencies: list[int], second: int) -> None:
        # A screen cannot show thousands a second: the first of each outcome in each second is enough to read.
        if second == self._shown_second:
            return
        self._shown_second = second
        seen: set[str] = set()
        for document, latency in zip(documents, latencies, strict=True):
            if document["outcome"] in seen:
                continue
            seen.add(document["outcome"])
            reasons = tuple(f"{reason['subject']}" for reason in document["reasons"])
            self._recent.appendleft(
                RecentDecision(
                    document["application_id"],
                    document["outcome"],
                    document["probability_of_default"],
                    document["score_points"],
                    reasons,
                    latency,
                )
            )


def _of_sorted(values: list[int], share: float) -> int | None:
    return values[min(len(values) - 1, int(share * len(values)))] if values else None
