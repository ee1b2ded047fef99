"""Realised and estimated performance, and the join of late outcomes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from credit.policy import Policy
from credit.wire.shadow import ShadowRecord, encode_shadow
from monitoring.exposition import MonitorMetrics
from monitoring.metrics import COST_PER_CLIENT, LABELLED, PERFORMANCE
from monitoring.outcomes.evaluation import evaluate_outcomes, performance_gauges
from monitoring.outcomes.label_store import LabelStore
from monitoring.outcomes.observed import ObservedOutcome, parse_outcome
from monitoring.outcomes.performance import band_rates, estimate, evaluate, swap
from monitoring.outcomes.shadow import ShadowBook
from monitoring.windows.fold import FoldedDecisions
from monitoring.windows.monitor import Monitor
from monitoring.windows.snapshots import SnapshotFolder
from tests.unit.monitoring import made
from tests.unit.monitoring.made import POLICY, SMALL, START_MS


def test_measures_agree_with_scikit_learn() -> None:
    """AUC, Brier and KS equal scikit-learn's and SciPy's on rounded scores with ties."""
    from scipy.stats import ks_2samp
    from sklearn.metrics import brier_score_loss, roc_auc_score

    rng = np.random.default_rng(2)
    p = np.round(rng.beta(1, 8, 3000), 2)
    y = (rng.random(3000) < p).astype(float)
    held = evaluate(p, y, POLICY)
    assert held.auc == pytest.approx(roc_auc_score(y, p))
    assert held.brier == pytest.approx(brier_score_loss(y, p))
    assert held.ks == pytest.approx(ks_2samp(p[y == 1], p[y == 0]).statistic)
    assert held.gini == pytest.approx(2 * held.auc - 1)


def test_cost_counts_both_errors_at_the_threshold() -> None:
    """A default below the threshold costs 10, a good applicant at or above it 1."""
    p = np.array([0.05, 0.05, 0.1, 0.5])
    assert evaluate(p, np.array([1.0, 0.0, 0.0, 1.0]), POLICY).cost_per_client == pytest.approx(11 / 4)


def test_estimate_meets_the_realised_where_probabilities_are_calibrated() -> None:
    """CBPE's AUC, Brier, cost and default rate lie within sampling error of the realised ones."""
    rng = np.random.default_rng(3)
    p = rng.beta(1, 9, 60_000)
    y = (rng.random(60_000) < p).astype(float)
    realised, estimated = evaluate(p, y, POLICY), estimate(p, POLICY)
    for measure, within in {
        "auc": 0.01,
        "brier": 0.003,
        "cost_per_client": 0.03,
        "default_rate": 0.004,
        "ks": 0.015,
    }.items():
        assert getattr(estimated, measure) == pytest.approx(getattr(realised, measure), abs=within), measure


def test_estimate_parts_from_the_realised_where_calibration_is_gone() -> None:
    """When applicants default twice as often as predicted, the realised cost leaves the estimate behind."""
    rng = np.random.default_rng(4)
    p = rng.beta(1, 9, 20_000)
    y = (rng.random(20_000) < np.minimum(2 * p, 1)).astype(float)
    assert evaluate(p, y, POLICY).cost_per_client > 1.25 * estimate(p, POLICY).cost_per_client


@pytest.mark.parametrize("y", [np.zeros(5), np.ones(5)])
def test_one_class_has_no_auc(y: np.ndarray) -> None:
    """Without both classes AUC and KS are unknown, the rest is not."""
    held = evaluate(np.linspace(0.1, 0.5, 5), y, POLICY)
    assert np.isnan(held.auc)
    assert held.default_rate == y[0]


def test_bands_and_swap_sets() -> None:
    """Bands count each decision once; a swap set is the approvals that only one of two models gives."""
    p = np.array([0.0, 0.01, 0.03, 0.5, 1.0])
    rates, n = band_rates(p, np.array([0, 1, 0, 1, 1.0]))
    assert n.sum() == 5
    assert rates[0] == 0.5
    both = swap(
        np.array([0.05, 0.2, 0.05, 0.3]), np.array([0.2, 0.05, 0.04, 0.3]), POLICY, POLICY, np.array([1, 0, 0, 1.0])
    )
    assert (both.swapped_in, both.swapped_out) == (0.25, 0.25)
    assert both.cost == pytest.approx((10 + 1) / 4)
    assert both.challenger_cost == 0.0


def folded(n: int, at_ms: int, first_id: int = 100001, version: str = "1") -> FoldedDecisions:
    parts: list[FoldedDecisions] = []
    references = made.HeldReferences(made.reference(version))
    watch = Monitor(
        SMALL, references, SnapshotFolder(Path("unused"), "a"), MonitorMetrics(CollectorRegistry()), (), [parts.append]
    )
    watch.assigned([0])
    record = made.audit(made.rows(n, first_id), at_ms, version=version, first_id=first_id)
    decoded = watch.decode(0, [made.payload(0, record)])
    watch.add(decoded)
    return parts[0]


