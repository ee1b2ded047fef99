"""Findings and recommendations become sentences in both languages."""

from collections.abc import Iterator

import pytest

from desk.words import speak
from desk.words.findings import ADVICE, FINDINGS, advice_words, finding_words

VALUES = {
    "band": "18-25",
    "approval_rate": 0.75,
    "approval_rate_all": 0.7,
    "default_rate": 0.11,
    "default_rate_all": 0.08,
}


@pytest.fixture
def _french() -> Iterator[None]:
    speak("fr")
    yield
    speak("en")


def _name(code: str) -> str:
    return {"18-25": "18 to 25 years"}.get(code, code)


def test_a_finding_names_its_band_and_its_rates() -> None:
    said = finding_words("approved_too_easily", VALUES, _name)
    assert said == (
        "18 to 25 years is approved more often than all (75.0% against 70.0%) and defaults more often "
        "(11.0% against 8.0%)."
    )


def test_trends_are_told_by_their_direction_and_differences_in_points() -> None:
    values = {"direction": "rising", "z": 4.0, "rate_first": 0.1, "rate_last": 0.2}
    assert finding_words("default_trend", values, _name).startswith("Defaults rise from band to band: 10.0%")
    contrast = {"band_high": "a", "rate_high": 0.9, "band_low": "b", "rate_low": 0.5, "difference": 0.4}
    assert "(+40 points)" in finding_words("approval_contrast", contrast, _name)


@pytest.mark.usefixtures("_french")
def test_a_sentence_begins_large_in_french_too() -> None:
    said = advice_words("tighten_band", {"band": "maison"}, _name)
    assert said.startswith("Maison : fixez")


def test_a_code_of_a_later_api_is_shown_as_it_is_and_a_missing_number_is_a_dash() -> None:
    assert finding_words("something_new", {}, _name) == "something_new"
    assert advice_words("something_new", {}, _name) == "something_new"
    assert "–" in finding_words("concentration", {"band": "x"}, _name)
    assert "–" in finding_words("concentration", {"band": "x", "share": None}, _name)


def test_every_code_that_the_ledger_gives_has_a_sentence() -> None:
    """The list is the ledger's, which the desk may not import."""
    from ledger.portfolio import findings

    source = findings.__loader__.get_source(findings.__name__)  # type: ignore[union-attr]
    advice = {code for rows in findings._ADVICE.values() for code, _horizon, _protected in rows}
    protected = {rule for rows in findings._ADVICE.values() for _code, _horizon, rule in rows if rule}
    assert advice | protected <= set(ADVICE)
    known = {code.removesuffix("_rising").removesuffix("_falling") for code in FINDINGS}
    assert set(findings._ADVICE) | {"approval_trend", "default_trend", "nothing_counted"} <= known
    assert all(f'"{code}"' in source for code in known)
