"""Features of application and history together."""

from __future__ import annotations

import pytest

from credit.features import CATALOG
from tests.fixtures.features import APPLICATION, feature, no_history


def test_combined_features_read_the_history_vector() -> None:
    """A history value arrives in the ratio that uses it."""
    history = no_history()
    history[0, CATALOG.history_names.index("BUREAU_DEBT_SUM")] = 100_000.0
    assert feature(APPLICATION, "BUREAU_DEBT_TO_INCOME", history) == pytest.approx(0.5)
    assert feature(APPLICATION, "ALL_DEBT_TO_INCOME", history) == pytest.approx(3.0)
    assert feature(APPLICATION, "BUREAU_DEBT_SUM", history) == 100_000.0
