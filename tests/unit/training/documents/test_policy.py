"""What the report says of the policy."""

from dataclasses import replace

from training.documents.policy import policy_blocks
from training.evaluation.policy import Interval, ObjectiveMeasured, ObjectivesCompared, Reviewer, ReviewPoint

BY_COST = ObjectiveMeasured(
    "cost", Interval(0.09, 0.08, 0.1), 0.7, 0.04, Interval(0.5, 0.4, 0.6), Interval(70_000.0, 60_000.0, 80_000.0)
)
COMPARED = ObjectivesCompared(
    BY_COST, replace(BY_COST, objective="profit"), Interval(0.2, 0.1, 0.3), Interval(9.5, -1.0, 20.0)
)
CURVE = [ReviewPoint(0.0, 0.0, 0.57, Interval(0.0, 0.0, 0.0), float("nan"))]


def test_a_gain_of_profit_is_one_only_beyond_the_interval() -> None:
    """A change whose interval holds zero is said to hold it, and a fall is called one."""

    def last(change: Interval) -> str:
        return policy_blocks(replace(COMPARED, profit_difference=change), CURVE, Reviewer(0.1, 0.7), [0.08, 0.1])[-1]

    assert "holds zero" in last(Interval(9.5, -1.0, 20.0))
    assert "rises beyond" in last(Interval(9.5, 1.0, 20.0))
    assert "falls beyond" in last(Interval(-9.5, -20.0, -1.0))


def test_assumptions_are_called_assumptions() -> None:
    """The reviewer's figures stand in the text with their values, beside the cost without a band."""
    text = "\n".join(policy_blocks(COMPARED, CURVE, Reviewer(0.25, 0.6), [0.08, 0.1]))
    assert "costs 0.5700 a client" in text
    assert "0.25 wrong declines" in text
    assert "60%" in text
    assert "assumptions that nobody measured" in text
    assert "from 0.0800 to 0.1000" in text
