"""A window's counts against others."""

from __future__ import annotations

import numpy as np

from monitoring.windows.comparison import compare_counts
from monitoring.windows.layout import DecisionRows, PaneLayout
from tests.fixtures import audited


def counted(layout: PaneLayout, subject: int, scale: float = 1.0) -> np.ndarray:
    features = audited.rows(2000, 3)
    features[:, 0] *= scale
    p, code = audited.probabilities(features), np.zeros(2000, dtype=np.int8)
    subjects = np.full((2000, 4), -1, dtype=np.int16)
    subjects[:, 0] = subject
    return layout.count(DecisionRows(features, p, audited.POLICY.outcomes(p), code, code, subjects))


def test_what_is_alike_does_not_differ() -> None:
    """Counts against themselves are no distance apart, in features, score and reasons."""
    layout = PaneLayout(audited.reference())
    now = counted(layout, 2)
    held = compare_counts(
        layout, now, 2000, layout.section("features", now), layout.section("score", now), layout.section("reason", now)
    )
    assert held.n_then == 2000
    assert held.drift.psi.max() == held.score_psi == held.score_js == 0.0
    assert held.reason_psi.tolist() == [0.0, 0.0]


def test_what_moved_is_what_differs() -> None:
    """Scaled incomes move that feature alone, other reasons both sides' codes; without a side to compare, NaN."""
    layout = PaneLayout(audited.reference())
    then, now = counted(layout, 2), counted(layout, 5, scale=2.0)
    sections = layout.section("features", then), layout.section("score", then)
    held = compare_counts(layout, now, 2000, *sections, layout.section("reason", then))
    assert held.drift.psi[0] > 0.5
    assert held.drift.psi[1:].max() == held.score_psi == 0.0
    assert held.reason_js.tolist() == [1.0, 1.0]
    assert np.isnan(compare_counts(layout, now, 2000, *sections, None).reason_psi).all()
