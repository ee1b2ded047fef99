"""Metrics as Prometheus reads them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from monitoring import metrics as m
from monitoring.exposition import MonitorMetrics


def test_a_histogram_takes_arrays_and_gives_cumulative_buckets() -> None:
    """A value on a bucket's end counts in that bucket: 1.0 s is within 1 s."""
    metrics = MonitorMetrics(CollectorRegistry())
    metrics.latency.observe("http", np.array([0.2, 1.0, 1.001]))
    get = metrics.registry.get_sample_value
    assert get("loanstream_end_to_end_seconds_bucket", {"door": "http", "le": "1"}) == 2.0
    assert get("loanstream_end_to_end_seconds_bucket", {"door": "http", "le": "+Inf"}) == 3.0
    assert get("loanstream_end_to_end_seconds_sum", {"door": "http"}) == pytest.approx(2.201)


def test_what_a_part_no_longer_tells_is_gone() -> None:
    """A part's gauges are replaced as a whole, other parts' stay, and what is unknown is left out."""
    metrics = MonitorMetrics(CollectorRegistry())
    metrics.computed.replace("windows", {m.SCORE_PSI: [({"window": "short"}, 0.1), ({"window": "long"}, math.nan)]})
    metrics.computed.replace("intake", {m.INTAKE_LAG: [({}, 3.0)]})
    text = generate_latest(metrics.registry).decode()
    assert 'loanstream_score_psi{window="short"} 0.1' in text
    assert 'window="long"' not in text
    metrics.computed.replace("windows", {})
    text = generate_latest(metrics.registry).decode()
    assert "loanstream_score_psi" not in text
    assert "loanstream_intake_lag_records 3.0" in text
