"""`loanstream score`: decide a whole file of applications, with the history tables that lie beside it.

The file goes the way of every application: the graph of this process decides it, as it does for replay and rehearsal.
Only where the history comes from is the file's own. What is larger than a machine's memory, or is decided by a Ray
cluster, goes part by part (`loanstream.scoring`); the answers are the same.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import ApplicationBatch
from credit.errors import SettingsError
from credit.features import CATALOG
from credit.policy import Outcome
from credit.schema import CLIENT_ID
from loanstream.scoring.answers import Answers, answers, counted, joined
from loanstream.scoring.part_scorer import BLOCK, AggregatedHistory, PartRunner, application_batch
from loanstream.scoring.run import score_parts
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


@dataclass(frozen=True)
class ScoredFile:
    """What was written: rows, how many of each outcome, the history tables that were missing, and, where the file is
    labelled, how good the scores were."""

    rows: int
    outcomes: dict[str, int]
    missing_tables: tuple[str, ...]
    measures: Measures | None


def score_file(
    file: Path,
    out: Path,
    model: Path,
    *,
    reasons: bool = True,
    run: PartRunner | None = None,
    settings: TrainingSettings | None = None,
    progress: StepProgress = no_progress,
) -> ScoredFile:
    """Write probability of default, outcome, points and reasons for each application in `file` to `out`.

    file: application_train or application_test, or any file with those columns, labelled or not, CSV or parquet, its
    history tables in the same folder; model: a model's folder (`Registry.download`); out: CSV or parquet by its ending,
    one row for each client, in ascending order of SK_ID_CURR; reasons: whether they are written, for they are always
    made: a decline that has none is referred; run: who scores a Parquet file in parts, to the same bytes, else it is
    scored at once in this process. The file appears only when it is complete. Raises TableError, ModelRefused, or
    SettingsError for another ending.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise SettingsError(f"{out} must end in .csv or .parquet")
    settings = settings or TrainingSettings()
    policy = read_manifest(model, CATALOG.hash).policy
    if run is not None and file.suffix == ".parquet":
        table, missing = _in_parts(file, out, model, run, settings, progress, reasons=reasons)
        with spilling(settings) as connection:
            target = read_labels(connection, file)
    else:
        applications, target, history, missing = _read(file, settings, progress)
        graph = LocalGraph(FolderSource(model), AggregatedHistory(history))
        blocks: list[Answers] = []
        for start, batch in _blocks(applications):
            progress("scoring", start / len(applications))
            blocks.append(answers(graph.decide(batch), reasons=reasons))
        table = joined(blocks, reasons=reasons)
    _write(out, table)
    shutil.rmtree(_folder_of_parts(out), ignore_errors=True)
    progress("scoring", 1.0)
    found = None
    if target is not None and target.min() < target.max():
        found = measures(target, table.column("probability").to_numpy(), policy.threshold, policy.costs)
    counts = dict(zip((o.word for o in Outcome), counted(table.column("outcome")), strict=True))
    return ScoredFile(table.num_rows, counts, missing, found)


def _in_parts(
    file: Path,
    out: Path,
    model: Path,
    run: PartRunner,
    settings: TrainingSettings,
    progress: StepProgress,
    *,
    reasons: bool,
) -> tuple[Any, tuple[str, ...]]:
    """Return the answers as a table by client, from parts beside `out` that a run which is started again finds."""
    import pyarrow.parquet as pq

    folder = _folder_of_parts(out)
    done = score_parts(file, folder, model, reasons=reasons, run=run, settings=settings, progress=progress)
    table = pq.read_table(folder).replace_schema_metadata(None)
    return table.sort_by(CLIENT_ID).combine_chunks(), done.missing_tables


def _folder_of_parts(out: Path) -> Path:
    return out.with_name(f".{out.name}.parts")


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
    """Yield the applications in batches, each with the place of its first."""
    for start in range(0, len(applications), BLOCK):
        part = slice(start, start + BLOCK)
        yield start, application_batch(applications.client_ids[part], applications.values[part])


def _write(out: Path, table: Any) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
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
