"""What one incident cost: from when each decision came and what each caller was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.cluster.callers import Call
from benchmarks.load.stream import StreamRun
from credit.application import FloatArray


@dataclass(frozen=True, slots=True)
class Cost:
    """One row of the table; times in seconds, from the moment the incident began.

    quiet_s: the longest time without a decision from then on; p99_before_s, p99_during_s, worst_s: of decisions
    through Kafka, whose applications were sent before it and from then on; settled_s: after which every application
    was decided within a second again; calls, failed: over HTTP at doors that could be asked, from then on;
    failed_silent: at the door of the host that it happened to.
    """

    name: str
    quiet_s: float
    p99_before_s: float
    p99_during_s: float
    worst_s: float
    settled_s: float
    calls: int
    failed: int
    call_p99_s: float
    failed_silent: int


def cost_of(name: str, began: float, run: StreamRun, calls: Sequence[Call], silent: Sequence[str]) -> Cost:
    """Return the row of an incident that began at `began` (Unix seconds); silent: doors that could not answer."""
    sent = run.begun + run.offsets
    before, during = sent < began, sent >= began
    came = np.sort(run.arrived[run.arrived >= began])
    quiet = float(np.diff(np.concatenate([[began], came])).max()) if len(came) else float("inf")
    latencies = run.latencies_s
    slow = sent[during & (latencies > 1.0)]
    later = [call for call in calls if call.at >= began]
    heard = [call for call in later if call.door not in silent]
    answered = [call.seconds for call in heard if not call.problem]
    return Cost(
        name,
        quiet,
        _p99(latencies[before]),
        _p99(latencies[during]),
        float(latencies[during].max(initial=0.0)),
        max(0.0, float(slow.max()) - began) if len(slow) else 0.0,
        len(heard),
        sum(bool(call.problem) for call in heard),
        _p99(np.array(answered)),
        sum(bool(call.problem) for call in later if call.door in silent),
    )


def _p99(values: FloatArray) -> float:
    return float(np.percentile(values, 99)) if len(values) else float("nan")


def table(costs: Sequence[Cost]) -> str:
    """Return the rows as a table in Markdown."""
    columns = (
        *("incident", "longest time without a decision, s", "p99 before, s", "p99 from then on, s", "worst, s"),
        *("settled after, s", "HTTP calls elsewhere", "failed", "p99, s", "failed at its own door"),
    )
    head = f"| {' | '.join(columns)} |\n|---|{'---:|' * (len(columns) - 1)}"
    rows = [
        f"| {c.name} | {c.quiet_s:.2f} | {c.p99_before_s:.2f} | {c.p99_during_s:.2f} | {c.worst_s:.2f} | "
        f"{c.settled_s:.1f} | {c.calls:,} | {c.failed} | {c.call_p99_s:.2f} | {c.failed_silent} |"
        for c in costs
    ]
    return "\n".join([head, *rows])
