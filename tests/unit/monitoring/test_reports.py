"""Drift between tables, the sample of a window, and the runner of reports; Evidently has integration tests."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from prometheus_client import CollectorRegistry

from credit.errors import TableError
from monitoring.drift.reference import Reference
from monitoring.drift.table import drift_table, read_table
from monitoring.exposition import MonitorMetrics
from monitoring.metrics import REPORT_FAILURES
from monitoring.reports.files import ReportFolder
from monitoring.reports.runner import ReportRunner
from monitoring.reports.window_sample import WindowSample, row_hash
from tests.unit.monitoring import made
from tests.unit.monitoring.made import START_MS
from tests.unit.monitoring.test_performance import folded


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "SK_ID_CURR": np.arange(n) + seed * n,
            "INCOME": rng.lognormal(12, 0.5, n),
            "JOB": rng.choice(["Working", "Pensioner", None], n, p=[0.7, 0.2, 0.1]),
            "FLAG": rng.integers(0, 2, n),
        }
    )


def test_identifiers_and_labels_are_not_features() -> None:
    """An id that only grows is no drift, and a column of one table alone is named."""
    then, now = table(1000, 0).assign(TARGET=0), table(1000, 1).assign(NEW=1)
    held = drift_table(then, now)
    assert {c.column for c in held.columns} == {"INCOME", "JOB", "FLAG"}
    assert held.only_current == ["NEW"]
    assert held.only_reference == []
    assert held.drifted == []


def test_strange_columns_do_not_end_the_comparison() -> None:
    """All-missing, constant, mixed and unseen values give a row each, with a note where nothing can be compared."""
    then, now = table(600, 0), table(600, 1)
    then["GONE"], now["GONE"] = np.nan, 1.0
    then["GOES"], now["GOES"] = 1.0, np.nan
    then["SAME"], now["SAME"] = 3, 3
    now.loc[:299, "JOB"] = "Astronaut"
    now["FLAG"] = now["FLAG"].astype(object).where(now["FLAG"] == 1, "oops")
    held = {c.column: c for c in drift_table(then, now).columns}
    assert held["GONE"].note == "all missing in the reference"
    assert held["GOES"].note == "all missing now"
    assert held["GOES"].missing_shift == 1.0
    assert held["SAME"].psi == 0.0
    assert held["JOB"].unknown == pytest.approx(0.5)
    assert held["JOB"].drifted
    assert held["FLAG"].missing is not None
    assert held["FLAG"].missing > 0.3
    json.loads(drift_table(then, now).to_json())
    empty = drift_table(then, now.head(0))
    assert all(c.psi is None for c in empty.columns)


@pytest.mark.parametrize(
    ("name", "content"), [("gone.csv", None), ("a.txt", b"x"), ("b.parquet", b"junk"), ("c.csv", b"")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    """Each bad file ends in one line with its name."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=name.replace(".", r"\.")):
        read_table(tmp_path / name)


def test_the_sample_is_even_bounded_and_of_the_window() -> None:
    """Whatever the order of arrival, the sample holds the smallest hashes of the last hour, at most `size`."""
    parts = [folded(400, START_MS + minute * 60_000, first_id=100001 + minute * 400) for minute in range(30)]
    forward, backward = WindowSample(200, 600_000), WindowSample(200, 600_000)
    for part in parts:
        forward.add(part)
    for part in sorted(parts, key=lambda p: -int(p.event_ms[0])):
        backward.add(part)
    version, names, rows = forward.rows()
    assert version == "1"
    assert names == (*made.NAMES, "probability")
    assert rows.shape == (200, 5)
    inside = [p for p in parts if p.event_ms[0] >= parts[-1].event_ms[0] - 600_000]
    hashes = np.sort(np.concatenate([row_hash(p.record.client_ids, p.record.submitted_ms) for p in inside]))[:200]
    assert set(forward._chunks[0][0][:200].tolist()) == set(hashes.tolist())
    assert np.array_equal(rows, backward.rows()[2], equal_nan=True)


