"""What outcomes say of the leading version."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from credit.wire.outcome import ObservedOutcome
from monitoring.exposition import MonitorMetrics
from monitoring.metrics import COST_PER_CLIENT, LABELLED, PERFORMANCE
from monitoring.outcomes.evaluation import evaluate_outcomes, performance_gauges
from monitoring.outcomes.label_store import LabelStore
from monitoring.windows.monitor import Monitor
from monitoring.windows.snapshots import SnapshotFolder
from tests.fixtures import audited
from tests.fixtures.audited import POLICY, SMALL, START_MS


def test_gauges_show_realised_beside_estimated(tmp_path: Path) -> None:
    """Once cohorts matured, each measure stands as realised and as estimated on the same decisions."""
    references = audited.HeldReferences(audited.reference())
    store = LabelStore(tmp_path / "labels.db")
    metrics = MonitorMetrics(CollectorRegistry())
    watch = Monitor(SMALL, references, SnapshotFolder(tmp_path, "a"), metrics, (), [store.add_decisions])
    watch.assigned([0])
    watch.add(watch.decode(0, [audited.payload(0, audited.audit(audited.rows(2000), START_MS + np.arange(2000)))]))
    overview = watch.tick()
    rng = np.random.default_rng(0)
    p = audited.probabilities(audited.rows(2000))
    store.add_outcomes([ObservedOutcome(f"A{100001 + i}", None, int(rng.random() < p[i]), 1) for i in range(2000)], {})
    assert evaluate_outcomes(overview, store, 90 * 86_400_000, 1000, POLICY).realised is None
    evaluation = evaluate_outcomes(overview, store, 0, 1, POLICY)
    assert evaluation.known == 1999  # the newest is of the cohort that is still open
    samples = performance_gauges(evaluation)
    assert {s[0]["sample"] for s in samples[COST_PER_CLIENT]} == {"matured", "short", "medium", "long"}
    assert not any("cost" in s[0]["measure"] for s in samples[PERFORMANCE])
    values = {(s[0]["measure"], s[0]["kind"], s[0]["sample"]): s[1] for s in samples[PERFORMANCE]}
    assert values["auc", "realised", "matured"] == pytest.approx(values["auc", "estimated", "matured"], abs=0.04)
    assert values["auc", "estimated", "medium"] == pytest.approx(values["auc", "estimated", "matured"], abs=0.005)
    assert {s[0]["state"]: s[1] for s in samples[LABELLED]}["known"] == 1999
