"""Features that a model's own boosters predict."""

from __future__ import annotations

from credit.features import CATALOG
from credit.features.derived import DERIVED_FEATURES, DERIVED_TARGETS


def test_each_external_score_has_a_prediction_beside_it() -> None:
    """A derived feature names the column it stands for, and comes after all that `assemble` computes."""
    assert [f.name for f in DERIVED_FEATURES] == list(DERIVED_TARGETS)
    assert set(DERIVED_TARGETS.values()) <= set(CATALOG.assembled_names)
    assert not set(DERIVED_TARGETS) & set(CATALOG.assembled_names)
