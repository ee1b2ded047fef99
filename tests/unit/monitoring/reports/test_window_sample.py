"""The sample that reports are made of."""

from __future__ import annotations

import numpy as np

from monitoring.reports.window_sample import WindowSample, row_hash
from tests.fixtures import audited
from tests.fixtures.audited import START_MS, folded


def test_the_sample_is_even_bounded_and_of_the_window() -> None:
    """Whatever the order of arrival, the sample holds the smallest hashes of the last hour, at most `size`."""
    parts = [folded(400, START_MS + minute * 60_000, first_id=100001 + minute * 400) for minute in range(30)]
    forward, backward = WindowSample(200, 600_000), WindowSample(200, 600_000)
    for part in parts:
        forward.add(part)
    for part in sorted(parts, key=lambda p: -int(p.event_ms[0])):
        backward.add(part)
    version, names, rows = forward.rows()
    assert version == "1"
    assert names == (*audited.NAMES, "probability")
    assert rows.shape == (200, 5)
    inside = [p for p in parts if p.event_ms[0] >= parts[-1].event_ms[0] - 600_000]
    hashes = np.sort(np.concatenate([row_hash(p.record.client_ids, p.record.submitted_ms) for p in inside]))[:200]
    assert set(forward._chunks[0][0][:200].tolist()) == set(hashes.tolist())
    assert np.array_equal(rows, backward.rows()[2], equal_nan=True)
