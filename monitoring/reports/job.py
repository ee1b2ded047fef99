"""One drift report on a window's sample, made by a process of its own: `python -m monitoring.reports.job FOLDER`.

The folder holds `job.json` (see `ReportJob`), `reference.arrow` and `current.arrow`; the report is written to the job's
report folder under a name ending in .part and renamed at the end, so that nobody reads half of it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.drift.table import drift_table, read_table
from monitoring.reports.evidently_run import empty_html, evidently_run, keep_in_workspace

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ReportJob:
    """What a report is made of: `name` of its files, model version, and the bounds of the workspace."""

    name: str
    version: str
    reports: str
    workspace: str
    columns: int
    keep: int
    keep_days: float

    def write(self, folder: Path) -> None:
        """Write `job.json`."""
        (folder / "job.json").write_text(json.dumps(asdict(self)))


def readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Put a category's text in the place of its code, so that the report is read by people."""
    from credit.features import CATALOG

    known = {feature.name: feature for feature in CATALOG.features if feature.is_category}
    for name in [name for name in frame.columns if name in known]:
        column = frame[name]
        text = column.map(dict(enumerate(known[name].codes)))
        frame[name] = text.where(text.notna() | column.isna(), "unknown").astype(object)
    return frame


def make_report(folder: Path) -> Path:
    """Make the report that `folder` asks for and return its JSON file."""
    job = ReportJob(**json.loads((folder / "job.json").read_text()))
    reference, current = (
        readable(read_table(folder / "reference.arrow")),
        readable(read_table(folder / "current.arrow")),
    )
    table = drift_table(reference, current)
    run = evidently_run(reference, current, table, job.columns)
    reports = Path(job.reports)
    reports.mkdir(parents=True, exist_ok=True)
    html, part = reports / f"{job.name}.html", reports / f"{job.name}.part"
    if run is None:
        part.write_text(empty_html(table))
    else:
        run.save_html(str(part))
        keep_in_workspace(Path(job.workspace), run, job.name, job.keep, job.keep_days)
    part.rename(html)
    tests = [] if run is None else json.loads(run.json()).get("tests", [])
    document = json.loads(table.to_json()) | {
        "name": job.name,
        "version": job.version,
        "tests": len(tests),
        "tests_failed": sum(test.get("status") in ("FAIL", "TestStatus.FAIL") for test in tests),
    }
    part.write_text(json.dumps(document))
    return part.rename(reports / f"{job.name}.json")


if __name__ == "__main__":
    make_report(Path(sys.argv[1]))
