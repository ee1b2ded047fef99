"""What charts share."""

from collections.abc import Iterator

import pytest

from desk.charts.drawing import blank, hundred, short_number, signed, whiskers, wrapped
from desk.charts.looks import LIGHT
from desk.words import speak


@pytest.fixture
def _french() -> Iterator[None]:
    speak("fr")
    yield
    speak("en")


def test_numbers_on_axes_are_written_as_the_language_writes_them() -> None:
    assert blank(LIGHT).layout.separators == ".,"


@pytest.mark.usefixtures("_french")
def test_french_axes_have_a_comma_and_a_narrow_space() -> None:
    assert blank(LIGHT).layout.separators == ",\u202f"


def test_long_names_break_and_end_where_there_is_no_room() -> None:
    assert (
        wrapped("Share of the goods price that is financed by the credit", 20)
        == "Share of the goods<br>price that is …"
    )
    assert wrapped("Age") == "Age"


def test_values_keep_the_digits_that_matter() -> None:
    assert [short_number(value) for value in (123456.7, 12.345, 0.0123, 0.0, 7.0)] == [
        "123,457",
        "12.34",
        "0.0123",
        "0",
        "7",
    ]
    assert [signed(value) for value in (0.5, -0.5, 0.0)] == ["+0.50", "−0.50", "0.00"]
    assert (hundred(0.12345), hundred(None)) == (12.35, None)


def test_an_unknown_end_of_an_interval_has_no_whisker() -> None:
    bars = whiskers([0.5], [None], [0.75], LIGHT)
    assert (bars["array"], bars["arrayminus"]) == ([0.25], [0.0])
