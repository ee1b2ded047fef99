"""What people see while a demo runs and at its end."""

from __future__ import annotations

import pytest

from loanstream.demo.summary import Summary
from loanstream.demo.tally import RecentDecision, Snapshot
from loanstream.demo.view import Screen, draw, draw_summary, sparkline
from loanstream.stack.steps import Result, State, Step
from tests.fixtures.terminal import text_of

SUMMARY = Summary(1000, 997, 2, 800, 150, 47, 512.34, 80, 410)


def test_undecided_applications_show() -> None:
    """What is neither decided nor dead is counted and shown."""
    shown = text_of(draw_summary(SUMMARY, "the proof"))
    assert "undecided" in shown
    assert "the proof" in shown


@pytest.mark.parametrize("width", [80, 110, 200])
def test_a_frame_fits_its_terminal(width: int) -> None:
    """A frame of a running stream is no wider and no higher than the terminal, whatever its width."""
    recent = tuple(RecentDecision(str(n), "decline", 0.31, 480, ("income", "age " * 30), 80) for n in range(30))
    snapshot = Snapshot(
        123_456_789,
        {"approve": 100_000_000, "refer": 1, "decline": 9},
        3,
        99_999.0,
        tuple(range(60)),
        119_999,
        120_000,
        7,
        {"explainer": (1, 4)},
        recent,
        "loanstream v12",
    )
    step = Step("a", "Kafka", lambda _: Result(), state=State.DONE, started=0.0, ended=2.0)
    screen = Screen([step], {"HTTP API": "http://127.0.0.1:8000"}, snapshot, "deciding", "00:10", 1000, height=30)
    lines = text_of(draw(screen), width).rstrip("\n").split("\n")
    assert max(map(len, lines)) <= width
    assert len(lines) <= 30
    assert any("1→4" in line for line in lines)
    assert any("480" in line for line in lines)


def test_the_sparkline_shows_the_newest_and_scales_to_the_largest() -> None:
    """The line is as wide as asked, begins with the first that is not zero, and its largest is a full block."""
    assert sparkline([0, 0, 5, 10], 10) == "▄█"
    assert sparkline(range(100), 3)[-1] == "█"
    assert len(sparkline(range(100), 3)) == 3
    assert sparkline([0, 0], 10) == ""
