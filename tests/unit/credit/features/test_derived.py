"""Features that a model's own boosters predict."""

from __future__ import annotations

from credit.features import CATALOG
from credit.features.derived import DERIVED_FEATURES, DERIVED_TARGETS, EARLIER_INPUTS, EARLIER_TARGETS


def test_each_external_score_has_a_prediction_beside_it() -> None:
    """A derived feature names the column it stands for, and comes after all that `assemble` computes."""
    assert [f.name for f in DERIVED_FEATURES] == [*DERIVED_TARGETS, *EARLIER_TARGETS]
    assert set(DERIVED_TARGETS.values()) <= set(CATALOG.assembled_names)
    assert not set(DERIVED_TARGETS) & set(CATALOG.assembled_names)


def test_term_and_interest_are_predicted_from_the_application_s_own_amounts() -> None:
    """What earlier loans teach is asked of features that any application has, and the definition tells all of it."""
    assert all(CATALOG[name].source == "application" for name in EARLIER_INPUTS)
    for name, target in EARLIER_TARGETS.items():
        assert target in CATALOG[name].definition
        assert all(column in CATALOG[name].definition for column in EARLIER_INPUTS)
