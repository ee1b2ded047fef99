"""Tuning, pruned and taken up again."""

from pathlib import Path

from tests.unit.training.fit.small_folds import QUICK, folds
from training.fit.tune import tune


def test_tuning_starts_from_the_settings_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A study that was broken off is continued, and its best is never worse than the settings given."""
    names = [("AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL", "DAYS_BIRTH")] * 3
    first = tune(folds(), names, QUICK, 0, trials=1, storage=tmp_path / "study.db")
    assert (first.trials, first.auc) == (1, first.auc_before)
    more = tune(folds(), names, QUICK, 0, trials=3, storage=tmp_path / "study.db")
    assert more.trials == 3
    assert more.auc >= first.auc
    assert more.auc_before == first.auc_before
