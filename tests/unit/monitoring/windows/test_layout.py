"""What a pane counts."""

from __future__ import annotations

import numpy as np

from monitoring.windows.layout import DecisionRows, PaneLayout
from tests.fixtures import audited


def test_layout_counts_every_part() -> None:
    """Outcomes, modes, scores, grid and reasons of n rows each add up to what was given."""
    layout = PaneLayout(audited.reference())
    features = audited.rows(100)
    p = audited.probabilities(features)
    subject = np.full((100, 4), -1, dtype=np.int16)
    subject[:, :2] = [3, 5]
    outcome = audited.POLICY.outcomes(p)
    zero = np.zeros(100, dtype=np.int8)
    vector = layout.count(DecisionRows(features, p, outcome, zero, zero, subject))
    assert layout.section("outcome", vector).sum() == 100
    assert layout.section("mode", vector)[0] == 100
    assert layout.section("grid", vector).sum() == 100
    assert layout.section("reason", vector).sum() == 200
    assert layout.section("reason", vector)[0, 3] == (outcome == 0).sum()
