"""The feature catalog and the computation of application features."""

import warnings
from collections import Counter

import numpy as np
import pytest

from credit.application import encode_rows
from credit.features import CATALOG, HISTORY_FEATURES, assemble
from credit.features.expressions import Expr, Program, col, count_missing, mean, missing_if, spread, total
from credit.schema import APPLICATION_COLUMNS

APPLICATION = {
    "NAME_CONTRACT_TYPE": "Cash loans",
    "CODE_GENDER": "F",
    "AMT_INCOME_TOTAL": 200_000.0,
    "AMT_CREDIT": 500_000.0,
    "AMT_ANNUITY": 25_000.0,
    "AMT_GOODS_PRICE": 400_000.0,
    "DAYS_BIRTH": -12_000.0,
    "DAYS_EMPLOYED": -1_200.0,
    "CNT_FAM_MEMBERS": 2.0,
    "EXT_SOURCE_1": 0.2,
    "EXT_SOURCE_3": 0.6,
}


def no_history(n: int = 1) -> np.ndarray:
    return np.full((n, len(CATALOG.history_names)), np.nan, dtype=np.float32)


def feature(row: dict[str, object], name: str, history: np.ndarray | None = None) -> float:
    X = assemble(encode_rows([row]), no_history() if history is None else history)
    return float(X[0, CATALOG.index[name]])


def test_every_feature_has_a_name_of_its_own_a_subject_and_a_text() -> None:
    """No two features share a name, and each can be explained."""
    assert [n for n, k in Counter(CATALOG.names).items() if k > 1] == []
    assert {f.subject for f in CATALOG.features} <= set(CATALOG.subjects)
    assert all(f.description and f.definition for f in CATALOG.features)
    assert len(CATALOG.history_names) == len(HISTORY_FEATURES) >= 300


def test_features_stand_in_the_order_of_their_sources() -> None:
    """Application, combined, history, derived: what `assemble` returns is a prefix of the catalog."""
    order = ["application", "combined", "history", "derived"]
    places = [order.index(f.source) for f in CATALOG.features]
    assert places == sorted(places)
    assert CATALOG.names[: len(CATALOG.assembled_names)] == CATALOG.assembled_names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CREDIT_TO_INCOME", 2.5),
        ("ANNUITY_TO_CREDIT", 0.05),
        ("CREDIT_TO_GOODS", 1.25),
        ("EMPLOYED_TO_AGE", 0.1),
        ("INCOME_PER_PERSON", 100_000.0),
        ("EXT_MEAN", 0.4),
        ("EXT_MIN", 0.2),
        ("EXT_MAX", 0.6),
        ("EXT_MISSING", 1.0),
        ("EXT_SPREAD", 0.2),
        ("EXT_WEIGHTED", (0.2 * 2 + 0.6 * 4) / 6),
        ("HISTORY_MISSING", 4.0),
    ],
)
def test_ratios_are_what_their_names_say(name: str, expected: float) -> None:
    """A feature computed by hand agrees."""
    assert feature(APPLICATION, name) == pytest.approx(expected, rel=1e-12)


def test_what_is_missing_stays_missing() -> None:
    """A ratio with a missing or zero part is missing, and nothing warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(feature(APPLICATION | {"AMT_GOODS_PRICE": None}, "CREDIT_TO_GOODS"))
        assert np.isnan(feature(APPLICATION | {"AMT_INCOME_TOTAL": 0.0}, "CREDIT_TO_INCOME"))
        assert np.isnan(feature({"AMT_CREDIT": 1.0}, "EXT_MEAN"))


def test_never_employed_is_missing_and_not_a_thousand_years() -> None:
    """DAYS_EMPLOYED 365243 is Home Credit's mark for no employment."""
    row = APPLICATION | {"DAYS_EMPLOYED": 365243.0}
    assert np.isnan(feature(row, "DAYS_EMPLOYED"))
    assert np.isnan(feature(row, "EMPLOYED_TO_AGE"))


def test_combined_features_read_the_history_vector() -> None:
    """A history value arrives in the ratio that uses it."""
    history = no_history()
    history[0, CATALOG.history_names.index("BUREAU_DEBT_SUM")] = 100_000.0
    assert feature(APPLICATION, "BUREAU_DEBT_TO_INCOME", history) == pytest.approx(0.5)
    assert feature(APPLICATION, "ALL_DEBT_TO_INCOME", history) == pytest.approx(3.0)
    assert feature(APPLICATION, "BUREAU_DEBT_SUM", history) == 100_000.0


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


def test_the_hash_changes_with_a_definition() -> None:
    """A model trained on other definitions must not be served."""
    from dataclasses import replace

    from credit.features.catalog import Catalog

    first = replace(CATALOG.features[0], definition="something else")
    assert Catalog((first, *CATALOG.features[1:]), CATALOG.subjects).hash != CATALOG.hash
    assert Catalog(CATALOG.features, CATALOG.subjects).hash == CATALOG.hash


def test_protected_attributes_are_marked() -> None:
    """Gender and family status are audit attributes, and their subjects, with age, are never a reason."""
    assert CATALOG["CODE_GENDER"].protected
    assert CATALOG["NAME_FAMILY_STATUS"].protected
    assert all(CATALOG.subjects[CATALOG[name].subject].protected for name in ("CODE_GENDER", "DAYS_BIRTH"))
    readers = [f.name for f in CATALOG.features if "CODE_GENDER" in f.definition or "NAME_FAMILY" in f.definition]
    assert readers == ["CODE_GENDER", "NAME_FAMILY_STATUS"]


def run(expr: Expr, **columns: float) -> float:
    return float(Program(tuple(columns), (expr,)).run(np.array([list(columns.values())]))[0, 0])


def test_a_definition_is_the_text_of_what_is_computed() -> None:
    """The definition that is hashed is printed from the expression that runs."""
    expr = (col("a") - 1.0) / missing_if(col("b"), 5.0)
    assert str(expr) == "((a - 1) / missing_if(b, 5))"
    assert run(expr, a=3.0, b=4.0) == 0.5
    assert np.isnan(run(expr, a=3.0, b=5.0))


def test_statistics_leave_out_what_is_missing() -> None:
    """Mean, total and spread count only what is there."""
    nan = float("nan")
    values = (col("a"), col("b"), col("c"))
    assert run(mean(*values), a=1.0, b=nan, c=3.0) == 2.0
    assert run(total(*values), a=1.0, b=nan, c=3.0) == 4.0
    assert run(spread(*values), a=1.0, b=nan, c=3.0) == 1.0
    assert run(count_missing(*values), a=nan, b=nan, c=3.0) == 2.0
    assert np.isnan(run(mean(*values), a=nan, b=nan, c=nan))


def test_an_unknown_column_is_a_mistake_when_the_program_is_built() -> None:
    """A misspelt column fails at import, not at an applicant."""
    with pytest.raises(ValueError, match="NO_SUCH"):
        Program(("a",), (col("NO_SUCH") + 1.0,))
