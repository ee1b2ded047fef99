"""Deciding a micro-batch for as long as it takes: wait while the graph is away, single out what it cannot decide."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import Overloaded, RetryableError

_SUSPICIOUS_TRIES = 8


class Decider(Protocol):
    """The graph, as the gateway's threads see it."""

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide n applications, row by row, in bounded time; RetryableError means later, anything else means never."""
        ...


class Cancelled(Exception):
    """The batch was given up (a rebalance, a shutdown); it is read again from the committed offsets."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The application at `row` cannot be decided, and others can: the reason, for its dead letter."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of n applications: parts by one model version each (first row, decisions), and those that failed."""

    parts: list[tuple[int, DecisionBatch]]
    failed: list[Failed] = field(default_factory=list)


class PatientDecider:
    """Decides through a `Decider`, as often as it takes.

    on_wait: told the error and the seconds of each pause, for metrics; max_backoff_s: longest pause.
    """

    def __init__(
        self, decider: Decider, max_backoff_s: float, on_wait: Callable[[Exception, float], None] = lambda *_: None
    ) -> None:
        self._decider = decider
        self._max_backoff_s = max_backoff_s
        self._on_wait = on_wait
        self._known_good: ApplicationBatch | None = None

    def decide(self, batch: ApplicationBatch, cancelled: threading.Event) -> Decided:
        """Return decisions on all of `batch` but those applications that the graph cannot decide.

        Raises Cancelled once `cancelled` is set.
        """
        pause_s = 0.05
        while True:
            parts: list[tuple[int, DecisionBatch]] = []
            failed: list[Failed] = []
            self._halve(batch, 0, parts, failed, cancelled)
            # Where nothing at all can be decided, that is the graph's fault and no application's: wait, then all again.
            if not failed:
                return Decided(parts, failed)
            if self._others_can_be_decided():
                return self._second_chance(batch, parts, failed)
            pause_s = self._wait(RuntimeError(failed[0].reason), pause_s, cancelled)

    def _halve(
        self,
        batch: ApplicationBatch,
        first_row: int,
        parts: list[tuple[int, DecisionBatch]],
        failed: list[Failed],
        cancelled: threading.Event,
    ) -> None:
        pause_s, tries = 0.05, 0
        while True:
            if cancelled.is_set():
                raise Cancelled
            try:
                decisions = self._decider.decide(batch)
                if decisions.applications.application_ids != batch.application_ids:
                    raise ValueError("the graph answered other applications than it was asked for")  # noqa: TRY301
            except Overloaded as error:
                pause_s = self._wait(error, max(pause_s, error.retry_after_s), cancelled)
            except RetryableError as error:
                tries += 1
                # A graph that is "away" again and again for this batch and answers for others is broken by this batch.
                if tries < _SUSPICIOUS_TRIES or not self._others_can_be_decided():
                    pause_s = self._wait(error, pause_s, cancelled)
                    continue
                if self._cannot_halve(batch, first_row, error, failed):
                    return
                self._both_halves(batch, first_row, parts, failed, cancelled)
                return
            except Exception as error:  # noqa: BLE001 - whatever one application breaks, the others are decided
                if self._cannot_halve(batch, first_row, error, failed):
                    return
                if self._known_good is not None and not self._others_can_be_decided():
                    pause_s = self._wait(error, pause_s, cancelled)
                    continue
                self._both_halves(batch, first_row, parts, failed, cancelled)
                return
            else:
                self._known_good = batch.take([0])
                parts.append((first_row, decisions))
                return

    def _second_chance(
        self, batch: ApplicationBatch, parts: list[tuple[int, DecisionBatch]], failed: list[Failed]
    ) -> Decided:
        # A graph that recovered while the batch was being halved has failed on innocent applications before that.
        still: list[Failed] = []
        for one in failed:
            try:
                parts.append((one.row, self._decider.decide(batch.take([one.row]))))
            except Exception as error:  # noqa: BLE001 - it fails alone, twice, and others do not
                still.append(Failed(one.row, f"{type(error).__name__}: {error}"[:2000]))
        return Decided(sorted(parts, key=lambda part: part[0]), still)

    def _both_halves(
        self,
        batch: ApplicationBatch,
        first_row: int,
        parts: list[tuple[int, DecisionBatch]],
        failed: list[Failed],
        cancelled: threading.Event,
    ) -> None:
        half = len(batch) // 2
        self._halve(batch.take(range(half)), first_row, parts, failed, cancelled)
        self._halve(batch.take(range(half, len(batch))), first_row + half, parts, failed, cancelled)

    def _cannot_halve(self, batch: ApplicationBatch, first_row: int, error: Exception, failed: list[Failed]) -> bool:
        if len(batch) == 1:
            failed.append(Failed(first_row, f"{type(error).__name__}: {error}"[:2000]))
        return len(batch) == 1

    def _others_can_be_decided(self) -> bool:
        if self._known_good is None:
            return False
        try:
            self._decider.decide(self._known_good)
        except Exception:  # noqa: BLE001 - any failure gives the same answer
            return False
        return True

    def _wait(self, error: Exception, pause_s: float, cancelled: threading.Event) -> float:
        pause_s = min(pause_s, self._max_backoff_s)
        self._on_wait(error, pause_s)
        cancelled.wait(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads replicas, guards nothing
        return pause_s * 2
