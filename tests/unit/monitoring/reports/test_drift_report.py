"""Drift between two files; the page that Evidently draws has an integration test."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from credit.errors import TableError
from monitoring.reports.drift_report import drift_report


def test_tables_of_different_kinds_are_refused(tmp_path: Path) -> None:
    """Without a common column there is no report, and no folder is left."""
    pd.DataFrame({"A": [1]}).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame({"B": [1]}).to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(TableError, match="no column in common"):
        drift_report(tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_columns_without_values_give_a_page_all_the_same(tmp_path: Path) -> None:
    """Where nothing can be drawn, page and JSON are written and say so."""
    pd.DataFrame({"A": [None, None], "B": [None, None]}).to_parquet(tmp_path / "a.parquet")
    pd.DataFrame({"A": [1.0, 2.0], "B": [1.0, 2.0]}).to_parquet(tmp_path / "b.parquet")
    report = drift_report(tmp_path / "a.parquet", tmp_path / "b.parquet", tmp_path / "out")
    assert "Nothing to compare" in report.html.read_text()
    assert json.loads(report.json.read_text())["drifted"] == 0
