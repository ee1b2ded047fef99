"""A model and rows that the tests of this package share; none of them changes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.treeshap.models import Floats, table, train


@pytest.fixture(scope="session")
def rows() -> Floats:
    return table(np.random.default_rng(0), 300, 8, 2, 0.1, 0.1)


@pytest.fixture(scope="session")
def booster(rows: Floats) -> Any:
    return train(rows, np.nan_to_num(rows[:, 0] * rows[:, 3] + rows[:, 9]), 20, categories=(8, 9), num_leaves=15)
