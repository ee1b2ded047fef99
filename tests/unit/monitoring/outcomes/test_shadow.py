"""A challenger against the champion."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from credit.policy import Policy
from credit.wire.shadow import ShadowRecord, encode_shadow
from monitoring.exposition import MonitorMetrics
from monitoring.outcomes.label_store import LabelStore
from monitoring.outcomes.shadow import ShadowBook
from tests.fixtures.audited import POLICY, START_MS, folded


def test_a_challenger_is_compared_with_the_version_that_decided_last(tmp_path: Path) -> None:
    """After a promotion, decisions of the version before and its policy are left out: the same model swaps nobody."""
    store = LabelStore(tmp_path / "labels.db")
    metrics = MonitorMetrics(CollectorRegistry())
    book = ShadowBook(store, metrics)
    strict = Policy(threshold=0.02, refer_from=0.02, decline_from=0.02)
    for part, factor in (
        (folded(400, START_MS), 0.5),
        (folded(300, START_MS + 10_000, first_id=200001, version="2"), 1.0),
    ):
        store.add_decisions(part)
        p = part.record.probability * factor
        ids, at = part.record.decision_ids, part.event_ms
        record = ShadowRecord("loanstream", "3", "d", POLICY, ids, at, p, POLICY.outcomes(p))
        book.add([encode_shadow(record), b"garbage"], {"loan-shadow-0": 1})
    found = book.compare({"1": strict, "2": POLICY}.get)
    assert found is not None
    assert (found.version, found.all.n, found.all.swapped_in, found.all.swapped_out) == ("3", 300, 0.0, 0.0)
    assert found.score_psi == pytest.approx(0.0)
    assert book.compare({"1": strict}.get) is None
    assert metrics.registry.get_sample_value("loanstream_monitor_unreadable_shadow_records_total") == 2.0
