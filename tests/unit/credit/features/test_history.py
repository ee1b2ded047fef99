"""How history features are declared."""

from __future__ import annotations

from credit.features.history import ALL, Relation, Subset, Value, counts, declare

LOANS = Relation("LOAN", ("loans",), "loans", "DAY", "loans")
ACTIVE = Subset("ACTIVE", "STATE = 'Active'", " that are active")
DEBT = Value("DEBT", "AMT_DEBT", "debt", "R19", 1)


def test_a_feature_for_each_subset_value_and_aggregate() -> None:
    """Names join relation, subset, value and aggregate; the text says the same in words."""
    found = list(declare(LOANS, (ALL, ACTIVE), ((DEBT, ("sum", "last")),)))
    names = ["LOAN_DEBT_SUM", "LOAN_DEBT_LAST", "LOAN_ACTIVE_DEBT_SUM", "LOAN_ACTIVE_DEBT_LAST"]
    assert [feature.name for feature in found] == names
    assert found[2].description == "Total debt, loans that are active"


def test_a_definition_tells_all_that_changes_the_number() -> None:
    """Value, unit, rows, subset, and for the latest the order: what the catalog's hash is made from."""
    (last,) = declare(LOANS, (ACTIVE,), ((DEBT, ("last",)),))
    assert last.definition == "last(AMT_DEBT; 0.001) by DAY of loans where STATE = 'Active'"
    (total,) = declare(LOANS, (ALL,), ((DEBT, ("sum",)),))
    assert total.definition == "sum(AMT_DEBT; 0.001) of loans"


def test_counts_have_a_share_but_for_all_rows() -> None:
    """The share of all rows would be 1 for everybody."""
    assert [f.name for f in counts(LOANS, "R21", (ALL, ACTIVE))] == [
        "LOAN_N_COUNT",
        "LOAN_ACTIVE_N_COUNT",
        "LOAN_ACTIVE_SHARE",
    ]
    assert [f.name for f in counts(LOANS, "R21", (ACTIVE,), share=False)] == ["LOAN_ACTIVE_N_COUNT"]
