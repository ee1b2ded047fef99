"""Which decisions enter the queue by themselves."""

from __future__ import annotations

import uuid

import pytest

from ledger.review.intake import review_id, sampled
from ledger.review.states import Cause

IDS = [str(uuid.uuid5(uuid.NAMESPACE_OID, str(n))) for n in range(20_000)]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_the_sample_has_the_share_that_is_set(share: float) -> None:
    """By the decision's id alone, so that a replay samples the same."""
    assert sum(sampled(i, share) for i in IDS) / len(IDS) == pytest.approx(share, abs=0.01)


def test_a_reviews_id_follows_from_what_it_is_about() -> None:
    """The same decision, cause and number are the same review; each other one is another."""
    assert review_id(IDS[0], Cause.SAMPLE) == review_id(IDS[0], Cause.SAMPLE)
    others = {review_id(IDS[0], cause, n) for cause in Cause for n in range(2)}
    assert len(others) == 6
