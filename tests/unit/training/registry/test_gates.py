"""A challenger's figures, and a rehearsal's report, against their gates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from credit.errors import PromotionRefused, SettingsError
from tests.fixtures.rehearsals import rehearsal_report
from training.registry.gates import Gates, RehearsalGates, check_gates, check_rehearsal, read_gates
from training.registry.registry import ModelVersion

NOW = datetime(2026, 3, 10, tzinfo=UTC)
CHAMPION = ModelVersion("loanstream", "3", ("champion",), "a" * 64, "r", 0, {}, {})
CHALLENGER = replace(CHAMPION, version="4", aliases=("challenger",), digest="b" * 64)
YESTERDAY = "2026-03-09T00:00:00+00:00"


def failed(**changed: Any) -> list[str]:
    report = rehearsal_report(**{"made_at": YESTERDAY} | changed)
    results = check_rehearsal(RehearsalGates(), report, CHALLENGER, CHAMPION, NOW)
    assert len(results) == 5
    return [result.gate for result in results if not result.passed]


def test_a_good_report_passes_every_gate() -> None:
    """Five per cent of flips, no shift of scores, a cost no higher, a day old, two thousand applications."""
    assert failed() == []


@pytest.mark.parametrize(
    ("changed", "gate"),
    [
        ({"applications": 999, "outcome_flips": 10}, "rehearsal_applications"),
        ({"outcome_flips": 201}, "rehearsal_outcome_flips"),
        ({"psi_of_probability": 0.26}, "rehearsal_psi"),
        ({"expected_cost_at_taken_approval_rate": {"taken": 0.30, "candidate": 0.31}}, "rehearsal_cost_rise"),
        ({"made_at": "2026-03-01T00:00:00+00:00"}, "rehearsal_age_days"),
        ({"psi_of_probability": float("nan")}, "rehearsal_psi"),
        (
            {"expected_cost_at_taken_approval_rate": {"taken": 0.30, "candidate": float("nan")}},
            "rehearsal_cost_rise",
        ),
        ({"made_at": None}, "rehearsal_age_days"),
    ],
)
def test_each_bound_fails_its_own_gate(changed: dict[str, Any], gate: str) -> None:
    """A figure beyond its bound, or one that is not there, fails its gate and no other."""
    assert failed(**changed) == [gate]


def test_an_empty_rehearsal_passes_nothing_of_substance() -> None:
    """No application rehearsed: neither enough of them, nor a share of flips."""
    assert failed(applications=0, outcome_flips=0) == ["rehearsal_applications", "rehearsal_outcome_flips"]


def test_realised_costs_count_once_there_are_enough_of_them() -> None:
    """Two outcomes do not judge a model; a thousand go before what the models expect of themselves."""
    worse = {"taken": 0.3, "candidate": 0.4}
    assert failed(realised_cost_at_taken_approval_rate=worse | {"labelled": 2}) == []
    assert failed(realised_cost_at_taken_approval_rate=worse | {"labelled": 1000}) == ["rehearsal_cost_rise"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"candidate": ["5"]}, r"is of version 5 \(b+\), not of 4"),
        ({"candidate": ["4", "5"]}, "is of version 4, 5"),
        ({"candidate_digests": ["c" * 64]}, r"is of version 4 \(c+\), not of 4 \(b+\)"),
        ({"taken_by": ["2"]}, "decisions of version 2, not of the champion 3"),
    ],
)
def test_another_model_s_report_is_refused(changed: dict[str, Any], told: str) -> None:
    """Another version, several, another model under the same number, or a comparison with another champion."""
    with pytest.raises(PromotionRefused, match=told):
        failed(**changed)


def test_the_gates_that_ship_have_bounds_on_a_rehearsal() -> None:
    """They are written down, and asking for a report is left to the bank."""
    assert read_gates().rehearsal == RehearsalGates()


GATES = Gates(
    auc_drop=0.001,
    cost_rise=0.002,
    calibration_error=0.02,
    adverse_impact_ratio=0.8,
    adverse_impact_drop=0.02,
    latency_ratio=1.5,
)
FIGURES = {"auc": 0.75, "cost": 0.5, "calibration_error": 0.01} | {
    f"adverse_impact_{group}": 0.95 for group in ("gender", "age", "family")
}


def failed_gates(latency: float = 1.0, champion: dict[str, float] | None = None, **changed: float) -> list[str]:
    challenger = replace(CHALLENGER, metrics=FIGURES | changed)
    results = check_gates(GATES, challenger, replace(CHAMPION, metrics=FIGURES | (champion or {})), latency)
    assert len(results) == 7
    return [result.gate for result in results if not result.passed]


@pytest.mark.parametrize(
    ("changed", "gates"),
    [
        ({}, []),
        ({"auc": 0.749}, []),
        ({"auc": 0.748}, ["auc"]),
        ({"auc": float("nan")}, ["auc"]),
        ({"cost": 0.503}, ["cost"]),
        ({"calibration_error": 0.021}, ["calibration_error"]),
        ({"latency": 1.6}, ["latency_ratio"]),
        ({"adverse_impact_age": 0.79}, ["adverse_impact_age"]),
    ],
)
def test_each_gate_refuses_on_its_own(changed: dict[str, float], gates: list[str]) -> None:
    """A challenger that is worse in one respect fails that gate and no other; a figure that is no number fails it."""
    assert failed_gates(**changed) == gates


def test_a_figure_that_was_not_logged_fails_its_gate() -> None:
    """Of the champion too: what cannot be compared is not passed."""
    nothing = replace(CHAMPION, metrics={})
    assert all(not r.passed for r in check_gates(GATES, nothing, nothing, float("nan")))


def test_where_the_champion_misses_the_four_fifths_the_challenger_may_not_be_much_worse() -> None:
    """The bound is the champion's own ratio, less a little."""
    assert failed_gates(champion={"adverse_impact_age": 0.5}, adverse_impact_age=0.49) == []
    assert failed_gates(champion={"adverse_impact_age": 0.5}, adverse_impact_age=0.47) == ["adverse_impact_age"]


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file"), ("{", "Invalid JSON"), ('{"auc_drop": -1}', "greater than or equal to 0")],
)
def test_gates_that_cannot_be_read_are_told_in_one_line(tmp_path: Path, content: str | None, told: str) -> None:
    """A promotion past gates that nobody could read would be one without gates."""
    file = tmp_path / "gates.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SettingsError, match=told) as caught:
        read_gates(file)
    assert "\n" not in str(caught.value)
