"""Buildings as drawn."""

import numpy as np
import pytest

from training.data.generation.building import draw_building
from training.data.generation.draws import Columns


def test_what_is_missing_of_a_building_is_missing_together() -> None:
    """Shares like those of the real tables; who has a rarer fact has the more common ones too."""
    n = 20_000
    drawn: Columns = {}
    draw_building(np.random.default_rng(0), drawn, np.zeros(n))
    missing = {name: np.isnan(drawn[name]) for name in ("COMMONAREA_AVG", "APARTMENTS_AVG", "TOTALAREA_MODE")}
    assert [part.mean() for part in missing.values()] == pytest.approx([0.699, 0.51, 0.482], abs=0.02)
    assert not (missing["APARTMENTS_AVG"] & ~missing["COMMONAREA_AVG"]).any()
    assert (np.isnan(drawn["APARTMENTS_MEDI"]) == missing["APARTMENTS_AVG"]).all()


def test_measures_are_normalised() -> None:
    """Every number lies between 0 and 1."""
    drawn: Columns = {}
    draw_building(np.random.default_rng(0), drawn, np.random.default_rng(1).normal(size=2_000))
    numbers = [column for column in drawn.values() if isinstance(column, np.ndarray)]
    assert len(numbers) == 14 * 3 + 1
    assert all(np.nanmin(column) >= 0 and np.nanmax(column) <= 1 for column in numbers)
