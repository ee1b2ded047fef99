"""Metrics as Prometheus reads them."""

from __future__ import annotations

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from monitoring.exposition import MonitorMetrics


def test_a_histogram_takes_arrays_and_gives_cumulative_buckets() -> None:
    """A value on a bucket's end counts in that bucket: 1.0 s is within 1 s."""
    metrics = MonitorMetrics(CollectorRegistry())
    metrics.latency.observe("http", np.array([0.2, 1.0, 1.001]))
    get = metrics.registry.get_sample_value
    assert get("loanstream_end_to_end_seconds_bucket", {"door": "http", "le": "1"}) == 2.0
    assert get("loanstream_end_to_end_seconds_bucket", {"door": "http", "le": "+Inf"}) == 3.0
    assert get("loanstream_end_to_end_seconds_sum", {"door": "http"}) == pytest.approx(2.201)
