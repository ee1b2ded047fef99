"""Outcomes and the challenger, evaluated now and then."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from credit.wire.shadow import ShadowRecord, encode_shadow
from monitoring.exposition import MonitorMetrics
from monitoring.outcomes.evaluator import OutcomeEvaluator
from monitoring.outcomes.label_store import LabelStore
from monitoring.outcomes.shadow import ShadowBook
from monitoring.windows.overview import Overview
from tests.fixtures import audited
from tests.fixtures.audited import POLICY, START_MS, folded


def test_a_challenger_is_compared_under_the_policy_of_the_reference_at_hand(tmp_path: Path) -> None:
    """Its gauges stand apart by unit, and are gone once the reference is not at hand."""
    store, metrics = LabelStore(tmp_path / "labels.db"), MonitorMetrics(CollectorRegistry())
    references, shadow = audited.HeldReferences(audited.reference()), ShadowBook(store, metrics)
    part = folded(100, START_MS)
    store.add_decisions(part)
    p = part.record.probability
    record = ShadowRecord(
        "loanstream", "2", "d", POLICY, part.record.decision_ids, part.event_ms, p, POLICY.outcomes(p)
    )
    shadow.add([encode_shadow(record)], {})
    evaluator = OutcomeEvaluator(references, metrics, store, shadow, maturity_ms=0, cohort_ms=1000)
    evaluator.evaluate(Overview())
    assert evaluator.evaluation.realised is None
    assert evaluator.challenger is not None
    text = generate_latest(metrics.registry).decode()
    assert 'loanstream_shadow_compared_decisions_count{state="all"} 100.0' in text
    assert 'loanstream_shadow_swapped_ratio{side="in"} 0.0' in text
    assert "loanstream_shadow_score_psi 0.0" in text
    references.late = {"1"}
    evaluator.evaluate(Overview())
    assert evaluator.challenger is None
    assert "loanstream_shadow_" not in generate_latest(metrics.registry).decode()


def test_without_a_store_windows_are_still_estimated(tmp_path: Path) -> None:
    """Where no decisions are kept, what the windows are expected to cost and rank is told all the same."""
    metrics = MonitorMetrics(CollectorRegistry())
    references = audited.HeldReferences(audited.reference())
    watch = audited.monitor(tmp_path, references)
    watch.assigned([0])
    audited.feed(watch, 0, [audited.payload(0, audited.audit(audited.rows(500), START_MS))])
    evaluator = OutcomeEvaluator(references, metrics, None, None, 0, 1000)
    evaluator.evaluate(watch.tick())
    assert set(evaluator.evaluation.windows) == {"short", "medium", "long"}
    assert (
        'loanstream_cost_per_client_units{kind="estimated",sample="short"}'
        in generate_latest(metrics.registry).decode()
    )
