"""Advice follows from outcome, reasons and search, and from nothing else."""

from __future__ import annotations

from desk.advice import advice_on
from desk.words import speak


def test_a_decline_leads_to_reasons_change_and_contest() -> None:
    """The adviser explains, looks at what the reasons name, offers what was verified, and says how to contest."""
    speak("en")
    advice = advice_on("decline", ["R01", "R03", "R99"], plan_found=True)
    assert advice.recommendation.startswith("Do not grant")
    assert any("external scores" in step for step in advice.steps)
    assert any("Offer the change" in step for step in advice.steps)
    assert "contested" in advice.steps[-1]


def test_no_change_is_promised_that_was_not_found() -> None:
    """Without a search nothing is said of changes; after one in vain that is said plainly."""
    speak("en")
    assert not any("change" in step for step in advice_on("decline", []).steps)
    assert any("no change within reach" in step for step in advice_on("decline", [], plan_found=False).steps)


def test_at_most_three_reasons_make_steps() -> None:
    """An action plan stays short."""
    codes = ["R01", "R02", "R03", "R04", "R05"]
    assert len(advice_on("decline", codes).steps) == len(advice_on("decline", []).steps) + 3


def test_a_referral_promises_nothing() -> None:
    """Where a person decides, the adviser says so, and no loan is promised."""
    speak("en")
    advice = advice_on("refer", ["R07"])
    assert advice.recommendation.startswith("Promise nothing")
    assert any("payslips" in step for step in advice.steps)


def test_a_simulation_is_no_decision() -> None:
    """Whatever it would be, nothing was decided."""
    speak("en")
    assert "Nothing was decided" in advice_on("approve", [], stored=False).recommendation
