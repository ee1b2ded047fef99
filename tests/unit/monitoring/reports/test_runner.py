"""The runner of reports; Evidently has integration tests."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from prometheus_client import CollectorRegistry

from monitoring.drift.reference import Reference
from monitoring.exposition import MonitorMetrics
from monitoring.metrics import REPORT_FAILURES
from monitoring.reports.files import ReportFolder
from monitoring.reports.runner import ReportRunner
from monitoring.reports.window_sample import WindowSample
from tests.fixtures import audited
from tests.fixtures.audited import START_MS, folded

WRITES = """
import json, sys, pathlib
job = json.loads((pathlib.Path(sys.argv[1]) / "job.json").read_text())
out = pathlib.Path(job["reports"]) / (job["name"] + ".json")
out.write_text(json.dumps({"columns": [{"column": "X", "psi": 0.5}], "current_rows": 600, "drifted": 1}))
"""


def held_sample() -> WindowSample:
    sample = WindowSample(600, 600_000)
    sample.add(folded(800, START_MS))
    return sample


def held_reference(folder: Path) -> Reference:
    features = audited.rows(900, 4)
    columns = {name: features[:, i] for i, name in enumerate(audited.NAMES)} | {
        "probability": audited.probabilities(features)
    }
    data = pa.table(columns)
    with pa.ipc.new_file(str(folder / "reference.arrow"), data.schema) as writer:
        writer.write_table(data)
    whole = audited.reference()
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


def test_a_finished_report_is_published_and_its_inputs_are_gone(tmp_path: Path) -> None:
    """The report's scores become metrics, it is listed, and no job's folder is left, nor one of a run before."""
    jobs = tmp_path / "report-jobs"
    (jobs / "of a killed run").mkdir(parents=True)
    run, metrics = runner(tmp_path, WRITES)
    finish(run, held_reference(tmp_path))
    assert [r.drifted for r in ReportFolder(tmp_path / "reports", 3, 1.0).reports()] == [1]
    assert metrics.computed.value("loanstream_evidently_psi", column="X") == 0.5
    assert list(jobs.iterdir()) == []


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
