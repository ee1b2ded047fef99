"""What the report says of the policy: the threshold's interval, review by hand, and cost beside profit."""

from __future__ import annotations

from collections.abc import Sequence

from training.documents.document import Table, markdown_table
from training.evaluation.policy import Interval, ObjectivesCompared, Reviewer, ReviewPoint


def policy_blocks(
    compared: ObjectivesCompared, curve: Sequence[ReviewPoint], reviewer: Reviewer, fold_thresholds: Sequence[float]
) -> list[str]:
    """Return the section's blocks in Markdown; fold_thresholds: whose mean the policy's threshold is."""
    automatic = next((point.cost for point in curve if point.share == 0), float("nan"))
    both = (compared.by_cost, compared.by_profit)
    return [
        "Each row is decided by a threshold, and a band, chosen on the other folds. Intervals are of 95 % of resamples "
        "of the rows, with the models held fixed. The registered policy's threshold is the mean of "
        f"{len(fold_thresholds)} folds' optima, from {min(fold_thresholds):.4f} to {max(fold_thresholds):.4f}; by "
        f"cost it lies at {_shown(compared.by_cost.threshold)}.",
        f"Deciding everything automatically costs {automatic:.4f} a client. A review is taken to cost "
        f"{reviewer.cost:g} wrong declines and to be right in {reviewer.accuracy:.0%} of cases: both are assumptions "
        "that nobody measured. The last column does not lean on the accuracy: it is the one from which a band saves "
        "anything at that cost of a review.",
        markdown_table(
            Table(
                ["share to review", "referred", "cost", "saved", "from", "to", "accuracy to break even"],
                [
                    [f"{p.share:.0%}", p.referred, p.cost, p.saved.value, p.saved.low, p.saved.high, p.break_even]
                    for p in curve
                ],
            )
        ),
        "Cost and profit as objectives, on the same rows and without referrals; profit is a mean over all "
        "applications, in the currency of the credits, by rates and losses that are settings and not in the tables.",
        markdown_table(
            Table(
                ["objective", "threshold", "approved", "defaults among them", "cost", "profit"],
                [
                    [m.objective, _shown(m.threshold), m.approved, m.default_rate, _shown(m.cost), _shown(m.profit)]
                    for m in both
                ],
            )
        ),
        f"Profit as the objective instead of cost changes the cost by {_shown(compared.cost_difference)} and the "
        f"profit by {_shown(compared.profit_difference)}; {_verdict(compared.profit_difference)}",
    ]


def _shown(interval: Interval) -> str:
    def number(value: float) -> str:
        return f"{value:.4f}" if abs(interval.value) < 10 else f"{value:,.0f}"

    return f"{number(interval.value)} ({number(interval.low)} to {number(interval.high)})"


def _verdict(profit: Interval) -> str:
    if profit.low > 0:
        return "the profit rises beyond the interval."
    if profit.high < 0:
        return "the profit falls beyond the interval."
    return "the interval of the profit's change holds zero."
