"""Reject inference, on applicants whose outcome is known whether they were accepted or not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from credit.errors import TableError
from credit.measures import auc
from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset
from training.fit.boosting import raw_scores
from training.fit.fitted import fit_model
from training.fit.members import fit_joined, fit_rows
from training.fit.rejects import band_rates, with_rejects
from training.settings import TrainingSettings

FEATURES = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL")
SETTINGS = TrainingSettings(trees=60, learning_rate=0.1, l2=10.0, feature_fraction=1.0, threads=1, monotone=False)


@dataclass(frozen=True)
class Applicants:
    """Everybody who applied, what became of them, and whom an earlier lender accepted."""

    X: np.ndarray
    y: np.ndarray
    accepted: np.ndarray

    def scored(self, method: str, uplift: float = 1.0) -> np.ndarray:
        """Learn from the accepted, and from the rejected as the method says; score all."""
        chosen = SETTINGS.model_copy(update={"reject_inference": method, "reject_uplift": uplift})
        rejects = self.X[~self.accepted]
        booster = fit_rows(self.X[self.accepted], self.y[self.accepted], FEATURES, chosen, 5, rejects)
        return 1 / (1 + np.exp(-raw_scores(booster, self.X)))


def applicants(hidden: float, n: int = 12_000) -> Applicants:
    """Draw applicants; the lender saw a column that the model does not, which counts `hidden` in the risk."""
    rng = np.random.default_rng(2)
    X, unseen = rng.normal(size=(n, 3)), rng.normal(size=n)
    risk = -2.2 + 0.9 * X[:, 0] + 0.5 * X[:, 1] + hidden * unseen
    y = (rng.random(n) < 1 / (1 + np.exp(-risk))).astype(float)
    seen_by_lender = 0.9 * X[:, 0] + hidden * unseen + rng.normal(scale=0.5, size=n)
    return Applicants(X, y, seen_by_lender < np.quantile(seen_by_lender, 0.6))


def test_where_the_lender_saw_no_more_neither_way_gains() -> None:
    """The accepted already say what a score means: the rejected are ranked no better, and by drawn outcomes worse."""
    people = applicants(hidden=0.0)
    rejected = ~people.accepted
    none = auc(people.scored("none")[rejected], people.y[rejected])
    fuzzy, parcelling = (auc(people.scored(m)[rejected], people.y[rejected]) for m in ("fuzzy", "parcelling"))
    assert none - 0.05 < fuzzy < none + 0.005
    assert none - 0.05 < parcelling < none


def test_where_the_lender_saw_more_only_the_assumed_uplift_moves_the_level() -> None:
    """The rejected default more than their scores say. Neither way finds that out; one who knows can tell it."""
    people = applicants(hidden=1.2)
    rejected = ~people.accepted
    truth = people.y[rejected].mean()
    level = {
        name: people.scored(method, uplift)[rejected].mean()
        for name, method, uplift in (
            ("none", "none", 1.0),
            ("fuzzy", "fuzzy", 1.0),
            ("parcelling", "parcelling", 1.0),
        )
    }
    assert level["none"] < 0.7 * truth
    assert level["fuzzy"] == pytest.approx(level["none"], rel=0.15)
    assert level["parcelling"] < 0.8 * truth
    ratio = truth / level["parcelling"]  # nobody but a test knows it
    told = people.scored("parcelling", ratio)[rejected].mean()
    assert abs(told - truth) < 0.5 * abs(level["none"] - truth)


def test_fuzzy_rows_weigh_one_together_and_labelled_ones_stay() -> None:
    """Each reject twice, by the mean probability of both halves' models."""
    rng = np.random.default_rng(0)
    X, rejects = rng.normal(size=(40, 2)), rng.normal(size=(7, 2))
    y = (np.arange(40) % 4 == 0).astype(float)
    rows = with_rejects(X, y, rejects, "fuzzy", lambda a, b: lambda r: np.full(len(r), 0.3), uplift=5, bands=2, seed=1)
    assert rows.X[:40].tobytes() == X.tobytes()
    assert rows.y[40:].tolist() == [1.0] * 7 + [0.0] * 7
    assert rows.weight.tolist() == pytest.approx([1.0] * 40 + [0.3] * 7 + [0.7] * 7)


def test_labelled_rows_are_scored_by_the_other_half() -> None:
    """A model that remembers its rows would know their outcomes: no row is scored by one that saw it."""
    seen: list[set[float]] = []

    def fit(X: np.ndarray, y: np.ndarray):
        rows = set(X[:, 0].tolist())
        assert 0 < y.mean() < 1

        def score(other: np.ndarray) -> np.ndarray:
            assert not rows & set(other[:, 0].tolist())
            seen.append(rows)
            return np.full(len(other), 0.1)

        return score

    X = np.arange(20.0)[:, None]
    y = (np.arange(20) < 5).astype(float)
    with_rejects(X, y, X + 100, "parcelling", fit, uplift=1, bands=2, seed=1)
    assert len(seen) == 4


def test_bands_give_the_rate_of_their_labelled_rows_times_the_uplift() -> None:
    """Scores beyond the labelled ones take the nearest band, and no rate reaches 1."""
    scores, y = np.arange(10.0), np.array([0, 0, 0, 0, 1, 0, 1, 1, 0, 1.0])
    rates = band_rates(scores, y, np.array([-5.0, 4.0, 5.0, 99.0]), 2, 1.5)
    assert rates.tolist() == pytest.approx([0.3, 0.3, 0.9, 0.9])
    assert band_rates(scores, y, np.array([99.0]), 2, 3.0).tolist() == [0.99]


def test_without_the_option_rejects_change_nothing() -> None:
    """The default fits the same model to the byte, whatever unlabelled rows there are."""
    people = applicants(0.0, 1_000)
    plain = fit_joined(people.X, people.y, FEATURES, SETTINGS, 3)
    assert fit_rows(people.X, people.y, FEATURES, SETTINGS, 3, people.X).model_to_string() == plain.model_to_string()


def test_a_model_learns_from_the_unlabelled_rows_or_says_that_there_are_none(dataset: Dataset) -> None:
    """Out-of-fold scores change with the option, and a data folder without application_test is refused in one line."""
    settings = QUICK.model_copy(update={"select": False, "trees": 3, "members": 1, "reject_inference": "fuzzy"})
    with pytest.raises(TableError, match="application_test"):
        fit_model(dataset, settings, seed=1)
    data = replace(dataset, X=dataset.X[:300], y=dataset.y[:300], values=dataset.values[:300])
    data = replace(data, client_ids=dataset.client_ids[:300], unlabelled=dataset.X[300:])
    inferred = fit_model(data, settings, seed=1)
    plain = fit_model(data, settings.model_copy(update={"reject_inference": "none"}), seed=1)
    assert inferred.raw.shape == (300,)
    assert not np.allclose(inferred.raw, plain.raw)
