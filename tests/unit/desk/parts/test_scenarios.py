"""Scenarios compared: what was changed, and what it would come to."""

from __future__ import annotations

from desk.parts.scenarios import KeptScenario, changed_cells, comparison, in_words
from desk.shown import ShownDecision, ShownPolicy
from desk.words import speak

BEFORE = {"AMT_CREDIT": 500_000.0, "DAYS_EMPLOYED": -1826, "NAME_HOUSING_TYPE": "With parents"}


def result(outcome: str, probability: float) -> ShownDecision:
    policy = ShownPolicy(0.1, 0.08, 0.12)
    return ShownDecision(
        "d", 1, outcome, outcome, probability, 600, policy, (), "1", "full", 0, stored=False, simulated=True
    )


def test_only_what_differs_was_changed() -> None:
    """Cells that are as they were are no change."""
    after = BEFORE | {"AMT_CREDIT": 300_000.0}
    assert changed_cells(BEFORE, after) == {"AMT_CREDIT": 300_000.0}


def test_changes_are_told_in_words() -> None:
    """A change has its label and both values in the units of people."""
    speak("en")
    changes = {"AMT_CREDIT": 300_000.0, "DAYS_EMPLOYED": -3652, "NAME_HOUSING_TYPE": "House / apartment"}
    assert in_words(BEFORE, changes) == [
        "Credit asked for: 500,000 → 300,000",
        "Years with the employer: 5 years → 10 years",
        "Housing: With parents → House or apartment",
    ]


def test_scenarios_stand_beside_the_application_as_it_is() -> None:
    """The first row is what is on file; each other has its difference in points."""
    speak("en")
    kept = [KeptScenario("Smaller", 1, {"AMT_CREDIT": 300_000.0}, result("approve", 0.07))]
    rows = comparison(BEFORE, result("decline", 0.15), kept)
    assert [list(row.values()) for row in rows] == [
        ["As it is", "–", "Declined", "15.0%", "±0 points"],
        ["Smaller", "Credit asked for: 500,000 → 300,000", "Approved", "7.0%", "−8 points"],
    ]
