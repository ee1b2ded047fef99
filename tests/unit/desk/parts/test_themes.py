"""Bands have names that people use."""

import pytest

from desk.client.portfolio import BandRecord
from desk.parts.themes import THEMES, band_word, band_words, theme_name, theme_question
from tests.fixtures.told import FEW


def _band(word: str, low: float | None = None, high: float | None = None) -> BandRecord:
    return BandRecord.model_validate(FEW | {"band": word, "from": low, "to": high, "count": 0, "observed": 0})


@pytest.mark.parametrize(
    ("theme", "band", "word"),
    [
        ("age", _band("18-25", 18, 25), "18 to 25 years"),
        ("age", _band("65+", 65), "65 and more years"),
        ("income", _band("0-50000", 0, 50_000), "below 50,000"),
        ("amount", _band("100000-200000", 100_000, 200_000), "100,000 to 200,000"),
        ("history", _band("0-1", 0, 1), "0 earlier credits"),
        ("history", _band("3-5", 3, 5), "3 to 5 earlier credits"),
        ("seniority", _band("not employed"), "no employer"),
        ("family", _band("Widow"), "Widowed"),
        ("housing", _band("unknown"), "not known"),
    ],
)
def test_a_band_s_name(theme: str, band: BandRecord, word: str) -> None:
    assert band_word(theme, band) == word


def test_findings_name_bands_as_the_chart_does() -> None:
    name = band_words("age", [_band("18-25", 18, 25)])
    assert (name("18-25"), name("other")) == ("18 to 25 years", "other")


def test_all_eight_themes_have_a_name_and_a_question() -> None:
    assert len(THEMES) == 8
    assert all(theme_name(theme) != theme and theme_question(theme).endswith("?") for theme in THEMES)
