"""The decision path in one process, with a small real model."""

from __future__ import annotations

import numpy as np
import pytest

from credit.features import CATALOG
from credit.policy import Outcome
from serve_app.models.sources import FolderSource
from serve_app.steps.local_graph import LocalGraph
from tests.fixtures.decisions import application_batch
from tests.fixtures.small_model import EveryClientsHistory, write_small_model


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> LocalGraph:
    """A graph whose model was trained on random applications and a made-up default."""
    return LocalGraph(FolderSource(write_small_model(tmp_path_factory.mktemp("model"))), EveryClientsHistory())


def test_every_decision_is_explained_exactly(graph: LocalGraph) -> None:
    """Contributions and expected value add up to the booster's raw score, for every row."""
    decisions = graph.decide(application_batch(200, first_id=5000))
    total = decisions.contributions.sum(axis=1) + decisions.expected_value
    assert np.abs(total - decisions.raw).max() < 1e-9
    assert {Outcome(o) for o in decisions.outcome} == set(Outcome)


def test_no_decline_is_without_reasons_and_no_reason_is_protected(graph: LocalGraph) -> None:
    """Each decline names at least one subject, and none that is protected."""
    decisions = graph.decide(application_batch(200, first_id=5000))
    subjects = list(CATALOG.subjects.values())
    given = decisions.reasons.subject
    assert (given[decisions.outcome == Outcome.DECLINE, 0] >= 0).all()
    assert not any(subjects[s].protected for s in given[given >= 0])


@pytest.mark.parametrize("size", [1, 3, 8, 64])
def test_a_micro_batchs_size_changes_nothing(graph: LocalGraph, size: int) -> None:
    """Decided alone or with others: the same bits."""
    whole = graph.decide(application_batch(64, first_id=9000))
    parts = application_batch(64, first_id=9000)
    for start in range(0, 64, size):
        rows = slice(start, start + size)
        part = graph.decide(parts.take(list(range(64))[rows]))
        assert part.raw.tobytes() == whole.raw[rows].tobytes()
        assert part.probability.tobytes() == whole.probability[rows].tobytes()
        assert part.contributions.tobytes() == whole.contributions[rows].tobytes()
        assert part.reasons.subject.tolist() == whole.reasons.subject[rows].tolist()
        assert part.decision_ids == whole.decision_ids[rows]
