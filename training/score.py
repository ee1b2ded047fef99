"""`loanstream score`: decide a whole file of applications, with the history tables that lie beside it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from credit.application import FloatArray
from credit.errors import SettingsError
from credit.features import CATALOG, assemble
from credit.policy import Outcome
from credit.reasons import Reasons, ReasonTable, principal_reasons
from credit.schema import CLIENT_ID
from training.data.applications import read_applications, read_labels
from training.data.connection import connect
from training.data.history import aggregate
from training.data.schemas import APPLICATION_TEST
from training.data.tables import create_views, find_tables
from training.fit.measures import Measures, measures
from training.progress import StepProgress, no_progress
from training.registry.model import TrainedFolder
from training.settings import TrainingSettings

_BLOCK = 4_096


@dataclass(frozen=True)
class Scored:
    """What was written: rows, how many of each outcome, the history tables that were missing, and, where the file is
    labelled, how good the scores were."""

    rows: int
    outcomes: dict[str, int]
    missing_tables: tuple[str, ...]
    measures: Measures | None


def score(
    file: Path,
    out: Path,
    model: Path,
    *,
    reasons: bool = True,
    settings: TrainingSettings | None = None,
    progress: StepProgress = no_progress,
) -> Scored:
    """Write probability of default, outcome, points and reasons for each application in `file` to `out`.

    file: application_train or application_test, or any file with those columns, labelled or not, CSV or parquet, its
    history tables in the same folder; model: a model's folder (`Registry.download`); out: CSV or parquet by its ending,
    one row for each client, in ascending order of SK_ID_CURR. Reasons are by LightGBM's own exact contributions. The
    file appears only when it is complete. Raises TableError, ModelRefused, or SettingsError for another ending.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise SettingsError(f"{out} must end in .csv or .parquet")
    settings = settings or TrainingSettings()
    trained = TrainedFolder.read(model)
    tables = find_tables(file.parent, need=(), application=file)
    with tempfile.TemporaryDirectory(prefix="loanstream-") as spill:
        connection = connect(memory_gb=settings.memory_gb, threads=settings.threads or None, spill=Path(spill))
        try:
            create_views(connection, tables, only=(APPLICATION_TEST,))
            applications = read_applications(connection, tables, APPLICATION_TEST, labelled=False)
            target = read_labels(connection, file)
            history = aggregate(connection, applications.client_ids, progress)
        finally:
            connection.close()
    blocks = []
    for start in range(0, len(applications), _BLOCK):
        progress("scoring", start / len(applications))
        block = slice(start, start + _BLOCK)
        ids = applications.client_ids[block]
        blocks.append(_block(trained, assemble(applications.values[block], history.of(ids)), reasons))
    probability = np.concatenate([p for p, _, _ in blocks])
    outcome = np.concatenate([o for _, o, _ in blocks])
    words = [Outcome(o).word for o in outcome]
    columns: dict[str, Any] = {
        CLIENT_ID: applications.client_ids,
        "probability": probability,
        "outcome": words,
        "points": trained.manifest.scorecard.points(probability),
    }
    if reasons:
        columns |= _reason_columns([r for _, _, r in blocks if r is not None])
    _write(out, columns)
    progress("scoring", 1.0)
    policy = trained.manifest.policy
    found = None
    if target is not None and target.min() < target.max():
        found = measures(target, probability, policy.threshold, policy.costs)
    counts = {o.word: int(np.sum(outcome == o)) for o in Outcome}
    return Scored(len(applications), counts, tables.missing, found)


def _block(trained: TrainedFolder, assembled: FloatArray, reasons: bool) -> tuple[FloatArray, Any, Reasons | None]:
    manifest = trained.manifest
    X = trained.features(assembled)
    raw = trained.raw(X)
    probability = manifest.calibration.probability(raw)
    outcome = manifest.policy.outcomes(probability)
    if not reasons:
        return probability, outcome, None
    table = ReasonTable.of(CATALOG, manifest.features, manifest.typical_values())
    contributions = trained.contributions(X)[:, :-1]
    found, _ = principal_reasons(table, contributions, X, raw, outcome, trained.raw)
    return probability, outcome, found


def _reason_columns(found: list[Reasons]) -> dict[str, list[str | None]]:
    """Return columns reason_1.. with the subjects' codes, strongest first, None where there are fewer."""
    codes = [*CATALOG.subjects, None]  # the place -1 of "no reason" reads the None at the end
    subject = np.concatenate([reasons.subject for reasons in found])
    return {f"reason_{i + 1}": [codes[s] for s in subject[:, i]] for i in range(subject.shape[1])}


def _write(out: Path, columns: dict[str, Any]) -> None:
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
