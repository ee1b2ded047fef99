"""What a model's folder says of its features; the folder itself is tested with real MLflow."""

import numpy as np
import pytest

from training.registry.package import typical_values

NAN = float("nan")


def test_a_number_s_typical_value_occurs() -> None:
    """The lower median, so that it is a value some client has."""
    X = np.array([[1.0], [2.0], [30.0], [40.0], [NAN]])
    assert typical_values(X, ("AMT_CREDIT",)) == (2.0,)


def test_a_category_s_typical_value_is_its_most_common() -> None:
    """A median of codes would mean nothing."""
    X = np.array([[0.0], [0.0], [0.0], [4.0], [5.0], [5.0], [5.0], [5.0]])
    assert typical_values(X, ("ORGANIZATION_TYPE",)) == (5.0,)


@pytest.mark.parametrize(("missing", "typical"), [(1, 7.0), (2, None), (3, None)])
def test_missing_is_typical_where_half_have_nothing(missing: int, typical: float | None) -> None:
    """A reason compares with what is usual, and nothing may be."""
    X = np.full((4, 1), 7.0)
    X[:missing] = NAN
    assert typical_values(X, ("AMT_CREDIT",)) == (typical,)
