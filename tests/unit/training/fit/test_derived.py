"""What an application does not tell, predicted from the rest of the row."""

import numpy as np
import pytest

from credit.features import CATALOG
from credit.features.derived import DERIVED_TARGETS, EARLIER_INPUTS, EARLIER_TARGETS
from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset
from training.data.earlier import EarlierCredits
from training.fit import derived
from training.fit.derived import fit_derived, inputs_of


def rows(n: int, seed: int = 0) -> np.ndarray:
    """Assembled features where the second external score follows from the loan and its annuity."""
    rng = np.random.default_rng(seed)
    X = np.full((n, len(CATALOG.assembled_names)), np.nan)
    X[:, CATALOG.index["AMT_CREDIT"]], X[:, CATALOG.index["AMT_ANNUITY"]] = rng.normal(size=(2, n))
    score = X[:, CATALOG.index["AMT_CREDIT"]] + 0.1 * rng.normal(size=n)
    X[:, CATALOG.index["EXT_SOURCE_2"]] = np.where(rng.random(n) < 0.3, np.nan, score)
    return X


def dataset(X: np.ndarray, unlabelled: np.ndarray | None = None, earlier: EarlierCredits | None = None) -> Dataset:
    """Labelled rows whose labels nothing here reads."""
    n = len(X)
    return Dataset(
        np.arange(n),
        X,
        np.zeros(n),
        np.empty((n, 0)),
        X[:0] if unlabelled is None else unlabelled,
        (),
        earlier or EarlierCredits.none(),
    )


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derived, "_TREES", 40)


@pytest.mark.parametrize("target", sorted(DERIVED_TARGETS.values()))
def test_a_score_is_never_predicted_from_itself(target: str) -> None:
    """Nor from a feature that contains it, nor from a protected one."""
    inputs = inputs_of(target, QUICK)
    assert "AMT_CREDIT" in inputs
    assert target not in inputs
    assert not any(CATALOG[name].protected for name in inputs)
    assert set(inputs) & set(DERIVED_TARGETS.values()) == set(DERIVED_TARGETS.values()) - {target}


def test_every_labelled_row_is_predicted_also_where_the_score_is_missing() -> None:
    """What the rest of the row tells of the score is found; a score that nobody has is left out."""
    X = rows(1_500)
    fit = fit_derived(dataset(X, rows(500, seed=1)), QUICK, seed=0)
    assert [feature.name for feature in fit.features] == ["EXT_SOURCE_2_PREDICTED"]
    assert fit.columns.shape == (1_500, 1)
    missing = np.isnan(X[:, CATALOG.index["EXT_SOURCE_2"]])
    truth = X[:, CATALOG.index["AMT_CREDIT"]]
    assert np.corrcoef(fit.columns[missing, 0], truth[missing])[0, 1] > 0.9


def test_a_row_s_prediction_does_not_know_its_own_score() -> None:
    """Cross-fitted: changing one row's score leaves that row's own prediction as it was."""
    X = rows(600)
    before = fit_derived(dataset(X), QUICK, seed=0).columns[0, 0]
    X[0, CATALOG.index["EXT_SOURCE_2"]] = 1e3
    assert fit_derived(dataset(X), QUICK, seed=0).columns[0, 0] == before


def test_term_and_interest_come_from_earlier_loans_of_like_amounts() -> None:
    """Annuities of two price lists: which term and which interest an application's own amounts stand for is found."""
    rng = np.random.default_rng(5)
    n = 4_000
    credit = rng.uniform(1e5, 1e6, n)
    term = rng.choice([12.0, 24.0, 48.0], n)
    interest = rng.choice([0.01, 0.02], n)
    annuity = credit * (1 / term + interest)
    inputs = np.column_stack([credit, annuity, credit, annuity / credit, credit / credit, annuity / credit, credit * 0])
    assert len(EARLIER_INPUTS) == inputs.shape[1]
    earlier = EarlierCredits(
        inputs[:3_000], np.column_stack([term, interest, annuity * term / credit, annuity * term - credit])[:3_000]
    )
    X = np.full((1_000, len(CATALOG.assembled_names)), np.nan)
    X[:, [CATALOG.index[name] for name in EARLIER_INPUTS]] = inputs[3_000:]
    fit = fit_derived(dataset(X, earlier=earlier), QUICK, seed=0)
    assert [feature.name for feature in fit.features] == list(EARLIER_TARGETS)
    assert np.abs(fit.columns[:, 0] - term[3_000:]).mean() < 1.0
    assert np.corrcoef(fit.columns[:, 1], interest[3_000:])[0, 1] > 0.95
    assert np.corrcoef(fit.columns[:, 3], (annuity * term - credit)[3_000:])[0, 1] > 0.95
    assert fit.of(X[:50]).columns.tobytes() == fit.columns[:50].tobytes(), "others are predicted by the same boosters"


def test_too_few_earlier_loans_leave_both_out() -> None:
    """Ninety loans know no price list."""
    few = EarlierCredits(np.ones((90, len(EARLIER_INPUTS))), np.ones((90, len(EARLIER_TARGETS))))
    assert fit_derived(dataset(rows(10), earlier=few), QUICK, seed=0).features == ()
