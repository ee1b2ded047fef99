"""What is ours in Evidently's reports; Evidently itself has integration tests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitoring.drift.table import drift_table
from monitoring.reports.evidently_run import empty_html, evidently_run, reference_psi


def test_one_outlier_does_not_hide_a_drift() -> None:
    """Bins are the reference's, so that a single huge value leaves the PSI where it was."""
    rng = np.random.default_rng(0)
    then, now = pd.Series(rng.normal(size=5000)), pd.Series(rng.normal(0.5, 1, 2000))
    score, drifted = reference_psi(then, now, None, 0.2)
    with_outlier, still = reference_psi(then, pd.concat([now, pd.Series([1e9])]), None, 0.2)
    assert drifted
    assert still
    assert abs(score - with_outlier) < 0.01


def test_a_report_with_nothing_to_draw_says_why() -> None:
    """A column without any value is left out of the drawing and named on the page."""
    then, now = pd.DataFrame({"GONE": [np.nan] * 3}), pd.DataFrame({"GONE": [1.0]})
    table = drift_table(then, now)
    assert evidently_run(then, now, table, 40) is None
    assert "GONE: all missing in the reference" in empty_html(table)
    assert "3 reference rows, 1 current rows" in empty_html(table)
