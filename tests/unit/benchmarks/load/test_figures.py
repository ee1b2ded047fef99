"""What a measurement says."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.load.figures import measured, stalled_seconds, table


def test_a_stall_is_a_second_of_arrivals_that_waited() -> None:
    """A pause of a second under an open loop shows in the second in which they were meant to come, and only there."""
    intended = np.arange(0.0, 5.0, 0.01)
    latencies = np.full(len(intended), 0.02)
    paused = (intended >= 2.0) & (intended < 3.0)
    latencies[paused] = 3.0 - intended[paused] + 0.02
    assert stalled_seconds(latencies, intended) == [2]
    row = measured("Kafka", "open", latencies, 5.0, intended_s=intended)
    assert (row.stalls, row.per_s) == (1, 100.0)
    assert row.p50_ms == pytest.approx(20.0)
    assert row.worst_ms == pytest.approx(1020.0)


def test_no_answer_is_a_row_too() -> None:
    """A door that refuses everything is shown, not left out."""
    row = measured("HTTP", "closed", np.array([]), 5.0, failures=7)
    assert (row.count, row.failures) == (0, 7)
    assert "HTTP" in table([row])
