"""From contributions to principal reasons."""

from __future__ import annotations

import numpy as np

from credit.application import FloatArray
from credit.features.catalog import Catalog, Feature, Subject
from credit.policy import Outcome
from credit.reasons import MAX_REASONS, ReasonTable, principal_reasons

SUBJECTS = {
    key: Subject(f"R{i:02}", key, f"{key} too bad", f"{key} good", protected=key == "gender")
    for i, key in enumerate(["debt", "income", "history", "gender", "age", "flat", "phone"])
}
FEATURES = tuple(
    Feature(name, "application", subject, name, name, protected=name == "AGE")
    for name, subject in [
        ("DEBT", "debt"),
        ("DEBT_RATIO", "debt"),
        ("INCOME", "income"),
        ("LATE", "history"),
        ("GENDER", "gender"),
        ("AGE", "age"),
        ("FLAT", "flat"),
        ("PHONE", "phone"),
    ]
)
CATALOG = Catalog(FEATURES, SUBJECTS)
NAMES = tuple(f.name for f in FEATURES)
TABLE = ReasonTable.of(CATALOG, NAMES, np.zeros(len(FEATURES)))
WEIGHTS = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])


def linear(X: FloatArray) -> FloatArray:
    """Return the score of a model whose contributions are its features."""
    return np.asarray(X @ WEIGHTS)


def given(rows: list[list[float]], outcome: Outcome) -> tuple[list[list[str]], FloatArray, int]:
    X = np.array(rows)
    reasons, failures = principal_reasons(
        TABLE, X * WEIGHTS, X, linear(X), np.full(len(X), outcome, dtype=np.int8), linear
    )
    keys = list(SUBJECTS)
    return [[keys[s] for s in row if s >= 0] for row in reasons.subject], reasons.share, failures


def test_features_of_one_subject_are_one_reason_and_name_the_strongest() -> None:
    """Two features of debt add up to one reason, which shows the stronger of them."""
    X = np.array([[0.4, 0.5, 0.8, 0, 0, 0, 0, 0]])
    reasons, _ = principal_reasons(TABLE, X, X, linear(X), np.array([Outcome.DECLINE], dtype=np.int8), linear)
    assert list(SUBJECTS)[reasons.subject[0, 0]] == "debt"
    assert NAMES[reasons.feature[0, 0]] == "DEBT_RATIO"
    assert np.isclose(reasons.share[0, 0], 0.9 / 1.7)


def test_declines_name_what_pushed_to_default_and_approvals_what_spoke_against_it() -> None:
    """The same contributions give other reasons when the outcome is the other."""
    row = [0.5, 0.0, -0.7, 0.2, 0, 0, 0, 0]
    assert given([row], Outcome.DECLINE)[0] == [["debt", "history"]]
    assert given([row], Outcome.REFER)[0] == [["debt", "history"]]
    assert given([row], Outcome.APPROVE)[0] == [["income"]]


def test_protected_attributes_are_never_a_reason() -> None:
    """Neither a protected subject nor one that holds a protected feature is named, however strong."""
    assert given([[0.1, 0, 0, 0, 5, 5, 0, 0]], Outcome.DECLINE)[0] == [["debt"]]


def test_at_most_four_reasons_strongest_first() -> None:
    """Five subjects push, four are named, in the order of their push."""
    named, share, _ = given([[0.5, 0, 0.4, 0.3, 0, 0, 0.2, 0.1]], Outcome.DECLINE)
    assert named == [["debt", "income", "history", "flat"]]
    assert len(named[0]) == MAX_REASONS
    assert (np.diff(share[0]) <= 0).all()


def test_a_subject_whose_neutralising_does_not_help_is_no_reason() -> None:
    """The model has the last word, not the contribution; the next subject takes the place, failures are counted."""

    def stubborn(X: FloatArray) -> FloatArray:
        return np.asarray(X[:, 2:] @ WEIGHTS[2:] + 0.9)

    X = np.array([[0.9, 0.0, 0.5, 0, 0, 0, 0, 0]])
    outcome = np.array([Outcome.DECLINE], dtype=np.int8)
    reasons, failures = principal_reasons(TABLE, X, X, stubborn(X), outcome, stubborn)
    assert [list(SUBJECTS)[s] for s in reasons.subject[0] if s >= 0] == ["income"]
    assert failures == 1


def test_rows_are_independent() -> None:
    """A batch gives each row what it would get alone."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(64, len(FEATURES)))
    outcome = rng.integers(0, 3, 64).astype(np.int8)
    together, _ = principal_reasons(TABLE, X, X, linear(X), outcome, linear)
    for i in range(64):
        alone, _ = principal_reasons(
            TABLE, X[i : i + 1], X[i : i + 1], linear(X[i : i + 1]), outcome[i : i + 1], linear
        )
        assert together.subject[i].tolist() == alone.subject[0].tolist()


def test_nobody_to_decide_gives_no_reasons() -> None:
    """An empty batch is a batch."""
    empty = np.empty((0, len(FEATURES)))
    reasons, failures = principal_reasons(TABLE, empty, empty, np.empty(0), np.empty(0, dtype=np.int8), linear)
    assert reasons.subject.shape == (0, MAX_REASONS)
    assert failures == 0


def test_a_decision_gets_the_same_reasons_alone_and_in_a_batch() -> None:
    """To the bit: subjects of many features are summed in one order, whatever else is decided beside a row."""
    random = np.random.default_rng(3)
    wide = ReasonTable(np.repeat([0, 1, 2], 40), np.ones(3, dtype=np.bool_), np.zeros(120))
    X = random.normal(size=(50, 120)) * 10.0 ** random.integers(-8, 8, size=(50, 120))
    outcome = np.full(50, Outcome.DECLINE, dtype=np.int8)

    def rescore(rows: FloatArray) -> FloatArray:
        return np.asarray([sum(row) for row in rows.tolist()])

    together, _ = principal_reasons(wide, X, X, rescore(X), outcome, rescore)
    for i in range(len(X)):
        row = X[i : i + 1]
        alone, _ = principal_reasons(wide, row, row, rescore(row), outcome[:1], rescore)
        assert alone.share.tobytes() == together.share[i : i + 1].tobytes()
        assert alone.subject.tobytes() == together.subject[i : i + 1].tobytes()
