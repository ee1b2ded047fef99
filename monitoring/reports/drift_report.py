"""Drift between two files, as a page and as JSON: what `loanstream drift-report` makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from credit.errors import TableError
from monitoring.drift.table import DriftTable, drift_table, read_table
from monitoring.reports.evidently_run import empty_html, evidently_run

MAX_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Where a report was written (`html`: Evidently's page, `json`: every column's figures), and what it found."""

    html: Path
    json: Path
    table: DriftTable


def drift_report(
    reference: Path, current: Path, out: Path, columns: int = 60, sample: int = MAX_SAMPLE, seed: int = 0
) -> DriftReport:
    """Compare two CSV or parquet files and write `drift.html` and `drift.json` to the folder `out`.

    Every common column is in the JSON and in the returned table, from all rows; the page draws the `columns` most
    drifted ones from at most `sample` rows of each file. TableError where a file cannot be read or nothing is common.
    """
    old, new = read_table(reference), read_table(current)
    table = drift_table(old, new)
    if not table.columns:
        raise TableError(f"{reference} and {current} have no column in common; name two tables of the same kind")
    out.mkdir(parents=True, exist_ok=True)
    html, json = out / "drift.html", out / "drift.json"
    run = evidently_run(
        old.sample(min(len(old), sample), random_state=seed),
        new.sample(min(len(new), sample), random_state=seed),
        table,
        columns,
    )
    if run is None:
        html.write_text(empty_html(table))
    else:
        run.save_html(str(html))
    json.write_text(table.to_json())
    return DriftReport(html, json, table)
