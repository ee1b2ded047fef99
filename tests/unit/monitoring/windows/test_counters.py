"""Counters of folded decisions."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from credit.policy import Outcome
from monitoring.exposition import MonitorMetrics
from monitoring.windows.counters import OTHER_VERSIONS, VERSION_LABELS, DecisionCounters
from tests.fixtures.audited import START_MS, folded


def test_each_decision_is_counted_once_by_outcome_and_mode() -> None:
    """Outcomes, modes and the latency histogram add up to what was folded."""
    metrics = MonitorMetrics(CollectorRegistry())
    part = folded(200, START_MS)
    DecisionCounters(metrics).count(part)
    get = metrics.registry.get_sample_value
    for outcome in Outcome:
        labels = {"outcome": outcome.word, "door": "kafka", "model_version": "1"}
        expected = int((part.rows.outcome == outcome).sum())
        assert (get("loanstream_decisions_total", labels) or 0) == expected
    assert get("loanstream_decision_modes_total", {"mode": "full"}) == 200
    assert get("loanstream_end_to_end_seconds_bucket", {"door": "kafka", "le": "0.25"}) == 200
    assert get("loanstream_end_to_end_seconds_bucket", {"door": "kafka", "le": "0.1"}) == 0


def test_versions_do_not_make_series_without_end() -> None:
    """The first versions have labels of their own, all later ones share one."""
    metrics = MonitorMetrics(CollectorRegistry())
    counters = DecisionCounters(metrics)
    for version in range(VERSION_LABELS + 3):
        counters.count(folded(1, START_MS, version=str(version)))
    family = next(f for f in metrics.decisions.collect())
    versions = {sample.labels["model_version"] for sample in family.samples}
    assert len(versions) == VERSION_LABELS + 1
    assert OTHER_VERSIONS in versions