def held_sample() -> WindowSample:
    sample = WindowSample(600, 600_000)
    sample.add(folded(800, START_MS))
    return sample


def held_reference(folder: Path) -> Reference:
    features = made.rows(900, 4)
    columns = {name: features[:, i] for i, name in enumerate(made.NAMES)} | {
        "probability": made.probabilities(features)
    }
    data = pa.table(columns)
    with pa.ipc.new_file(str(folder / "reference.arrow"), data.schema) as writer:
        writer.write_table(data)
    whole = made.reference()
    return Reference(**{**whole.__dict__, "folder": folder})


def runner(tmp_path: Path, program: str, timeout_s: float = 30.0) -> tuple[ReportRunner, MonitorMetrics]:
    metrics = MonitorMetrics(CollectorRegistry())
    reports = tmp_path / "reports"
    reports.mkdir()
    command = (sys.executable, "-c", program)
    return ReportRunner(ReportFolder(reports, 3, 1.0), held_sample(), metrics, 1.0, 500, timeout_s, command), metrics


def finish(run: ReportRunner, reference: Reference) -> None:
    run.poll(reference)
    deadline = time.monotonic() + 60
    while run._child is not None and time.monotonic() < deadline:
        run.poll(reference)
    assert run._child is None


WRITES = """
import json, sys, pathlib
job = json.loads((pathlib.Path(sys.argv[1]) / "job.json").read_text())
out = pathlib.Path(job["reports"]) / (job["name"] + ".json")
out.write_text(json.dumps({"columns": [{"column": "X", "psi": 0.5}], "current_rows": 600, "drifted": 1}))
"""


def test_a_finished_report_is_published_and_its_inputs_are_gone(tmp_path: Path) -> None:
    """The report's scores become metrics, the report is listed, and no work folder is left, nor one of a run before."""
    works = tmp_path / "report-work"
    (works / "of a killed run").mkdir(parents=True)
    run, metrics = runner(tmp_path, WRITES)
    finish(run, held_reference(tmp_path))
    assert [r.drifted for r in ReportFolder(tmp_path / "reports", 3, 1.0).reports()] == [1]
    assert metrics.computed.value("loanstream_evidently_psi", column="X") == 0.5
    assert list(works.iterdir()) == []


@pytest.mark.parametrize(("program", "timeout_s"), [("raise SystemExit('broken')", 30.0), ("while True: pass", 0.2)])
def test_a_report_that_fails_or_hangs_is_counted_and_given_up(tmp_path: Path, program: str, timeout_s: float) -> None:
    """A broken or endless report neither stalls the caller nor leaves a process behind."""
    run, metrics = runner(tmp_path, program, timeout_s)
    finish(run, held_reference(tmp_path))
    assert metrics.registry.get_sample_value(REPORT_FAILURES + "_total") == 1.0


def test_too_few_rows_make_no_report(tmp_path: Path) -> None:
    """Below 500 rows nothing is started."""
    metrics = MonitorMetrics(CollectorRegistry())
    sample = WindowSample(600, 600_000)
    sample.add(folded(499, START_MS))
    run = ReportRunner(ReportFolder(tmp_path, 3, 1.0), sample, metrics, 1.0, 500, 30.0, ("false",))
    run.poll(held_reference(tmp_path))
    assert run._child is None


def test_reports_are_bounded_in_number_and_age(tmp_path: Path) -> None:
    """The newest three stay, unless they are older than a day."""
    held = ReportFolder(tmp_path, keep=3, keep_days=1.0)
    for i in range(5):
        for suffix in ("json", "html"):
            (tmp_path / f"drift-2026010{i}T000000-v1.{suffix}").write_text(
                '{"columns": [], "current_rows": 0, "drifted": 0}'
            )
    held.prune()
    assert [r.name[6:14] for r in held.reports()] == ["20260104", "20260103", "20260102"]
    old = time.time() - 2 * 86400
    os.utime(tmp_path / "drift-20260104T000000-v1.json", (old, old))
    held.prune()
    assert len(list(tmp_path.glob("*.html"))) == 2
