"""The decision path in one process, with a small real model."""

from __future__ import annotations

import hashlib

import lightgbm
import numpy as np
import pytest

from credit.application import FloatArray, IntArray
from credit.features import CATALOG, assemble
from credit.manifest import Calibration, ModelManifest
from credit.policy import Outcome, Policy
from registered_model.manifest_file import file_sha256, write_manifest
from serve_app.models.sources import FolderSource
from serve_app.steps.local_graph import LocalGraph
from tests.fixtures.decisions import application_batch

WIDTH = len(CATALOG.history_names)


class Store:
    """Knows a history of every client, made from the id."""

    def history(self, client_ids: IntArray) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float32]], FloatArray]:
        vectors = [np.random.default_rng(int(i)).random(WIDTH, dtype=np.float32) for i in client_ids]
        return np.array(vectors), np.ones(len(client_ids), dtype=np.bool_)

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        return [None] * len(client_ids)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> LocalGraph:
    """A graph whose model was trained on random applications and a made-up default."""
    folder = tmp_path_factory.mktemp("model")
    batch = application_batch(600)
    history, _ = Store().history(batch.client_ids)
    names = (*CATALOG.assembled_names[:60], *CATALOG.history_names[:20])
    columns = [CATALOG.assembled_names.index(name) for name in names]
    X = assemble(batch.values, history)[:, columns]
    y = (np.nan_to_num(X[:, 5]) + np.nan_to_num(X[:, 70]) > 1.1).astype(int)
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 6, "verbose": -1, "num_threads": 1, "seed": 1},
        lightgbm.Dataset(X, y, feature_name=[f"f{i}" for i in range(len(names))]),
        40,
    )
    booster.save_model(folder / "booster.txt")
    write_manifest(
        folder,
        ModelManifest(
            name="loanstream",
            catalog_hash=CATALOG.hash,
            features=names,
            booster="booster.txt",
            files_sha256={"booster.txt": file_sha256(folder / "booster.txt")},
            calibration=Calibration(),
            policy=Policy(threshold=0.5, refer_from=0.4, decline_from=0.6),
            typical=tuple(None if np.isnan(v) else float(v) for v in np.median(X, axis=0)),
            trained_at="2026-01-01T00:00:00Z",
            data_digest=hashlib.sha256(b"made up").hexdigest(),
            seed=1,
        ),
    )
    return LocalGraph(FolderSource(folder), Store())


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
