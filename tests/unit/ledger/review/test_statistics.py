"""Bounded labels."""

from __future__ import annotations

from ledger.review.statistics import MAX_REVIEWERS, OTHERS, busiest


def test_however_many_review_the_labels_are_bounded() -> None:
    """The busiest by name, all others together, and no count is lost."""
    counts = {f"reviewer-{n}": {"uphold": n, "overturn": 1} for n in range(100)}
    kept = busiest(counts)
    assert len(kept) == MAX_REVIEWERS + 1
    assert "reviewer-99" in kept
    assert sum(sum(v.values()) for v in kept.values()) == sum(sum(v.values()) for v in counts.values())
    assert kept[OTHERS]["overturn"] == 100 - MAX_REVIEWERS


def test_few_are_all_named() -> None:
    """Without others there is no such label."""
    assert OTHERS not in busiest({"ann": {"uphold": 1}})
