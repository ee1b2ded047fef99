"""Kinds of model compared."""

from tests.unit.training.fit.small_folds import QUICK, folds
from training.evaluation.compare import compare


def test_every_kind_is_compared_with_every_balance() -> None:
    """The dummy knows nothing, all others something; every figure has its interval."""
    rows = compare(folds(), QUICK, seed=0)
    assert len(rows) == 1 + 5 * 3
    by_model = {(row.model, row.balance): row for row in rows}
    assert by_model["dummy", "nothing"].mean.auc == 0.5
    assert all(row.mean.auc > 0.6 for row in rows if row.model != "dummy")
    assert all(row.half_width.auc > 0 for row in rows if row.model != "dummy")
