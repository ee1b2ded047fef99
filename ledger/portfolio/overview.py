"""The portfolio in a few figures, and how they moved."""

from __future__ import annotations

from typing import Any, Final

from credit.policy import Outcome, Policy
from credit.themes import THEMES, UNKNOWN, middle
from ledger.portfolio.counting import CountedSource, PortfolioCounts, Rows
from ledger.portfolio.filters import PortfolioFilter
from ledger.portfolio.themes import EXPECTED_COST, FEWEST, cost_values, rate_of, shown

_APPROVE, _REFER, _DECLINE = (int(outcome) for outcome in (Outcome.APPROVE, Outcome.REFER, Outcome.DECLINE))
_FIGURES: Final = f"""
SELECT {{bucket}}, amount, count(*), count(*) FILTER (outcome = {_APPROVE}), count(*) FILTER (outcome = {_REFER}),
       count(*) FILTER (outcome = {_DECLINE}), count(defaulted), coalesce(sum(defaulted), 0),
       count(defaulted) FILTER (outcome = {_APPROVE}), coalesce(sum(defaulted) FILTER (outcome = {_APPROVE}), 0),
       sum(probability), coalesce(sum(probability) FILTER (outcome = {_APPROVE}), 0), {EXPECTED_COST}
FROM source_rows WHERE {{condition}} GROUP BY ALL
"""
_TIMES: Final = "SELECT min(decided_ms), max(decided_ms) FROM source_rows WHERE {condition}"
_MOST_BUCKETS: Final = 60
_WIDTHS_S: Final = (10, 60, 300, 900, 3600, 4 * 3600, 86_400, 7 * 86_400, 28 * 86_400)


def overview(counts: PortfolioCounts, wanted: PortfolioFilter, policy: Policy) -> dict[str, Any]:
    """Return the key figures under a filter as the API tells them; rates over too few are null."""
    condition, values = wanted.condition()
    first, last, width = _times(counts, wanted.source, condition, values)
    bucket = "0" if width is None else f"decided_ms // {width}"
    question = _FIGURES.format(bucket=bucket, condition=condition)
    by_time = counts.ask(question, [*cost_values(policy.costs), *values], wanted.source)
    rows = [row[1:] for row in by_time]
    summed = [sum(float(row[place]) for row in rows) for place in range(1, 12)]
    n, approved, referred, declined, observed, defaults, given_observed, given_defaults = (
        round(value) for value in summed[:8]
    )
    probability, given_probability, cost = summed[8:]
    amounts = THEMES["amount"]
    with_amount = sum(row[1] for row in rows if row[0] != UNKNOWN)
    amount = sum(middle(amounts, row[0]) * row[1] for row in rows if row[0] != UNKNOWN)
    granted = sum(middle(amounts, row[0]) * row[2] for row in rows if row[0] != UNKNOWN)
    return {
        "source": wanted.source,
        "filters": wanted.applied(),
        "count": n,
        "approved": approved,
        "referred": referred,
        "declined": declined,
        **_rates("approval", approved, n),
        **_rates("refer", referred, n),
        **_rates("decline", declined, n),
        "observed": observed,
        "defaults": defaults,
        **_rates("default", defaults, observed),
        **_rates("approved_default", given_defaults, given_observed),
        "mean_probability": shown(probability / n) if n >= FEWEST else None,
        "expected_approved_default_rate": shown(given_probability / approved) if approved >= FEWEST else None,
        "expected_cost": round(cost, 2),
        "expected_cost_per_application": shown(cost / n) if n >= FEWEST else None,
        "mean_amount": round(amount / with_amount) if with_amount >= FEWEST else None,
        "amount_approved": round(granted),
        "threshold": policy.threshold,
        "first_decided_at": first,
        "last_decided_at": last,
        "step_s": None if width is None else width // 1000,
        "series": [] if width is None else _series(by_time, width),
    }


def _times(
    counts: PortfolioCounts, source: CountedSource, condition: str, values: list[object]
) -> tuple[int | None, int | None, int | None]:
    """Return when the first and the last were decided and the length of a bucket, milliseconds; None for none."""
    if source == "book":
        return None, None, None
    ((first, last),) = counts.ask(_TIMES.format(condition=condition), values)
    if first is None:
        return None, None, None
    width_s = next((w for w in _WIDTHS_S if (last - first) / 1000 <= w * _MOST_BUCKETS), _WIDTHS_S[-1])
    return first, last, width_s * 1000


def _series(by_time: Rows, width: int) -> list[dict[str, Any]]:
    buckets: dict[int, list[float]] = {}
    for bucket, _, *figures in by_time:
        held = buckets.setdefault(bucket, [0.0] * len(figures))
        buckets[bucket] = [sum(pair) for pair in zip(held, figures, strict=True)]
    return [
        {
            "from": bucket * width,
            "count": round(count),
            **_rates("approval", round(approved), round(count)),
            "observed": round(observed),
            **_rates("default", round(defaults), round(observed)),
            "mean_probability": shown(probability / count) if count >= FEWEST else None,
        }
        for bucket, (count, approved, _, _, observed, defaults, _, _, probability, *_) in sorted(buckets.items())
    ]


def _rates(name: str, part: int, n: int) -> dict[str, float | None]:
    rate, low, high = rate_of(part, n)
    return {f"{name}_rate": shown(rate), f"{name}_low": shown(low), f"{name}_high": shown(high)}
