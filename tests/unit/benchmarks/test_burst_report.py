"""The burst's figures from times made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.burst_report import Burst, draw, figures

BEGIN = 1_750_000_000.5


def run(slow: int) -> Burst:
    """Ten a second for 2 s, a hundred for 2 s, ten for 2 s; `slow` of the hundreds take 7 s, all others half a one."""
    submitted = np.concatenate([np.arange(20) / 10, 2 + np.arange(200) / 100, 4 + np.arange(20) / 10]) + BEGIN
    took = np.full(240, 0.5)
    took[20 : 20 + slow] = 7.0
    phase = np.repeat([0, 1, 2], [20, 200, 20])
    looks = [(BEGIN + 0.9, 3, 1, 1), (BEGIN + 2.9, 80, 1, 2), (BEGIN + 4.9, 5, 2, 2)]
    return figures(5.0, (10.0, 100.0, 10.0), phase, submitted, submitted + took, looks)


def test_seconds_and_phases_hold_every_application_once() -> None:
    """What came and what was decided adds up, by second and by phase of submission."""
    made = run(0)
    assert sum(second.arrived for second in made.seconds) == sum(second.decided for second in made.seconds) == 240
    assert made.bounds == pytest.approx((2.0, 4.0))
    assert made.applications == {"before": 20, "burst": 200, "after": 20}
    assert [second.arrived for second in made.seconds][:6] == [10, 10, 100, 100, 10, 10]
    assert [(s.waiting, s.running, s.wanted) for s in made.seconds][:5] == [
        (3, 1, 1),
        (3, 1, 1),
        (80, 1, 2),
        (80, 1, 2),
        (5, 2, 2),
    ]


def test_the_objective_is_the_burst_s() -> None:
    """It holds with 1 % beyond it, and not with more; what came before and after does not help."""
    assert run(2).held
    late = run(3)
    assert not late.held
    assert "NOT held" in late.line()
    assert late.within["before"] == late.within["after"] == 1.0
    assert late.seconds[9].p99_s == 7.0


def test_the_plot_is_the_same_for_the_same_run(tmp_path: Path) -> None:
    """An SVG whose bytes depend on the figures alone."""
    first, second = tmp_path / "a.svg", tmp_path / "deep" / "b.svg"
    draw(run(2), first)
    draw(run(2), second)
    assert first.read_bytes() == second.read_bytes()
    assert b"<svg" in first.read_bytes()
