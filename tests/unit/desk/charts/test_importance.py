"""What moves scores: strongest at the top, with the share that is shown, and this application beside it."""

from desk.charts.importance import importance_bar, local_against_global
from desk.charts.looks import LIGHT
from tests.fixtures.told import influence


def test_the_strongest_feature_stands_at_the_top() -> None:
    """Bars are drawn downwards, in the order of their means."""
    figure = importance_bar(influence, look=LIGHT, top=2).figure
    assert list(figure.data[0].y) == ["EXT_SOURCE_2", "AMT_CREDIT"]
    assert list(figure.data[0].x) == [0.5, 0.2]
    assert figure.layout.yaxis.autorange == "reversed"


def test_the_words_say_how_much_of_the_movement_is_shown() -> None:
    assert "The 2 shown make 70% of all movement" in importance_bar(influence, look=LIGHT, top=2).alternative


def test_here_and_in_general_are_sizes_of_the_same_features_in_the_order_of_here() -> None:
    """What has no mean in general is left out, for there is nothing beside it."""
    here = {"AMT_CREDIT": -0.6, "EXT_SOURCE_2": 0.3, "UNKNOWN": 2.0}
    chart = local_against_global(here, influence, look=LIGHT)
    first, second = chart.figure.data
    assert list(first.y) == list(second.y) == ["AMT_CREDIT", "EXT_SOURCE_2"]
    assert (list(first.x), list(second.x)) == ([0.6, 0.3], [0.2, 0.5])
    assert first.marker.pattern.shape != second.marker.pattern.shape
    assert "Meaning of AMT_CREDIT (0.60 against 0.20)" in chart.alternative
    assert "EXT_SOURCE_2 (0.30" not in chart.alternative
    assert [row["Direction"] for row in chart.table] == ["lowers the risk", "raises the risk"]
