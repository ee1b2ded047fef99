"""The portfolio in a few figures, and how they moved."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from credit.measures import wilson_interval
from credit.policy import Outcome, Policy
from credit.themes import THEMES, UNKNOWN, middle
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.filters import PortfolioFilter
from ledger.portfolio.themes import EXPECTED_COST, FEWEST, cost_values, shown

_APPROVE, _REFER, _DECLINE = (int(outcome) for outcome in (Outcome.APPROVE, Outcome.REFER, Outcome.DECLINE))
_FIGURES: Final = f"""
SELECT amount, count(*), count(*) FILTER (outcome = {_APPROVE}), count(*) FILTER (outcome = {_REFER}),
       count(*) FILTER (outcome = {_DECLINE}), count(defaulted), coalesce(sum(defaulted), 0),
       count(defaulted) FILTER (outcome = {_APPROVE}), coalesce(sum(defaulted) FILTER (outcome = {_APPROVE}), 0),
       sum(probability), coalesce(sum(probability) FILTER (outcome = {_APPROVE}), 0), {EXPECTED_COST}
FROM source_rows WHERE {{condition}} GROUP BY 1
"""
_TIMES: Final = "SELECT min(decided_ms), max(decided_ms) FROM source_rows WHERE {condition}"
_SERIES: Final = f"""
SELECT decided_ms // ? AS bucket, count(*), count(*) FILTER (outcome = {_APPROVE}), count(defaulted),
       coalesce(sum(defaulted), 0), avg(probability)
FROM source_rows WHERE {{condition}} GROUP BY 1 ORDER BY 1
"""
_MOST_BUCKETS: Final = 60
_WIDTHS_S: Final = (10, 60, 300, 900, 3600, 4 * 3600, 86_400, 7 * 86_400, 28 * 86_400)


def overview(counts: PortfolioCounts, wanted: PortfolioFilter, policy: Policy) -> dict[str, Any]:
    """Return the key figures under a filter as the API tells them; rates over too few are null."""
    condition, values = wanted.condition()
    question = _FIGURES.format(condition=condition)
    rows = counts.ask(question, [*cost_values(policy.costs), *values], wanted.source)
    summed = [sum(float(row[place]) for row in rows) for place in range(1, 12)]
    n, approved, referred, declined, observed, defaults, given_observed, given_defaults = (
        round(value) for value in summed[:8]
    )
    probability, given_probability, cost = summed[8:]
    amounts = THEMES["amount"]
    with_amount = sum(row[1] for row in rows if row[0] != UNKNOWN)
    amount = sum(middle(amounts, row[0]) * row[1] for row in rows if row[0] != UNKNOWN)
    granted = sum(middle(amounts, row[0]) * row[2] for row in rows if row[0] != UNKNOWN)
    figures: dict[str, Any] = {
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
        "first_decided_at": None,
        "last_decided_at": None,
        "step_s": None,
        "series": [],
    }
    if wanted.source == "decisions" and n:
        figures |= _over_time(counts, condition, values)
    return figures


def _over_time(counts: PortfolioCounts, condition: str, values: list[object]) -> dict[str, Any]:
    ((first, last),) = counts.ask(_TIMES.format(condition=condition), values)
    width = next((w for w in _WIDTHS_S if (last - first) / 1000 <= w * _MOST_BUCKETS), _WIDTHS_S[-1]) * 1000
    rows = counts.ask(_SERIES.format(condition=condition), [width, *values])
    return {
        "first_decided_at": first,
        "last_decided_at": last,
        "step_s": width // 1000,
        "series": [
            {
                "from": bucket * width,
                "count": count,
                **_rates("approval", approved, count),
                "observed": known,
                **_rates("default", bad, known),
                "mean_probability": shown(mean) if count >= FEWEST else None,
            }
            for bucket, count, approved, known, bad, mean in rows
        ],
    }


def _rates(name: str, part: int, n: int) -> dict[str, float | None]:
    if n < FEWEST:
        return {f"{name}_rate": None, f"{name}_low": None, f"{name}_high": None}
    low, high = (float(end) for end in wilson_interval(np.array(part), np.array(n)))
    return {f"{name}_rate": shown(part / n), f"{name}_low": shown(low), f"{name}_high": shown(high)}
