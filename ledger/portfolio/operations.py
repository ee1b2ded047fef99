"""How deciding goes at this moment: latency, throughput and outcomes by door, and where scores lie."""

from __future__ import annotations

from typing import Any, Final

from credit.policy import Outcome
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.themes import shown
from ledger.store.codes import DOORS

_OUTCOMES: Final = ", ".join(f"count(*) FILTER (outcome = {int(o)})" for o in Outcome)
_QUANTILES: Final = "quantile_disc(latency_ms, [0.5, 0.95, 0.99])"
_SERIES: Final = f"""
SELECT (decided_ms - ?) // ? AS bucket, door, count(*), {_QUANTILES}, {_OUTCOMES}, count(*) FILTER (mode <> 0)
FROM source_rows WHERE decided_ms >= ? AND decided_ms < ? GROUP BY 1, 2 ORDER BY 1, 2
"""
_TOTALS: Final = f"""
SELECT door, count(*), {_QUANTILES}, {_OUTCOMES}, count(*) FILTER (mode <> 0)
FROM source_rows WHERE decided_ms >= ? AND decided_ms < ? GROUP BY 1 ORDER BY 1
"""
SCORE_BINS: Final = 50
_SCORES: Final = f"""
SELECT least(floor(probability * {SCORE_BINS}), {SCORE_BINS - 1})::INTEGER, {_OUTCOMES}
FROM source_rows WHERE decided_ms >= ? AND decided_ms < ? GROUP BY 1
"""


def series(counts: PortfolioCounts, now_ms: int, minutes: float, step_s: int) -> dict[str, Any]:
    """Return the last minutes in buckets of `step_s`, by door, and their totals by door; times in milliseconds."""
    step = step_s * 1000
    end = (now_ms // step + 1) * step
    begin = (end - round(minutes * 60_000)) // step * step
    rows = counts.ask(_SERIES, [begin, step, begin, end])
    buckets = [
        {"from": begin + bucket * step, **_told(door, count, quantiles, step_s, *more)}
        for bucket, door, count, quantiles, *more in rows
    ]
    seconds = max(1, (min(end, now_ms) - begin) // 1000)
    totals = [
        _told(door, count, quantiles, seconds, *more)
        for door, count, quantiles, *more in counts.ask(_TOTALS, [begin, end])
    ]
    return {"from": begin, "to": end, "step_s": step_s, "buckets": buckets, "totals": totals}


def _told(
    door: int,
    count: int,
    quantiles: list[int],
    seconds: int,
    approved: int,
    referred: int,
    declined: int,
    degraded: int,
) -> dict[str, Any]:
    p50, p95, p99 = quantiles
    return {
        "door": DOORS[door],
        "decisions": count,
        "per_second": shown(count / seconds, 3),
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "approve": approved,
        "refer": referred,
        "decline": declined,
        "degraded": degraded,
    }


def scores(counts: PortfolioCounts, now_ms: int, minutes: float) -> dict[str, Any]:
    """Return how many of the last minutes' decisions lie in each bin of the probability of default, by outcome."""
    begin = now_ms - round(minutes * 60_000)
    found = {row[0]: row[1:] for row in counts.ask(_SCORES, [begin, now_ms + 1])}
    bins = [(place / SCORE_BINS, (place + 1) / SCORE_BINS, *found.get(place, (0, 0, 0))) for place in range(SCORE_BINS)]
    names = ("from", "to", "approve", "refer", "decline")
    return {
        "from": begin,
        "to": now_ms,
        "count": sum(sum(row) for row in found.values()),
        "bins": [dict(zip(names, one, strict=True)) for one in bins],
    }
