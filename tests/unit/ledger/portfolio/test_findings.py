"""Findings: given where the numbers carry them, and not where they do not."""

from __future__ import annotations

from credit.themes import THEMES
from ledger.portfolio.findings import findings_of, recommendations_of
from ledger.portfolio.themes import BandTally, ThemeTally


def tally(theme: str, *bands: tuple[int, float, float, float]) -> ThemeTally:
    """Return a theme of bands (count, approval rate, default rate, mean probability), all outcomes known."""
    made = [
        BandTally(
            f"b{place}",
            float(place) if THEMES[theme].ordered else None,
            None,
            count,
            round(count * approval),
            count,
            round(count * default),
            count * probability,
            count * probability * 10 * approval,
        )
        for place, (count, approval, default, probability) in enumerate(bands)
    ]
    return ThemeTally(THEMES[theme], made)


def codes(held: ThemeTally) -> list[str]:
    return [finding.code for finding in findings_of(held)]


def test_bands_alike_say_nothing() -> None:
    """Differences within the intervals are no finding."""
    assert codes(tally("housing", (1000, 0.8, 0.08, 0.08), (1000, 0.81, 0.082, 0.08), (1000, 0.79, 0.078, 0.08))) == []


def test_the_largest_contrast_names_its_bands_and_rates() -> None:
    """Between the two whose intervals lie furthest apart."""
    found = findings_of(tally("housing", (1000, 0.6, 0.08, 0.08), (1000, 0.9, 0.08, 0.08), (10, 1.0, 0.1, 0.08)))
    (contrast,) = [one for one in found if one.code == "approval_contrast"]
    assert contrast.values == {
        "band_high": "b1", "rate_high": 0.9, "band_low": "b0", "rate_low": 0.6, "difference": 0.3,
    }  # fmt: skip


def test_a_trend_is_found_in_ordered_bands_only() -> None:
    """Defaults that fall from band to band; of categories there is no order."""
    falling = ((1000, 0.8, 0.14, 0.14), (1000, 0.8, 0.11, 0.11), (1000, 0.8, 0.08, 0.08), (1000, 0.8, 0.05, 0.05))
    (trend,) = [one for one in findings_of(tally("income", *falling)) if one.code == "default_trend"]
    assert trend.values["direction"] == "falling"
    assert trend.values["z"] < -3
    assert "default_trend" not in codes(tally("housing", *falling))


def test_approvals_that_do_not_fit_the_risk_are_found_on_both_sides() -> None:
    """Approved more often though more default, and less often though fewer do."""
    held = tally("history", (2000, 0.9, 0.16, 0.1), (2000, 0.6, 0.03, 0.1), (8000, 0.8, 0.1, 0.1))
    found = {one.code: one.values.get("band") for one in findings_of(held)}
    assert found["approved_too_easily"] == "b0"
    assert found["declined_too_often"] == "b1"
    advice = {one.code for one in recommendations_of(held, findings_of(held))}
    assert {"tighten_band", "review_declines", "recalibrate"} <= advice


def test_a_protected_theme_never_recommends_a_rule() -> None:
    """By age or family nobody may be decided: the same numbers ask for a look at fairness."""
    held = tally("family", (2000, 0.9, 0.16, 0.1), (2000, 0.6, 0.03, 0.1), (8000, 0.8, 0.1, 0.1))
    advice = {one.code for one in recommendations_of(held, findings_of(held))}
    assert advice == {"review_fairness", "recalibrate"}


def test_concentration_and_cost_are_told_in_shares() -> None:
    """One band with half of all, and one that costs more than its part."""
    held = tally("education", (600, 0.8, 0.05, 0.05), (300, 0.8, 0.05, 0.05), (100, 0.8, 0.3, 0.3))
    found = {one.code: one.values for one in findings_of(held)}
    assert found["concentration"] == {"band": "b0", "share": 0.6}
    assert found["costly_band"]["band"] == "b2"
    assert found["costly_band"]["cost_share"] == 0.4


def test_few_outcomes_and_nothing_counted_are_said() -> None:
    """Rather than rates that mean nothing."""
    assert "few_outcomes" in codes(tally("education", (50, 0.8, 0.05, 0.05), (50, 0.8, 0.05, 0.05)))
    assert codes(tally("education", (0, 0.0, 0.0, 0.0))) == ["nothing_counted"]