def test_outcomes_join_by_application_and_only_when_matured(tmp_path: Path) -> None:
    """Only decisions of a cohort whose youngest is old enough are judged, whichever came first."""
    store = LabelStore(tmp_path / "labels.db")
    store.add_outcomes(
        [ObservedOutcome("A100001", None, 1, 5), ObservedOutcome("A200001", None, 1, 5)], {"loan-outcomes-0": 7}
    )
    store.add_decisions(folded(50, START_MS))
    store.add_decisions(folded(50, START_MS + 86_400_000 * 3, first_id=200001))
    before = store.matured_before(maturity_ms=86_400_000, cohort_ms=86_400_000)
    assert store.counts("1", before) == (50, 1)
    held = store.labelled("1", before)
    assert held.defaulted.tolist() == [1.0]
    assert store.labelled("2", before).probability.size == 0
    assert store.offset("loan-outcomes-0") == 7
    assert store.offset("loan-outcomes-1") is None


def test_writing_twice_counts_once_and_the_last_observation_wins(tmp_path: Path) -> None:
    """Decisions and outcomes read again after a crash change nothing; an older observation never replaces a newer."""
    store = LabelStore(tmp_path / "labels.db")
    part = folded(20, START_MS)
    for _ in range(2):
        store.add_decisions(part)
        store.add_outcomes([ObservedOutcome("A100001", None, 1, 50)], {})
    store.add_outcomes([ObservedOutcome("A100001", None, 0, 40)], {})
    assert store.counts("1", START_MS + 10_000) == (20, 1)
    assert store.labelled("1", START_MS + 10_000).defaulted.tolist() == [1.0]
    store.close()
    assert LabelStore(tmp_path / "labels.db").counts("1", START_MS + 10_000) == (20, 1)


def test_an_outcome_of_another_decision_is_not_this_ones(tmp_path: Path) -> None:
    """Where an outcome names its decision, no other decision of the application takes it."""
    store = LabelStore(tmp_path / "labels.db")
    store.add_decisions(folded(5, START_MS))
    store.add_outcomes([ObservedOutcome("A100001", "another", 1, 5)], {})
    assert store.counts("1", START_MS + 10_000) == (5, 0)


def test_a_challenger_is_compared_with_the_version_that_decided_last(tmp_path: Path) -> None:
    """After a promotion, decisions of the version before and its policy are left out: the same model swaps nobody."""
    store = LabelStore(tmp_path / "labels.db")
    book = ShadowBook(store)
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
    assert book.unreadable == 2


def test_the_store_stays_bounded(tmp_path: Path) -> None:
    """Past the bound the oldest decisions go, with outcomes as old; a share keeps a part of the applications only."""
    store = LabelStore(tmp_path / "labels.db", max_rows=100)
    for day in range(6):
        store.add_decisions(folded(50, START_MS + day * 86_400_000, first_id=100001 + day * 50))
    assert 50 <= store.counts("1", START_MS * 2)[0] <= 155
    store.prune()
    assert store.counts("1", START_MS * 2)[0] <= 100
    some = LabelStore(tmp_path / "some.db", share=0.5)
    some.add_decisions(folded(400, START_MS))
    assert 120 < some.counts("1", START_MS * 2)[0] < 280


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"[]",
        b"{}",
        b'{"application_id":"1","defaulted":2}',
        b'{"application_id":"1","defaulted":1,"observed_at":"x"}',
        b'{"application_id":"1","defaulted":1,"observed_at":"2026-01-01T00:00:00"}',
    ],
)
def test_an_unreadable_outcome_says_so(value: bytes | None) -> None:
    """What is no outcome raises ValueError and nothing else."""
    with pytest.raises(ValueError, match=r"."):
        parse_outcome(value)


def test_an_outcome_is_read() -> None:
    """Times come as RFC 3339 or as milliseconds."""
    given = b'{"application_id": "A1", "decision_id": "d", "defaulted": 1, "observed_at": "2026-01-01T00:00:00Z"}'
    assert parse_outcome(given) == ObservedOutcome("A1", "d", 1, 1_767_225_600_000)


def test_gauges_show_realised_beside_estimated(tmp_path: Path) -> None:
    """Once cohorts matured, each measure stands as realised and as estimated on the same decisions."""
    references = made.HeldReferences(made.reference())
    store = LabelStore(tmp_path / "labels.db")
    metrics = MonitorMetrics(CollectorRegistry())
    watch = Monitor(SMALL, references, SnapshotFolder(tmp_path, "a"), metrics, (), [store.add_decisions])
    watch.assigned([0])
    watch.add(watch.decode(0, [made.payload(0, made.audit(made.rows(2000), START_MS + np.arange(2000)))]))
    overview = watch.tick()
    rng = np.random.default_rng(0)
    p = made.probabilities(made.rows(2000))
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
