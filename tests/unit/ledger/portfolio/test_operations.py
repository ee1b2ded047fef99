"""Series by door, and where scores lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ledger.portfolio.operations import scores, series
from tests.fixtures.portfolio import START_MS, counted, facts


def test_each_bucket_and_door_has_its_own_figures(tmp_path: Path) -> None:
    """Two minutes of a decision a second, by two doors; what was decided before is left out."""
    held = facts(
        120, latency_ms=np.arange(120), door=np.arange(120) % 2, outcome=np.arange(120) % 3, mode=[0] * 119 + [1]
    )
    now = START_MS + 119_000
    with counted(tmp_path, held) as counts:
        told = series(counts, now, 1.0, 30)
    kafka = [bucket for bucket in told["buckets"] if bucket["door"] == "kafka"]
    assert all(bucket["from"] % 30_000 == 0 for bucket in kafka)
    first = kafka[0]
    inside = [n for n in range(0, 120, 2) if first["from"] <= START_MS + n * 1000 < first["from"] + 30_000]
    assert first["decisions"] == len(inside) == first["approve"] + first["refer"] + first["decline"]
    assert inside[0] < first["p50_ms"] <= first["p95_ms"] <= first["p99_ms"] == inside[-1]
    totals = {total["door"]: total for total in told["totals"]}
    assert totals["http"]["degraded"] == 1
    assert totals["kafka"]["decisions"] == sum(bucket["decisions"] for bucket in kafka)
    assert sum(t["decisions"] for t in told["totals"]) < 120


def test_scores_are_counted_in_bins_by_outcome(tmp_path: Path) -> None:
    """The highest probability lies in the last bin."""
    with counted(tmp_path, facts(4, probability=[0.0, 0.019, 0.02, 1.0], outcome=[0, 0, 1, 2])) as counts:
        told = scores(counts, START_MS + 10_000, 1.0)
    assert told["count"] == 4
    assert [told["bins"][place][word] for place, word in ((0, "approve"), (1, "refer"), (49, "decline"))] == [2, 1, 1]
