"""A model's columns."""

import numpy as np

from credit.features import CATALOG
from credit.manifest import DerivedFeature
from training.fit.derived import DerivedFit
from training.fit.matrix import model_matrix


def test_columns_come_in_the_model_s_order_from_both_sides() -> None:
    """Assembled features by their place in the catalog, derived ones from their own fit."""
    width = len(CATALOG.assembled_names)
    X = np.arange(2.0 * width).reshape(2, width)
    names = ("EXT_SOURCE_1_PREDICTED", "EXT_SOURCE_3_PREDICTED")
    derived = DerivedFit(
        tuple(DerivedFeature(name=name, booster="", inputs=()) for name in names), (), np.array([[-1.0, -2.0]] * 2)
    )
    picked = model_matrix(X, derived, (names[1], "AMT_CREDIT", names[0]))
    at = CATALOG.index["AMT_CREDIT"]
    assert picked.tolist() == [[-2.0, at, -1.0], [-2.0, width + at, -1.0]]
    assert picked.flags["C_CONTIGUOUS"]
