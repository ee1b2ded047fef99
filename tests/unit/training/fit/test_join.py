"""Several boosters as one model text."""

from pathlib import Path

import lightgbm
import numpy as np
import pytest

from credit.application import FloatArray
from tests.unit.training.fit.small_folds import QUICK, folds
from training.fit.boosting import Binned, Booster, raw_scores
from training.fit.join import join
from treeshap import TreeShap

FEATURES = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL", "EXT_SOURCE_1")
COLUMNS = ([0, 1, 3], [2, 0], [3, 2, 1])  # the last in another order
CONSTRAINED = QUICK.model_copy(update={"monotone": True})


def _members() -> tuple[list[Booster], FloatArray]:
    fold = folds()[0]
    boosters = [
        Binned(np.ascontiguousarray(fold.X_train[:, places]), fold.y_train, [FEATURES[i] for i in places]).fit(
            CONSTRAINED, seed, trees=7 + seed
        )
        for seed, places in enumerate(COLUMNS)
    ]
    return boosters, fold.X_test


def test_the_raw_score_is_the_mean_of_the_members_and_so_is_each_contribution() -> None:
    """Members of other columns, orders and numbers of trees; rows with missing values."""
    boosters, X = _members()
    model = join(boosters, COLUMNS, FEATURES)
    assert model.num_trees() == 7 + 8 + 9
    assert model.num_feature() == len(FEATURES)
    mean = np.mean([raw_scores(b, X[:, places]) for b, places in zip(boosters, COLUMNS, strict=True)], axis=0)
    assert np.allclose(raw_scores(model, X), mean, rtol=0, atol=1e-12)
    contributions = np.zeros((len(X), len(FEATURES) + 1))
    for booster, places in zip(boosters, COLUMNS, strict=True):
        contributions[:, [*places, -1]] += booster.predict(X[:, places], pred_contrib=True, num_threads=1) / 3
    assert np.allclose(model.predict(X, pred_contrib=True, num_threads=1), contributions, rtol=0, atol=1e-12)
    assert np.allclose(TreeShap(model).contributions(X), contributions, rtol=0, atol=1e-9)


def test_its_text_is_read_again_to_the_same_bits_and_tells_the_directions(tmp_path: Path) -> None:
    """What is registered is what was measured."""
    boosters, X = _members()
    model = join(boosters, COLUMNS, FEATURES)
    model.save_model(str(tmp_path / "model.lgb"))
    read = lightgbm.Booster(model_file=str(tmp_path / "model.lgb"))
    assert raw_scores(read, X).tobytes() == raw_scores(model, X).tobytes()
    text = (tmp_path / "model.lgb").read_text(encoding="utf-8")
    assert f"feature_names={' '.join(FEATURES)}\n" in text
    assert "\nmonotone_constraints=0 0 0 -1\n" in text
    assert read.feature_importance("split").sum() == sum(b.feature_importance("split").sum() for b in boosters)


def test_a_member_without_a_split_still_counts() -> None:
    """A tree that is one leaf holds the initial score."""
    fold = folds()[0]
    stump = Binned(fold.X_train, fold.y_train, FEATURES).fit(QUICK, 0, trees=1, min_data_in_leaf=10_000)
    grown = Binned(fold.X_train, fold.y_train, FEATURES).fit(QUICK, 0, trees=3)
    everything = list(range(len(FEATURES)))
    model = join([stump, grown], [everything, everything], FEATURES)
    mean = (raw_scores(stump, fold.X_test) + raw_scores(grown, fold.X_test)) / 2
    assert np.allclose(raw_scores(model, fold.X_test), mean, rtol=0, atol=1e-12)
    assert join([grown], [everything], FEATURES) is grown


def test_linear_leaves_are_refused() -> None:
    """They hold coefficients that no division of a leaf's value reaches."""
    fold = folds()[0]
    linear = Binned(fold.X_train, fold.y_train, FEATURES).fit(QUICK, 0, trees=2)
    text = linear.model_to_string().replace("is_linear=0", "is_linear=1")

    class Linear:
        """A booster's text that says its leaves are linear."""

        def model_to_string(self) -> str:
            return text

    everything = list(range(len(FEATURES)))
    with pytest.raises(ValueError, match="linear"):
        join([Linear(), linear], [everything, everything], FEATURES)  # type: ignore[list-item]
