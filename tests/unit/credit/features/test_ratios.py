"""Features of the application alone."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tests.fixtures.features import APPLICATION, feature


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CREDIT_TO_INCOME", 2.5),
        ("ANNUITY_TO_CREDIT", 0.05),
        ("CREDIT_TO_GOODS", 1.25),
        ("EMPLOYED_TO_AGE", 0.1),
        ("INCOME_PER_PERSON", 100_000.0),
        ("EXT_MEAN", 0.4),
        ("EXT_MIN", 0.2),
        ("EXT_MAX", 0.6),
        ("EXT_MISSING", 1.0),
        ("EXT_SPREAD", 0.2),
        ("EXT_WEIGHTED", (0.2 * 2 + 0.6 * 4) / 6),
        ("HISTORY_MISSING", 4.0),
    ],
)
def test_ratios_are_what_their_names_say(name: str, expected: float) -> None:
    """A feature computed by hand agrees."""
    assert feature(APPLICATION, name) == pytest.approx(expected, rel=1e-12)


def test_what_is_missing_stays_missing() -> None:
    """A ratio with a missing or zero part is missing, and nothing warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(feature(APPLICATION | {"AMT_GOODS_PRICE": None}, "CREDIT_TO_GOODS"))
        assert np.isnan(feature(APPLICATION | {"AMT_INCOME_TOTAL": 0.0}, "CREDIT_TO_INCOME"))
        assert np.isnan(feature({"AMT_CREDIT": 1.0}, "EXT_MEAN"))
