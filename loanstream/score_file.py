"""`loanstream score`: decide a whole file of applications, with the history tables that lie beside it.

The file goes the way of every application: the graph of this process decides it, as it does for replay and rehearsal.
Only where the history comes from is the file's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import ApplicationBatch, IntArray
from credit.decision import DecisionBatch
from credit.errors import SettingsError
from credit.features import CATALOG
from credit.policy import Outcome
from credit.schema import CLIENT_ID
from registered_model.manifest_file import read_manifest
from serve_app.models.sources import FolderSource
from serve_app.steps.local_graph import LocalGraph
from training.data.applications import EncodedApplications, read_applications, read_labels
from training.data.connection import spilling
from training.data.history import History, aggregate
from training.data.schemas import APPLICATION_TEST
from training.data.tables import create_views, find_tables
from training.fit.measures import Measures, measures
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings

_BLOCK = 4_096


@dataclass(frozen=True)
class ScoredFile:
    """What was written: rows, how many of each outcome, the history tables that were missing, and, where the file is
    labelled, how good the scores were."""

    rows: int
    outcomes: dict[str, int]
    missing_tables: tuple[str, ...]
    measures: Measures | None


class AggregatedHistory:
    """The history that tables give, as the graph looks it up; nobody has an application on file here."""

    def __init__(self, history: History) -> None:
        self._history = history

    def history(self, client_ids: IntArray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Return float32[n, h], NaN where nothing is known, and bool[n], whether anything is."""
        return self._history.of(client_ids), np.isin(client_ids, self._history.client_ids)

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        """Return None for each client."""
        return [None] * len(client_ids)


def score_file(
    file: Path,
    out: Path,
    model: Path,
    *,
    reasons: bool = True,
    settings: TrainingSettings | None = None,
    progress: StepProgress = no_progress,
) -> ScoredFile:
    """Write probability of default, outcome, points and reasons for each application in `file` to `out`.

    file: application_train or application_test, or any file with those columns, labelled or not, CSV or parquet, its
    history tables in the same folder; model: a model's folder (`Registry.download`); out: CSV or parquet by its ending,
    one row for each client, in ascending order of SK_ID_CURR; reasons: whether they are written, for they are always
    made: a decline that has none is referred. The file appears only when it is complete. Raises TableError,
    ModelRefused, or SettingsError for another ending.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise SettingsError(f"{out} must end in .csv or .parquet")
    policy = read_manifest(model, CATALOG.hash).policy
    applications, target, history, missing = _read(file, settings or TrainingSettings(), progress)
    graph = LocalGraph(FolderSource(model), AggregatedHistory(history))
    blocks = []
    for start, batch in _blocks(applications):
        progress("scoring", start / len(applications))
        blocks.append(_columns(graph.decide(batch), reasons=reasons))
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    _write(out, columns)
    progress("scoring", 1.0)
    found = None
    if target is not None and target.min() < target.max():
        found = measures(target, columns["probability"], policy.threshold, policy.costs)
    counts = {o.word: int(np.sum(columns["outcome"] == o.word)) for o in Outcome}
    return ScoredFile(len(applications), counts, missing, found)


def _read(
    file: Path, settings: TrainingSettings, progress: StepProgress
) -> tuple[EncodedApplications, npt.NDArray[np.float64] | None, History, tuple[str, ...]]:
    """Return the file's applications, its labels if it has any, their history, and the tables that are not there."""
    tables = find_tables(file.parent, need=(), application=file)
    with spilling(settings) as connection:
        create_views(connection, tables, only=(APPLICATION_TEST,))
        applications = read_applications(connection, tables, APPLICATION_TEST, labelled=False)
        target = read_labels(connection, file)
        return applications, target, aggregate(connection, applications.client_ids, progress), tables.missing


def _blocks(applications: EncodedApplications) -> Iterator[tuple[int, ApplicationBatch]]:
    """Yield the applications in batches, each with the place of its first; a client has one, so its id names it."""
    for start in range(0, len(applications), _BLOCK):
        ids = applications.client_ids[start : start + _BLOCK]
        values = applications.values[start : start + _BLOCK]
        yield start, ApplicationBatch([str(i) for i in ids.tolist()], ids, np.zeros(len(ids), dtype=np.int64), values)


def _columns(decided: DecisionBatch, *, reasons: bool) -> dict[str, npt.NDArray[Any]]:
    """Return what is written of some decisions; reason_1.. are the subjects' codes, None where there are fewer."""
    words = np.array([outcome.word for outcome in Outcome], dtype=object)
    columns: dict[str, npt.NDArray[Any]] = {
        CLIENT_ID: decided.applications.client_ids,
        "probability": decided.probability,
        "outcome": words[decided.outcome],
        "points": decided.points,
    }
    if reasons:
        codes = np.array([*CATALOG.subjects, None], dtype=object)  # the place -1 of "no reason" reads the None
        subject = decided.reasons.subject
        columns |= {f"reason_{i + 1}": codes[subject[:, i]] for i in range(subject.shape[1])}
    return columns


def _write(out: Path, columns: dict[str, npt.NDArray[Any]]) -> None:
    import pyarrow as pa

    out.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table(columns)
    partial = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        if out.suffix == ".csv":
            from pyarrow import csv

            csv.write_csv(table, partial)
        else:
            import pyarrow.parquet as pq

            pq.write_table(table, partial)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
