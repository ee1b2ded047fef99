"""Rows that no choice sees."""

import numpy as np

from training.data.apart import held_apart


def test_a_client_is_held_apart_or_not_for_ever() -> None:
    """By the id alone: neither other clients nor their order change it, and neighbours do not go together."""
    ids = np.arange(100_000, 140_000)
    apart = held_apart(ids)
    assert abs(apart.mean() - 0.15) < 0.006
    order = np.random.default_rng(0).permutation(len(ids))[:5_000]
    assert np.array_equal(held_apart(ids[order]), apart[order])
    assert abs(np.mean(apart[1:] & apart[:-1]) - 0.15**2) < 0.005
    # Written down once: a later change of the mixing would move rows that were looked at into those learned from.
    assert np.flatnonzero(apart)[:5].tolist() == [1, 5, 8, 10, 19]


def test_the_share_is_what_is_asked_for_and_grows_within_itself() -> None:
    """Whoever is in the smaller share is in the larger one too."""
    ids = np.arange(50_000)
    small, large = held_apart(ids, 0.05), held_apart(ids, 0.4)
    assert abs(large.mean() - 0.4) < 0.01
    assert not (small & ~large).any()
    assert not held_apart(ids, 0.0).any()
