"""A file of applications is decided as both doors decide."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from credit.application import ApplicationBatch
from credit.features import CATALOG, assemble
from credit.policy import Outcome, Policy
from credit.wire.application import encode_application, parse_applications
from loanstream.score_file import score_file
from loanstream.scoring.part_scorer import AggregatedHistory
from serve_app.models.sources import FolderSource
from serve_app.steps.local_graph import LocalGraph
from streaming.feed import envelope, read_rows
from tests.fixtures.trained_folder import write_trained_folder
from training.data.applications import read_applications
from training.data.connection import connect
from training.data.generation.generate import generate
from training.data.history import History, aggregate
from training.data.schemas import APPLICATION_TRAIN
from training.data.tables import create_views, find_tables

FILE = "application_train.parquet"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All seven tables, small."""
    folder = tmp_path_factory.mktemp("tables")
    generate(folder, 400, 20, seed=3)
    return folder


@pytest.fixture(scope="module")
def history(tables: Path) -> History:
    """What the tables know of each of the file's clients."""
    connection = connect(memory_gb=1.0, threads=1, spill=tables)
    try:
        found = find_tables(tables)
        create_views(connection, found, only=(APPLICATION_TRAIN,))
        ids = read_applications(connection, found, APPLICATION_TRAIN, labelled=True).client_ids
        return aggregate(connection, ids)
    finally:
        connection.close()


def applications_of(tables: Path) -> ApplicationBatch:
    """The file's applications as a door reads them: one message each."""
    messages = [encode_application(envelope(row)) for row in read_rows(tables / FILE)]
    parsed = parse_applications(messages, [round(time.time() * 1000)] * len(messages))
    assert not parsed.rejected
    return parsed.batch


def model_of(folder: Path, tables: Path, history: History, names: Sequence[str], policy: Policy) -> Path:
    """Train a small model on these features of the tables and write its folder."""
    batch = applications_of(tables)
    columns = [CATALOG.assembled_names.index(name) for name in names]
    X = assemble(batch.values, history.of(batch.client_ids))[:, columns]
    return write_trained_folder(folder, X, names, policy)


@pytest.mark.parametrize("reasons", [True, False])
def test_a_decline_without_reasons_is_referred(
    tmp_path: Path, tables: Path, history: History, *, reasons: bool
) -> None:
    """A model that reads protected attributes alone has no reason that may be told: a person decides, in a file too."""
    protected = [f.name for f in CATALOG.features if f.protected and f.name in CATALOG.assembled_names]
    policy = Policy(threshold=0.2, refer_from=0.2, decline_from=0.2)
    model = model_of(tmp_path, tables, history, protected, policy)
    done = score_file(tables / FILE, tmp_path / "out.parquet", model, reasons=reasons)
    rows = pq.read_table(tmp_path / "out.parquet")
    risky = rows.column("probability").to_numpy() >= policy.decline_from
    outcome = np.array(rows.column("outcome").to_pylist())
    assert risky.sum() > 50
    assert set(outcome[risky]) == {"refer"}
    assert done.outcomes["decline"] == 0


def test_file_and_graph_answer_alike_to_the_byte(tmp_path: Path, tables: Path, history: History) -> None:
    """The same clients by message and by file: probability, outcome, points and reasons are the same bits."""
    names = (*CATALOG.assembled_names[:60], *CATALOG.history_names[:20])
    policy = Policy(threshold=0.35, refer_from=0.3, decline_from=0.4)
    model = model_of(tmp_path, tables, history, names, policy)
    batch = applications_of(tables)
    decided = LocalGraph(FolderSource(model), AggregatedHistory(history)).decide(batch)
    score_file(tables / FILE, tmp_path / "out.parquet", model)
    rows = pq.read_table(tmp_path / "out.parquet")
    order = np.argsort(batch.client_ids)
    assert rows.column("SK_ID_CURR").to_pylist() == batch.client_ids[order].tolist()
    assert rows.column("probability").to_numpy().tobytes() == decided.probability[order].tobytes()
    assert rows.column("points").to_numpy().tobytes() == decided.points[order].tobytes()
    assert rows.column("outcome").to_pylist() == [Outcome(o).word for o in decided.outcome[order]]
    codes = [*CATALOG.subjects, None]
    for place in range(4):
        told = [codes[s] for s in decided.reasons.subject[order, place]]
        assert rows.column(f"reason_{place + 1}").to_pylist() == told
    assert set(rows.column("outcome").to_pylist()) == {"approve", "refer", "decline"}
