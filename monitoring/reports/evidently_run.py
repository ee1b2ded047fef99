"""Evidently's reports over two tables, with PSI on the reference's deciles instead of Evidently's own.

Its own bins span both tables together, so that one outlier hides a drift; and a column without any value ends the
whole report. Here such columns are left out of the drawing and named in the table beside it.

Importing Evidently costs seconds of CPU: nothing imports it before a report is made.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from monitoring.drift.feature_drift import DRIFTED_FROM
from monitoring.drift.table import DriftTable, drift_table

if TYPE_CHECKING:
    import pandas as pd

STATTEST = "loanstream_reference_psi"
PROJECT = "Loanstream"


class EvidentlyRun(Protocol):
    """A finished run of Evidently's (its Snapshot)."""

    def save_html(self, filename: str) -> None: ...

    def json(self) -> str: ...


def reference_psi(reference: pd.Series, current: pd.Series, _kind: Any, threshold: float) -> tuple[float, bool]:
    """Evidently's stattest: PSI of one column on the reference's deciles or categories, and whether it drifted."""
    held = drift_table(reference.to_frame("x"), current.to_frame("x")).columns[0]
    score = held.psi or 0.0
    return score, score >= threshold


def _register() -> None:
    from evidently.legacy.calculations.stattests.registry import StatTest, register_stattest
    from evidently.legacy.core import ColumnType

    kinds = [ColumnType.Numerical, ColumnType.Categorical]
    register_stattest(StatTest(STATTEST, "PSI on the reference's deciles", kinds, DRIFTED_FROM), reference_psi)


def evidently_run(
    reference: pd.DataFrame, current: pd.DataFrame, table: DriftTable, columns: int
) -> EvidentlyRun | None:
    """Run Evidently on the `columns` most drifted columns that can be drawn; None where no column can.

    The run has one drift metric and one test a column.
    """
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift
    from evidently.tests import lt

    drawable = [c for c in table.columns if not c.note][:columns]
    if not drawable or not len(current) or not len(reference):
        return None
    _register()
    numbers = [c.column for c in drawable if c.kind == "number"]
    texts = [c.column for c in drawable if c.kind == "category"]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=texts)

    def dataset(frame: pd.DataFrame) -> Any:
        import pandas as pd

        chosen = frame[numbers + texts].copy()
        for name in numbers:
            chosen[name] = pd.to_numeric(chosen[name], errors="coerce").astype("float64")
        # Evidently sorts categories: text beside a missing value or a number cannot be sorted.
        for name in texts:
            chosen[name] = chosen[name].astype("string").astype(object).where(chosen[name].notna(), other=np.nan)
        return Dataset.from_pandas(chosen, data_definition=definition)

    drifts = [
        ValueDrift(column=c.column, method=STATTEST, threshold=DRIFTED_FROM, tests=[lt(DRIFTED_FROM)]) for c in drawable
    ]
    run: EvidentlyRun = Report(drifts, include_tests=True).run(dataset(current), dataset(reference))
    return run


def empty_html(table: DriftTable) -> str:
    """Return the page of a report that has nothing to draw, saying why."""
    notes = "".join(f"<li>{c.column}: {c.note}</li>" for c in table.columns if c.note)
    return (
        "<!doctype html><meta charset=utf-8><title>Drift report</title><h1>Nothing to compare</h1>"
        f"<p>{table.reference_rows} reference rows, {table.current_rows} current rows.</p><ul>{notes}</ul>"
    )


def keep_in_workspace(
    workspace: Path, run: EvidentlyRun, name: str, keep: int, keep_days: float, now: datetime | None = None
) -> None:
    """Add a run to the workspace that `evidently ui --workspace DIR` shows, and drop runs too many or too old."""
    from evidently.ui.workspace import Workspace

    held = Workspace.create(str(workspace))
    found = list(held.search_project(PROJECT))
    project = found[0] if found else held.create_project(PROJECT)
    held.add_run(project.id, run, name=name)
    runs = sorted(((held.get_run(project.id, i).timestamp, i) for i in held.list_runs(project.id)), reverse=True)
    oldest = (now or datetime.now(UTC)).replace(tzinfo=None) - timedelta(days=keep_days)
    for place, (moment, run_id) in enumerate(runs):
        if place >= keep or moment.replace(tzinfo=None) < oldest:
            held.delete_run(project.id, run_id)
