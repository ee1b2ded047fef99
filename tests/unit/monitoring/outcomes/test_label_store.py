"""Decisions waiting for their outcomes."""

from __future__ import annotations

from pathlib import Path

from credit.wire.outcome import ObservedOutcome
from monitoring.outcomes.label_store import LabelStore
from tests.fixtures.audited import START_MS, folded


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
