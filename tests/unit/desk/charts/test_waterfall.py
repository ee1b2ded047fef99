"""The waterfall leads from the base value to the score without leaving anything out."""

import pytest

from desk.charts.looks import LIGHT
from desk.charts.waterfall import waterfall

CONTRIBUTIONS = {"EXT": 0.9, "AGE": -0.4, "INCOME": 0.0, "AMOUNT": 0.3, "CAR": -0.1, "PHONE": 0.05}
SCORE = -2.5 + sum(CONTRIBUTIONS.values())


def _waterfall(top: int = 3, **more: object):
    return waterfall(CONTRIBUTIONS, base_value=-2.5, raw_score=SCORE, look=LIGHT, top=top, **more)


def _bars(figure) -> dict[float, tuple[float, float]]:
    """From row to where its bar starts and how long it is."""
    return {
        row: (start, length)
        for trace in figure.data
        if trace.type == "bar"
        for row, start, length in zip(trace.y, trace.base, trace.x, strict=True)
    }


def test_each_bar_starts_where_the_one_above_ended() -> None:
    bars = _bars(_waterfall().figure)
    assert bars[1] == (-2.5, 0.9)
    assert bars[2] == (pytest.approx(-1.6), -0.4)
    start, length = bars[4]
    assert start + length == pytest.approx(SCORE)


def test_the_strongest_come_first_and_the_rest_is_summed() -> None:
    chart = _waterfall()
    assert list(chart.figure.layout.yaxis.ticktext) == [
        "an average application", "EXT", "AGE", "AMOUNT", "3 other features together", "this application",
    ]  # fmt: skip
    assert chart.table[-2]["Contribution (log-odds)"] == pytest.approx(-0.05)


def test_without_a_rest_there_is_no_row_for_it() -> None:
    assert len(_bars(_waterfall(top=6).figure)) == 6


def test_what_raises_and_what_lowers_differ_in_pattern_and_sign() -> None:
    raises, lowers = (trace for trace in _waterfall().figure.data if trace.type == "bar")
    assert all(length > 0 for length in raises.x)
    assert all(length <= 0 for length in lowers.x)
    assert raises.marker.pattern.shape != lowers.marker.pattern.shape
    assert raises.text[0] == "+0.90"
    assert lowers.text[0] == "−0.40"


def test_the_words_name_the_strongest_of_both_kinds() -> None:
    said = _waterfall(descriptions={"EXT": "External score"}, values={"EXT": 0.12, "AGE": None}).alternative
    assert "External score: 0.12 (+0.90)" in said
    assert "AGE: not known (−0.40)" in said
