"""What is worked out of a version once."""

from __future__ import annotations

import numpy as np
import pytest

from credit.errors import UnknownFeature
from serve_app.insight.model_view import ModelView


def test_contributions_are_lightgbm_s_own(view: ModelView) -> None:
    """Over the whole sample, several blocks of it, within single precision."""
    X = view.sample.features(0, len(view.sample))
    exact = view.model.reference_contributions(X)[:, :-1]
    np.testing.assert_allclose(view.contributions, exact, atol=1e-5)
    np.testing.assert_allclose(view.mean_absolute, np.abs(exact).mean(axis=0), atol=1e-6)


def test_a_feature_that_the_model_does_not_read_is_unknown(view: ModelView) -> None:
    """The message says where to look."""
    assert view.place("DAYS_BIRTH") == 2
    with pytest.raises(UnknownFeature, match="GET /v1/catalog"):
        view.place("CODE_GENDER")
