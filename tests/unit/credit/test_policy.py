"""The bank's cost policy and its points."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from credit.policy import Outcome, Policy, Scorecard, settled


def test_the_bands_include_their_lower_ends() -> None:
    """Approve below refer_from, decline from decline_from on, a person between."""
    policy = Policy(threshold=0.1, refer_from=0.08, decline_from=0.12)
    outcome = policy.outcomes(np.array([0.0, 0.0799, 0.08, 0.1199, 0.12, 1.0]))
    assert [Outcome(o).word for o in outcome] == ["approve", "approve", "refer", "refer", "decline", "decline"]


def test_an_empty_band_refers_nobody() -> None:
    """With both ends on the threshold every application is approved or declined."""
    policy = Policy(threshold=0.1, refer_from=0.1, decline_from=0.1)
    assert set(policy.outcomes(np.linspace(0, 1, 101)).tolist()) == {Outcome.APPROVE, Outcome.DECLINE}


def test_bands_out_of_order_are_refused() -> None:
    """A threshold outside its band is a mistake, not a policy."""
    with pytest.raises(ValidationError, match="refer_from <= threshold"):
        Policy(threshold=0.1, refer_from=0.11, decline_from=0.12)


def test_another_cost_is_another_policy() -> None:
    """The digest is part of a decision's identity, so it changes with every term of the policy."""
    one = Policy(threshold=0.1, refer_from=0.1, decline_from=0.1)
    assert one.digest == Policy(threshold=0.1, refer_from=0.1, decline_from=0.1).digest
    assert one.digest != one.model_copy(update={"false_negative_cost": 9.0}).digest


def test_points_double_the_odds() -> None:
    """base_points at base_odds; pdo points more for twice the odds."""
    card = Scorecard(base_points=600, base_odds=20, pdo=40)
    assert card.points(np.array([1 / 21, 1 / 41])).tolist() == [600, 640]
    assert np.isfinite(card.points(np.array([0.0, 1.0]))).all()


def test_no_decline_leaves_without_reasons() -> None:
    """A decline without a reason goes to a person, one with a reason stays; approvals and referrals need none."""
    proposed = np.array([Outcome.APPROVE, Outcome.REFER, Outcome.DECLINE, Outcome.DECLINE], dtype=np.int8)
    left = settled(proposed, np.array([False, False, False, True]))
    assert [Outcome(o).word for o in left] == ["approve", "refer", "refer", "decline"]
    assert proposed.tolist() == [0, 1, 2, 2]
