"""What an incident reads off the page and the reports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.incident.evidence import newest_report, not_shown, read_page
from benchmarks.incident.forecast import Alert
from monitoring.door.page import render
from monitoring.outcomes.evaluation import OutcomeEvaluation
from monitoring.windows.overview import overview_of
from monitoring.windows.panes import PartitionState
from tests.fixtures import audited

INCOME: Alert = ("FeatureDrift", "INCOME_TO_AGE")


GONE: Alert = ("FeatureMissing", "EXT_SOURCE_2")


def test_the_page_is_read_as_it_is_written() -> None:
    """What the status page marks as bad is found with its value, and nothing else is."""
    from monitoring.windows.layout import DecisionRows, PaneLayout

    reference = audited.reference()
    features = audited.rows(2000, 7)
    features[:, 0] *= 3.0
    features[::2, 1] = np.nan
    n = len(features)
    probability = audited.probabilities(features)
    codes = np.zeros(n, dtype=np.int8)
    rows = DecisionRows(
        features, probability, audited.POLICY.outcomes(probability), codes, codes, np.full((n, 4), -1, np.int16)
    )
    state = PartitionState()
    state.newest_ms = audited.START_MS
    layout = PaneLayout(reference)
    from monitoring.windows.panes import VersionPanes

    book = state.versions["1"] = VersionPanes(reference.identity, layout.cells)
    for pane_ms in audited.SMALL.rings():
        book.add(pane_ms, audited.START_MS // pane_ms, layout.count(rows))
    overview = overview_of([state], audited.SMALL, {"1": reference})
    found = read_page(render(overview, OutcomeEvaluation()))
    assert set(found) == {("FeatureDrift", "AMT_INCOME_TOTAL"), ("FeatureMissing", "EXT_SOURCE_2")}
    assert found["FeatureDrift", "AMT_INCOME_TOTAL"] > 0.25
    assert found["FeatureMissing", "EXT_SOURCE_2"] == pytest.approx(0.475, abs=0.02)


def test_what_does_not_stand_out_is_told() -> None:
    """An expected feature that a place does not show, or shows too small, is one sentence."""
    said = not_shown({INCOME, GONE, ("ScoreDrift", "")}, "on the page", {INCOME: 0.4, GONE: 0.01})
    assert said == ["FeatureMissing EXT_SOURCE_2 does not show on the page"]


def test_only_a_report_begun_since_counts(tmp_path: Path) -> None:
    """A report that was begun before the windows were hurt proves nothing."""
    assert newest_report(tmp_path, 0) is None
    (tmp_path / "drift-20260101T000000-v1.json").write_text("{}")
    (tmp_path / "drift-20260101T000100-v1.json").write_text("{}")
    assert newest_report(tmp_path, 1767225600 + 30) == tmp_path / "drift-20260101T000100-v1.json"
    assert newest_report(tmp_path, 1767225600 + 90) is None
