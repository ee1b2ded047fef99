"""What waits for a challenger."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from credit.decision import Mode
from serve_app.shadow.queue import ShadowBatch, ShadowQueue
from tests.fixtures.decisions import decision_batch


def shadow_batch(n: int, first_id: int = 100001) -> ShadowBatch:
    batch = ShadowBatch.of(decision_batch(n, first_id=first_id))
    assert batch is not None
    return batch


def test_only_whole_decisions_are_compared() -> None:
    """Rows decided without history or reasons are left out, their ids with them; a degraded batch leaves nothing."""
    decisions = decision_batch(4)
    mode = np.array([0, Mode.HISTORY_UNAVAILABLE, 0, Mode.REASONS_UNAVAILABLE], dtype=np.int8)
    batch = ShadowBatch.of(replace(decisions, mode=mode))
    assert batch is not None
    assert batch.decision_ids == [decisions.decision_ids[0], decisions.decision_ids[2]]
    assert batch.applications.client_ids.tolist() == decisions.applications.client_ids[[0, 2]].tolist()
    assert ShadowBatch.of(replace(decisions, mode=np.full(4, Mode.HISTORY_UNAVAILABLE, dtype=np.int8))) is None


def test_the_queue_is_bounded_by_applications() -> None:
    """What does not fit is refused, and fits again once something was taken."""
    queue = ShadowQueue(max_rows=10, batch_rows=5)
    assert [queue.offer(shadow_batch(4, i)) for i in (1, 11, 21)] == [True, True, False]
    assert len(queue) == 8
    taken = queue.take()
    assert taken is not None
    assert len(taken) == 4
    assert queue.offer(shadow_batch(6, 31))
    assert len(queue) == 10


def test_small_batches_are_joined_in_order() -> None:
    """Micro-batches of one door, one application each, are scored together, first come first."""
    queue = ShadowQueue(max_rows=100, batch_rows=8)
    for i in range(20):
        queue.offer(shadow_batch(1, 100 + i))
    taken = []
    while (batch := queue.take()) is not None:
        taken.append(batch)
    assert [len(batch) for batch in taken] == [8, 8, 4]
    clients = np.concatenate([batch.applications.client_ids for batch in taken]).tolist()
    assert clients == list(range(100, 120))
    assert len({one for batch in taken for one in batch.decision_ids}) == 20
    assert len(queue) == 0
