"""Evidently for real: it must survive whatever a window holds, and agree with our own counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from credit.errors import TableError
from monitoring.drift.table import drift_table
from monitoring.reports.drift_report import drift_report
from monitoring.reports.evidently_run import evidently_run, keep_in_workspace
from monitoring.reports.job import ReportJob
from tests.fixtures.tables import table

pytestmark = pytest.mark.integration


def scores(run: object) -> dict[str, float]:
    metrics = json.loads(run.json())["metrics"]  # type: ignore[attr-defined]
    return {m["config"]["column"]: m["value"] for m in metrics}


def test_evidently_shows_our_psi_even_with_an_outlier() -> None:
    """The report's score is PSI on reference deciles: one outlier does not hide a drift."""
    then, now = table(2000, 0), table(2000, 1)
    now["INCOME"] *= 1.3
    now.loc[0, "INCOME"] = 1e12
    held = drift_table(then, now)
    run = evidently_run(then, now, held, 10)
    ours = {c.column: c.psi for c in held.columns}
    assert scores(run) == pytest.approx({name: ours[name] for name in scores(run)})
    assert ours["INCOME"] is not None
    assert ours["INCOME"] > 0.2


def test_strange_windows_do_not_kill_it(tmp_path: Path) -> None:
    """All-missing and constant columns, unseen categories and an empty window each give a report."""
    then, now = table(600, 0), table(600, 1)
    then["GONE"], now["GONE"] = np.nan, 1.0
    then["GOES"], now["GOES"] = 1.0, np.nan
    then["SAME"], now["SAME"] = 3, 3
    now["JOB"] = "Astronaut"
    run = evidently_run(then, now, drift_table(then, now), 10)
    assert set(scores(run)) == {"INCOME", "JOB", "FLAG", "SAME"}
    run.save_html(str(tmp_path / "x.html"))
    assert evidently_run(then, now.head(0), drift_table(then, now.head(0)), 10) is None
    assert (
        evidently_run(
            then.assign(JOB=None)[["JOB"]], now[["JOB"]], drift_table(then.assign(JOB=None)[["JOB"]], now[["JOB"]]), 9
        )
        is None
    )


def test_the_workspace_stays_bounded(tmp_path: Path) -> None:
    """Only the newest runs are kept, and only while they are young enough."""
    from evidently.ui.workspace import Workspace

    then, now = table(600, 0), table(600, 1)
    for i in range(4):
        run = evidently_run(then, now, drift_table(then, now), 1)
        keep_in_workspace(tmp_path / "ws", run, f"run {i}", keep=2, keep_days=1.0)
    held = Workspace.create(str(tmp_path / "ws"))
    (project,) = held.search_project("Loanstream")
    assert len(held.list_runs(project.id)) == 2


def test_the_job_is_a_process_that_leaves_page_json_and_workspace(tmp_path: Path) -> None:
    """`python -m monitoring.reports.job` makes what the monitor links to."""
    work = tmp_path / "work"
    work.mkdir()
    for name, seed in (("reference", 0), ("current", 1)):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"AMT_CREDIT": rng.normal(size=700), "CODE_GENDER": rng.integers(0, 2, 700).astype(float)})
        frame.to_feather(work / f"{name}.arrow")
    ReportJob("drift-x-v1", "1", str(tmp_path / "reports"), str(tmp_path / "workspace"), 40, 3, 7.0).write(work)
    subprocess.run([sys.executable, "-m", "monitoring.reports.job", str(work)], check=True, timeout=200)
    document = json.loads((tmp_path / "reports" / "drift-x-v1.json").read_text())
    assert document["tests"] == 2
    assert document["tests_failed"] == 0
    page = (tmp_path / "reports" / "drift-x-v1.html").read_text()
    assert "AMT_CREDIT" in page
    assert not list((tmp_path / "reports").glob("*.part"))


def test_drift_report_of_two_files(tmp_path: Path) -> None:
    """CSV against parquet gives page and figures; files without a common column are refused by name."""
    table(800, 0).to_csv(tmp_path / "a.csv", index=False)
    now = table(800, 1)
    now["INCOME"] *= 1.5
    now.to_parquet(tmp_path / "b.parquet")
    report = drift_report(tmp_path / "a.csv", tmp_path / "b.parquet", tmp_path / "out")
    assert [c.column for c in report.table.drifted] == ["INCOME"]
    assert "INCOME" in report.html.read_text()
    assert json.loads(report.json.read_text())["drifted"] == 1
    pd.DataFrame({"OTHER": [1]}).to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(TableError, match="no column in common"):
        drift_report(tmp_path / "a.csv", tmp_path / "c.csv", tmp_path / "out2")
    assert not (tmp_path / "out2").exists()


def test_train_against_test_of_the_real_tables(home_credit: Path, tmp_path: Path) -> None:
    """application_test is known to differ in the credit bureau enquiries and the kind of contract, and does."""
    report = drift_report(home_credit / "application_train.parquet", home_credit / "application_test.parquet", tmp_path)
    assert {c.column for c in report.table.drifted} == {
        "AMT_REQ_CREDIT_BUREAU_MON",
        "AMT_REQ_CREDIT_BUREAU_QRT",
        "NAME_CONTRACT_TYPE",
    }
    assert len(report.table.columns) == 120
