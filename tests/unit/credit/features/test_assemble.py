"""The one computation of application features, for a table and a micro-batch alike."""

from __future__ import annotations

import numpy as np

from credit.features import CATALOG, assemble
from credit.schema import APPLICATION_COLUMNS
from tests.fixtures.features import APPLICATION, feature


def test_never_employed_is_missing_and_not_a_thousand_years() -> None:
    """DAYS_EMPLOYED 365243 is Home Credit's mark for no employment."""
    row = APPLICATION | {"DAYS_EMPLOYED": 365243.0}
    assert np.isnan(feature(row, "DAYS_EMPLOYED"))
    assert np.isnan(feature(row, "EMPLOYED_TO_AGE"))


def test_a_row_gives_the_same_bits_alone_and_in_any_batch() -> None:
    """The online path (n = 1) and the training table (n large) agree bit for bit."""
    rng = np.random.default_rng(0)
    n = 1_500
    values = rng.normal(size=(n, len(APPLICATION_COLUMNS))) * 1e3
    values[rng.random(values.shape) < 0.3] = np.nan
    values[rng.random(values.shape) < 0.1] = 0.0
    history = rng.normal(size=(n, len(CATALOG.history_names))).astype(np.float32)
    history[rng.random(history.shape) < 0.4] = np.nan
    whole = assemble(values, history)
    assert whole.flags.c_contiguous
    assert whole.dtype == np.float64
    for i in (0, 1, 511, 512, 1_499):
        assert assemble(values[i : i + 1], history[i : i + 1]).tobytes() == whole[i : i + 1].tobytes()
