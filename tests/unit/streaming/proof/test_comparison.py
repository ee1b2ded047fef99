"""A candidate's decisions beside those taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from credit.measures import psi
from credit.policy import Costs, Outcome
from monitoring.drift.bins import build_bins
from monitoring.drift.cells import MAX_BINS
from streaming.proof.comparison import Decisions, compare
from training.registry.gates import RehearsalGates


def decisions(n: int, seed: int) -> Decisions:
    rng = np.random.default_rng(seed)
    p = rng.uniform(0, 0.2, n)
    outcome = np.digitize(p, [0.08, 0.12]).astype(np.int8)
    return Decisions([str(i) for i in range(n)], outcome, p, np.full((n, 4), -1, np.int16), {str(seed)})


def test_flips_and_swap_sets_add_up() -> None:
    """The matrix counts each application once, and the swap sets are its off-diagonal of approvals."""
    taken, would = decisions(500, 1), decisions(500, 2)
    report = compare(taken, would)
    assert sum(sum(row.values()) for row in report.flips.values()) == 500
    changed = sum(a != b for a, b in zip(taken.outcome, would.outcome, strict=True))
    assert report.outcome_flips == changed
    out = report.flips["approve"]["refer"] + report.flips["approve"]["decline"]
    assert report.swap_out.applications == out


def test_costs_are_those_of_the_policy_that_decides() -> None:
    """A bank to which a default costs five and a refusal two finds that in the report, expected and realised."""
    costs = Costs(5.0, 2.0)
    taken, would = replace(decisions(400, 1), costs=costs), decisions(400, 2)
    defaulted = {str(i): int(i % 10 == 0) for i in range(400)}
    report = compare(taken, would, defaulted)
    refused = taken.outcome != Outcome.APPROVE
    p = taken.probability
    assert report.costs == costs
    expected = report.expected_cost_at_taken_approval_rate.taken
    assert expected == pytest.approx((5 * p[~refused].sum() + 2 * (1 - p[refused]).sum()) / 400)
    bad = np.arange(400) % 10 == 0
    realised = report.realised_cost_at_taken_approval_rate
    assert realised is not None
    assert realised.taken == pytest.approx((5 * (bad & ~refused).sum() + 2 * (~bad & refused).sum()) / 400)


def test_gate_and_alert_mean_the_same_psi() -> None:
    """What the promotion's gate holds against 0.25 is what the monitor counts on the same two samples."""
    taken, would = decisions(2000, 1), decisions(2000, 2)
    would.probability = np.where(would.probability < 0.05, 0.15, would.probability)  # a bin or two run empty
    bins = build_bins(("score",), taken.probability[:, None], {})
    counts = [bins.count(side.probability[:, None])[:, :MAX_BINS] for side in (taken, would)]
    found = compare(taken, would).psi_of_probability
    assert found == float(psi(*counts)[0])
    assert found > RehearsalGates().psi


def test_of_an_application_decided_twice_the_last_decision_counts() -> None:
    """Pieces are joined in their order, with the models of all of them."""
    first, second = decisions(4, 1), decisions(3, 2)
    whole = Decisions.joined([first, second], Costs(7.0, 1.0))
    assert whole.application_ids == ["3", "0", "1", "2"]
    assert whole.probability.tolist() == [first.probability[3], *second.probability]
    assert (whole.versions, whole.costs) == ({"1", "2"}, Costs(7.0, 1.0))
    assert len(Decisions.joined([])) == 0
