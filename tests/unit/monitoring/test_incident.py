"""The verdict on a scripted incident; the incident itself needs a running stack (`make incident`)."""

from __future__ import annotations

from pathlib import Path

from benchmarks.incident import EXPECTED, Intake, computed_from, verdict

KNOWN = {("FeatureDrift", "AMT_REQ_CREDIT_BUREAU_MON")}


def test_all_as_it_should_be() -> None:
    """Expected alerts, and what follows from the causes, fire and recover: good, whatever fired before."""
    during = (
        KNOWN
        | EXPECTED
        | {("ScoreDrift", ""), ("FeatureDrift", "ANNUITY_TO_INCOME"), ("FeatureMissing", "EXT_2_TIMES_3")}
    )
    result = verdict(KNOWN, during, KNOWN)
    assert result.good
    assert result.line() == "expected=2 fired=2 unexpected=0 unresolved=0"


def test_each_fault_is_counted() -> None:
    """A missing alert, a wrong one and one that stays are each told."""
    result = verdict(set(), {("FeatureMissing", "EXT_SOURCE_2"), ("FeatureDrift", "AMT_CREDIT")}, {("NoDecisions", "")})
    assert not result.good
    assert result.line() == "expected=2 fired=1 unexpected=1 unresolved=1"


def test_an_alert_that_fired_already_proves_nothing() -> None:
    """An expected alert must be new: one that fired before the incident does not count."""
    assert verdict(set(EXPECTED), set(EXPECTED), set()).line() == "expected=2 fired=0 unexpected=0 unresolved=0"


def test_features_computed_from_a_cause_are_found() -> None:
    """Ratios of income follow income; what has nothing to do with it does not."""
    touched = computed_from(("AMT_INCOME_TOTAL",))
    assert {"AMT_INCOME_TOTAL", "ANNUITY_TO_INCOME"} <= touched
    assert "DAYS_BIRTH" not in touched


def test_the_hurt_is_as_told() -> None:
    """A third of the applications lose EXT_SOURCE_2, all incomes grow by 1.3, the table's rows stay as they are."""
    intake = Intake("unused", Path("unused"), 1.0)
    row = {"SK_ID_CURR": 1, "AMT_INCOME_TOTAL": 100.0, "EXT_SOURCE_2": 0.5}
    hurt = []
    for intake.sent in range(9):
        hurt.append(intake._hurt(row))
    assert sum("EXT_SOURCE_2" not in h for h in hurt) == 3
    assert {h["AMT_INCOME_TOTAL"] for h in hurt} == {130.0}
    assert row["AMT_INCOME_TOTAL"] == 100.0
