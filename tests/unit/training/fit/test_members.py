"""Several boosters over seeds as the model of some rows."""

import numpy as np

from credit.application import FloatArray
from credit.measures import auc
from tests.unit.training.fit.small_folds import QUICK, folds
from training.fit.boosting import Binned, raw_scores
from training.fit.members import fit_joined, fit_parts, member_seed
from training.progress import no_progress

FEATURES = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL", "DAYS_BIRTH")
FIVE = QUICK.model_copy(update={"members": 5, "feature_fraction": 0.5})


def test_members_share_the_trees_at_a_rate_as_many_times_as_high() -> None:
    """The joined model is as large as one booster, and its score the mean of the members' own."""
    fold = folds()[0]
    settings = FIVE.model_copy(update={"trees": 22})
    joined = fit_joined(fold.X_train, fold.y_train, FEATURES, settings, 3)
    assert joined.num_trees() == 22
    data = Binned(fold.X_train, fold.y_train, FEATURES)
    members = [
        data.fit(settings, member_seed(3, m), trees=trees, learning_rate=5 * settings.learning_rate)
        for m, trees in enumerate((5, 5, 4, 4, 4))
    ]
    mean = np.mean([raw_scores(member, fold.X_test) for member in members], axis=0)
    assert np.allclose(raw_scores(joined, fold.X_test), mean, rtol=0, atol=1e-12)


def test_a_seed_moves_several_members_less_than_one() -> None:
    """What the joining is for: over eight seeds the scores of five members lie closer together than those of one."""
    fold = folds()[0]

    def spread(members: int) -> float:
        settings = FIVE.model_copy(update={"members": members, "trees": 60, "learning_rate": 0.02})
        scores = [
            raw_scores(fit_joined(fold.X_train, fold.y_train, FEATURES, settings, seed), fold.X_test)
            for seed in range(8)
        ]
        return float(np.std(scores, axis=0).mean())

    assert spread(5) < 0.8 * spread(1)


def test_rows_decide_how_many_members_and_draws_there_are() -> None:
    """A trial on a few rows stays as quick as it was, the demo's 20,000 too; a setting has the last word."""
    assert (QUICK.settled(20_000).members, QUICK.settled(20_000).draws) == (1, 1)
    many = QUICK.settled(25_000)
    assert many.members > 1
    assert many.draws > 1
    told = QUICK.model_copy(update={"members": 2, "draws": 4})
    assert told.settled(100) == told.settled(10**6) == told


def test_each_part_of_the_rows_selects_and_learns_from_itself_alone() -> None:
    """Labels of rows outside a part change nothing of its fit, whatever the number of threads."""
    X, y = _rows()
    settings = FIVE.model_copy(update={"members": 2, "draws": 2, "trees": 12, "l2": 1.0})
    parts = [np.arange(600), np.arange(300, 900)]

    def fit(labels: FloatArray, threads: int) -> bytes:
        chosen = settings.model_copy(update={"threads": threads})
        first = fit_parts(X, labels, FEATURES, chosen, 1, parts, no_progress)[0]
        assert len(first.verdicts) == len(FEATURES)
        assert auc(raw_scores(first.booster, X[600:, first.columns]), y[600:]) > 0.6
        return raw_scores(first.booster, np.ascontiguousarray(X[:, first.columns])).tobytes()

    outside = y.copy()
    outside[600:] = 1 - outside[600:]
    assert fit(y, 1) == fit(outside, 2)


def test_seeds_of_neighbouring_runs_have_nothing_in_common() -> None:
    """A run by the next seed is another draw throughout."""
    seeds = {member_seed(run, part, member) for run in range(5) for part in range(6) for member in range(5)}
    assert len(seeds) == 150


def _rows() -> tuple[FloatArray, FloatArray]:
    fold = folds()[0]
    return np.concatenate([fold.X_train, fold.X_test]), np.concatenate([fold.y_train, fold.y_test])
