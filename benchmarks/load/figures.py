"""What one measurement gave, and the table of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from credit.application import FloatArray

STALL_MS = 250.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One row of the report.

    per_s: answers a second; latencies in milliseconds, from the intended moment in an open loop, from the sending in a
    closed one; stalls: whole seconds of arrivals whose 99th percentile took longer than STALL_MS; late_ms: how far the
    sender was behind its schedule at most, which the latencies hold already.
    """

    door: str
    load: str
    count: int
    per_s: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    worst_ms: float
    failures: int = 0
    stalls: int = 0
    late_ms: float = 0.0


def measured(
    door: str,
    load: str,
    latencies_s: FloatArray,
    elapsed_s: float,
    failures: int = 0,
    intended_s: FloatArray | None = None,
    late_s: float = 0.0,
) -> Measured:
    """Return the figures of n answered arrivals.

    latencies_s, intended_s: float64[n], the latter in seconds of the schedule; elapsed_s: what they took in all.
    """
    if not len(latencies_s):
        return Measured(door, load, 0, 0.0, np.nan, np.nan, np.nan, np.nan, failures)
    p50, p99, p999, worst = np.percentile(latencies_s, [50, 99, 99.9, 100]) * 1000
    stalls = 0 if intended_s is None else len(stalled_seconds(latencies_s, intended_s))
    rate = len(latencies_s) / elapsed_s
    return Measured(door, load, len(latencies_s), rate, p50, p99, p999, worst, failures, stalls, late_s * 1000)


def stalled_seconds(latencies_s: FloatArray, intended_s: FloatArray) -> list[int]:
    """Return the seconds of a schedule in which 99 % of the arrivals took longer than STALL_MS."""
    seconds = intended_s.astype(np.int64)
    return [
        int(second)
        for second in np.unique(seconds)
        if np.percentile(latencies_s[seconds == second], 99) * 1000 > STALL_MS
    ]


def table(rows: Sequence[Measured]) -> str:
    """Return the rows as text."""
    head = f"{'door':26}{'load':26}{'answers':>9}{'a second':>10}{'p50 ms':>9}{'p99':>9}{'p99.9':>9}{'worst':>9}"
    lines = [f"{head}{'stalls':>8}{'late':>7}{'failed':>8}"]
    lines += [
        f"{r.door:26}{r.load:26}{r.count:9}{r.per_s:10,.0f}{r.p50_ms:9.1f}{r.p99_ms:9.1f}{r.p999_ms:9.1f}"
        f"{r.worst_ms:9.1f}{r.stalls:8}{r.late_ms:7.1f}{r.failures:8}"
        for r in rows
    ]
    return "\n".join(lines)
