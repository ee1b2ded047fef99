"""Counting feature rows on bins."""

from __future__ import annotations

import numpy as np

from monitoring.drift.cells import CELLS, MISSING, OUT_OF_RANGE, UNKNOWN
from monitoring.drift.feature_drift import rows
from tests.fixtures import audited


def test_every_row_is_counted_once_for_every_feature() -> None:
    """Bins, unknown and missing add up to the rows whatever the values are."""
    features = audited.rows(1000)
    features[:7, 2] = -1.0
    features[7:9, 2] = 17.0
    features[:3, 0] = [np.inf, -np.inf, 1e300]
    counts = audited.reference().bins.count(features)
    assert rows(counts).tolist() == [1000] * 4
    assert counts[2, UNKNOWN] == 9
    assert counts[1, MISSING] == np.isnan(features[:, 1]).sum()
    assert counts[0, OUT_OF_RANGE] >= 3


def test_counting_agrees_with_searchsorted() -> None:
    """The column-free comparison puts every number where a binary search over the edges puts it."""
    features, reference = audited.rows(2000, seed=5), audited.reference()
    counts = reference.bins.count(features)
    for column in (0, 1, 3):
        edges = reference.bins.edges[column]
        present = features[:, column][~np.isnan(features[:, column])]
        expected = np.bincount(np.searchsorted(edges, present, side="left"), minlength=CELLS)
        assert counts[column, :UNKNOWN].tolist() == expected[:UNKNOWN].tolist()
