"""What was decided and waits for the challenger: a bounded queue, so that decisions never wait for it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from credit.application import ApplicationBatch, IntArray
from credit.decision import DecisionBatch


@dataclass(frozen=True, slots=True)
class ShadowBatch:
    """Applications that were decided: the ids of their decisions, and decided_ms int64[n]."""

    applications: ApplicationBatch
    decision_ids: list[str]
    decided_ms: IntArray

    def __len__(self) -> int:
        return len(self.decision_ids)

    @staticmethod
    def of(decisions: DecisionBatch) -> ShadowBatch | None:
        """Return what of a micro-batch can be compared: decisions made with history and reasons; None where none is.

        A degraded decision was made without what the challenger would be given, so it says nothing about the model.
        """
        whole = np.flatnonzero(decisions.mode == 0)
        if not len(whole):
            return None
        return ShadowBatch(
            decisions.applications if len(whole) == len(decisions.mode) else decisions.applications.take(whole),
            [decisions.decision_ids[row] for row in whole.tolist()],
            decisions.decided_ms[whole],
        )

    @staticmethod
    def join(batches: list[ShadowBatch]) -> ShadowBatch:
        """Return several batches as one."""
        if len(batches) == 1:
            return batches[0]
        return ShadowBatch(
            ApplicationBatch.concatenate([batch.applications for batch in batches]),
            [one for batch in batches for one in batch.decision_ids],
            np.concatenate([batch.decided_ms for batch in batches]),
        )


class ShadowQueue:
    """First in, first out, of at most `max_rows` applications; safe to use from several threads.

    What comes while it is full is dropped: the newest, so that what was taken in is compared without gaps.
    """

    def __init__(self, max_rows: int, batch_rows: int = 500) -> None:
        self._max_rows, self._batch_rows = max_rows, batch_rows
        self._held: deque[ShadowBatch] = deque()
        self._rows = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._rows

    def offer(self, batch: ShadowBatch) -> bool:
        """Take a batch in; False where it does not fit."""
        with self._lock:
            if self._rows + len(batch) > self._max_rows:
                return False
            self._held.append(batch)
            self._rows += len(batch)
            return True

    def take(self) -> ShadowBatch | None:
        """Return the oldest applications, small micro-batches of one door joined; None where there are none."""
        with self._lock:
            taken: list[ShadowBatch] = []
            rows = 0
            while self._held and (not taken or rows + len(self._held[0]) <= self._batch_rows):
                taken.append(self._held.popleft())
                rows += len(taken[-1])
            self._rows -= rows
        return ShadowBatch.join(taken) if taken else None
