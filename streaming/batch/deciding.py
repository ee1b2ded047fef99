"""Deciding a micro-batch for as long as it takes: wait while the graph is away, single out what it cannot decide."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import Overloaded, RetryableError

_FIRST_PAUSE_S = 0.05
_SUSPICIOUS_TRIES = 8
_MAX_REASON = 2000


class Decider(Protocol):
    """The graph, as the gateway's threads see it."""

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide n applications, row by row, in bounded time; RetryableError means later, anything else means never."""
        ...


class Cancelled(Exception):
    """The batch was given up (a rebalance, a shutdown); it is read again from the committed offsets."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Decisions on consecutive applications of a batch, from `first_row` on, by one model version."""

    first_row: int
    decisions: DecisionBatch


@dataclass(frozen=True, slots=True)
class Undecidable:
    """The application at `row` cannot be decided, and others can: the reason, for its dead letter."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of n applications, in their order: each row is in one stretch or is undecidable."""

    stretches: tuple[Stretch, ...] = ()
    undecidable: tuple[Undecidable, ...] = ()

    def __add__(self, later: Decided) -> Decided:
        return Decided(self.stretches + later.stretches, self.undecidable + later.undecidable)


class Reaction(Enum):
    """What is done about applications on which the graph failed."""

    WAIT = "ask again after a pause"
    HALVE = "ask for each half by itself"
    BURY = "the one that is left becomes a dead letter"


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
        pause_s = _FIRST_PAUSE_S
        while True:
            decided = self._decide_from(0, batch, cancelled)
            # Where nothing at all can be decided, that is the graph's fault and no application's: wait, then all again.
            if not decided.undecidable:
                return decided
            if self._others_can_be_decided():
                return self._second_chance(batch, decided)
            pause_s = self._wait(RuntimeError(decided.undecidable[0].reason), pause_s, cancelled)

    def _decide_from(self, first_row: int, batch: ApplicationBatch, cancelled: threading.Event) -> Decided:
        """Ask for `batch`, whose first application is the whole's at `first_row`, until each has its answer."""
        pause_s, away = _FIRST_PAUSE_S, 0
        while True:
            if cancelled.is_set():
                raise Cancelled
            try:
                decisions = self._ask(batch)
            except Exception as error:  # noqa: BLE001 - whatever one application breaks, the others are decided
                away += isinstance(error, RetryableError) and not isinstance(error, Overloaded)
                reaction = self._reaction(error, len(batch), away)
                if reaction is Reaction.BURY:
                    return Decided(undecidable=(Undecidable(first_row, _reason(error)),))
                if reaction is Reaction.WAIT:
                    pause_s = self._wait(error, pause_s, cancelled)
                    continue
            else:
                self._known_good = batch.take([0])
                return Decided((Stretch(first_row, decisions),))
            half = len(batch) // 2
            decided = self._decide_from(first_row, batch.take(range(half)), cancelled)
            return decided + self._decide_from(first_row + half, batch.take(range(half, len(batch))), cancelled)

    def _reaction(self, error: Exception, applications: int, away: int) -> Reaction:
        """Say what to do about `error`, the graph's answer to so many applications; away: how often it was."""
        if isinstance(error, Overloaded):
            return Reaction.WAIT
        if isinstance(error, RetryableError):
            # A graph that is "away" again and again for this batch and answers for others is broken by this batch.
            if away < _SUSPICIOUS_TRIES or not self._others_can_be_decided():
                return Reaction.WAIT
            return Reaction.BURY if applications == 1 else Reaction.HALVE
        if applications == 1:
            return Reaction.BURY
        if self._known_good is not None and not self._others_can_be_decided():
            return Reaction.WAIT
        return Reaction.HALVE

    def _ask(self, batch: ApplicationBatch) -> DecisionBatch:
        decisions = self._decider.decide(batch)
        if decisions.applications.application_ids != batch.application_ids:
            raise ValueError("the graph answered other applications than it was asked for")
        return decisions

    def _second_chance(self, batch: ApplicationBatch, decided: Decided) -> Decided:
        # A graph that recovered while the batch was being halved has failed on innocent applications before that.
        stretches = list(decided.stretches)
        still: list[Undecidable] = []
        for one in decided.undecidable:
            try:
                stretches.append(Stretch(one.row, self._decider.decide(batch.take([one.row]))))
            except Exception as error:  # noqa: BLE001 - it fails alone, twice, and others do not
                still.append(Undecidable(one.row, _reason(error)))
        return Decided(tuple(sorted(stretches, key=lambda stretch: stretch.first_row)), tuple(still))

    def _others_can_be_decided(self) -> bool:
        if self._known_good is None:
            return False
        try:
            self._decider.decide(self._known_good)
        except Exception:  # noqa: BLE001 - any failure gives the same answer
            return False
        return True

    def _wait(self, error: Exception, pause_s: float, cancelled: threading.Event) -> float:
        if isinstance(error, Overloaded):
            pause_s = max(pause_s, error.retry_after_s)
        pause_s = min(pause_s, self._max_backoff_s)
        self._on_wait(error, pause_s)
        cancelled.wait(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads replicas, guards nothing
        return pause_s * 2


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_MAX_REASON]
