"""A report's job; Evidently itself has integration tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from credit.features import CATALOG
from monitoring.reports.job import ReportJob, readable


def test_a_job_survives_its_file(tmp_path: Path) -> None:
    """What is written is what the process that makes the report reads."""
    job = ReportJob("drift-1", "7", "reports", "workspace", 40, 3, 7.0)
    job.write(tmp_path)
    assert ReportJob(**json.loads((tmp_path / "job.json").read_text())) == job


def test_codes_become_texts() -> None:
    """A category reads as text, an unknown code says so, a missing one stays missing, and numbers stay numbers."""
    frame = readable(pd.DataFrame({"CODE_GENDER": [0.0, -1.0, np.nan], "AMT_INCOME_TOTAL": [1.0, 2.0, 3.0]}))
    assert frame["CODE_GENDER"].tolist()[:2] == [CATALOG["CODE_GENDER"].codes[0], "unknown"]
    assert frame["CODE_GENDER"].isna().tolist() == [False, False, True]
    assert frame["AMT_INCOME_TOTAL"].tolist() == [1.0, 2.0, 3.0]
